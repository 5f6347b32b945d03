"""Pages on paper: tables are printed whole, and what only a screen can use is left out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

UPRIGHT, ACROSS = 695, 1024
"""The width of A4 within its margins, in CSS pixels."""

WIDTHS = {
    "/questions/S9": ACROSS,
    "/questions/I1": ACROSS,
    "/method/vises.html": UPRIGHT,
    "/figures": UPRIGHT,
    "/indicator/positive-exits.html": UPRIGHT,
    "/code/nuts/FRE.html?with=BE3": UPRIGHT,
    "/report": UPRIGHT,
    "/": UPRIGHT,
}


class Visitor(Protocol):
    """What the fixture `visitor` of conftest.py is."""

    def open(self, path: str, **options: object) -> Page: ...


@pytest.mark.parametrize("path", WIDTHS)
def test_nothing_is_cut_at_the_edge_of_the_sheet(visitor: Visitor, path: str) -> None:
    page = visitor.open(path, viewport={"width": WIDTHS[path], "height": 1000})
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollWidth") == WIDTHS[path]
    hidden = page.locator(".scroll, pre").evaluate_all(
        """all => all.filter(e => e.offsetParent && e.scrollWidth > e.clientWidth + 1
            && getComputedStyle(e).overflowX !== 'visible').map(e => e.outerHTML.slice(0, 200))"""
    )
    assert hidden == []


@pytest.mark.parametrize(("path", "across"), [("/questions/S9", True), ("/figures", False)])
def test_the_answer_to_a_question_is_printed_across(
    visitor: Visitor, path: str, *, across: bool
) -> None:
    paper = visitor.open(path).pdf(format="A4", prefer_css_page_size=True)
    sizes = re.findall(rb"/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)", paper)
    assert {float(width) > float(height) for width, height in sizes} == {across}


@pytest.mark.parametrize("path", WIDTHS)
def test_what_only_a_screen_can_use_is_not_printed(visitor: Visitor, path: str) -> None:
    page = visitor.open(path)
    page.emulate_media(media="print")
    seen = page.locator("nav, form, summary, .actions, .screen")
    assert (
        seen.evaluate_all(
            """all => all.filter(e => e.offsetParent && !e.closest('details[open]'))
            .map(e => e.outerHTML.slice(0, 200))"""
        )
        == []
    ), "these are for the screen"


def test_what_a_colour_says_is_printed(visitor: Visitor) -> None:
    for path, sign in (
        ("/code/nuts/FRE.html", ".tile-map .here a"),
        ("/code/nuts/FRE.html", ".swatch"),
        ("/method/vises.html", ".progress .completed"),
        ("/method/vises.html", ".path .place"),
    ):
        page = visitor.open(path)
        page.emulate_media(media="print")
        kept = page.locator(sign).first.evaluate("e => getComputedStyle(e).printColorAdjust")
        assert kept == "exact", sign
