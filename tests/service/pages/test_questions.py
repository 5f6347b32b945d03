"""The catalogue of questions."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Literal

from vises.service.formats import RESULT_TYPES
from vises.service.pages.questions import worded
from vises.service.questions import questions
from vises.service.sparql.table import Terms
from vises.service.texts import texts

if TYPE_CHECKING:
    import httpx


def test_the_catalogue_has_every_question(browser: httpx.Client) -> None:
    page = browser.get("/questions", headers={"Accept-Language": "nl"}).text
    for name, question in questions().items():
        assert f'href="/questions/{name}"' in page
        assert question.wording["nl"].split("?")[0].split("'")[0][:20] in page
    assert "bevraagt ook andere endpoints" in page


def test_a_question_has_its_answer_query_and_downloads(browser: httpx.Client) -> None:
    page = browser.get("/questions/S1").text
    assert 'id="answer"' in page
    assert "/sparql?question=S1" in page
    assert "/api/v1/questions/S1.csv?lang=en" in page
    assert "SELECT" in page
    answer = browser.get("/questions/S1", headers={"Accept-Language": "fr"})
    assert "VALUES ?language { &#34;fr&#34; }" in answer.text
    again = browser.get(
        "/questions/S1", headers={"If-None-Match": answer.headers["etag"], "Accept-Language": "fr"}
    )
    assert again.status_code == 304


@pytest.mark.parametrize("name", sorted(questions()))
def test_every_question_has_a_page_of_bounded_size(browser: httpx.Client, name: str) -> None:
    answer = browser.get(f"/questions/{name}")
    assert answer.status_code == 200
    assert 'role="alert"' not in answer.text
    assert len(answer.content) < 75_000


COMPARED = next(question.id for question in questions().values() if question.compared)


@pytest.mark.parametrize("asked", ["E3?lang=fr", "E3?release=000001", f"{COMPARED}?lang=nl"])
def test_the_downloads_of_a_question_are_what_their_names_say(
    browser: httpx.Client, asked: str
) -> None:
    page = browser.get(f"/questions/{asked}").text
    forms = r'<a href="([^"]*)">(JSON|XML|CSV|TSV|Arrow|Parquet)<'
    links = {name: unescape(address) for address, name in re.findall(forms, page)}
    assert set(links) == {"JSON", "XML", "CSV", "TSV", "Arrow", "Parquet"}
    for name, address in links.items():
        answer = browser.get(address)
        assert answer.status_code == 200, address
        found = answer.headers["content-type"].partition(";")[0]
        assert found == RESULT_TYPES[name.lower()], address


def test_the_words_of_a_question_are_in_the_language_of_the_page() -> None:
    risk, other = Literal("risk"), Literal("sorrow")
    tagged = Literal("risk", language="en")
    answer = Terms(("part", "name"), ((risk, risk), (other, None), (tagged, tagged)))
    said = worded(answer, texts("nl")).rows
    assert said == ((Literal("risico", language="nl"), risk), *answer.rows[1:])


def test_an_answer_is_told_as_other_pages_tell_it(browser: httpx.Client) -> None:
    page = browser.get("/questions/S2?lang=fr").text
    table = page[page.index("<table") : page.index("</table>")]
    assert '<th scope="col">part</th>' in table
    assert re.search(r"<td><bdi>\d+,\d+</bdi></td>", table)
    assert not re.search(r"<bdi>(publication/|sdmx-code:)", table)
    assert "<bdi>false</bdi>" not in table


@pytest.mark.parametrize(
    ("language", "column", "summary"),
    [
        ("en", "name of the status", "The shares in per cent"),
        ("fr", "nom du statut", "Les parts en pour cent"),
        ("nl", "naam van de status", "De aandelen in procent"),
    ],
)
def test_a_question_and_its_columns_are_told_in_the_language_of_the_page(
    browser: httpx.Client, language: str, column: str, summary: str
) -> None:
    page = unescape(browser.get(f"/questions/S2?lang={language}").text)
    assert f'<th scope="col">{column}</th>' in page
    assert f'<p class="lead">{summary}' in page
    editor = unescape(browser.get(f"/sparql?question=S2&lang={language}").text)
    assert f'<span class="note">{summary}' in editor


def test_the_language_of_the_parameters_is_that_of_the_query(browser: httpx.Client) -> None:
    page = browser.get("/questions/S2?lang=nl").text
    assert "taal van de namen <code>lang</code></label>" in page
    assert '<option value="nl" lang="nl" selected>Nederlands' in page
    assert "VALUES ?language { &#34;nl&#34; }" in page


@pytest.mark.parametrize("name", ["zz", "S1.csv", "%3Cscript%3E"])
def test_an_unknown_question_is_not_found(browser: httpx.Client, name: str) -> None:
    answer = browser.get(f"/questions/{name}")
    assert answer.status_code == 404
    assert "<script>" not in answer.text
