from __future__ import annotations

from vises.service.language import LANGUAGES
from vises.service.questions import questions, read_question

TEXT = """#+ id: X1
#+ question:
#+   en: What: is it?
#+   fr: Qu'est-ce ?
#+ summary: One line, with: a colon.
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
    assert found.summary == "One line, with: a colon."
    assert found.tags == ("one",)
    assert (found.endpoints, found.compared) == ((), False)
    assert found.sparql.startswith("SELECT ?x")
    assert "# a comment" in found.sparql


def test_a_question_is_asked_in_the_language_of_the_visitor() -> None:
    assert 'VALUES ?language { "nl" }' in read_question(TEXT).asked_in("nl")


def test_every_question_of_the_package_is_worded_in_every_language() -> None:
    assert questions()
    for question in questions().values():
        assert set(question.wording) == set(LANGUAGES), question.id
        assert question.asked_in("fr").count("{") == question.sparql.count("{")


def test_a_federated_question_names_the_endpoints_that_it_calls() -> None:
    head = TEXT.replace("#+   - language: en", "#+   - endpoint: <https://a.example/> <urn:b>")
    assert read_question(head.replace("\n\n", "\n#+ federated: true\n\n", 1)).endpoints == (
        "https://a.example/",
        "urn:b",
    )
    assert read_question(head).endpoints == ()


def test_a_question_of_two_releases_says_so() -> None:
    assert read_question(TEXT.replace("\n\n", "\n#+ compare: true\n\n", 1)).compared
