"""The page of a dataset, and the list."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import TYPE_CHECKING

from tests.background import until

if TYPE_CHECKING:
    import httpx

PATH = "/graph/impact"


def counted(visitor: httpx.Client) -> str:
    """Return the page once the classes are counted."""
    return until(lambda: visitor.get(PATH).text, lambda page: "still being counted" not in page)


def test_what_it_is_and_how_it_came_to_be(visitor: httpx.Client) -> None:
    page = unescape(visitor.get(PATH).text)
    assert "Results & accounts" in page
    assert ">Us</bdi>" in page
    assert "CC BY 4.0" in page
    assert "23 November 2026, 10:00 UTC" in page
    assert "what it holds now" in page
    assert [n in page for n in ("results.csv", "sha256:7f83b165")] == [True, True]
    rows = re.findall(r'<td class="numeric"><bdi>(\d+)</bdi></td>', page)
    assert rows == ["90", "86", "3", "1"]
    assert "Add a collection method" in page
    assert "2 times" in page


def test_a_file_has_the_name_that_the_ingest_used_it_by(visitor: httpx.Client) -> None:
    page = unescape(visitor.get("/graph/drafts").text)
    names = ("copy.csv", "drafts.csv", "results.csv")
    assert [page.count(f">{name}<") for name in names] == [1, 1, 0]
    assert page.count("sha256:7f83b165") == 2


def test_what_it_holds(visitor: httpx.Client) -> None:
    page = counted(visitor)
    row = page.partition(">Indicator</bdi></a></th>")[2].partition("</tr>")[0]
    assert '<td class="numeric">3</td>' in row
    assert 'href="/indicator/exits.html"' in row


def test_it_can_be_downloaded_and_asked(visitor: httpx.Client) -> None:
    page = unescape(visitor.get(PATH).text)
    assert 'href="/sparql?default-graph-uri=impact&download=ttl"' in page
    got = visitor.get("/graphs/impact", headers={"Accept": "application/n-triples"})
    assert 'href="/graphs/impact"' in page
    assert "Sorties positives" in got.text
    ask = re.search(r'href="(/sparql\?default-graph-uri=https[^"]+)"', page)
    assert ask
    answer = visitor.get(ask[1], headers={"Accept": "text/csv"})
    assert answer.status_code == 200
    assert len(answer.text.splitlines()) == 101


def test_search_engines_read_it(visitor: httpx.Client) -> None:
    page = visitor.get(PATH)
    scripts = re.findall(r'<script type="application/ld\+json">', page.text)
    assert len(scripts) == 1
    assert "<script>" not in page.text
    text = page.text.partition(scripts[0])[2].partition("</script>")[0]
    said = json.loads(text)
    assert said["@type"] == "Dataset"
    assert said["@id"] == "https://data.example/graph/impact"
    assert said["description"] == "Results & accounts </script><script>alert(1)</script>"
    assert said["publisher"]["name"] == "Us"
    assert said["distribution"][0]["encodingFormat"] == "text/turtle"
    assert said["distribution"][0]["contentUrl"].startswith(str(visitor.base_url))
    assert "unsafe" not in page.headers["content-security-policy"]


def test_of_a_closed_dataset_nothing_is_counted(visitor: httpx.Client) -> None:
    page = visitor.get("/graph/closed").text
    assert "is closed to this request" in page
    assert "secret" not in page
    assert "What it holds</h2>" not in page
    listed = visitor.get("/datasets").text
    assert "/graph/closed" not in listed


def test_the_list(visitor: httpx.Client) -> None:
    page = visitor.get("/datasets").text
    row = page.partition('href="/graph/impact.html"')[2].partition("</tr>")[0]
    assert "23 November 2026" in row
    assert "CC BY 4.0" in row


def test_a_graph_of_which_nothing_is_said_has_a_page_all_the_same(visitor: httpx.Client) -> None:
    listed = visitor.get("/datasets").text
    assert 'href="/graph/register.html"' in listed
    for name in ("register", "few"):
        page = visitor.get(f"/graph/{name}.html")
        assert page.status_code == 200
        assert "nothing is said: no title, no publisher, no licence" in page.text
        assert f'href="/graphs/{name}"' in page.text
        assert visitor.get(f"/graph/{name}").status_code == 200
        assert f'href="/graph/{name}.ttl"' in page.text
        assert visitor.get(f"/graph/{name}.ttl").status_code == 200
    assert visitor.get("/graph/nothing").status_code == 404


def test_a_closed_graph_of_which_nothing_is_said_is_not_there(visitor: httpx.Client) -> None:
    assert visitor.get("/graph/hidden").status_code == 404
