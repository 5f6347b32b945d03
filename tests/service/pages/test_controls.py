"""The page of a question with values of its address: answer, form, links, errors, caching."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from pyoxigraph import Literal

from tests.background import MOST_SECONDS
from vises.languages import LANGUAGES
from vises.service.pages import controls
from vises.service.pages import questions as pages
from vises.service.pages.questions import MOST_BYTES, MOST_ROWS, changed
from vises.service.questions import questions
from vises.service.texts import texts

if TYPE_CHECKING:
    from collections.abc import Iterator

NUTS = "https://w3id.org/vises/code/nuts/"


class Form(HTMLParser):
    """The form of the page of a question: its controls, and what a browser sends of them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.sent: list[tuple[str, str]] = []
        self.inputs: list[dict[str, str | None]] = []
        self.selects: dict[str, dict[str, str | None]] = {}
        self.offered: dict[str, list[str]] = {}
        self.labelled: set[str | None] = set()
        self._in_select = ""
        self.feed(page.partition('<section class="choosing"')[2].partition("</form>")[0])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "label":
            self.labelled.add(found["for"])
        elif tag == "select":
            assert found["form"] == "choosing"
            self._in_select = found["name"] or ""
            self.selects[self._in_select] = found
        elif tag == "option":
            value = found["value"] or ""
            self.offered.setdefault(self._in_select, []).append(value)
            if "selected" in found:
                self.sent.append((self._in_select, value))
        elif tag == "input":
            assert found["form" if "id" in found else "type"] in {"choosing", "hidden"}
            self.inputs.append(found)
            self.sent.append((found["name"] or "", found["value"] or ""))

    def values(self, name: str) -> list[str]:
        return [value for sent, value in self.sent if sent == name]

    def input(self, name: str) -> dict[str, str | None]:
        [found] = [i for i in self.inputs if i["name"] == name]
        return found


def query(page: str) -> str:
    """Return the query that a page shows."""
    found = re.search(r"<pre [^>]*the-query[^>]*><code>(.*?)</code></pre>", page, re.DOTALL)
    assert found
    return unescape(found[1])


def link(page: str, words: str) -> str:
    """Return where a link leads."""
    found = re.search(rf'<a [^>]*href="([^"]*)"[^>]*>{re.escape(words)}</a>', page)
    assert found, words
    return unescape(found[1])


def test_a_page_answers_with_the_values_of_its_address(browser: httpx.Client) -> None:
    assert "<bdi>10.8</bdi>" in browser.get("/questions/S2").text
    other = browser.get("/questions/S2?area=BE3").text
    assert "Nothing in this release answers it." in other
    assert f"VALUES ?area {{ <{NUTS}BE3> }}" in query(other)
    both = browser.get("/questions/S2?area=BE3&area=nuts:FRE").text
    assert "<bdi>10.8</bdi>" in both
    assert f"VALUES ?area {{ <{NUTS}BE3> <{NUTS}FRE> }}" in query(both)
    assert re.search(r'href="/code/nuts/BE3.html"><bdi>Walloon Region</bdi>', other)


@pytest.mark.parametrize("name", sorted(questions()))
def test_what_the_form_sends_is_what_the_page_answers(browser: httpx.Client, name: str) -> None:
    page = browser.get(f"/questions/{name}?lang=fr")
    form = Form(page.text)
    again = browser.get(f"/questions/{name}", params=form.sent)
    assert again.status_code == 200
    assert ("lang", "fr") in form.sent
    assert Form(again.text).sent == form.sent
    controls = {*form.selects, *(i["name"] for i in form.inputs if i.get("type") != "hidden")}
    assert {f"choose-{control}" for control in controls} == form.labelled
    body = r"<tbody>.*?</tbody>"
    tables = [re.findall(body, answer.text, re.DOTALL) for answer in (page, again)]
    assert tables[0] == tables[1]


def test_a_code_is_chosen_from_its_list(browser: httpx.Client) -> None:
    form = Form(browser.get("/questions/S2?area=BE3").text)
    assert form.values("area") == ["nuts:BE3"]
    assert "multiple" not in form.selects["area"]
    assert {"nuts:FRE", "nuts:BE", "nuts:BE32"} < set(form.offered["area"])
    assert form.offered["area"] == sorted(form.offered["area"])


