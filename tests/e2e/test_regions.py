"""Regions and the method as a visitor meets them: on a phone, by keyboard, on paper."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
A4 = {"format": "A4", "print_background": True}
MARGIN = dict.fromkeys(("top", "bottom", "left", "right"), "12mm")


BROKEN_WORDS = """names => names.flatMap(name => {
  const text = name.firstChild, range = document.createRange();
  return [...text.data.matchAll(/[^\\s-]+-?/g)].filter(word => {
    range.setStart(text, word.index);
    range.setEnd(text, word.index + word[0].length);
    return new Set([...range.getClientRects()].map(box => box.top)).size > 1;
  }).map(word => word[0]);
})"""
LONG = 11
"""The letters of a word that is hyphenated on a phone, where the browser knows how."""


class Visitor(Protocol):
    """What the fixture `visitor` of conftest.py is."""

    origin: str

    def open(self, path: str, **options: object) -> Page: ...


@pytest.mark.parametrize("code", ["FRE", "BE3"])
def test_a_region_is_two_sheets_of_paper(visitor: Visitor, code: str) -> None:
    pdf = visitor.open(f"/code/nuts/{code}.html").pdf(margin=MARGIN, **A4)  # type: ignore[arg-type]
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 2


@pytest.mark.parametrize(
    "path", ["/", "/regions", "/code/nuts/BE3.html?with=BE1", "/method/vises.html", "/figures"]
)
@pytest.mark.parametrize(
    "viewport", [PHONE, {"width": 640, "height": 512}], ids=["phone", "zoomed"]
)
def test_no_page_is_wider_than_the_window(
    visitor: Visitor, path: str, viewport: dict[str, int]
) -> None:
    page = visitor.open(path, viewport=viewport)
    assert page.evaluate("document.documentElement.scrollWidth") == viewport["width"]


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("language", ["fr", "nl", "en"])
def test_the_words_of_names_stay_whole_on_the_map(
    visitor: Visitor, width: int, language: str
) -> None:
    page = visitor.open(f"/?lang={language}", viewport={"width": width, "height": 800})
    broken = page.locator(".tile-name bdi").evaluate_all(BROKEN_WORDS)
    assert [word for word in broken if len(word) < LONG] == []
    foreign = page.locator(".tile-name bdi[lang]").evaluate_all("es => es.map(e => e.lang)")
    assert language not in foreign


def test_across_the_border_by_keyboard_and_without_script(visitor: Visitor) -> None:
    page = visitor.open("/code/nuts/FRE.html", java_script_enabled=False)
    page.locator("a[href='?with=BE3#compare']").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/code/nuts/FRE.html?with=BE3#compare")
    assert page.locator("#compare h2").inner_text().startswith("Hauts-de-France")
    page.locator("#with").select_option("BE2")
    page.locator(".pick button").press("Enter")
    page.wait_for_url("**with=BE2**")


def test_a_tile_leads_to_its_region(visitor: Visitor) -> None:
    page = visitor.open("/regions")
    tile = page.get_by_role("link", name="BE32 Province of Hainaut")
    tile.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/code/nuts/BE32*")
    assert page.locator(".tile-map .here").count() == 1
    assert page.locator(".tile-map .across").count() == 3


def test_pictures_have_names_and_colours_of_the_page(visitor: Visitor) -> None:
    page = visitor.open("/code/nuts/BE3.html", color_scheme="dark")
    picture = page.locator("svg.picture").first
    assert picture.get_attribute("role") == "img"
    colour = "e => getComputedStyle(e).stroke"
    dark = picture.locator(".line.nofill").first.evaluate(colour)
    light = visitor.open("/code/nuts/BE3.html", color_scheme="light")
    assert light.locator(".line.nofill").first.evaluate(colour) != dark


def test_the_path_of_the_method(visitor: Visitor) -> None:
    page = visitor.open("/method/vises.html")
    stages = page.locator("ol.path").first.locator("> li")
    assert stages.count() == 3
    boxes = [stages.nth(n).bounding_box() for n in range(3)]
    assert [b["x"] for b in boxes if b] == sorted(b["x"] for b in boxes if b)
    stages.nth(1).locator("h3 a").click()
    page.wait_for_url("**/method/vises/1/stage-2*")
    assert page.locator("[aria-current=step]").inner_text() == "Data collection"
