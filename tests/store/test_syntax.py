from __future__ import annotations

import pytest
from pyoxigraph import Store

from vises.store.engine import QuerySyntaxError
from vises.store.syntax import syntax_error


def problem(query: str) -> QuerySyntaxError:
    with pytest.raises(SyntaxError) as error:
        Store().query(query)
    return syntax_error(query, str(error.value))


def test_line_column_and_caret() -> None:
    error = problem("SELECT *\nWHERE {\n  ?s ?p é, , ?o\n}")
    assert (error.line, error.column) == (3, 9)
    assert error.place == "line 3, column 9"
    assert error.detail.endswith("\n  ?s ?p é, , ?o\n        ^")


def test_an_undeclared_prefix_is_named() -> None:
    error = problem("PREFIX a: <http://example.org/>\nSELECT * { ?s a:b ?o ; vises:x ?y }")
    assert "The prefix vises: is not declared." in error.detail
    assert "PREFIX vises: <...>" in error.remedy


@pytest.mark.parametrize("query", ["SELECT * { ?s ?p ?o", "SELECT * { ?s ?p \n\n", ""])
def test_an_early_end(query: str) -> None:
    assert "ends too early" in problem(query).detail


def test_a_late_end() -> None:
    assert "should end here" in problem("SELECT * { ?s ?p ?o } }").detail


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
