"""Searching as a visitor does: by keyboard with suggestions, and without any script."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

import pytest

from tests.background import wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Page


class Visitor(Protocol):
    """What the fixture gives, as far as it is used here."""

    origin: str

    def open(self, path: str, **options: object) -> Page: ...


pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module", autouse=True)
def ready(demonstration: str) -> None:
    """Wait until the index is there."""
    wait_for(demonstration, "/search/suggest?q=a")


def field(page: Page) -> str:
    """Wait until the field has its list; return how it is found."""
    page.wait_for_selector("header input[role=combobox]")
    return "header input[name=q]"


def test_a_half_written_name_is_completed_by_keyboard(visitor: Visitor) -> None:
    page = visitor.open("/")
    where = field(page)
    page.focus(where)
    page.keyboard.type("benev")
    page.wait_for_selector("header [role=option]")
    assert page.get_attribute(where, "aria-expanded") == "true"
    page.keyboard.press("ArrowDown")
    chosen = page.get_attribute(where, "aria-activedescendant")
    assert page.get_attribute(f"#{chosen}", "aria-selected") == "true"
    page.keyboard.press("Escape")
    assert page.get_attribute(where, "aria-expanded") == "false"
    assert page.input_value(where) == "benev"
    page.keyboard.press("ArrowDown")
    page.wait_for_selector("header [role=option]")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/(indicator|code)/"))


def test_enter_searches_where_nothing_was_chosen(visitor: Visitor) -> None:
    page = visitor.open("/", locale="fr-BE")
    where = field(page)
    page.focus(where)
    page.keyboard.type("heures de benevolat")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=heures*")
    assert page.locator(".results h3").first.inner_text() == "Heures de bénévolat"


def test_results_are_limited_and_left_through_links_without_scripts(visitor: Visitor) -> None:
    page = visitor.open("/search?q=lille", java_script_enabled=False, viewport=PHONE)
    total = page.locator(".found").inner_text()
    page.click(".facets section:has(#by-family) a >> nth=0")
    assert page.locator(".limits li").count() == 1
    assert page.locator(".found").inner_text() != total
    page.click("a[rel=next]")
    assert "page=2" in page.url
    page.click(".limits a")
    assert page.locator(".found").inner_text() == total
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
