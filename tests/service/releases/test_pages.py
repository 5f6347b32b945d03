"""The pages of the releases over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import httpx
import pytest
from pyoxigraph import RdfFormat, parse

from vises.service.iris import Addresses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def reader(past: str) -> Iterator[httpx.Client]:
    headers = {"Accept": "text/html", "Accept-Language": "en"}
    with httpx.Client(base_url=past, timeout=20, headers=headers) as found:
        yield found


def test_the_list_has_the_newest_first(reader: httpx.Client) -> None:
    answer = reader.get("/releases")
    page = answer.text
    places = [page.index(f'href="/releases/00000{n}"') for n in (3, 2, 1)]
    assert places == sorted(places)
    assert "4 March 2026, 12:00 UTC" in page
    assert answer.headers["cache-control"] == "no-cache"
    again = reader.get("/releases", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


def test_a_release_says_what_changed(reader: httpx.Client) -> None:
    page = reader.get("/releases/000002").text
    assert "What changed since release 000001" in page
    things = page.partition('id="by-thing"')[2].partition("</table>")[0]
    assert "/enterprise/be-2" in things
    assert "/gone" in things
    assert "What it began with" in reader.get("/releases/000001").text
    assert "Nothing was found wrong." in page


def test_two_releases_are_compared(reader: httpx.Client) -> None:
    page = reader.get("/releases/000003?with=000001").text
    assert "What changed since release 000001" in page
    things = page.partition('id="by-thing"')[2].partition("</table>")[0]
    assert "/enterprise/be-2" in things
    assert "/change.rdfp?with=000001" in page
    backwards = reader.get("/releases/000001?with=000003").text
    assert "/enterprise/be-2" in backwards.partition('id="by-thing"')[2].partition("</table>")[0]


def test_the_change_is_an_rdf_patch(reader: httpx.Client) -> None:
    answer = reader.get("/releases/000002/change.rdfp")
    assert answer.headers["content-type"] == "application/rdf-patch"
    lines = answer.text.splitlines()
    assert lines[:3] == ['H id "000002" .', 'H prev "000001" .', "TX ."]
    assert lines[-1] == "TC ."
    assert [x for x in lines if x.startswith("D ") and "/gone>" in x]
    assert [x for x in lines if x.startswith("A ") and "Second" in x]
    compared = reader.get("/releases/000003/change.rdfp?with=000001").text
    assert "Premier" in compared
    assert "Third" in compared
    assert "Second" not in compared


def test_a_release_is_a_thing_with_a_description(reader: httpx.Client) -> None:
    way = reader.get("/release/000002")
    assert (way.status_code, way.headers["location"]) == (303, "/releases/000002")
    way = reader.get("/release/000002", headers={"Accept": "text/turtle"})
    assert way.headers["location"] == "/releases/000002.ttl"
    turtle = reader.get("/releases/000002.ttl")
    triples = list(parse(turtle.content, format=RdfFormat.TURTLE))
    assert "https://data.example/release/000001" in {
        getattr(t.object, "value", "") for t in triples
    }
    again = reader.get("/release/000002.ttl")
    assert (again.content, again.headers["content-type"]) == (
        turtle.content,
        turtle.headers["content-type"],
    )
    for name in ("/release/000002.html", "/releases/000002.html"):
        assert reader.get(name).headers["location"] == "/releases/000002"
    addresses = Addresses("https://data.example/", "000003", "nl")
    assert reader.get(addresses.href("https://data.example/release/000002") or "").is_success


def test_the_feed_has_an_entry_for_each_release(reader: httpx.Client) -> None:
    answer = reader.get("/releases.atom", headers={"Accept-Language": "fr"})
    assert answer.headers["content-type"].startswith("application/atom+xml")
    root = ET.fromstring(answer.content)
    entries = root.findall(f"{ATOM}entry")
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert ids == [f"https://data.example/release/00000{n}" for n in (3, 2, 1)]
    assert root.findtext(f"{ATOM}updated") == "2026-03-04T12:00:00+00:00"
    assert (entries[0].findtext(f"{ATOM}title") or "").startswith("Version 000003\u00a0: ")
    for entry in entries:
        for needed in ("author", "updated", "link"):
            assert entry.find(ATOM + needed) is not None


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/releases/999999", 404),
        ("/releases/000001%00", 404),
        ("/releases/000001?with=nope", 404),
        ("/releases/nope.ttl", 404),
        ("/releases/000001.exe", 404),
        ("/release/nope", 404),
        ("/release/nope.ttl", 404),
        ("/release/000001.exe", 404),
        ("/releases?page=2", 404),
        ("/releases?page=0", 400),
        ("/releases?page=-1", 400),
        ("/releases?page=1e3", 400),
        ("/releases?page=" + "9" * 50, 400),
        ("/releases?page=%C2%B2", 400),
        ("/releases/nope/change.rdfp", 404),
        ("/releases/nope/report.ttl", 404),
    ],
)
def test_what_is_not_there_is_explained(reader: httpx.Client, path: str, status: int) -> None:
    answer = reader.get(path, headers={"Accept": "application/json"})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/releases", "/releases/000001", "/releases.atom"])
def test_closed_datasets_are_not_told_of(
    open_desk: Callable[..., AbstractContextManager[object]], path: str
) -> None:
    with open_desk() as desk:
        address = desk.address  # type: ignore[attr-defined]
        with httpx.Client(base_url=address, headers={"Accept": "text/html"}) as stranger:
            page = stranger.get(path).text
            assert "draft" not in page
            assert "test data" not in page
            patch = stranger.get("/releases/000001/change.rdfp").text
            assert "Brouillon" not in patch
            assert "Atelier" in patch
            assert "draft" not in stranger.get("/releases/000001.ttl").text
            for report in ("report", "report.ttl", "report.json", "report.jsonld"):
                assert stranger.get(f"/releases/000001/{report}").status_code == 404