def test_several_codes_are_chosen_from_a_list_that_shows_them_first(browser: httpx.Client) -> None:
    page = browser.get("/questions/S8?measure=vises:jobCount&measure=employeeCount").text
    form = Form(page)
    assert "multiple" in form.selects["measure"]
    assert {*form.values("measure")} == {"vises:jobCount", "vises:employeeCount"}
    assert form.offered["measure"][:2] == form.values("measure")
    assert texts("en")("asked.several") in page
    one = Form(browser.get("/questions/S2?area=FRE").text)
    two = Form(browser.get("/questions/S2?area=FRE&area=BE3").text)
    assert "multiple" not in one.selects["area"]
    assert "multiple" in two.selects["area"]


def test_a_value_of_no_list_is_kept_among_the_choices(browser: httpx.Client) -> None:
    goal = "https://w3id.org/vises/code/sdg/8"
    form = Form(browser.get("/questions/I1", params={"subject": goal}).text)
    assert len(form.values("subject")) == 1
    assert "theme:employment" in form.offered["subject"]
    again = browser.get("/questions/I1", params=form.sent).text
    assert f"VALUES ?subject {{ <{goal}> }}" in query(again)


def test_a_long_list_is_written_by_its_codes(
    browser: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(controls, "MOST_CHOICES", 20)
    form = Form(browser.get("/questions/S2?area=FRE&area=BE1").text)
    assert form.values("area") == ["nuts:FRE", "nuts:BE1"]
    assert "area" not in form.selects
    assert [i["id"] for i in form.inputs if i["name"] == "area"] == [
        "choose-area",
        "choose-area2",
    ]


def test_a_text_is_written(browser: httpx.Client) -> None:
    hostile = '"><script>x()</script> \\" } DELETE é'
    page = browser.get("/questions/I2", params={"indicatorName": hostile})
    assert page.status_code == 200
    assert "<script>x()" not in page.text
    assert Form(page.text).values("indicatorName") == [hostile]
    assert r'VALUES ?indicatorName { "\"><script>x()</script> \\\" } DELETE é" }' in query(
        page.text
    )
    assert "required" not in Form(page.text).input("indicatorName")


def test_a_number_and_an_iri_are_written(browser: httpx.Client) -> None:
    form = Form(browser.get("/questions/I6?nutsLevel=1").text)
    level = form.input("nutsLevel")
    assert (level["value"], level["type"]) == ("1", "number")
    assert "required" in level
    process = Form(browser.get("/questions/M7").text).input("process")
    assert process["value"] == "code:geces-step"
    assert "type" not in process


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_language_is_one_of_ours(browser: httpx.Client, language: str) -> None:
    page = browser.get(f"/questions/S2?lang={language}&area=FRE").text
    form = Form(page)
    assert form.offered["lang"] == list(LANGUAGES)
    assert form.values("lang") == [language]
    assert f'VALUES ?language {{ "{language}" }}' in query(page)
    words = texts(language)
    assert f">{words('asked.ask')}</button>" in page
    assert link(page, words("asked.usual")) == f"/questions/S2?lang={language}"
    assert words("asked.usual") not in browser.get(f"/questions/S2?lang={language}").text


def test_values_go_into_a_query_that_is_not_run_here(browser: httpx.Client) -> None:
    page = browser.get("/questions/E9?scheme=kbo&endpoint=https://a.example/sparql").text
    assert '<form class="screen" id="choosing" action="/questions/E9#the-query">' in page
    assert texts("en")("asked.fill") in page
    assert "VALUES ?endpoint { <https://a.example/sparql> }" in query(page)
    assert Form(page).values("endpoint") == ["https://a.example/sparql"]
    assert 'action="/questions/S2#answer"' in browser.get("/questions/S2").text


def test_a_question_without_language_keeps_that_of_the_page(browser: httpx.Client) -> None:
    form = Form(browser.get("/questions/E7?lang=nl").text)
    assert form.input("lang") == {"type": "hidden", "name": "lang", "value": "nl"}
    assert Form(browser.get("/questions/E7").text).values("lang") == []


def test_the_release_is_kept(browser: httpx.Client) -> None:
    page = browser.get("/questions/S2?release=000001&area=BE3").text
    assert Form(page).values("release") == ["000001"]
    assert link(page, "Back to the usual values") == "/questions/S2?release=000001"
    assert parse_qsl(urlsplit(link(page, "CSV")).query) == [
        ("area", "nuts:BE3"),
        ("release", "000001"),
        ("lang", "en"),
    ]


def test_links_carry_the_values(browser: httpx.Client) -> None:
    page = browser.get("/questions/S2?area=BE3&area=FRE&lang=fr").text
    editor = browser.get(link(page, texts("fr")("asked.edit"))).text
    written = re.search(r'<textarea id="query"[^>]*>(.*?)</textarea>', editor, re.DOTALL)
    assert written
    assert unescape(written[1]).strip() == query(page).strip()
    api = browser.get(link(page, texts("fr")("asked.api")), headers={"Accept": "application/json"})
    assert api.json()["parameters"] == {"area": ["nuts:BE3", "nuts:FRE"]}
    for form in ("JSON", "XML", "CSV", "TSV", "Arrow", "Parquet"):
        address = link(page, form)
        assert "area=nuts%3ABE3&area=nuts%3AFRE" in address
        assert browser.get(address).status_code == 200


def test_the_downloads_of_what_is_compared_are_of_the_query_that_is_shown(
    browser: httpx.Client,
) -> None:
    page = browser.get("/questions/E7?area=BE3").text
    asked = dict(parse_qsl(urlsplit(link(page, "CSV")).query))
    assert asked["query"].strip() == query(page).strip()
    assert f"<{NUTS}BE3>" in asked["query"]


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("S2", "area=ZZ"),
        ("S2", "area="),
        ("S2", "area=nuts:FRX"),
        ("S2", "are=FRE"),
        ("S2", "language=fr"),
        ("S2", "area=FRE&zz=%3Cscript%3E"),
        ("S2", "area=%FF"),
        ("S2", "lang=fr&lang=nl"),
        ("I6", "nutsLevel=two"),
        ("I6", "indicatorName=a%00b"),
        ("I6", f"indicatorName={'x' * 1001}"),
        ("S2", "&".join(["area=FRE"] * 101)),
        ("E9", "endpoint=https://a.example/&endpoint=https://b.example/"),
    ],
)
def test_what_is_wrong_is_refused_as_the_api_refuses_it(
    browser: httpx.Client, name: str, asked: str
) -> None:
    page = browser.get(f"/questions/{name}?{asked}")
    data = {"Accept": "application/json"}
    problem = browser.get(f"/questions/{name}?{asked}", headers=data).json()
    api = browser.get(f"/api/v1/questions/{name}?{asked}", headers=data).json()
    shared = ("type", "title", "status", "detail", "place")
    assert {m: problem[m] for m in shared} == {m: api[m] for m in shared}
    assert (page.status_code, api["status"]) == (400, 400)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert api["detail"] in unescape(page.text)
    assert "<script>" not in page.text


