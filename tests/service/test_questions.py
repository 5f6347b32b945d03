from __future__ import annotations

import re

import pytest

from vises.languages import LANGUAGES
from vises.service.api.paging import columns_of
from vises.service.api.parameters import parameters_of
from vises.service.questions import heading, parameter_heading, questions, read_question
from vises.service.texts import texts

MOST_CHARACTERS = 40
"""How long the heading of a column is at most: it stands on one line, also on a phone."""

WRITTEN = re.compile(r'BIND\((?:IF\(.*, )?"([a-z ]+)"(?:, "([a-z ]+)"\))? AS \?(\w+)\)')
"""What binds a variable to a word, or to one of two."""

TEXT = """#+ id: X1
#+ question:
#+   en: What: is it?
#+   fr: Qu'est-ce ?
#+ summary:
#+   en: One line, with: a colon.
#+ tags:
#+   - one
#+ defaults:
#+   - language: en

SELECT ?x WHERE {
  VALUES ?language { "en" }
  # a comment
  ?x ?y ?z
}
"""


def test_the_header_is_read_and_the_query_kept() -> None:
    found = read_question(TEXT)
    assert found.id == "X1"
    assert found.wording == {"en": "What: is it?", "fr": "Qu'est-ce ?"}
    assert found.summary == {"en": "One line, with: a colon."}
    assert found.tags == ("one",)
    assert (found.endpoints, found.compared) == ((), False)
    assert found.sparql.startswith("SELECT ?x")
    assert "# a comment" in found.sparql


def test_a_question_is_asked_in_the_language_of_the_visitor() -> None:
    assert 'VALUES ?language { "nl" }' in read_question(TEXT).asked_in("nl")


def test_french_has_spaces_that_do_not_break_in_questions() -> None:
    for question in questions().values():
        for told in (question.wording, question.summary):
            assert not re.search(r"\S [;:?!»](?!\w)|« ", told["fr"]), question.id


def test_every_question_of_the_package_is_told_in_every_language() -> None:
    assert questions()
    for question in questions().values():
        for told in (question.wording, question.summary):
            assert set(told) == set(LANGUAGES), question.id
            assert len(set(told.values())) == len(LANGUAGES), question.id
        assert question.asked_in("fr").count("{") == question.sparql.count("{")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_column_has_a_heading_of_its_own_in_every_language(language: str) -> None:
    words = texts(language)
    named = {key for key in words.keys if key.startswith("column.")}
    for question in questions().values():
        columns = columns_of(question.sparql)
        headings = [heading(column, words) for column in columns]
        assert len(set(headings)) == len(columns), (question.id, headings)
        assert {f"column.{column}" for column in columns} <= named, question.id
        assert all(len(said) <= MOST_CHARACTERS for said in headings), (question.id, headings)
    every = {f"column.{c}" for q in questions().values() for c in columns_of(q.sparql)}
    assert named == every


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_parameter_has_a_heading_of_its_own_in_every_language(language: str) -> None:
    words = texts(language)
    asked = {name for question in questions().values() for name in parameters_of(question.sparql)}
    assert {key for key in words.keys if key.startswith("parameter.")} == {
        f"parameter.{name}" for name in asked
    }
    assert len({parameter_heading(name, words) for name in asked}) == len(asked)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_question_writes_into_its_answer_can_be_said_in_every_language(
    language: str,
) -> None:
    written = {
        f"word.{column}.{word}"
        for question in questions().values()
        for *words, column in WRITTEN.findall(question.sparql)
        for word in filter(None, words)
        if column in columns_of(question.sparql)
    }
    assert {"word.part.risk", "word.coverage.whole", "word.coverage.part"} < written
    assert {key for key in texts(language).keys if key.startswith("word.")} == written


def test_a_federated_question_names_the_endpoints_that_it_calls() -> None:
    head = TEXT.replace("#+   - language: en", "#+   - endpoint: <https://a.example/> <urn:b>")
    assert read_question(head.replace("\n\n", "\n#+ federated: true\n\n", 1)).endpoints == (
        "https://a.example/",
        "urn:b",
    )
    assert read_question(head).endpoints == ()


def test_a_question_of_two_releases_says_so() -> None:
    assert read_question(TEXT.replace("\n\n", "\n#+ compare: true\n\n", 1)).compared
