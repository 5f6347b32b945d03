"""Descriptions of things that take the fast path to a query process, beside the long way."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from tests.service.fastpath.asking import asked, got
from tests.service.wiring import Connection, Service, whole
from vises.service.fastpath.form import Form
from vises.service.fastpath.head import TAG
from vises.service.negotiation import best_coding

if TYPE_CHECKING:
    from vises.service.answers import RawHeaders
    from vises.settings import Settings

RESOURCES = {
    "an enterprise": "/enterprise/fr-1.ttl",
    "its identifier": "/identifier/siren-1.nt",
    "an indicator": "/indicator/volunteer-hours.jsonld",
    "a result": "/result/1.rdf",
    "a figure": "/figure/1.trig",
    "a document": "/publication/p1.nq",
    "a code of the vocabulary": "/code/nuts/BE3.ttl",
}
RESOURCES_LONG_WAY = {
    "nothing": "/enterprise/none.ttl",
    "a page": "/enterprise/fr-1.html",
    "a parameter": "/enterprise/fr-1.ttl?page=1",
    "another spelling": "/enterprise/fr%2D1.ttl",
    "the catalogue": "/catalog.ttl",
    "questions": "/api/v1/questions.ttl",
    "a long path": f"/{'a' * 300}.ttl",
}


@pytest.mark.parametrize("coding", ["identity", "gzip", "zstd"])
@pytest.mark.parametrize("name", RESOURCES)
def test_a_description_that_comes_by_the_fast_path_is_what_the_long_way_gives(
    both: tuple[Service, Service], name: str, coding: str
) -> None:
    sent = got(RESOURCES[name], f"Accept-Encoding: {coding}", "Accept-Language: fr")
    fast_path, way = asked(both[0], sent, tries=9)
    long, _ = asked(both[1], sent)
    assert way
    assert fast_path == long
    assert fast_path[0] == 200


@pytest.mark.parametrize("name", RESOURCES_LONG_WAY)
def test_another_address_goes_the_long_way(both: tuple[Service, Service], name: str) -> None:
    sent = got(RESOURCES_LONG_WAY[name])
    fast_path, way = asked(both[0], sent)
    long, _ = asked(both[1], sent)
    assert not way
    assert fast_path[0] == long[0]
    if long[0] == HTTPStatus.OK:
        assert fast_path == long


def test_a_description_that_came_by_the_fast_path_is_kept(settings: Settings) -> None:
    sent = got("/enterprise/fr-1.ttl", "Accept-Encoding: identity")
    with whole(settings) as service:
        (_, headers, body), _ = asked(service, sent, tries=9)
        again, way = asked(service, sent, tries=3)  # the first of them tells its bytes
        with Connection(service.address) as connection:
            tag = dict(headers)["etag"]
            connection.ask(got("/enterprise/fr-1.ttl", f"If-None-Match: {tag}"))
            status, _, nothing = connection.answer()
    assert way
    assert again == (200, headers, body)
    assert (status, nothing) == (304, b"")


def test_descriptions_name_the_public_address(settings: Settings) -> None:
    here = replace(settings, cache_mebibytes=0, public_url="https://data.example.org")
    sent = got("/enterprise/fr-1.ttl")
    with whole(here) as fast_path, whole(here, fast_path=False) as long:
        found, way = asked(fast_path, sent, tries=9)
        assert way
        assert found == asked(long, sent)[0]
    assert (
        '<https://data.example.org/enterprise/fr-1.ttl>; rel="original timegate"'
        in (dict(found[1])["link"])
    )


def test_a_header_that_comes_back_is_no_place_for_a_figure(settings: Settings) -> None:
    """The holes of a head have names that nobody can guess."""
    sent = got("/enterprise/fr-1.ttl").replace(b"Host: x", b"Host: path-x.length-1.tag")
    with whole(replace(settings, cache_mebibytes=0)) as service:
        found, _ = asked(service, sent, tries=9)
    assert "<http://path-x.length-1.tag/enterprise/fr-1.ttl>" in dict(found[1])["link"]


def test_a_head_is_made_once_and_filled_for_each_answer() -> None:
    made: list[str] = []
    rights = SimpleNamespace(vary=lambda _: "Accept", closes=False, view="")
    reading = cast("Any", SimpleNamespace(release=SimpleNamespace(id="a-1"), rights=rights))
    form = Form("http", (), "text/csv", None, best_coding(None))

    def headers() -> RawHeaders:
        made.append("once")
        return [
            (b"link", b"<https://x-1.example/%7B>"),
            (b"etag", f'"{TAG}"'.encode()),
            (b"content-length", b"0"),
        ]

    heads = [
        form.head(reading, "csv", headers).filled({TAG.encode(): tag}, len(tag))
        for tag in (b"a", b"bc")
    ]
    assert made == ["once"]
    assert heads == [
        b"HTTP/1.1 200 OK\r\nlink: <https://x-1.example/%7B>\r\n"
        b'etag: "' + tag + b'"\r\ncontent-length: ' + b"%d" % len(tag) + b"\r\n"
        for tag in (b"a", b"bc")
    ]
