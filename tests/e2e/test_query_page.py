"""A researcher on the query page with Chromium: rows, views, links, mistakes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 740}
FIGURES = """PREFIX vises: <https://w3id.org/vises/ontology#>
SELECT ?code ?year ?jobs ?said {
  VALUES (?code ?year ?jobs) { ("FRE" 2014 10) ("FRE" 2021 20) ("BE3" 2021 5.5) ("FR30" 2014 7) }
  BIND("{{jobs}}" AS ?said)
}"""
SHAPES = """PREFIX geo: <http://www.opengis.net/ont/geosparql#>
SELECT * { VALUES (?name ?shape) {
  ("Mons" "POINT(3.95 50.45)"^^geo:wktLiteral) ("no" "POINT"^^geo:wktLiteral)
  ("Lille" '{"type": "Point", "coordinates": [3.06, 50.63]}'^^geo:geoJSONLiteral) } }"""
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f }"
REQUESTED = "performance.getEntriesByType('resource').map(entry => entry.name)"
HUGE = "SELECT * { ?a ?p ?b . ?c ?q ?d }"


class Visitor(Protocol):
    """What the fixture `visitor` of conftest.py is."""

    origin: str
    complaints: list[str]

    def open(self, path: str, **options: object) -> Page: ...


def write(page: Page, query: str) -> None:
    script = "q => document.querySelector('.CodeMirror').CodeMirror.setValue(q)"
    page.evaluate(script, query)


def ask(page: Page, query: str) -> None:
    write(page, query)
    page.locator(".yasqe .CodeMirror").click()
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#share")


def view(page: Page, name: str) -> None:
    page.click(f".yasr .select_{name}")
    page.wait_for_selector(f".yasr .select_{name}[aria-pressed=true]")


def lines(page: Page, table: str) -> list[list[str]]:
    script = "rows => rows.map(row => [...row.cells].map(cell => cell.innerText.trim()))"
    found: list[list[str]] = page.locator(f"{table} tr").evaluate_all(script)
    return found


def test_triple_terms_are_shown_as_text(visitor: Visitor) -> None:
    """Nothing was shown of an answer that had one."""
    page = visitor.open("/sparql")
    ask(page, 'SELECT (1 AS ?n) (<<( <x:a> <x:b> <<( <x:c> <x:d> "é"@fr )>> )>> AS ?told) {}')
    page.wait_for_selector(".yasr tbody td")
    assert lines(page, ".yasr tbody") == [["1", '<<( <x:a> <x:b> <<( <x:c> <x:d> "é"@fr )>> )>>']]


def test_rows_are_sorted_and_filtered_beside_the_editor(visitor: Visitor) -> None:
    page = visitor.open("/sparql")
    ask(page, FIGURES)
    page.wait_for_function("document.getElementById('state').textContent.startsWith('Rows: 4.')")
    assert page.locator(".yasqe .CodeMirror").is_visible()
    assert page.evaluate("document.querySelector('.CodeMirror').CodeMirror.getValue()") == FIGURES
    rows = lines(page, ".yasr tbody")
    assert [row[0] for row in rows] == ["FRE", "FRE", "BE3", "FR30"]
    assert {row[3] for row in rows} == {"{{jobs}}"}
    page.locator(".yasr thead th", has_text="jobs").click()
    page.wait_for_selector(".yasr thead th[aria-sort=ascending]")
    assert [row[2] for row in lines(page, ".yasr tbody")] == ["5.5", "7", "10", "20"]
    page.get_by_label("Filter the rows").press_sequentially("FR30")
    page.wait_for_function(
        "document.querySelector('.dt-info').textContent.includes('filtered from 4')"
    )
    assert len(lines(page, ".yasr tbody")) == 1
    assert parse_qs(urlsplit(page.url).query)["query"] == [FIGURES]


def test_a_pivot_a_chart_and_a_map(visitor: Visitor) -> None:
    page = visitor.open("/sparql")
    ask(page, FIGURES)
    view(page, "pivot")
    page.get_by_label("Columns").select_option("year")
    page.get_by_label("Values").select_option("jobs")
    assert lines(page, ".pivot")[1:] == [
        ["BE3", "", "5.5", "5.5"],
        ["FR30", "7", "", "7"],
        ["FRE", "10", "20", "30"],
        ["All rows", "17", "25.5", "42.5"],
    ]
    assert "several rows: 2" in page.locator(".pivot").inner_text()
    view(page, "chart")
    label = page.locator(".chart canvas").get_attribute("aria-label") or ""
    assert "sum ?year" in label
    page.get_by_label("Values").select_option("jobs")
    label = page.locator(".chart canvas").get_attribute("aria-label") or ""
    assert "BE3: 5.5; FR30: 7; FRE: 30" in label
    with page.expect_download() as download:
        page.locator(".yasr_downloadIcon").click()
    assert download.value.path().read_bytes().startswith(b"\x89PNG")
    view(page, "map")
    page.get_by_label("Values").select_option("jobs")
    names = page.locator(".tile:not(.shade-none)").evaluate_all(
        "tiles => tiles.map(tile => tile.getAttribute('aria-label')).sort()"
    )
    assert names == ["BE3: 5.5", "FRE: 30"]
    assert "this level: 1" in page.locator(".map").inner_text()
    page.get_by_label("Level").select_option("2")
    assert page.locator(".tile[aria-label='FR30: 7']").count() == 1
    view(page, "response")
    assert page.locator(".yasr_results .CodeMirror").is_visible()


def test_hostile_values_stay_text_in_every_view(visitor: Visitor) -> None:
    hostile = "<img src='/pwned' onerror='pwned()'>&lt;b&gt; A & B"
    page = visitor.open("/sparql")
    ask(page, f'SELECT ?x ?code {{ VALUES (?x ?code) {{ ("{hostile}" "FRE") ("C" "BE3") }} }}')
    assert lines(page, ".yasr tbody")[0][0] == hostile
    page.get_by_label("Filter the rows").press_sequentially("> A & B")
    assert len(lines(page, ".yasr tbody")) == 1
    view(page, "pivot")
    assert hostile in page.locator(".pivot").inner_text()
    for name in ("chart", "map", "response"):
        view(page, name)
    assert page.locator("#results img").count() == 0
    assert [url for url in page.evaluate(REQUESTED) if url.endswith("/pwned")] == []


def test_a_graph_comes_as_rows_and_as_turtle(visitor: Visitor) -> None:
    page = visitor.open("/sparql")
    ask(page, "CONSTRUCT { ?s a ?c } WHERE { SELECT * { ?s a ?c } LIMIT 3 }")
    assert len(lines(page, ".yasr tbody")) == 3
    forms = page.locator("#results > p a").all_inner_texts()
    assert forms[0] == "Turtle"
    assert page.locator(".snippet summary").all_text_contents() == ["Python, rdflib", "R", "curl"]


def test_shapes_are_drawn_without_a_map_server(visitor: Visitor) -> None:
    page = visitor.open(f"/sparql?query={quote(SHAPES)}")
    page.click("[data-view=map]")
    page.wait_for_selector(".ground .leaflet-overlay-pane canvas")
    assert "2 of 3 shapes" in page.locator(".map").inner_text()
    assert page.locator(".ground img").count() == 0


def test_a_link_and_code_stay_with_the_release(visitor: Visitor, demonstration: str) -> None:
    release = httpx.get(demonstration).headers["x-release"]
    page = visitor.open("/sparql", permissions=["clipboard-read", "clipboard-write"])
    ask(page, FIGURES)
    page.click("#share > summary")
    page.locator("#share .copy").first.click()
    link = page.evaluate("navigator.clipboard.readText()")
    query = parse_qs(urlsplit(link).query)
    assert query == {"release": [release], "query": [FIGURES]}
    page.click(".snippet summary:text-is('R')")
    page.locator(".snippet[open] .copy").click()
    pasted = page.evaluate("navigator.clipboard.readText()")
    assert f"release={release}" in pasted
    assert FIGURES in pasted
    opened = visitor.open(link.removeprefix(visitor.origin), java_script_enabled=False)
    assert [row[0] for row in lines(opened, "#results tbody")] == ["FRE", "FRE", "BE3", "FR30"]
    assert opened.locator("#link").get_attribute("value") == link
    assert opened.locator(".snippet").count() == page.locator(".snippet").count()


def test_what_was_drawn_is_not_asked_again(visitor: Visitor) -> None:
    page = visitor.open(f"/sparql?query={quote(FIGURES)}")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    assert page.locator("#results tbody tr").count() == 4
    page.wait_for_function("!document.getElementById('views').hidden")
    assert [url for url in asked if "/sparql" in url] == []
    page.click("[data-view=pivot]")
    page.wait_for_selector(".pivot table")


def test_a_mistake_is_shown_where_it_is_in_french(visitor: Visitor) -> None:
    page = visitor.open("/sparql", locale="fr-BE")
    write(page, "SELECT * {\n  # \U0001f600\n  FILTER(?o > 3\n}")
    page.click("#run")
    box = page.locator(".problem")
    box.wait_for()
    assert "Ce } vient avant que le ( de la ligne 3, colonne 9 soit fermé." in box.inner_text()
    assert box.locator("h2").inner_text() == "La requête ne peut pas être lue"
    assert box.locator("pre").inner_text() == "}\n^"
    assert "Ligne 4, colonne 1" in box.inner_text()
    cursor = "document.querySelector('.CodeMirror').CodeMirror.getCursor()"
    assert page.evaluate(f"[{cursor}.line, {cursor}.ch]") == [3, 0]
    visitor.complaints = [c for c in visitor.complaints if "status of 400" not in c]


def test_an_endless_query_is_stopped(visitor: Visitor) -> None:
    page = visitor.open("/sparql")
    write(page, ENDLESS)
    page.click("#run")
    page.click("#stop")
    page.wait_for_function("document.getElementById('state').textContent === 'Stopped.'")
    assert page.locator("#stop").is_hidden()
    ask(page, "ASK {}")
    assert page.locator(".answer").inner_text() == "yes"


def test_an_answer_too_large_for_the_page_says_so(visitor: Visitor) -> None:
    page = visitor.open("/sparql")
    write(page, HUGE)
    page.click("#run")
    page.get_by_text("larger than 20 MB").wait_for()
    page.click("text=Show the first rows")
    page.get_by_text("The first 1,000 rows are shown; there are more.").wait_for()


def test_own_queries_are_kept_here_until_they_are_forgotten(visitor: Visitor) -> None:
    page = visitor.open("/sparql")
    ask(page, "ASK {} # mine")
    page.reload()
    page.click("#own summary")
    page.click(".own button")
    value = page.evaluate("document.querySelector('.CodeMirror').CodeMirror.getValue()")
    assert value == "ASK {} # mine"
    page.click("#forget")
    assert page.locator("#own").is_hidden()
    assert page.evaluate("Object.keys(localStorage)") == []


def test_questions_are_found_by_topic_and_word(visitor: Visitor) -> None:
    page = visitor.open("/sparql", locale="nl-BE")
    assert page.locator(".topic li a:visible").count() == 0
    page.click("text=De VISES-methode")
    assert page.locator(".topic li a:visible").count() == 8
    page.get_by_label("Een vraag zoeken").fill("voltijdse equivalenten")
    found = page.locator(".topic li a:visible")
    assert found.count() >= 1
    found.first.click()
    assert "voltijdse equivalenten" in page.locator(".question").inner_text().lower()
    page.click(".wordings summary")
    assert page.locator(".wordings [lang=fr]").inner_text().endswith("?")


def test_the_page_cannot_call_anyone_else(visitor: Visitor) -> None:
    page = visitor.open("/sparql")
    failed = page.evaluate(
        "fetch('https://example.org/').then(() => 'called', error => error.constructor.name)"
    )
    assert failed == "TypeError"
    assert any("connect-src" in complaint for complaint in visitor.complaints)
    visitor.complaints.clear()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_view_fits_a_phone(visitor: Visitor, scheme: str) -> None:
    page = visitor.open("/sparql?question=S1", viewport=PHONE, color_scheme=scheme)
    page.click("#run")
    page.wait_for_selector(".yasr tbody tr")
    page.click("#share > summary")
    for name in ("table", "pivot", "chart", "map", "response"):
        view(page, name)
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"], name
    assert page.locator(".yasr .select_map span").is_visible()
