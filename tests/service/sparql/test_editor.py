"""The query page as a browser without scripts sees it."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from vises.service.sparql.table import MOST_ROWS
from vises.store.engine import Answer, DescribeRequest, QueryRequest

Make = Callable[..., Any]


def text_area(page: str) -> str:
    [found] = re.findall(r"<textarea[^>]*>\n?(.*?)</textarea>", page, re.DOTALL)
    return unescape(found)


def test_it_opens_with_a_query_to_start_from(browser: httpx.Client) -> None:
    page = browser.get("/sparql")
    assert page.headers["content-type"].startswith("text/html")
    assert "SELECT" in text_area(page.text)
    assert 'href="/sparql?question=E1"' in page.text


def test_an_example_fills_the_editor_in_the_language_of_the_visitor(
    browser: httpx.Client,
) -> None:
    page = browser.get("/sparql?question=E1", headers={"Accept-Language": "nl"})
    assert 'VALUES ?language { "nl" }' in text_area(page.text)
    assert "<table>" not in page.text
    unknown = browser.get("/sparql?question=Z9")
    assert unknown.status_code == 404
    assert "E1" in unknown.text


def test_a_query_shows_its_rows_and_where_to_get_them(browser: httpx.Client) -> None:
    query = "SELECT ?e ?name { ?e <http://www.w3.org/ns/legal#legalName> ?name }"
    page = browser.get("/sparql", params={"query": query}).text
    assert text_area(page).strip() == query
    assert "L&#39;Atelier commun" in page
    assert '<a href="/enterprise/fr-1">' in page
    assert "2 rows." in page
    [download] = re.findall(r'href="(/sparql\?[^"]*download=csv)"', page)
    assert parse_qs(urlsplit(unescape(download)).query)["query"] == [query]
    assert browser.get(unescape(download)).headers["content-type"] == "text/csv; charset=utf-8"


def test_hostile_data_and_hostile_queries_stay_text(browser: httpx.Client) -> None:
    query = 'SELECT ?name ("</textarea><script>x()</script>" AS ?x) { ?e ?p ?name } LIMIT 900'
    page = browser.get("/sparql", params={"query": query}).text
    assert "<script>" not in page.replace('<script src="', "")
    assert text_area(page).strip() == query
    assert 'href="javascript:' not in page


def test_what_is_cut_says_so(fake: Make, fake_engine: Make, run: Make) -> None:
    rows = b"".join(b'"%d"\n' % n for n in range(MOST_ROWS + 5))
    with run(fake(EditorEngine(fake_engine, b"?n\n" + rows))) as address:
        page = httpx.get(f"{address}/sparql?query=x", headers={"Accept": "text/html"}).text
    assert page.count("<tr>") == MOST_ROWS + 1
    assert "The first 1,000 rows are shown; there are more." in page


def test_exactly_the_bound_is_not_cut(fake: Make, fake_engine: Make, run: Make) -> None:
    rows = b"".join(b'"%d"\n' % n for n in range(MOST_ROWS))
    with run(fake(EditorEngine(fake_engine, b"?n\n" + rows))) as address:
        page = httpx.get(f"{address}/sparql?query=x", headers={"Accept": "text/html"}).text
    assert "1,000 rows." in page
    assert "there are more" not in page


def test_ask_and_construct(browser: httpx.Client) -> None:
    yes = browser.get("/sparql", params={"query": "ASK {}"}).text
    assert '<p class="answer">yes</p>' in yes
    query = "CONSTRUCT { ?s a ?c } WHERE { ?s a ?c } LIMIT 3"
    graph = browser.get("/sparql", params={"query": query}).text
    assert "3 rows." in graph
    assert "download=ttl" in graph


def test_a_mistake_keeps_the_query_and_says_where(browser: httpx.Client) -> None:
    page = browser.get("/sparql", params={"query": "SELECT * { ?s ?p"})
    assert page.status_code == 400
    assert text_area(page.text).strip() == "SELECT * { ?s ?p"
    assert "Line 1, column" in page.text


def test_a_long_query_may_be_posted(browser: httpx.Client) -> None:
    query = "ASK {} #" + "x" * 100_000
    page = browser.post("/sparql", data={"query": query})
    assert page.status_code == 200
    assert '<p class="answer">yes</p>' in page.text


class EditorEngine:
    """Answers the page's own questions with nothing, and the visitor's with the given rows."""

    def __init__(self, fake_engine: Make, body: bytes) -> None:
        empty = b'{"head":{"vars":[]},"results":{"bindings":[]}}'
        self._own = fake_engine([empty], media_type="application/sparql-results+json")
        self._visitor = fake_engine([body], media_type="text/tab-separated-values")
        self.start, self.close, self.accepts = self._own.start, self._own.close, self._own.accepts

    async def answer(self, request: QueryRequest | DescribeRequest, release_id: str) -> Answer:
        asked = isinstance(request, QueryRequest) and request.query == "x"
        engine = self._visitor if asked else self._own
        answer: Answer = await engine.answer(request, release_id)
        return answer


def test_a_row_of_any_size_costs_a_page_no_more_than_its_bound(browser: httpx.Client) -> None:
    terms = 'CONCAT("' + "x" * 100_000 + '", STR(?n))'
    query = f"SELECT ({terms} AS ?x) {{ VALUES ?n {{ {' '.join(map(str, range(100)))} }} }}"
    page = browser.post("/sparql", data={"query": query})
    assert page.status_code == 200
    assert re.search(r"The first 4\d rows are shown; there are more\.", page.text)


def test_what_nests_too_deeply_to_be_shown_is_an_error_on_the_page(browser: httpx.Client) -> None:
    nested = " ".join(f"BIND(TRIPLE(<a:a>, <a:b>, ?x{n}) AS ?x{n + 1})" for n in range(200))
    query = f"SELECT ?x200 {{ BIND(<a:a> AS ?x0) {nested} }}"
    page = browser.post("/sparql", data={"query": query})
    assert page.status_code == 500
    assert "cannot show" in page.text
    data = browser.post("/sparql", data={"query": query}, headers={"Accept": "text/csv"})
    assert data.status_code == 200


def test_unbound_variables_are_rows_too(browser: httpx.Client) -> None:
    for query in ("SELECT ?x { VALUES ?x { UNDEF UNDEF 1 } }", "SELECT * { {} UNION {} UNION {} }"):
        page = browser.get("/sparql", params={"query": query}).text
        assert "3 rows." in page