def test_who_follows_a_link_that_is_counted_sees_the_page(browser: httpx.Client) -> None:
    page = browser.get("/questions/S2?area=BE3&utm_source=letter&fbclid=IwAR0")
    assert page.status_code == 200
    assert f"VALUES ?area {{ <{NUTS}BE3> }}" in query(page.text)
    assert {name for name, _ in Form(page.text).sent} == {"area", "lang"}


def test_each_address_is_kept_by_itself(browser: httpx.Client) -> None:
    bare, other = browser.get("/questions/S2"), browser.get("/questions/S2?area=BE3")
    assert bare.headers["etag"] != other.headers["etag"]
    for name in ("cache-control", "vary"):
        assert other.headers[name] == bare.headers[name]
    for tag, status in ((other.headers["etag"], 304), (bare.headers["etag"], 200)):
        again = browser.get("/questions/S2?area=BE3", headers={"If-None-Match": tag})
        assert again.status_code == status
    chosen = browser.get("/questions/S2?area=BE3&lang=en")
    assert "Accept-Language" in other.headers["vary"]
    assert "Accept-Language" not in chosen.headers["vary"]


def test_the_canonical_address_has_no_values(browser: httpx.Client) -> None:
    page = browser.get("/questions/S2?area=BE3&lang=fr").text
    assert '<link rel="canonical" href="/questions/S2?lang=fr">' in page
    assert 'rel="canonical"' not in browser.get("/questions/S2").text


