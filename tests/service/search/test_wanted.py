"""The address of a search leads to the same search."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from starlette.datastructures import QueryParams

from vises.service.search.wanted import Wanted
from vises.service.search.words import MOST_CHARACTERS, read

NINE = "anticonstitutionnellement " * 9
"""More letters than the line of a search shows."""


def wanted(**parameters: str) -> Wanted:
    return Wanted.read(QueryParams(parameters))


@pytest.mark.parametrize(
    "text",
    [
        "nord ",
        "nord\r\n",
        "  nord   est",
        "asso\u00adciation",
        "a\x00b",
        "\u202enord\u202c",
        f"{NINE}nord",
        f"{' ' * 500}nord{' ' * 500}est",
        "nord" + " " * MOST_CHARACTERS,
        "est " * 500,
        "\u200b",
    ],
)
def test_the_next_page_is_of_the_same_search(text: str) -> None:
    """A last word without the space behind it goes on, and finds more."""
    first = wanted(q=text, region="FRE")
    address = first.on_page(2).address("/search")
    second = Wanted.read(QueryParams(parse_qsl(urlsplit(address).query, keep_blank_values=True)))
    one, two = read(first.text), read(second.text)
    assert (one.items, one.name, one.open) == (two.items, two.name, two.open)
    assert (second.page, second.limits) == (2, first.limits)


def test_what_is_shown_has_no_sign_that_none_shows() -> None:
    assert wanted(q="\u202e a\x1b[1m\ud800\ue000\r\n b ").shown == "a [1m b "
    assert wanted(q=" \u200b\x00").shown == ""
    assert len(wanted(q="x" * 1000).shown) == MOST_CHARACTERS
