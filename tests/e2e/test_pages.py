"""A page of each kind, for everybody: WCAG 2.2 AA, keyboard, zoom, weight, privacy."""

from __future__ import annotations

import json
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

HERE = Path(__file__).parent
KINDS = tomllib.loads((HERE / "kinds.toml").read_text("utf-8"))["kind"]
LIGHT = [kind for kind in KINDS if "heavy" not in kind]

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
NARROW = {"width": 320, "height": 640}
"""What 1280 CSS pixels are at 400 % (WCAG 2.2, 1.4.10); 200 % (1.4.4) is wider."""

MOST_BYTES = 100_000
MOST_STOPS = 60
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
BASE = "https://w3id.org/vises"
UNNAMED = re.compile(
    r"^\s*- (?:link|button|textbox|searchbox|combobox|navigation|region|img)(?: \[[^]]*\])*:?$"
)
FOCUSED = """() => {
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  const style = getComputedStyle(e), box = e.getBoundingClientRect();
  return {
    tag: e.outerHTML.slice(0, 120),
    outline: style.outlineStyle,
    width: parseFloat(style.outlineWidth),
    seen: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
  };
}"""
TOO_WIDE = """() => [...document.querySelectorAll('body *')]
  .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
  .filter(e => !e.closest('.scroll, pre, .CodeMirror, .yasr'))
  .slice(0, 3).map(e => e.outerHTML.slice(0, 120))"""
HEADINGS = "es => es.map(e => [Number(e.tagName[1]), e.textContent.trim()])"


class Visitor(Protocol):
    """What the fixture `visitor` of conftest.py is."""

    origin: str
    complaints: list[str]

    def open(self, path: str, **options: object) -> Page: ...


@cache
def address(origin: str, kind: str) -> str:
    """Return where the page of a kind is."""
    (found,) = (k for k in KINDS if k["name"] == kind)
    if "path" in found:
        return str(found["path"])
    wanted = f"SELECT ?thing {{ {found['thing']} }} ORDER BY ?thing LIMIT 1"
    query = f"PREFIX vises: <{BASE}/ontology#> {wanted}"
    answer = httpx.get(f"{origin}/sparql", params={"query": query}).json()
    iri = str(answer["results"]["bindings"][0]["thing"]["value"])
    return iri.removeprefix(BASE)


def expected(kind: str) -> int:
    """Return the status of the page of a kind."""
    return int(next(k.get("status", 200) for k in KINDS if k["name"] == kind))


