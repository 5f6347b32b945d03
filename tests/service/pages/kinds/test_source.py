"""The page of a source."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx


def rows(page: str, section: str) -> list[str]:
    """Return the rows of the table in a section, as text."""
    part = page.partition(f'aria-labelledby="{section}">')[2].partition("</section>")[0]
    found = re.findall(r"<tr><th scope=\"row\">.*?</tr>", part, re.DOTALL)
    return [" ".join(unescape(re.sub(r"<[^>]+>", " ", row)).split()) for row in found]


def test_its_figures_and_the_original(visitor: httpx.Client) -> None:
    page = visitor.get("/publication/one").text
    assert 'href="https://statistics.example/one" rel="external noreferrer"' in page
    assert 'href="javascript' not in page
    assert len(rows(page, "figures")) == 4


def test_contradictions_stand_side_by_side(visitor: httpx.Client) -> None:
    first = rows(visitor.get("/publication/one").text, "beside")
    assert len(first) == 1
    assert re.search(r"2021 .* 100 \d 90 \d The second count revises the number here", first[0])
    second = rows(visitor.get("/publication/two").text, "beside")
    assert re.search(r"90 \d 100 \d The first count was revised by the number here", second[0])


def test_figures_of_other_sectors_are_not_beside_it(visitor: httpx.Client) -> None:
    beside = rows(visitor.get("/publication/rival").text, "beside")
    assert len(beside) == 40
    numbers = [re.findall(r"\b1,\d{3}\b", row) for row in beside]
    assert all(here == elsewhere for here, elsewhere in numbers)


def test_what_rests_on_it_is_bounded(visitor: httpx.Client) -> None:
    page = visitor.get("/publication/one")
    assert len(page.content) < 60_000
    assert "Only some of the references are listed here" in page.text
