"""Fixed addresses, as the programs read them that look there."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree as ET

import httpx
import pytest
import yaml

from vises.service.dumps.endpoint import Dump
from vises.service.iris import Addresses
from vises.service.wellknown import sitemap
from vises.service.wellknown.files import security
from vises.service.wellknown.signposts import Signpost, linkset
from vises.store.dumps.kept import KeptDumps
from vises.store.dumps.make import ensure
from vises.store.dumps.output import GZIP, DumpFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.service.conftest import Desk, Open

BASE = "https://data.example/"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture(scope="module")
def desk(open_desk: Open) -> Iterator[Desk]:
    with open_desk(contact="mailto:security@example.org", publisher='The "Observatory"') as found:
        kept = KeptDumps(found.data, BASE)
        list(ensure(found.releases, kept, found.current, ()))
        yield found


@pytest.fixture
def web(desk: Desk) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=desk.address, timeout=30) as client:
        yield client


def locations(xml: bytes) -> list[str]:
    return [node.text or "" for node in ET.fromstring(xml).iter(f"{SITEMAP}loc")]


def walked(web: httpx.Client) -> list[list[str]]:
    """Return the addresses of each part that the index names."""
    index = web.get("/sitemap.xml")
    assert index.headers["content-type"].startswith("application/xml")
    found = []
    for address in locations(index.content):
        part = web.get(address)
        assert part.headers["content-type"] == "application/gzip"
        assert "content-encoding" not in part.headers
        found.append(locations(gzip.decompress(part.content)))
    return found


def test_the_sitemap_leads_to_pages_that_are_there(web: httpx.Client, desk: Desk) -> None:
    parts = walked(web)
    everything = [address for part in parts for address in part]
    assert f"{desk.address}/enterprise/fr-1.html" in everything
    assert f"{desk.address}/catalog" in everything
    for address in everything:
        assert web.get(address, headers={"Accept": "text/html"}).status_code == 200, address


def test_what_is_closed_is_not_in_the_sitemap(web: httpx.Client) -> None:
    assert "draft" not in web.get("/sitemap.xml").text
    assert not [a for part in walked(web) for a in part if "draft" in a]
    assert web.get("/sitemap-draft-1.xml.gz").status_code == 404


def test_no_part_is_too_long(web: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = walked(web)
    monkeypatch.setattr(sitemap, "MOST", 3)
    parts = walked(web)
    assert len(parts) > len(whole)
    assert all(len(part) <= 3 for part in parts[1:])
    assert sorted(a for p in parts for a in p) == sorted(a for p in whole for a in p)


@pytest.mark.parametrize("name", ["data-0", "data-99", "data", "..%2fdata", "%00", "pages-1"])
def test_a_part_that_there_is_not(web: httpx.Client, name: str) -> None:
    assert web.get(f"/sitemap-{name}.xml.gz").status_code == 404


def test_robots_as_a_crawler_reads_them(web: httpx.Client, desk: Desk) -> None:
    text = web.get("/robots.txt").text
    rules = RobotFileParser()
    rules.parse(text.splitlines())
    assert rules.site_maps() == [f"{desk.address}/sitemap.xml"]
    assert rules.can_fetch("bot", "/enterprise/fr-1.html")
    assert rules.can_fetch("bot", "/dumps/000001/data.nq.gz")
    assert not rules.can_fetch("bot", "/sparql?query=ASK{}")


def test_whom_to_tell_of_a_weakness(web: httpx.Client) -> None:
    answer = web.get("/.well-known/security.txt")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    fields = dict(re.findall(r"^([A-Za-z-]+): (.*)$", answer.text, re.MULTILINE))
    assert fields["Contact"] == "mailto:security@example.org"
    assert "Canonical" not in fields, "an address over http must not be canonical"
    left = datetime.fromisoformat(fields["Expires"]) - datetime.now(UTC)
    assert timedelta(days=30) < left < timedelta(days=365)


def test_its_address_over_https_is_canonical() -> None:
    told = security("https://o.example", "c", datetime(2026, 3, 1, tzinfo=UTC))
    assert "Canonical: https://o.example/.well-known/security.txt\n" in told


def test_a_part_of_the_sitemap_is_below_50_megabytes(monkeypatch: pytest.MonkeyPatch) -> None:
    longest = len(f"<url><loc>{'x' * sitemap.LONGEST}</loc></url>\n")
    assert sitemap.MOST <= 50_000
    assert sitemap.MOST * longest + 1000 < 50 * 1024 * 1024
    monkeypatch.setattr(sitemap, "LONGEST", len("https://o.example/"))
    assert locations(gzip.decompress(sitemap.pages("https://o.example", []))) == [
        "https://o.example/"
    ]


def test_the_addresses_of_a_sitemap_are_uris(tmp_path: Path) -> None:
    """Letters of several bytes made a part larger than 50 MB, too."""
    path = tmp_path / "iris.txt.gz"
    names = ["enterprise/\u00e9t\u00e9", "enterprise/a&b", "enterprise/50%25", "enterprise/\u6771"]
    path.write_bytes(gzip.compress("".join(f"{BASE}{name}\n" for name in names).encode()))
    file = DumpFile("iris.txt.gz", "text/plain", GZIP, 1, "0" * 64, lines=4)
    part = sitemap.Part("x-1", Dump(f"{BASE}graph/x", "x.iris.txt.gz", file, path), 0)
    body = sitemap.part_body(part, "https://o.example", Addresses(BASE))
    assert locations(gzip.decompress(body)) == [
        f"https://o.example/enterprise/{name}.html"
        for name in ("%C3%A9t%C3%A9", "a&b", "50%25", "%E6%9D%B1")
    ]


def test_its_expiry_is_the_same_all_day() -> None:
    morning = datetime(2026, 3, 1, 0, 0, 1, tzinfo=UTC)
    assert security("o", "c", morning) == security("o", "c", morning.replace(hour=23))


def test_who_names_nobody_has_no_such_file(client: httpx.Client) -> None:
    answer = client.get("/.well-known/security.txt")
    assert answer.status_code == 404
    assert "VISES_CONTACT" in answer.json()["remedy"]


def test_the_way_to_the_catalogue(web: httpx.Client) -> None:
    answer = web.get("/.well-known/dcat")
    assert (answer.status_code, answer.headers["location"]) == (302, "/catalog")


def test_the_citation_of_a_release(web: httpx.Client, desk: Desk) -> None:
    answer = web.get(f"/release/{desk.current}/CITATION.cff")
    read = yaml.safe_load(answer.text)
    assert read["cff-version"] == "1.2.0"
    assert read["type"] == "dataset"
    assert read["version"] == desk.current
    assert read["authors"] == [{"name": 'The "Observatory"'}]
    assert read["license"] == "CC-BY-4.0"
    assert read["identifiers"][0]["value"] == f"{BASE}release/{desk.current}"
    assert web.get(read["url"]).status_code == 200
    assert web.get("/release/000099/CITATION.cff").status_code == 404


def test_a_release_has_a_licence_where_every_dataset_has_that_one(open_desk: Open) -> None:
    title = "<https://a.example/> <http://purl.org/dc/terms/title> "
    with open_desk() as desk, desk.client() as client:
        before = client.get(f"/release/{desk.current}/CITATION.cff")
        written = client.put(
            f"/graphs?graph={BASE}graph/mine",
            content=f'{title} "Nobody said how this may be used" .',
            headers={"Content-Type": "text/turtle"},
        )
        assert written.is_success
        after = client.get(f"/release/{desk.current}/CITATION.cff")
    assert yaml.safe_load(before.text)["license"] == "CC-BY-4.0"
    assert "license" not in yaml.safe_load(after.text)


def links_of(answer: httpx.Response) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for target, words in re.findall(r'<([^>]*)>; rel="([^"]*)"', answer.headers["link"]):
        for word in words.split():
            found.setdefault(word, []).append(target)
    return found


@pytest.mark.parametrize("path", ["/enterprise/fr-1.html", "/graph/data.html"])
def test_signposts_of_a_page_and_its_link_set(web: httpx.Client, desk: Desk, path: str) -> None:
    page = web.get(path)
    links = links_of(page)
    iri = BASE.rstrip("/") + path.removesuffix(".html")
    assert links["cite-as"] == [iri]
    assert "https://schema.org/AboutPage" in links["type"]
    for described in links["describedby"]:
        answer = web.get(described)
        assert answer.status_code == 200
        back = links_of(answer)
        assert (back["describes"], back["linkset"]) == ([path], links["linkset"])
    for item in links.get("item", []):
        assert links_of(web.get(item))["collection"] == [path]
    (where,) = links["linkset"]
    document = web.get(where)
    assert document.headers["content-type"] == "application/linkset+json"
    contexts = {c["anchor"]: c for c in document.json()["linkset"]}
    own = contexts[desk.address + path]
    assert [link["href"] for link in own["cite-as"]] == [iri]
    for relation, back in (("describedby", "describes"), ("item", "collection")):
        for link in own.get(relation, []):
            assert contexts[link["href"]][back][0]["href"] == desk.address + path
            answer = web.get(link["href"])
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith(link["type"])


def test_the_files_of_a_dataset_are_its_items(web: httpx.Client, desk: Desk) -> None:
    (own, *_) = web.get("/linkset/graph/data").json()["linkset"]
    items = {link["href"] for link in own["item"]}
    assert f"{desk.address}/dumps/{desk.current}/data.nq.gz" in items
    assert own["license"] == [{"href": "https://creativecommons.org/licenses/by/4.0/"}]


@pytest.mark.parametrize("path", ["nothing", "graph/draft", "graph/never", "%00", "..%2f..", ""])
def test_a_link_set_of_nothing(web: httpx.Client, path: str) -> None:
    answer = web.get(f"/linkset/{path}")
    assert answer.status_code == 404
    assert answer.json()["type"].endswith("/no-such-page")


def test_signposts_of_a_release(web: httpx.Client, desk: Desk) -> None:
    page = web.get(f"/releases/{desk.current}", headers={"Accept": "text/html"})
    links = links_of(page)
    assert links["cite-as"] == [f"{BASE}release/{desk.current}"]
    for where in (*links["describedby"], *links["item"]):
        assert web.get(where).status_code == 200


def test_a_data_set_page_tells_search_engines_of_its_files(web: httpx.Client, desk: Desk) -> None:
    page = web.get("/graph/data.html").text
    (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    told = json.loads(text)
    files = {d["contentUrl"]: d for d in told["distribution"]}
    file = files[f"{desk.address}/dumps/{desk.current}/data.nq.gz"]
    body = web.get(file["contentUrl"]).content
    assert file["contentSize"] == f"{len(body)} B"
    assert told["includedInDataCatalog"]["url"] == f"{desk.address}/catalog"
    assert told["temporalCoverage"] == "2024/2025-01-31"


def test_void_names_the_files(web: httpx.Client, desk: Desk) -> None:
    answer = web.get("/.well-known/void", headers={"Accept": "application/n-triples"})
    file = f"{desk.address}/dumps/{desk.current}/data.nq.gz"
    assert f"<{BASE}graph/data> <http://rdfs.org/ns/void#dataDump> <{file}> ." in answer.text
    assert "draft" not in answer.text


def test_the_examples_are_kept_by_who_has_them(web: httpx.Client) -> None:
    path = "/.well-known/sparql-examples"
    tag = web.get(path).headers["etag"]
    assert web.get(path, headers={"If-None-Match": tag}).status_code == 304


def test_links_lead_back() -> None:
    found = json.loads(
        linkset(
            "/a.html",
            [Signpost("item", "/f", "text/csv"), Signpost("license", "https://l.example/")],
            lambda target: "https://o" + target if target.startswith("/") else target,
        )
    )
    assert found["linkset"] == [
        {
            "anchor": "https://o/a.html",
            "item": [{"href": "https://o/f", "type": "text/csv"}],
            "license": [{"href": "https://l.example/"}],
        },
        {
            "anchor": "https://o/f",
            "collection": [{"href": "https://o/a.html", "type": "text/html"}],
        },
    ]
    assert str(replace(Signpost("item", "/f"), relation="x")) == '</f>; rel="x"'
