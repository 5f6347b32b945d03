"""A first visit from end to end, by what can be seen alone: on a phone and at a desk.

Somebody finds an enterprise, understands why it counts as social economy, compares its region with
the one across the border, follows a figure to its source, takes the data along, cites them, and
opens the query behind a page. Links, buttons and fields are found by their names; no address is
typed after the first.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

from tests.background import wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}
NAME = "LES JARDINS DE SAINT AUBRIN LES ETANGS"
PICTURES = os.environ.get("VISES_TEST_PICTURES")
"""A folder that gets a picture of each step, for whoever wants to look."""


class Visitor(Protocol):
    """What the fixture `visitor` of conftest.py is."""

    origin: str

    def open(self, path: str, **options: object) -> Page: ...


class Walk:
    """A page, and the steps that were made on it."""

    def __init__(self, page: Page, name: str) -> None:
        self.page = page
        self._name = name
        self._steps = 0

    def see(self, text: str | re.Pattern[str]) -> Locator:
        """Wait until a text can be seen, and bring it into view."""
        found = self.page.get_by_text(text).locator("visible=true").first
        found.evaluate("element => element.scrollIntoView({ block: 'center' })")
        self._steps += 1
        width = self.page.evaluate("document.documentElement.scrollWidth")
        assert width == self.page.viewport_size["width"], "the page is wider than the screen"
        if PICTURES:
            self.page.screenshot(path=Path(PICTURES) / f"{self._name}-{self._steps}.png")
        return found

    def follow(self, name: str | re.Pattern[str], within: str = "main") -> None:
        """Click on the first link of this name that can be seen."""
        links = self.page.locator(within).get_by_role("link", name=name, exact=True)
        links.locator("visible=true").first.click()


@pytest.fixture(params=["phone", "desk"])
def walk(request: pytest.FixtureRequest, visitor: Visitor) -> Walk:
    wait_for(visitor.origin, "/search/suggest?q=a")
    size = PHONE if request.param == "phone" else DESK
    options = {"viewport": size, "has_touch": request.param == "phone", "accept_downloads": True}
    return Walk(visitor.open("/", **options), request.param)


def test_a_first_visit(walk: Walk) -> None:
    walk.see("social economy")
    find_an_enterprise(walk)
    understand_why_it_counts(walk)
    compare_its_region(walk)
    follow_a_figure(walk)
    take_the_data_along(walk)
    cite_them(walk)
    open_the_query(walk)


def find_an_enterprise(walk: Walk) -> None:
    field = walk.page.locator("main").get_by_role("combobox", name="Find an enterprise")
    field.fill("jardins saint aubrin")
    field.press("Enter")
    walk.page.wait_for_url("**/search?*")
    walk.see(NAME)
    walk.follow(NAME)
    walk.page.wait_for_url("**/enterprise/**")


def understand_why_it_counts(walk: Walk) -> None:
    walk.see("Does it count as social and solidarity economy?")
    walk.see("Yes, under each of the 2 rules that a source applied to it.")
    walk.see("Legal category (France)")
    walk.see("SSE units of the Sirene register (fictitious data)")


def compare_its_region(walk: Walk) -> None:
    walk.follow("Hauts-de-France")
    walk.see("across the border")
    choice = walk.page.get_by_label("Compare with another region")
    choice.select_option(label="Walloon Region (BE3)")
    walk.page.get_by_role("button", name="Compare").click()
    walk.see("Counted by different rules")
    walk.see("14.6%")


def follow_a_figure(walk: Walk) -> None:
    walk.follow("14.6%")
    walk.see("Source and evidence")
    walk.follow(re.compile("^État des lieux de l.économie sociale 2023$"))
    walk.page.wait_for_url("**/publication/**")
    walk.see("14.6%")
    walk.page.go_back()
    walk.page.go_back()


def take_the_data_along(walk: Walk) -> None:
    walk.see("These figures to take along:")
    with walk.page.expect_download() as begun:
        walk.follow("CSV")
    text = begun.value.path().read_text("utf-8")
    assert "208100" in text
    assert "FRE" in text


def cite_them(walk: Walk) -> None:
    cited = walk.see(re.compile("VISES, “Hauts-de-France”, linked open data, release"))
    assert re.search(r"http://\S+release=\d+", cited.inner_text())
    with walk.page.expect_download() as begun:
        walk.follow("BibTeX")
    assert "Hauts-de-France" in begun.value.path().read_text("utf-8")


def open_the_query(walk: Walk) -> None:
    walk.follow("as a query to change")
    walk.page.wait_for_url("**/sparql?**")
    walk.page.get_by_role("button", name="Run the query").locator("visible=true").first.click()
    walk.see("208100")
    walk.page.get_by_text("Link and code for this query").first.click()
    walk.see("Python")
