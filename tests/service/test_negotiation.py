"""Accept headers of every kind, and their algebra."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vises.service.negotiation import (
    MOST_RANGES,
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