@pytest.fixture
def historian(past: str) -> Iterator[httpx.Client]:
    """Return a browser of three releases, in which fr-1 is called Premier, Second, Third."""
    headers = {"Accept": "text/html,*/*;q=0.8", "Accept-Language": "en"}
    with httpx.Client(base_url=past, timeout=MOST_SECONDS, headers=headers) as found:
        yield found


def cells(page: str) -> set[tuple[str, str]]:
    """Return the first and last cells of the rows of a page, as text."""
    rows = re.findall(r"<tr>(<td>.*?)</tr>", page)
    told = [re.findall(r"<td>(?:<a [^>]*>)?<bdi[^>]*>(.*?)</bdi>", row) for row in rows]
    return {(row[0], row[-1]) for row in told}


def test_two_releases_are_compared(historian: httpx.Client) -> None:
    page = historian.get("/questions/A4?before=000001&after=000003")
    assert {("removed", "Premier"), ("added", "Third")} < cells(page.text)
    assert page.headers["cache-control"] == "no-store"
    assert "etag" not in page.headers
    assert texts("en")("asked.download") not in page.text
    api = historian.get(link(page.text, "Ask it through the API"))
    assert (api.json()["before"], api.json()["after"]) == ("000001", "000003")
    assert '<link rel="canonical" href="/questions/A4">' in page.text
    assert Form(page.text).values("before") == ["000001"]
    editor = link(page.text, "Open it in the query editor")
    assert historian.get(editor).status_code == 200


def test_releases_are_chosen_from_those_there_are(historian: httpx.Client) -> None:
    page = historian.get("/questions/A4?leftOut=x&lang=fr").text
    form = page.partition('<form class="compare')[2].partition("</form>")[0]
    for name, release in (("before", "000002"), ("after", "000003")):
        select = form.partition(f'name="{name}"')[2].partition("</select>")[0]
        assert re.findall(r"<option[^>]*>(\d+)", select) == ["000003", "000002", "000001"]
        assert re.findall(r"<option selected>(\d+)", select) == [release]
    kept = re.findall(r'<input type="hidden" name="(\w+)" value="(\w+)">', form)
    assert kept == [("leftOut", "x"), ("lang", "fr")]
    assert "Second" not in page
    asked = dict([*kept, ("before", "000002"), ("after", "000002")])
    assert texts("fr")("asked.unchanged") in historian.get("/questions/A4", params=asked).text


@pytest.mark.parametrize(
    "asked", ["before=000009", "before=000001&before=000002", "after=nope&before=000001"]
)
def test_releases_that_cannot_be_compared_are_refused_as_the_api_does(
    historian: httpx.Client, asked: str
) -> None:
    data = {"Accept": "application/json"}
    api = historian.get(f"/api/v1/questions/A4?{asked}", headers=data)
    page = historian.get(f"/questions/A4?{asked}")
    assert page.status_code == api.status_code >= 400
    assert api.json()["detail"] in unescape(page.text)


def test_rows_that_are_too_long_to_be_shown_are_not_said_to_be_none(
    historian: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "MOST_BYTES", 40)
    compared = historian.get("/questions/A4?before=000001&after=000002").text
    assert texts("en")("asked.cut-compared", n=0) in compared
    assert texts("en")("asked.cut", n=0) in historian.get("/questions/A4?leftOut=y").text


def test_releases_are_for_questions_that_compare_them(historian: httpx.Client) -> None:
    assert historian.get("/questions/S2?before=000001").status_code == 400


def test_of_what_changed_a_page_shows_no_more_than_its_bound() -> None:
    change, long = Literal("added"), Literal("x" * MOST_BYTES)
    few = changed(["a"], [{"change": change, "a": change}] * (MOST_ROWS + 1), texts("nl"))
    assert (len(few.rows), few.cut) == (MOST_ROWS, True)
    assert few.rows[0] == (Literal("toegevoegd", language="nl"), change)
    none = changed(["a"], [{"change": change, "a": long}], texts("nl"))
    assert (none.rows, none.cut) == ((), True)
    assert not changed(["a"], [{"change": change}], texts("nl")).cut
