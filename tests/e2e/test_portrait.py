"""The pages of an enterprise, an indicator, a dataset and a source, with Chromium."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

PORTRAIT = "/enterprise/fr-000003574.html"
PHONE = {"width": 390, "height": 844}
PAGES = (
    PORTRAIT,
    "/indicator/positive-exits.html",
    "/indicators",
    "/graph/demo-outcomes.html",
    "/datasets",
    "/publication/oes-2023.html",
    "/report",
)


BROKEN_WORDS = """all => all.flatMap(e => {
    const text = e.firstChild;
    return [...text.data.matchAll(/[\\p{L}\\u2019-]+/gu)].filter(word => {
        const range = document.createRange();
        range.setStart(text, word.index);
        range.setEnd(text, word.index + word[0].length);
        const lines = [...range.getClientRects()];
        return lines.at(-1).top >= lines[0].bottom;
    }).map(word => word[0]);
})"""
COMMAS_THAT_BEGIN_LINES = """all => all.flatMap(e => [...e.childNodes].filter(n => {
    const before = n.previousElementSibling;
    if (n.nodeType !== Node.TEXT_NODE || !n.data.startsWith(',') || !before) return false;
    const range = document.createRange();
    range.setStart(n, 0);
    range.setEnd(n, 1);
    return range.getBoundingClientRect().top >= [...before.getClientRects()].at(-1).bottom;
}).map(n => n.previousElementSibling.textContent))"""


class Visitor(Protocol):
    """What the fixture `visitor` of conftest.py is."""

    def open(self, path: str, **options: object) -> Page: ...


@pytest.mark.parametrize("language", ["en", "fr", "nl"])
def test_a_portrait_is_two_pages_of_paper(visitor: Visitor, language: str) -> None:
    page = visitor.open(f"{PORTRAIT}?lang={language}")
    paper = page.pdf(format="A4", prefer_css_page_size=True)
    (pages,) = re.findall(rb"/Type\s*/Pages\s[^>]*?/Count (\d+)", paper)
    assert int(pages) <= 2
    page.emulate_media(media="print")
    hidden = page.locator("nav, form, .help, .skip").evaluate_all(
        "all => all.filter(e => e.offsetParent !== null).map(e => e.outerHTML)"
    )
    assert hidden == []
    assert page.locator("h1").is_visible()
    assert page.locator(".citation").is_visible()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_a_phone(visitor: Visitor, path: str) -> None:
    page = visitor.open(path, viewport=PHONE, color_scheme="dark")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


@pytest.mark.parametrize("width", [320, 360])
@pytest.mark.parametrize("language", ["fr", "nl"])
def test_the_long_words_of_the_home_page_fit_a_small_phone(
    visitor: Visitor, language: str, width: int
) -> None:
    page = visitor.open(f"/?lang={language}", viewport={"width": width, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth") == width
    broken = page.locator(".counts .what").evaluate_all(BROKEN_WORDS)
    assert broken == []


@pytest.mark.parametrize("language", ["fr", "nl"])
@pytest.mark.parametrize(
    ("path", "tables"),
    [
        ("/method/vises.html", 1),
        (PORTRAIT, 2),
        ("/indicators", 9),
        ("/figures", 15),
        ("/releases", 1),
        ("/datasets", 1),
    ],
)
def test_tables_are_read_down_a_phone(
    visitor: Visitor, path: str, tables: int, language: str
) -> None:
    page = visitor.open(f"{path}?lang={language}", viewport={"width": 360, "height": 740})
    stacked = page.locator(".stacked").all()
    assert len(stacked) == tables
    for table in stacked:
        assert table.evaluate("box => box.scrollWidth <= box.clientWidth")
        names = table.locator("tbody tr:first-child td").evaluate_all(
            "all => all.map(e => getComputedStyle(e, '::before').content)"
        )
        headings = table.locator("thead th").all_text_contents()[1:]
        said = [re.sub(r"\W+$", "", name.strip('"')) for name in names]
        empty = "none"
        assert said != [empty] * len(said)
        assert all(n in {empty, heading} for n, heading in zip(said, headings, strict=True))


def test_no_comma_begins_a_line(visitor: Visitor) -> None:
    page = visitor.open("/api", viewport={"width": 360, "height": 740})
    assert page.locator("main td, main dd").evaluate_all(COMMAS_THAT_BEGIN_LINES) == []


def test_the_numbers_of_a_region_are_seen_on_a_phone(visitor: Visitor) -> None:
    page = visitor.open(PORTRAIT, viewport=PHONE)
    right = page.locator(".figures-of td.numeric").first.evaluate(
        "cell => cell.getBoundingClientRect().right"
    )
    assert right <= PHONE["width"]


def test_what_scrolls_sideways_shows_that_it_does(visitor: Visitor) -> None:
    page = visitor.open("/codes", viewport=PHONE)
    table = page.locator(".scroll").first
    assert table.evaluate("box => box.scrollWidth > box.clientWidth")
    assert "linear-gradient" in table.evaluate("box => getComputedStyle(box).backgroundImage")


@pytest.mark.parametrize("path", PAGES)
def test_headings_are_in_order_and_links_have_names(visitor: Visitor, path: str) -> None:
    page = visitor.open(path)
    levels = page.locator("h1, h2, h3, h4").evaluate_all("all => all.map(e => +e.tagName[1])")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    nameless = page.locator("a, button, summary, input").evaluate_all(
        """all => all.filter(e => e.type !== 'hidden' && !(e.textContent.trim()
            || e.getAttribute('aria-label') || (e.labels && e.labels.length)))
            .map(e => e.outerHTML)"""
    )
    assert nameless == []


def test_a_reader_follows_a_figure_to_its_source(visitor: Visitor) -> None:
    page = visitor.open(PORTRAIT)
    page.locator("section[aria-labelledby=claims] a[href*='/code/perimeter/']").first.click()
    assert "Legal category" in page.locator("h1").inner_text()
    page.go_back()
    page.locator("sup.source a").first.click()
    assert page.evaluate("location.hash") == "#source-1"
    page.locator("#source-1 a").click()
    assert page.locator(".kind").inner_text() == "Dataset"
    assert page.get_by_role("heading", name="How it came to be").is_visible()


def test_indicators_are_searched_without_a_script(visitor: Visitor) -> None:
    page = visitor.open("/indicators", java_script_enabled=False)
    page.fill("#words", "emploi")
    page.locator(".narrow button").click()
    assert page.locator("tbody tr").count() > 0
    assert page.get_by_role("status").is_visible()


def test_the_description_for_search_engines_is_data(visitor: Visitor) -> None:
    page = visitor.open("/graph/demo-outcomes.html")
    text = page.locator("script[type='application/ld+json']").text_content()
    assert text is not None
    assert json.loads(text)["@type"] == "Dataset"


def test_a_citation_is_downloaded(visitor: Visitor) -> None:
    page = visitor.open(PORTRAIT)
    with page.expect_download() as download:
        page.get_by_role("link", name="BibTeX").click()
    assert download.value.suggested_filename.endswith(".bib")
