"""The query page as a browser without scripts sees it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from vises.service.assets import STATIC
from vises.service.formats import GRAPH_TYPES, RESULT_TYPES
from vises.service.questions import questions_here
from vises.service.sparql.scripts import TEXTS
from vises.service.sparql.table import MOST_ROWS
from vises.service.texts import texts
from vises.store.engine import (
    Answer,
    DescribeRequest,
    EngineBusy,
    FederationRefused,
    MemoryExceeded,
    QueryRequest,
    QueryTimeout,
)
from vises.store.files import DataFolderError

if TYPE_CHECKING:
    from vises.errors import VisesError

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


def test_an_example_is_filled_with_the_values_of_its_address(browser: httpx.Client) -> None:
    page = browser.get("/sparql?question=S1&area=FRE&area=nuts:BE3&lang=fr")
    text = text_area(page.text)
    nuts = "https://w3id.org/vises/code/nuts"
    assert f"VALUES ?area {{ <{nuts}/FRE> <{nuts}/BE3> }}" in text
    assert 'VALUES ?language { "fr" }' in text
    wrong = browser.get("/sparql", params={"question": "S1", "area": "<x> } DROP ALL #"})
    assert wrong.status_code == 400
    assert "no IRI and no code" in wrong.text


@pytest.mark.parametrize("slip", ["aera", "language", "aréa"])
def test_a_parameter_that_the_question_has_not_is_refused(browser: httpx.Client, slip: str) -> None:
    page = browser.get("/sparql", params={"question": "S1", slip: "BE3", "lang": "en"})
    assert page.status_code == 400
    told = unescape(page.text)
    assert f"There is no parameter '{slip}' here." in told
    assert "Is area" in told or slip == "language"
    assert 'href="/sparql?lang=en"' in page.text
    query = {"query": "ASK {}", "format": "x", "output": "x"}
    assert browser.get("/sparql", params=query).status_code == 200


def test_a_query_shows_its_rows_and_where_to_get_them(browser: httpx.Client) -> None:
    query = "SELECT ?e ?name { ?e <http://www.w3.org/ns/legal#legalName> ?name }"
    page = browser.get("/sparql", params={"query": query}).text
    assert text_area(page).strip() == query
    assert "L&#39;Atelier commun" in page
    assert '<a href="/enterprise/fr-1.html">' in page
    assert "Rows: 2." in page
    [download] = re.findall(r'href="(/sparql\?[^"]*download=csv)"', page)
    assert parse_qs(urlsplit(unescape(download)).query)["query"] == [query]
    assert browser.get(unescape(download)).headers["content-type"] == "text/csv; charset=utf-8"


def test_a_query_is_asked_as_programs_ask_it(browser: httpx.Client) -> None:
    """Relative IRIs stand for the same ones, and the client may shorten the deadline."""
    relative = "SELECT ?name { <enterprise/fr-1> <http://www.w3.org/ns/legal#legalName> ?name }"
    page = browser.get("/sparql", params={"query": relative})
    assert page.status_code == 200
    assert "Atelier commun" in page.text
    slow = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
    stopped = browser.get("/sparql", params={"query": slow, "timeout": "0.3"})
    assert stopped.status_code == 503
    assert "deadline of 0.3 s" in stopped.text


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
    assert "Rows: 1,000." in page
    assert "there are more" not in page


def test_ask_and_construct(browser: httpx.Client) -> None:
    yes = browser.get("/sparql", params={"query": "ASK {}"}).text
    assert '<p class="answer">yes</p>' in yes
    query = "CONSTRUCT { ?s a ?c } WHERE { ?s a ?c } LIMIT 3"
    graph = browser.get("/sparql", params={"query": query}).text
    assert "Rows: 3." in graph
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


def test_questions_stand_under_their_topics(browser: httpx.Client) -> None:
    page = browser.get("/sparql?question=M1", headers={"Accept-Language": "fr"}).text
    topics = re.findall(r'<details class="topic"( open)?><summary>([^<]*) <', page)
    assert topics == [
        ("", "Entreprises"),
        ("", "Indicateurs et effets"),
        ("", "Chiffres régionaux"),
        (" open", "La méthode VISES"),
        ("", "Acteurs, sources et qualité"),
    ]
    assert len(re.findall(r'href="/sparql\?question=', page)) == len(questions_here())
    wordings = page.partition('class="wordings"')[2].partition("</details>")[0]
    assert re.findall(r'<p lang="(\w+)">', wordings) == ["en", "nl"]


def test_an_answer_has_a_link_and_code_pinned_to_its_release(browser: httpx.Client) -> None:
    page = browser.get("/sparql", params={"query": "SELECT * { ?s a ?c } LIMIT 2"}).text
    [link] = re.findall(r'<input id="link"[^>]* value="([^"]*)"', page)
    assert urlsplit(unescape(link)).query == (
        "release=000001&query=SELECT+%2A+%7B+%3Fs+a+%3Fc+%7D+LIMIT+2"
    )
    assert page.count('<details class="snippet">') == 6
    asked = browser.get(unescape(link)).text
    assert asked.count("<tr>") == 3


def test_every_format_can_be_downloaded(browser: httpx.Client) -> None:
    page = browser.get("/sparql", params={"query": "SELECT * { ?s a ?c } LIMIT 2"}).text
    downloads = [unescape(h) for h in re.findall(r'href="(/sparql\?[^"]*download=[^"]*)"', page)]
    assert [d.rpartition("=")[2] for d in downloads] == list(RESULT_TYPES)
    for href in downloads:
        assert browser.get(href).status_code == 200


def test_scripts_are_told_every_format_and_every_text(browser: httpx.Client) -> None:
    page = browser.get("/sparql", headers={"Accept-Language": "nl"}).text
    [told] = re.findall(r'data-script="([^"]*)"', page)
    settings = json.loads(unescape(told))
    assert list(settings["tables"]) == list(RESULT_TYPES)
    assert list(settings["graphs"]) == list(GRAPH_TYPES)
    assert settings["texts"]["query.running"] == "Bezig…"
    assert None not in settings["texts"].values()


def test_scripts_use_the_texts_they_are_told() -> None:
    sources = "\n".join(f.read_text("utf-8") for f in STATIC.glob("*.js"))
    named = set(re.findall(r'\bt\(\s*"([a-z-]+\.[a-z-]+)"', sources))
    made = {f"view.{name}" for name in ("sum", "mean", "min", "max", "table", "response")}
    either = {"value.yes", "value.no", "query.stopped", "query.unreachable"}
    assert named | made | either == set(TEXTS)


def test_the_policy_lets_scripts_call_this_service_only(browser: httpx.Client) -> None:
    policy = browser.get("/sparql").headers["content-security-policy"]
    directives = dict(d.strip().split(" ", 1) for d in policy.split(";"))
    assert directives["script-src"] == "'self'"
    assert directives["connect-src"] == "'self'"
    assert "unsafe" not in policy
    assert "http" not in policy


def test_the_page_is_light_without_its_scripts(browser: httpx.Client) -> None:
    page = browser.get("/sparql?question=S1").text
    styles = re.findall(r'<link rel="(?:stylesheet|icon)" href="([^"]*)"', page)
    sizes = {h: len(browser.get(h).content) for h in styles if "/vendor/" not in h}
    assert len(sizes) >= 2
    assert len(page.encode()) + sum(sizes.values()) < 200_000


@pytest.mark.parametrize(
    ("language", "title", "sentence", "remedy"),
    [
        ("en", "The query cannot be read", "This } comes before the (", "Close that one first"),
        (
            "fr",
            "La requête ne peut pas être lue",
            "Ce } vient avant que le (",
            "Fermez d",
        ),
        ("nl", "De query kan niet worden gelezen", "Deze } komt voordat de (", "Sluit die eerst"),
    ],
)
def test_a_mistake_is_told_in_the_language_of_the_reader(
    browser: httpx.Client, language: str, title: str, sentence: str, remedy: str
) -> None:
    query = "SELECT * {\n FILTER(?x > 3\n}"
    headers = {"Accept-Language": language}
    page = browser.get("/sparql", params={"query": query}, headers=headers)
    assert page.status_code == 400
    shown = unescape(page.text)
    for words in (title, sentence, remedy, '<pre tabindex="0">}\n^</pre>'):
        assert words in shown
    assert f"<h2>{title}</h2>" in shown
    data = {**headers, "Accept": "application/sparql-results+json"}
    problem = browser.get("/sparql", params={"query": query}, headers=data).json()
    assert (problem["line"], problem["column"]) == (3, 1)
    assert problem["type"] == "https://w3id.org/vises/problems/query-syntax"
    assert problem["title"] == title
    assert problem["detail"].startswith(sentence)
    assert problem["detail"].endswith("\n}\n^")
    assert problem["remedy"].startswith(remedy)


@pytest.mark.parametrize(
    ("error", "french"),
    [
        (
            QueryTimeout("The engine has a deadline of its own.", remedy="r"),
            "trop de temps",
        ),
        (MemoryExceeded("The engine ran out of memory.", remedy="r"), "trop de mémoire"),
        (EngineBusy("All query processes are busy.", remedy="r"), "Trop de requêtes"),
        (FederationRefused("SERVICE", remedy="r"), "fédération"),
    ],
    ids=lambda value: getattr(value, "kind", ""),
)
def test_each_bound_is_its_own_problem_with_a_way_out(
    fake: Make, fake_engine: Make, run: Make, error: VisesError, french: str
) -> None:
    with run(fake(EditorEngine(fake_engine, b"", error))) as address:
        french_page = {"Accept": "text/html", "Accept-Language": "fr"}
        page = httpx.get(f"{address}/sparql?query=x", headers=french_page)
        data = httpx.get(f"{address}/sparql?query=x", headers={"Accept": "text/csv"})
    assert page.status_code == data.status_code == error.status
    assert french in unescape(page.text)
    assert f'<p lang="en">{error.detail}' in unescape(page.text)
    assert texts("fr").find(f"remedy.{error.kind}") in unescape(page.text)
    assert text_area(page.text).strip() == "x"
    assert data.headers["content-type"] == "application/problem+json"
    assert data.json()["type"].endswith(f"/problems/{error.kind}")
    assert data.json()["title"] == error.title
    assert data.json()["remedy"] == error.remedy


def test_where_the_data_folder_is_stays_in_the_log(
    fake: Make, fake_engine: Make, run: Make, caplog: pytest.LogCaptureFixture
) -> None:
    error = DataFolderError("IO error: /srv/secret/1.sst", place="/srv/secret")
    with run(fake(EditorEngine(fake_engine, b"", error))) as address:
        page = httpx.get(f"{address}/sparql?query=x&lang=nl", headers={"Accept": "text/html"})
    assert page.status_code == 503
    assert "secret" not in page.text
    assert "De gepubliceerde gegevens kunnen niet worden gelezen." in page.text
    assert caplog.text.count("/srv/secret/1.sst") == 1


class EditorEngine:
    """Answers the page's own questions with nothing, and the visitor's with the given rows."""

    def __init__(self, fake_engine: Make, body: bytes, error: Exception | None = None) -> None:
        self._error = error
        empty = b'{"head":{"vars":[]},"results":{"bindings":[]}}'
        self._own = fake_engine([empty], media_type="application/sparql-results+json")
        self._visitor = fake_engine([body], media_type="text/tab-separated-values")
        self.start, self.close, self.accepts = self._own.start, self._own.close, self._own.accepts

    async def answer(self, request: QueryRequest | DescribeRequest, release_id: str) -> Answer:
        asked = isinstance(request, QueryRequest) and request.query == "x"
        if asked and self._error:
            raise self._error
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
        assert "Rows: 3." in page
