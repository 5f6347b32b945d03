"""A visitor asks a question with other values, on a phone and without scripts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Protocol
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from tests.e2e.test_pages import HERE, MOST_BYTES, WCAG

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

PHONE = {"width": 420, "height": 900}
AXE = HERE / "node_modules" / "axe-core" / "axe.min.js"
HEAVIEST = ("E6?frenchArea=FR&belgianArea=BE", "A5?area=FR&area=BE", "S6?area=FR&area=BE")
"""The questions whose pages have most to choose from, or the longest rows."""


class Visitor(Protocol):
    """What the fixture `visitor` of conftest.py is."""

    origin: str

    def open(self, path: str, **options: object) -> Page: ...


def test_a_value_is_changed_on_a_phone(visitor: Visitor) -> None:
    page = visitor.open("/questions/S2", viewport=PHONE, java_script_enabled=False)
    codes = page.locator("table.told tbody td:first-child")
    assert {*codes.all_inner_texts()} == {"FRE"}
    page.get_by_label("area area").select_option("nuts:BE3")
    page.get_by_role("button", name="Ask with these values").click()
    url = urlsplit(page.url)
    assert (url.path, url.fragment) == ("/questions/S2", "answer")
    assert parse_qsl(url.query) == [("area", "nuts:BE3"), ("lang", "en")]
    assert {*codes.all_inner_texts()} == {"BE3"}
    assert page.get_by_label("area area").input_value() == "nuts:BE3"
    page.get_by_role("link", name="Back to the usual values").click()
    assert {*codes.all_inner_texts()} == {"FRE"}
    assert page.url == f"{visitor.origin}/questions/S2?lang=en"


def test_what_only_a_mouse_does_is_not_told_on_a_phone(visitor: Visitor) -> None:
    hint = "With a mouse"
    assert visitor.open("/questions/S1").get_by_text(hint).is_visible()
    phone = visitor.open("/questions/S1", viewport=PHONE, is_mobile=True, has_touch=True)
    assert phone.get_by_text("Several can be chosen.").is_visible()
    assert not phone.get_by_text(hint).is_visible()


def test_long_texts_do_not_make_rows_tall_on_a_phone(visitor: Visitor) -> None:
    page = visitor.open("/questions/S1", viewport=PHONE)
    heights = page.locator("table.told tbody tr").evaluate_all(
        "rows => rows.map(row => row.getBoundingClientRect().height)"
    )
    assert 0 < max(heights) < 220


@pytest.mark.parametrize(
    "name", ["S9?area=FRE&area=BE3", "I6?nutsLevel=1", "E9", "E7?before=000016"]
)
def test_a_form_is_for_everybody(visitor: Visitor, name: str) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not installed: make axe")
    page = visitor.open(f"/questions/{name}", viewport=PHONE)
    page.evaluate(AXE.read_text("utf-8"))
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        violations = page.evaluate(f"axe.run({json.dumps({'runOnly': WCAG})})")["violations"]
        assert [(v["id"], v["nodes"][0]["html"]) for v in violations] == []
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


@pytest.mark.parametrize("name", HEAVIEST)
def test_a_page_with_much_to_choose_from_is_small(visitor: Visitor, name: str) -> None:
    page = visitor.open(f"/questions/{name}&lang=fr")
    linked = "link[rel=stylesheet], link[rel=icon], script[src], img"
    addresses = page.locator(linked).evaluate_all("es => es.map(e => e.href || e.src)")
    with httpx.Client(headers={"Accept": "text/html, */*;q=0.8"}, timeout=60) as client:
        weights = {url: len(client.get(url).content) for url in {page.url, *addresses}}
    assert sum(weights.values()) < MOST_BYTES, weights
