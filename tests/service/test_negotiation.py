"""Accept headers of every kind, and their algebra."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vises.service.negotiation import (
    MOST_RANGES,
    Coding,
    accepted_codings,
    best_coding,
    best_language,
    best_media_type,
    preferences,
)

OFFERS = ["text/turtle", "application/ld+json", "text/html"]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, "text/turtle"),
        ("", "text/turtle"),
        ("*/*", "text/turtle"),
        ("text/html", "text/html"),
        ("TEXT/HTML", "text/html"),
        ("text/*", "text/turtle"),
        ("application/*", "application/ld+json"),
        ("text/html;q=0.5, application/ld+json;q=0.6", "application/ld+json"),
        ("text/*;q=0.9, text/turtle;q=0.1", "text/html"),
        ("*/*;q=0.5, text/turtle;q=0", "application/ld+json"),
        ('application/ld+json;profile="a,b;q=0";q=0.9, text/html;q=0.8', "application/ld+json"),
        ("text/html; q = 0.5, text/turtle ; q=0.4", "text/html"),
        ("text/html;q=2, text/turtle;q=0.4", "text/turtle"),
        ("text/html;q=banana, text/turtle;q=0.4", "text/turtle"),
        ("image/png", None),
        ("text/turtle;q=0", None),
        (",,;;,", "text/turtle"),
        ("*/*, text/html", "text/html"),
        ("application/*, text/html, */*", "text/html"),
        ("text/*;q=0.5, application/*", "application/ld+json"),
        ("text/*;q=0, */*", "application/ld+json"),
        ("text/html, image/gif, *; q=.2, */*; q=.2", "text/html"),
        ("image/gif, *; q=.2", "text/turtle"),
        ("text/html;q=0.3334, text/turtle;q=0.33333", "text/html"),
        ("text/html;q=1.0000, text/turtle", "text/turtle"),
        ("text/html;q=1.1, text/turtle;q=-1", "text/turtle"),
        ("text/html;q=, application/ld+json", "application/ld+json"),
        ("text/html;Q=0.1, application/ld+json;q=0.2", "application/ld+json"),
        ("text/html;level=1;q=0.3, text/html;q=0.7, text/turtle;q=0.5", "text/html"),
        ("text/turtle;charset=iso-8859-1", "text/turtle"),
        ("text/html;q=0.5;ext=1, text/turtle;q=0.4", "text/html"),
        ("text/html\t;\tq=0.1 ,text/turtle", "text/turtle"),
        ("text", None),
        ("*/html", None),
    ],
)
def test_the_preferred_offer_wins(header: str | None, expected: str | None) -> None:
    assert best_media_type(header, OFFERS) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("fr-BE,fr;q=0.9,nl;q=0.8", "fr"),
        ("nl", "nl"),
        ("de", None),
        ("de,*;q=0.1", "en"),
        ("en;q=0.3, nl-BE;q=0.7", "nl"),
        (None, "en"),
    ],
)
def test_the_preferred_language_wins(header: str | None, expected: str | None) -> None:
    assert best_language(header, ["en", "fr", "nl"]) == expected


def test_endless_headers_are_bounded() -> None:
    assert len(preferences(",".join(["text/html"] * 5000))) == MOST_RANGES


@pytest.mark.parametrize("unit", ['"\\', '"a"', ';a="', ';a="\\', "; ", ";a", ",", '"\\",', " ="])
def test_a_hostile_header_costs_no_more_than_its_length(unit: str) -> None:
    begin = time.process_time()
    best_media_type("a/b;a=" + unit * 16_000, OFFERS)
    assert time.process_time() - begin < 1


@given(st.text(alphabet='a/*;,=q0.1" \\'))
def test_a_quoted_string_is_one_part(text: str) -> None:
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    assert best_media_type(f'text/html;x="{quoted}", image/png', OFFERS) == "text/html"


@given(st.text())
def test_any_header_gets_an_offer_or_none(header: str) -> None:
    assert best_media_type(header, OFFERS) in {*OFFERS, None}


@given(st.permutations(["text/turtle;q=0.1", "text/html;q=0.7", "application/ld+json;q=0.3"]))
def test_order_in_the_header_does_not_matter(items: list[str]) -> None:
    assert best_media_type(", ".join(items), OFFERS) == "text/html"


@pytest.mark.parametrize(
    ("header", "name", "forced", "accepted"),
    [
        (None, "identity", False, {"identity"}),
        (" ", "identity", False, {"identity"}),
        ("identity", "identity", False, {"identity"}),
        ("gzip", "gzip", False, {"gzip", "identity"}),
        ("x-gzip;q=0.5", "gzip", False, {"gzip", "identity"}),
        ("gzip, br", "br", False, {"gzip", "br", "identity"}),
        ("br;q=0.5, gzip;q=0.5, zstd;q=0.5", "zstd", False, {"br", "gzip", "zstd", "identity"}),
        ("gzip;q=0.5, br;q=0.2", "gzip", False, {"br", "gzip", "identity"}),
        ("gzip;q=0", "identity", False, {"identity"}),
        ("gzip, identity;q=0", "gzip", True, {"gzip"}),
        ("gzip, *;q=0", "gzip", True, {"gzip"}),
        ("*", "zstd", False, {"br", "gzip", "zstd", "identity"}),
        ("*;q=0.5, zstd;q=0, identity", "identity", False, {"br", "gzip", "identity"}),
        ("*;q=0", "identity", False, {"identity"}),
        ("identity;q=0", "identity", False, {"identity"}),
        ("identity;q=0.5, gzip;q=0.2", "identity", False, {"gzip", "identity"}),
        ("compress, deflate", "identity", False, {"identity"}),
        ("gzip;q=nonsense", "identity", False, {"identity"}),
        (",;=,", "identity", False, {"identity"}),
    ],
)
def test_the_preferred_coding_wins(
    header: str | None, name: str, *, forced: bool, accepted: set[str]
) -> None:
    assert best_coding(header) == Coding(name, forced)
    assert accepted_codings(header) == accepted


@given(st.text())
def test_any_header_gets_a_coding_that_it_accepts(header: str) -> None:
    accepted = accepted_codings(header)
    assert best_coding(header).name in accepted
