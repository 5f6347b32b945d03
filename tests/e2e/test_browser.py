"""A visitor with Chromium."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import httpx
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

LINK_START = {"x": 5, "y": 5}
"""Where a long link is clicked: the table shows the beginning of it."""
PHONE = {"width": 390, "height": 844}
WITH_RESULTS = """
PREFIX vises: <https://w3id.org/vises/ontology#>
SELECT ?enterprise (COUNT(*) AS ?results)
WHERE { ?result a vises:IndicatorResult ; vises:about ?enterprise }
GROUP BY ?enterprise ORDER BY DESC(?results) ?enterprise LIMIT 1
"""


class Visitor(Protocol):
    """What the fixture `visitor` of conftest.py is."""

    origin: str
    complaints: list[str]

    def open(self, path: str, **options: object) -> Page: ...


def width(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth"))


@pytest.mark.parametrize(
    ("locale", "title"),
    [
        ("en-GB", "The social impact of the social economy, as open data"),
        ("fr-BE", "L\u2019impact social de l\u2019économie sociale, en données ouvertes"),
        ("nl-BE", "De maatschappelijke impact van de sociale economie, als open data"),
    ],
)
def test_home_in_three_languages(visitor: Visitor, locale: str, title: str) -> None:
    page = visitor.open("/", locale=locale)
    assert page.locator("h1").inner_text() == title
    assert page.locator("html").get_attribute("lang") == locale[:2]
    assert page.locator(".banner").is_visible()
    assert page.locator(".counts li").count() > 5
    page.keyboard.press("Tab")
    assert page.locator(".skip").evaluate("e => e === document.activeElement")


def test_the_language_switch(visitor: Visitor) -> None:
    page = visitor.open("/")
    page.click("nav.languages a[hreflang=fr]")
    assert page.locator("html").get_attribute("lang") == "fr"
    page.click("nav.sections a:has-text('Questions')")
    assert "Ce que demandent les observatoires" in page.locator(".lead").inner_text()
    assert page.context.cookies() == []


def test_an_enterprise_on_a_phone(visitor: Visitor, demonstration: str) -> None:
    found = httpx.get(f"{demonstration}/sparql", params={"query": WITH_RESULTS}).json()
    iri = found["results"]["bindings"][0]["enterprise"]["value"]
    page = visitor.open(iri.removeprefix("https://w3id.org/vises"), viewport=PHONE)
    assert width(page) == PHONE["width"]
    assert page.locator(".banner").is_visible()
    assert "Fictitious" in page.locator(".banner").inner_text()
    assert page.get_by_role("heading", name="In numbers", exact=True).is_visible()
    assert page.locator(".stack li").first.is_visible()
    page.locator("dd a[href^='/code/legal-form']").first.click()
    assert page.locator(".kind").inner_text() == "Legal form"


def test_the_method_in_its_order(visitor: Visitor) -> None:
    page = visitor.open("/method/vises/1")
    stages = page.locator("a[href^='/method/vises/1/stage-']").evaluate_all(
        "links => links.map(a => a.getAttribute('href')).filter(h => !h.includes('step'))"
    )
    assert stages == [f"/method/vises/1/stage-{n}.html" for n in (1, 2, 3)]


def test_the_editor_runs_an_example(visitor: Visitor) -> None:
    page = visitor.open("/sparql")
    page.click(".topic:has(a[href='/sparql?question=S1']) summary")
    page.click("a[href='/sparql?question=S1']")
    editor = page.locator(".yasqe .CodeMirror")
    editor.wait_for()
    assert not page.locator("textarea#query").is_visible()
    page.click("#run")
    page.wait_for_selector("#results tbody tr")
    assert page.locator("#results tbody tr").count() > 3
    page.locator("#results tbody a[href*='/publication/']").first.click(position=LINK_START)
    page.wait_for_url(f"{visitor.origin}/publication/*")
    assert page.locator("h1").inner_text()


def test_the_editor_runs_what_is_typed_by_keyboard(visitor: Visitor) -> None:
    page = visitor.open("/sparql?question=M1")
    page.locator(".yasqe .CodeMirror").click()
    page.keyboard.press("Control+a")
    page.keyboard.type("ASK WHERE { ?s ?p ?o ")  # the editor closes the brace itself or we do
    if "}" not in page.evaluate("document.querySelector('.CodeMirror').CodeMirror.getValue()"):
        page.keyboard.type("}")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".answer")
    assert page.locator(".answer").inner_text() == "yes"


def test_a_mistake_is_explained(visitor: Visitor) -> None:
    page = visitor.open("/sparql?query=SELECT+*+%7B+%3Fs+%3Fp")
    assert "Line 1, column" in page.locator(".problem").inner_text()
    visitor.complaints = [c for c in visitor.complaints if "status of 400" not in c]


def test_everything_can_be_read_and_asked_without_scripts(visitor: Visitor) -> None:
    page = visitor.open("/sparql?question=S1", java_script_enabled=False)
    assert page.locator("textarea#query").is_visible()
    page.click("#run")
    assert page.locator("#results tbody tr").count() > 3
    home = visitor.open("/", java_script_enabled=False, viewport=PHONE)
    assert width(home) == PHONE["width"]
    home.click(".questions a >> nth=0")
    assert home.locator("main table tbody tr").count() > 0
    home.click("main a[href*='/sparql?question=']")
    assert home.locator("textarea#query").is_visible()


@pytest.fixture(scope="session")
def earlier(demonstration: str) -> str:
    """Return the id of the release before the current one."""
    current = httpx.get(demonstration).headers["x-release"]
    return f"{int(current) - 1:06d}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_earlier_release_says_so_on_a_phone(visitor: Visitor, earlier: str, scheme: str) -> None:
    page = visitor.open(f"/figures?release={earlier}", viewport=PHONE, color_scheme=scheme)
    note = page.locator(".past")
    assert note.is_visible()
    assert f"You are reading release {earlier}" in note.inner_text()
    assert width(page) == PHONE["width"]
    for selector in (".past", ".past a"):
        assert page.locator(selector).evaluate(CONTRAST) >= 4.5
    page.click("footer a:has-text('Code lists')")
    assert page.url.startswith(f"{visitor.origin}/codes")
    assert f"release={earlier}" in page.url
    page.click(".past a")
    assert page.url.startswith(f"{visitor.origin}/codes")
    assert "release" not in page.url
    assert page.locator(".past").count() == 0


@pytest.mark.parametrize("scripts", [True, False])
def test_the_editor_asks_the_earlier_release(
    visitor: Visitor, earlier: str, *, scripts: bool
) -> None:
    page = visitor.open(f"/sparql?question=S1&release={earlier}", java_script_enabled=scripts)
    page.click("#run")
    page.wait_for_selector("#results tbody tr")
    page.wait_for_url(f"**/sparql?*release={earlier}*")
    assert page.locator(".past").is_visible()
    page.locator("#results tbody a[href*='/publication/']").first.click(position=LINK_START)
    page.wait_for_url(f"{visitor.origin}/publication/*?release={earlier}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(visitor: Visitor, scheme: str) -> None:
    page = visitor.open("/", color_scheme=scheme)
    for selector in ("h1", ".lead", ".note", "main a", ".banner", ".chip", "footer p", ".button"):
        ratio = page.locator(selector).first.evaluate(CONTRAST)
        assert ratio >= 4.5, f"{selector}: {ratio:.1f}"


CONTRAST = """
element => {
  const parse = (c) => c.match(/[\\d.]+/g).map(Number);
  let ground = element;
  while (ground.parentElement && parse(getComputedStyle(ground).backgroundColor)[3] === 0) {
    ground = ground.parentElement;
  }
  const light = ([r, g, b]) => {
    const linear = [r, g, b].map((v) => v / 255)
      .map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const pair = [getComputedStyle(element).color, getComputedStyle(ground).backgroundColor];
  const [a, b] = pair.map(parse).map(light).sort((x, y) => y - x);
  return (a + 0.05) / (b + 0.05);
}
"""