def of(kinds: list[dict[str, str]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("kind", [kind["name"] for kind in kinds])


@pytest.fixture(autouse=True)
def _expecting(visitor: Visitor, request: pytest.FixtureRequest) -> Iterator[None]:
    """Forgive the browser's complaint about a page that is meant to be an error."""
    kind = request.getfixturevalue("kind") if "kind" in request.fixturenames else "home"
    yield
    status = expected(kind)
    visitor.complaints = [c for c in visitor.complaints if f"status of {status}" not in c]


@pytest.fixture(scope="session")
def axe() -> str:
    file = HERE / "node_modules" / "axe-core" / "axe.min.js"
    if not file.exists():
        pytest.skip("axe-core is not installed: make axe")
    return file.read_text("utf-8")


@of(KINDS)
def test_no_rule_of_wcag_is_broken(visitor: Visitor, axe: str, kind: str) -> None:
    page = visitor.open(address(visitor.origin, kind), viewport=DESKTOP)
    page.evaluate(axe)
    (unchecked,) = (k.get("unchecked", []) for k in KINDS if k["name"] == kind)
    context = json.dumps({"include": [["html"]], "exclude": [[part] for part in unchecked]})
    options = json.dumps({"runOnly": WCAG, "resultTypes": ["violations"]})
    broken = []
    for size in (DESKTOP, PHONE):
        for scheme in ("light", "dark"):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            found = page.evaluate(f"axe.run({context}, {options})")["violations"]
            broken += [
                (size["width"], scheme, v["id"], node["html"][:160], node["failureSummary"][:300])
                for v in found
                for node in v["nodes"][:3]
            ]
    assert broken == []


@of(KINDS)
def test_a_page_has_its_landmarks_and_headings_in_order(visitor: Visitor, kind: str) -> None:
    page = visitor.open(address(visitor.origin, kind))
    for landmark in ("banner", "main", "contentinfo"):
        assert page.get_by_role(landmark).count() == 1, landmark  # type: ignore[arg-type]
    assert page.get_by_role("banner").get_by_role("search").count() == 1
    headings = page.locator("h1, h2, h3, h4, h5, h6").evaluate_all(HEADINGS)
    levels = [level for level, _ in headings]
    assert levels.count(1) == 1
    assert [text for _, text in headings if not text] == []
    jumps = [h for before, h in zip(levels, headings[1:], strict=False) if h[0] > before + 1]
    assert jumps == []
    assert page.title().endswith("VISES") or page.title().startswith("VISES")


@of(KINDS)
def test_everything_has_a_name(visitor: Visitor, kind: str) -> None:
    page = visitor.open(address(visitor.origin, kind), java_script_enabled=True)
    tree = page.locator("body").aria_snapshot().splitlines()
    assert len(tree) > 20
    assert [line for line in tree if UNNAMED.match(line)] == []


@of(KINDS)
def test_the_keyboard_reaches_everything_and_shows_where_it_is(visitor: Visitor, kind: str) -> None:
    page = visitor.open(address(visitor.origin, kind), viewport=DESKTOP, java_script_enabled=False)
    page.keyboard.press("Tab")
    assert "skip" in page.evaluate(FOCUSED)["tag"]
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.goto(page.url.partition("#")[0])
    stops = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if stop is None:
            break
        stops.append(stop)
    assert len(stops) > 12
    assert [s["tag"] for s in stops if s["outline"] == "none" or s["width"] < 2] == []
    assert [s["tag"] for s in stops if not s["seen"]] == []


@of(KINDS)
@pytest.mark.parametrize("size", [NARROW, {"width": 640, "height": 450}], ids=["400%", "200%"])
def test_nothing_scrolls_sideways_when_enlarged(
    visitor: Visitor, kind: str, size: dict[str, int]
) -> None:
    page = visitor.open(address(visitor.origin, kind), viewport=size)
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], page.evaluate(
        TOO_WIDE
    )


@of(LIGHT)
def test_a_page_is_small(visitor: Visitor, kind: str) -> None:
    page = visitor.open("/problems/bad-request")
    fetched: set[str] = set()
    page.on("response", lambda response: fetched.add(response.url) if response.ok else None)
    page.context.clear_cookies()
    page.goto(visitor.origin + address(visitor.origin, kind), wait_until="networkidle")
    with httpx.Client(headers={"Accept": "text/html, */*;q=0.8"}) as client:
        linked = page.locator(
            "link[rel=stylesheet], link[rel=icon], script[src], img"
        ).evaluate_all("es => es.map(e => e.href || e.src)")
        weights = {url: len(client.get(url).content) for url in fetched.union(linked)}
    assert sum(weights.values()) < MOST_BYTES, weights


@of(KINDS)
@pytest.mark.parametrize("query", ["", "lang=nl"], ids=["plain", "switched"])
def test_nothing_is_left_with_a_visitor(visitor: Visitor, kind: str, query: str) -> None:
    path = address(visitor.origin, kind)
    path += ("&" if "?" in path else "?") + query if query else ""
    answer = httpx.get(
        visitor.origin + path, headers={"Accept": "text/html"}, follow_redirects=True
    )
    assert answer.status_code == expected(kind)
    assert "set-cookie" not in answer.headers
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy
    page = visitor.open(path)
    assert page.context.cookies() == []
    assert page.evaluate("window.localStorage.length") == 0


@pytest.mark.parametrize("scripts", [True, False])
def test_the_sections_are_a_menu_on_a_phone(visitor: Visitor, *, scripts: bool) -> None:
    page = visitor.open("/codes", viewport=PHONE, java_script_enabled=scripts)
    sections = page.locator("nav.sections")
    assert not sections.is_visible()
    page.locator(".menu summary").focus()
    page.keyboard.press("Enter")
    assert sections.is_visible()
    sections.get_by_role("link", name="Questions").click()
    assert page.url == f"{visitor.origin}/questions"
    marked = page.locator("nav.sections [aria-current]").all_text_contents()
    assert marked == ["Questions"]


def test_the_search_field_asks_the_search_page(visitor: Visitor) -> None:
    page = visitor.open("/codes", java_script_enabled=False)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("searchbox", name="Enterprise, place, code, word").fill("coopé")
    page.route("**/search?*", lambda route: route.fulfill(body="found", content_type="text/plain"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=coop%C3%A9")
    assert f"{visitor.origin}/search?q=coop%C3%A9" in asked


def test_a_hash_iri_lands_on_its_term(visitor: Visitor) -> None:
    page = visitor.open("/ontology#SseStatusClaim")
    target = page.locator(":target")
    assert target.get_by_role("link", name="SSE status claim").is_visible()
    target.get_by_role("link").first.click()
    assert page.locator("h1").inner_text() == "SSE status claim"
    page.goto(f"{visitor.origin}/shapes#EnterpriseShape-legalName")
    assert page.locator(":target").inner_text() == "legal name"
