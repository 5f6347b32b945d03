"""What is trusted to an engine that was not measured: one plain pattern, and nothing that hides."""

from __future__ import annotations

import subprocess
import sys

import pytest

from vises.store.remote.dialect import CAUTIOUS, STANDARD, VIRTUOSO, dialect_of
from vises.store.remote.queries import accepts

TRUSTED = [
    "SELECT * { ?s ?p ?o }",
    "SELECT DISTINCT ?o WHERE { ?s a ?c ; <http://x/OPTIONAL-and/values> ?o . }",
    "PREFIX x: <http://x/> SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s x:minus ?union } GROUP BY ?union",
    "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g # FILTER",
    "ASK { ?s ?p ?o, ?q }",
]
DISTRUSTED = [
    "SELECT * { ?s ?p ?o OPTIONAL { ?o ?q ?r } }",
    "SELECT * { ?s ?p ?o optional{?o ?q ?r} }",
    "SELECT * { ?s ?p ?o FILTER(?o > 1) }",
    "SELECT * { ?s ?p ?o BIND(1 AS ?x) }",
    "SELECT * { ?s ?p ?o } VALUES ?o { 1 }",
    "SELECT * { ?s ?p ?o MINUS { ?s ?p 1 } }",
    "SELECT * { { ?s ?p ?o } { ?o ?q ?r } }",
    "SELECT * { { SELECT ?s { ?s ?p ?o } } }",
    "SELECT * { ?s <x:a>/<x:b> ?o }",
    "SELECT * { ?s <x:a>* ?o }",
    "SELECT * { ?s <x:a>? ?o }",
    "SELECT * { ?s ^<x:a> ?o }",
    "SELECT * { ?s !<x:a> ?o }",
    "SELECT * { ?s ?p [] }",
    "SELECT * { ?s ?p () }",
    "SELECT * { }",
    "SELECT * { GRAPH ?g { } }",
    "SELECT * { ?s ?p 1.5 }",
    "SELECT * { ?s ?p true }",
    "SELECT * { ?s ?p 'a'@fr }",
    "SELECT ?s { ?s ?p ?o } ORDER BY ?s",
    "SELECT ?s { ?s ?p ?o } LIMIT 5",
    "SELECT (SUM(?o) AS ?n) { ?s ?p ?o }",
    "SELECT (?o AS ?n) { ?s ?p ?o }",
    "SELECT (COUNT(*) > 1 AS ?n) { ?s ?p ?o }",
    "SELECT (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY (?o = 1)",
    "SELECT (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?s HAVING (COUNT(*) > 1)",
    "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }",
]
NOWHERE = [
    "SELECT * { ?s ?p }",
    "SELECT * FROM <x:g> { ?s ?p ?o }",
    "DESCRIBE <x:a>",
    "SELECT * { SERVICE <x:s> { ?s ?p ?o } }",
    "SELECT (<bif:now>() AS ?x) { ?s ?p ?o }",
]
HOSTILE = [
    "ASK { FILTER(" + "!" * 100_000 + "1) }",
    "ASK { FILTER(" + "(" * 100_000,
    "ASK { FILTER(" + "\\u0028" * 20_000,
    "ASK { FILTER(" + "1+" * 100_000 + "1) }",
    "ASK { ?s ?p " + "(" * 1000 + "1" + ")" * 1000 + " }",
    "ASK { ?s ?p " + "[<a:b>" * 600 + "1" + "]" * 600 + " }",
    "ASK { ?s " + "a/" * 1900 + "a ?o }",
    "ASK { ?s " + "<a:b>/" * 600 + "a ?o }",
    "ASK " + "{" * 2000 + "}" * 2000,
]


@pytest.mark.parametrize("query", TRUSTED)
def test_plain_patterns_are_trusted(query: str) -> None:
    assert accepts(query)
    assert CAUTIOUS.trusts(query)
    assert VIRTUOSO.trusts(query)


@pytest.mark.parametrize("query", DISTRUSTED)
def test_everything_else_is_not(query: str) -> None:
    assert accepts(query)
    assert STANDARD.trusts(query)
    assert not CAUTIOUS.trusts(query)
    assert not VIRTUOSO.trusts(query)


@pytest.mark.parametrize("query", NOWHERE)
def test_what_no_engine_is_asked(query: str) -> None:
    assert not accepts(query)


@pytest.mark.parametrize("query", HOSTILE)
def test_what_could_end_or_hold_the_process_of_the_service_is_not_parsed_in_it(query: str) -> None:
    """In a process of its own: without the bound, the first of them ends it."""
    code = (
        "import sys; from vises.store.remote.queries import accepts; "
        "print(accepts(sys.stdin.read()))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code],
        input=query,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert told.stdout == "False\n"


def test_an_engine_is_known_by_its_header() -> None:
    assert dialect_of({"Server": "Oxigraph/0.5.13"}) is STANDARD
    assert dialect_of({"Server": "Virtuoso/07.20.3229 (Linux)"}) is VIRTUOSO
    assert dialect_of({"Server": "nginx"}) is CAUTIOUS
    assert dialect_of({}) is CAUTIOUS
