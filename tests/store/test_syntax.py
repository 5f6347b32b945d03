from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Store

from vises.store.syntax import syntax_error

if TYPE_CHECKING:
    from vises.store.engine import QuerySyntaxError


def problem(query: str) -> QuerySyntaxError:
    with pytest.raises(SyntaxError) as error:
        Store().query(query)
    return syntax_error(query, str(error.value))


def test_line_column_and_caret() -> None:
    error = problem("SELECT *\nWHERE {\n  ?s ?p é, , ?o\n}")
    assert error.line == 3
    assert error.column > 9
    assert error.place == f"line 3, column {error.column}"
    assert error.detail.endswith("\n  ?s ?p é, , ?o\n" + " " * (error.column - 1) + "^")


def test_an_undeclared_prefix_is_named() -> None:
    error = problem("PREFIX a: <http://example.org/>\nSELECT * { ?s a:b ?o ; vises:x ?y }")
    assert "The prefix vises: is not declared." in error.detail
    assert "PREFIX vises: <https://w3id.org/vises/ontology#>" in error.remedy
    assert (error.line, error.column) == (2, 24)
    assert "PREFIX none: <...>" in problem("SELECT * { ?s none:b ?o }").remedy


@pytest.mark.parametrize(
    ("query", "place", "words"),
    [
        ("SELECT * {\n  FILTER(?o > 3\n}", (3, 1), "before the ( of line 2, column 9 is closed"),
        ("SELECT * {\n  ?s ?p [ ?q ?r \n}", (3, 1), "before the [ of line 2, column 9"),
        ("SELECT * { ?s ?p ?o }}", (1, 22), "one too much"),
        ("SELECT * {\n { ?s ?p '}' . # }\n } ", (1, 10), "nothing closes the {"),
        ('SELECT * { ?s ?p """a\n}"b""" \n', (1, 10), "nothing closes the {"),
        ("SELECT * {\n ?s ?p 'a }", (2, 8), "closes the quote '"),
        ("# first\nPREFIX a: <x:y>\n SELCT * {}", (3, 2), "No query begins with SELCT"),
        ("PREFIX a <x:y> SELECT * {}", (1, 1), "This PREFIX cannot be read"),
    ],
)
def test_the_mistake_itself_is_found_where_it_is(
    query: str, place: tuple[int, int], words: str
) -> None:
    error = problem(query)
    assert words in error.detail
    assert (error.line, error.column) == place
    assert error.place == f"line {place[0]}, column {place[1]}"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELECT ?a WHERE { ?s ?p ?o } GROUP BY ?s", "neither grouped nor computed"),
        ("SELECT * { ?s ?p ?o } GROUP BY ?s", "do not go together"),
        ("SELECT (1 AS ?x) (2 AS ?x) {}", "two columns of the same name"),
        ("SELECT * { ?s <a b> ?o }", "An IRI before this place cannot be read"),
        ("SELECT * { ?s <http://a b> ?o }", "An IRI before this place cannot be read"),
        ("SELECT * {} LIMIT 99999999999999999999", "too large for LIMIT or OFFSET"),
        ("SELECT * { BIND(1 AS ?x) BIND(2 AS ?x) }", "A rule of SPARQL is broken"),
        ("SELECT * { ?s ?p ?o FILTER(foo(?s)) }", "A rule of SPARQL is broken"),
        ("SELECT * { ?s ?p ?o } ORDER BY", "ends too early"),
    ],
)
def test_broken_rules_are_said_in_words(query: str, words: str) -> None:
    assert words in problem(query).detail


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?s a vises:Enterprise }",
        "SELECT * { ?s a <http://a:b> ; vises:p 'x:y' , \"z:z\" # c:c\n }",
        "PREFIX Vises: <x:> SELECT * { ?s vises:p ?vises }",
    ],
)
def test_which_prefix_it_is(query: str) -> None:
    assert "The prefix vises: is not declared." in problem(query).detail


@pytest.mark.parametrize("query", ["SELECT * { ?s ?p ?o", "SELECT * { ?s ?p \n\n"])
def test_an_early_end(query: str) -> None:
    assert "ends too early" in problem(query).detail


def test_a_brace_too_much() -> None:
    assert "too much" in problem("SELECT * { ?s ?p ?o } }").detail


@pytest.mark.parametrize("query", [" \n", "# a comment", "PREFIX x: <x:y>\n# SELECT\n"])
def test_nothing(query: str) -> None:
    assert "is empty" in problem(query).detail


@pytest.mark.parametrize(
    "update",
    [
        "INSERT DATA { <x:a> <x:b> <x:c> }",
        "# a comment\nPREFIX x: <x:>\nBASE <x:y>\ndelete where { ?s ?p ?o }",
        "LOAD <http://127.0.0.1/>",
        "WITH <x:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "DROP ALL",
    ],
)
def test_an_update_is_called_one(update: str) -> None:
    assert "This is an update" in problem(update).detail


def test_a_long_line_is_cut_around_the_caret() -> None:
    error = problem("SELECT * { ?s ?p " + "<x:y>, " * 1000 + ", }")
    *_, excerpt, caret = error.detail.split("\n")
    assert len(excerpt) <= 100
    assert excerpt[: len(caret)].endswith(",") or excerpt[len(caret) - 3 :].strip()


def test_another_message_is_kept() -> None:
    assert syntax_error("x", "something new").detail == "something new."
