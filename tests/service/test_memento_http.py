"""Memento over HTTP (RFC 7089): negotiation, the headers of mementos, TimeMaps."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

PATH = "/enterprise/fr-1"
TURTLE = {"Accept": "text/turtle"}


@pytest.fixture
def client(past: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=past, timeout=20, headers=TURTLE) as found:
        yield found


def links(header: str) -> list[tuple[str, str]]:
    """Return the addresses of a Link header or a TimeMap with their relations."""
    return re.findall(r'<([^>]*)>; rel="([^"]*)"', header)


def at(moment: str) -> dict[str, str]:
    return {"Accept-Datetime": moment}


@pytest.mark.parametrize(
    ("moment", "release"),
    [
        ("Sat, 01 Jan 2000 00:00:00 GMT", "000001"),
        ("Mon, 02 Mar 2026 12:00:00 GMT", "000001"),
        ("Wed, 04 Mar 2026 11:59:59 GMT", "000002"),
        ("Wed, 04 Mar 2026 12:00:00 GMT", "000003"),
        ("Fri, 01 Jan 2100 00:00:00 GMT", "000003"),
    ],
)
@pytest.mark.parametrize(
    "path",
    [PATH, PATH + ".nt", "/ontology", "/figures", "/gone", "/", "/catalog", "/catalog.nt"],
)
def test_an_address_leads_to_its_state_at_a_moment(
    client: httpx.Client, past: str, path: str, moment: str, release: str
) -> None:
    gate = client.get(path, headers=at(moment))
    assert gate.status_code == 302
    assert gate.headers["location"] == f"{past}{path}?release={release}"
    assert "Accept-Datetime" in gate.headers["vary"]
    assert "memento-datetime" not in gate.headers
    assert gate.headers["cache-control"] == "no-cache"
    assert gate.headers["access-control-allow-origin"] == "*"
    found = links(gate.headers["link"])
    assert (f"{past}{path}", "original timegate") in found
    assert (f"{past}/timemap{path}", "timemap") in found
    assert {word for _, words in found for word in words.split()} >= {"first", "last", "memento"}
    assert client.head(path, headers=at(moment)).headers["location"] == gate.headers["location"]


def test_following_the_way_arrives_at_the_memento(client: httpx.Client) -> None:
    moment = at("Wed, 04 Mar 2026 11:00:00 GMT")
    memento = client.get(PATH, headers=moment, follow_redirects=True)
    assert memento.status_code == 200
    assert "Second" in memento.text
    assert memento.headers["memento-datetime"] == "Tue, 03 Mar 2026 12:00:00 GMT"
    assert memento.headers["content-type"] == "text/turtle; charset=utf-8"
    page = client.get(PATH, headers={"Accept": "text/html", **moment}, follow_redirects=True)
    assert "<bdi>Second</bdi>" in page.text
    assert page.headers["memento-datetime"] == memento.headers["memento-datetime"]


def test_other_parameters_go_along(client: httpx.Client, past: str) -> None:
    gate = client.get(f"{PATH}?lang=fr", headers=at("Mon, 02 Mar 2026 12:00:00 GMT"))
    assert gate.headers["location"] == f"{past}{PATH}?lang=fr&release=000001"


def test_the_links_of_a_memento(client: httpx.Client, past: str) -> None:
    kept = client.get(f"{PATH}.ttl?release=000002").headers["link"]
    here = f"{past}{PATH}.ttl"
    assert [
        (here, "original timegate"),
        (f"{past}/timemap{PATH}.ttl", "timemap"),
        (f"{here}?release=000001", "first prev memento"),
        (f"{here}?release=000002", "memento"),
        (f"{here}?release=000003", "next memento"),
    ] == links(kept)[-5:]
    assert '; datetime="Mon, 02 Mar 2026 12:00:00 GMT"' in kept
    assert f'<{PATH}.jsonld?release=000002>; rel="alternate"' in kept
    page = client.get(f"{PATH}.html?release=000002").headers["link"]
    assert links(page)[-1] == (f"{past}{PATH}.html?release=000003", "next last memento")


def test_a_memento_is_not_negotiated_again(client: httpx.Client) -> None:
    later = at("Fri, 01 Jan 2100 00:00:00 GMT")
    memento = client.get(f"{PATH}.ttl?release=000001", headers=later)
    assert memento.status_code == 200
    assert "Premier" in memento.text
    assert "Accept-Datetime" not in memento.headers["vary"]
    assert client.get(f"{PATH}.ttl?release=000001", headers=at("x")).status_code == 200
    way = client.get(f"{PATH}?release=000001", headers=later)
    assert way.status_code == 303
    assert way.headers["location"] == f"{PATH}.ttl?release=000001"


def test_the_way_from_a_thing_is_a_memento_as_its_document_is(
    client: httpx.Client, past: str
) -> None:
    """TimeMaps list it, and what they list says when it was so (section 2.1.1)."""
    ways = [(past + PATH, "original timegate"), (f"{past}/timemap{PATH}", "timemap")]
    earlier = client.get(f"{PATH}?release=000002")
    assert earlier.status_code == 303
    assert earlier.headers["memento-datetime"] == "Tue, 03 Mar 2026 12:00:00 GMT"
    assert links(earlier.headers["link"])[-2:] == ways
    current = client.get(PATH)
    assert current.status_code == 303
    assert "memento-datetime" not in current.headers
    assert links(current.headers["link"])[-2:] == ways


def test_the_current_state_is_no_memento_and_says_where_they_are(
    client: httpx.Client, past: str
) -> None:
    for path in (f"{PATH}.ttl", f"{PATH}.html"):
        current = client.get(path)
        assert "memento-datetime" not in current.headers
        assert "Accept-Datetime" in current.headers["vary"]
        assert links(current.headers["link"])[-2:] == [
            (past + path, "original timegate"),
            (f"{past}/timemap{path}", "timemap"),
        ]


def test_what_is_gone_is_found_and_what_was_not_there_is_a_404_of_its_time(
    client: httpx.Client, past: str
) -> None:
    now = client.get("/gone")
    assert now.status_code == 410
    assert (f"{past}/timemap/gone", "timemap") in links(now.headers["link"])
    assert "memento-datetime" not in now.headers
    moment = at("Mon, 02 Mar 2026 13:00:00 GMT")
    assert client.get("/gone", headers=moment, follow_redirects=True).status_code == 200
    missing = client.get("/enterprise/be-2?release=000001")
    assert missing.status_code == 404
    assert missing.headers["memento-datetime"] == "Mon, 02 Mar 2026 12:00:00 GMT"
    assert missing.headers["cache-control"] == "no-store"
    assert f"{past}/timemap/enterprise/be-2" in missing.json()["remedy"]


@pytest.mark.parametrize("moment", ["", "now", "2026-03-02T12:00:00Z", "x" * 5000])
def test_what_is_no_moment_is_refused(client: httpx.Client, moment: str) -> None:
    refused = client.get(PATH, headers=at(moment))
    assert refused.status_code == 400
    assert refused.json()["type"] == "https://w3id.org/vises/problems/accept-datetime"
    assert "GMT" in refused.json()["remedy"]


def test_a_timemap(client: httpx.Client, past: str) -> None:
    answer = client.get(f"/timemap{PATH}")
    assert answer.headers["content-type"] == "application/link-format"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert links(answer.text) == [
        (f"{past}{PATH}", "original timegate"),
        (f"{past}/timemap{PATH}", "self"),
        (f"{past}{PATH}?release=000001", "first memento"),
        (f"{past}{PATH}?release=000002", "memento"),
        (f"{past}{PATH}?release=000003", "last memento"),
    ]
    assert answer.text.count("datetime=") == 3
    known = {"If-None-Match": answer.headers["etag"]}
    assert client.get(f"/timemap{PATH}", headers=known).status_code == 304
    assert client.head(f"/timemap{PATH}").content == b""
    for address, relation in links(answer.text):
        if "memento" in relation:
            assert client.get(address, follow_redirects=True).status_code == 200


@pytest.mark.parametrize("path", ["/", "/figures", "/a%3Fb", "/%00", "/a%3E%22b", "/é"])
def test_timemaps_of_any_address_are_well_formed(
    client: httpx.Client, past: str, path: str
) -> None:
    answer = client.get(f"/timemap{path}")
    assert answer.status_code == 200
    found = links(answer.text)
    assert len(found) == 5
    assert found[0][0] == past + path.replace("é", "%C3%A9")


@pytest.mark.parametrize(
    "address", ["/enterprise/fr-1.ttl", "/enterprise/fr-1.html", "/api/v1/enterprises", "/regions"]
)
def test_what_has_not_changed_since_is_not_sent_again(client: httpx.Client, address: str) -> None:
    client.headers["Accept"] = "*/*"
    first = client.get(address)
    since = {"If-Modified-Since": first.headers["last-modified"]}
    assert first.status_code == 200
    for _ in range(2):
        assert client.get(address, headers=since).status_code == 304
    before = {"If-Modified-Since": "Thu, 01 Jan 2015 00:00:00 GMT"}
    assert client.get(address, headers=before).status_code == 200
