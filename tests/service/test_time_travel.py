"""Earlier releases over HTTP: the parameter `release` on the endpoint and on every page."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import httpx
import pytest

from vises.service.sparql.answer_headers import FOR_A_WHILE

if TYPE_CHECKING:
    from collections.abc import Iterator

FOR_EVER = "public, max-age=31536000, immutable"
NAME = "SELECT ?name { <https://data.example/enterprise/fr-1> ?p ?name FILTER isLiteral(?name) }"
NAMES = {"000001": "Premier", "000002": "Second", "000003": "Third"}
CSV = {"Accept": "text/csv"}
HOSTILE = [
    "000009",
    "",
    " ",
    "1",
    "../000001",
    "000001/../000001",
    "000001\0",
    "000001\n",
    "٠٠٠٠٠١",  # noqa: RUF001 (Arabic-Indic digits)
    "0" * 30_000,
    "<script>x()</script>",
    "current",
    "%2e%2e%2f000001",
    "\udcff",
]


@pytest.fixture
def client(past: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=past, timeout=20) as found:
        yield found


@pytest.fixture
def browser(past: str) -> Iterator[httpx.Client]:
    headers = {"Accept": "text/html,*/*;q=0.8", "Accept-Language": "en"}
    with httpx.Client(base_url=past, timeout=20, headers=headers, follow_redirects=True) as found:
        yield found


def encoded(**parameters: str) -> str:
    return urlencode(parameters, errors="surrogateescape")


@pytest.mark.parametrize("release", NAMES)
def test_a_query_is_answered_from_the_release_it_names(client: httpx.Client, release: str) -> None:
    here = f"/sparql?release={release}"
    direct = {"Content-Type": "application/sparql-query", **CSV}
    answers = [
        client.get("/sparql", params={"query": NAME, "release": release}, headers=CSV),
        client.post("/sparql", data={"query": NAME, "release": release}, headers=CSV),
        client.post(here, data={"query": NAME}, headers=CSV),
        client.post(here, content=NAME, headers=direct),
    ]
    for answer in answers:
        assert answer.status_code == 200
        assert NAMES[release] in answer.text
        assert answer.headers["x-release"] == release
        assert answer.headers["cache-control"] == FOR_EVER
        exposed = answer.headers["access-control-expose-headers"].split(", ")
        assert {"ETag", "Link", "Memento-Datetime", "X-Release"} <= set(exposed)


def test_question_marks_of_a_query_stay_as_they_are(client: httpx.Client) -> None:
    raw = "query=SELECT+(%22release=9?%22+AS+?x)+%7B%7D"
    for address in (f"/sparql?release=000001&{raw}", f"/sparql?{raw}&release=000001"):
        answer = client.get(address, headers=CSV)
        assert answer.headers["x-release"] == "000001"
        assert answer.text.split() == ["x", "release=9?"]


def test_without_a_name_it_is_the_current_release(client: httpx.Client) -> None:
    answer = client.get("/sparql", params={"query": NAME}, headers=CSV)
    assert "Third" in answer.text
    assert answer.headers["x-release"] == "000003"
    assert answer.headers["cache-control"] == FOR_A_WHILE


def test_one_release_at_a_time(client: httpx.Client) -> None:
    twice = "release=000001&release=000001"
    refused = [
        client.get(f"/sparql?{twice}&query=ASK{{}}"),
        client.post("/sparql?release=000001", data={"query": "ASK {}", "release": "000002"}),
        client.get(f"/enterprise/fr-1?{twice}"),
        client.get(f"/?{twice}"),
    ]
    for answer in refused:
        assert answer.status_code == 400
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["place"] == "parameter release"


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("path", ["/sparql", "/enterprise/fr-1", "/", "/figures"])
def test_names_of_nothing(client: httpx.Client, path: str, name: str) -> None:
    answer = client.get(f"{path}?{encoded(release=name, query='ASK {}')}")
    problem = answer.json()
    if name == "\udcff" and path == "/sparql":
        assert answer.status_code == 400
        assert "UTF-8" in problem["detail"]
        return
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert problem["type"] == "https://w3id.org/vises/problems/unknown-release"
    assert "000003" in problem["remedy"]
    assert "/timemap/" in problem["remedy"]
    assert len(problem["detail"]) < 300


def test_a_page_says_that_there_is_no_such_release(browser: httpx.Client) -> None:
    for path in ("/", "/sparql", "/enterprise/fr-1"):
        page = browser.get(path, params={"release": "<script>x()"})
        assert page.status_code == 404
        assert "Leave the parameter out to get the current release, 000003." in page.text
        assert "<script>x" not in page.text


def test_a_query_that_may_change_is_not_kept(client: httpx.Client) -> None:
    for query in ("SELECT (NOW() AS ?t) {}", "SELECT (RAND() AS ?n) {}"):
        answer = client.get("/sparql", params={"query": query, "release": "000001"})
        assert answer.headers["cache-control"] == "no-cache"
        assert "etag" not in answer.headers


def test_a_mistake_in_an_old_release_is_not_kept(client: httpx.Client) -> None:
    answer = client.get("/sparql", params={"query": "SELECT", "release": "000001"})
    assert answer.status_code == 400
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("address", [f"/sparql?{encoded(query=NAME)}&", "/enterprise/fr-1.ttl?"])
def test_what_is_known_is_not_sent_again(client: httpx.Client, address: str) -> None:
    accept = {"Accept": "text/csv, text/turtle"}
    first = client.get(f"{address}release=000001", headers=accept)
    head = client.head(f"{address}release=000001", headers=accept)
    assert head.status_code == 200
    assert head.content == b""
    for name in ("etag", "x-release", "cache-control", "content-type"):
        assert head.headers[name] == first.headers[name]
    known = {"If-None-Match": first.headers["etag"], **accept}
    again = client.get(f"{address}release=000001", headers=known)
    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["cache-control"] == FOR_EVER
    assert client.get(f"{address}release=000002", headers=known).status_code == 200


def test_the_description_of_the_service_is_that_of_the_release(client: httpx.Client) -> None:
    old = client.get("/sparql?release=000001", headers={"Accept": "text/turtle"})
    assert '"000001"' in old.text
    assert "/sparql?release=000001>" in old.text
    assert old.headers["x-release"] == "000001"
    assert '"000003"' in client.get("/sparql", headers={"Accept": "text/turtle"}).text


@pytest.mark.parametrize("release", NAMES)
def test_a_resource_is_shown_as_it_was(
    client: httpx.Client, browser: httpx.Client, release: str
) -> None:
    turtle = client.get(f"/enterprise/fr-1.ttl?release={release}")
    assert NAMES[release] in turtle.text
    assert turtle.headers["cache-control"] == FOR_EVER
    assert turtle.headers["vary"] == "Accept-Profile, Accept-Encoding"
    page = browser.get(f"/enterprise/fr-1?release={release}")
    assert f"<h1><bdi>{NAMES[release]}</bdi></h1>" in page.text
    assert page.headers["x-release"] == release


def test_pages_of_an_old_release_are_not_kept_as_they_name_the_current_one(
    browser: httpx.Client,
) -> None:
    page = browser.get("/enterprise/fr-1?release=000001")
    assert page.headers["cache-control"] == "no-cache"
    known = {"If-None-Match": page.headers["etag"]}
    assert browser.get("/enterprise/fr-1?release=000001", headers=known).status_code == 304
    current = browser.get("/enterprise/fr-1").headers["etag"]
    assert browser.get("/enterprise/fr-1?release=000003").headers["etag"] != current


def test_home_and_figures_are_shown_as_they_were(browser: httpx.Client) -> None:
    home = browser.get("/?release=000001").text
    assert "release 000001 of 2 March 2026" in home
    assert home.count("/sparql?release=000001'") == 1
    assert "10.8" not in browser.get("/figures?release=000001").text
    assert "10.8" in browser.get("/figures?release=000002").text


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "You are reading release 000001 of 2 March 2026, 12:00 UTC."),
        ("fr", "Vous consultez la version 000001 du 2 mars 2026, 12:00 UTC."),
        ("nl", "U leest uitgave 000001 van 2 maart 2026, 12:00 UTC."),
    ],
)
@pytest.mark.parametrize("path", ["/", "/figures", "/enterprise/fr-1", "/sparql"])
def test_a_page_says_which_release_it_is_of(
    browser: httpx.Client, path: str, language: str, words: str
) -> None:
    address = f"{path}?release=000001&question=E1"
    page = browser.get(address, headers={"Accept-Language": language}).text
    assert words in page
    assert '<a href="?question=E1">' in page
    for release in ("", "?release=000003"):
        assert words[:12] not in browser.get(path + release).text


@pytest.mark.parametrize("path", ["/", "/figures", "/enterprise/fr-1", "/sparql?question=E1"])
def test_the_links_of_a_page_stay_in_its_release(browser: httpx.Client, path: str) -> None:
    here = f"{path}{'&' if '?' in path else '?'}release=000002"
    found = [unescape(a) for a in re.findall(r'<a [^>]*href="([^"]*)"', browser.get(here).text)]
    ours = [a for a in found if a.startswith("/")]
    assert len(ours) > 5
    assert [a for a in ours if "release=000002" not in a] == []
    switches = [a for a in found if a.startswith("?") and "lang=" in a]
    assert len(switches) == 3
    assert all("release=000002" in a for a in switches)
    assert not any("release=" in a for a in found if a.startswith("?") and "lang=" not in a)


def test_links_to_anchors_keep_them(browser: httpx.Client) -> None:
    page = browser.get("/enterprise/fr-1?release=000002").text
    assert 'href="/ontology?release=000002#Enterprise"' in page
    assert 'href="/enterprise/fr-1.ttl?release=000002"' in page


def test_the_editor_stays_in_its_release(browser: httpx.Client) -> None:
    query = "SELECT ?e { ?e <http://www.w3.org/ns/legal#legalName> ?name }"
    page = browser.get("/sparql", params={"query": query, "release": "000001"}).text
    assert '<input type="hidden" name="release" value="000001">' in page
    assert 'href="/enterprise/fr-1.html?release=000001"' in page
    [download] = re.findall(r'href="(/sparql\?[^"]*download=csv[^"]*)"', page)
    whole = browser.get(unescape(download))
    assert whole.headers["x-release"] == "000001"
    assert whole.text.count("enterprise") == 1
    posted = browser.post("/sparql", data={"query": query, "release": "000001"}).text
    assert '<input type="hidden" name="release" value="000001">' in posted
