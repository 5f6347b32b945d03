"""Queries that are meant to hurt: each gets its defined error, and others are still answered."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _pytest.mark import ParameterSet

    from tests.hostile.conftest import Target

PREFIX = "PREFIX : <https://data.example/> "
DEEP = 100_000
VALUES = " ".join(map(str, range(150_000)))
EVERYTHING = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i"
TIMEOUT, MEMORY, FAILED = "503 query-timeout", "503 query-memory", "500 query-failed"
SYNTAX, TOO_LARGE = "400 query-syntax", "413 request-too-large"
DEATH = (FAILED, MEMORY)

COSTLY = {
    "cross product counted": (f"SELECT (COUNT(*) AS ?n) {{ {EVERYTHING} }}", (TIMEOUT,)),
    "cross product sorted": (f"SELECT * {{ {EVERYTHING} }} ORDER BY ?c", (TIMEOUT, MEMORY)),
    "cross product, distinct": (
        f"SELECT DISTINCT ?a ?d {{ {EVERYTHING} }}",
        (TIMEOUT, MEMORY, "broken"),
    ),
    "everything sorted": (
        "SELECT * { ?s ?p ?o } ORDER BY ?o ?p ?s",
        ("200", TIMEOUT, MEMORY, "broken"),
    ),
    "path over a ring": (PREFIX + "SELECT (COUNT(*) AS ?n) { ?s :next* ?o }", (TIMEOUT, MEMORY)),
    "nested stars over a ring": (
        PREFIX + "SELECT (COUNT(*) AS ?n) { ?s ((:next*)*/(^:next*)*)* ?o }",
        (TIMEOUT, MEMORY),
    ),
    "negated paths": (PREFIX + "ASK { ?s (!:none|^:next)* :nowhere }", (TIMEOUT, MEMORY, "200")),
    "regular expression bomb": (
        PREFIX + 'SELECT (COUNT(*) AS ?n) { ?s :name ?x . FILTER(REGEX(?x, "^(a+)+$")) }',
        ("200",),
    ),
    "large repetition": ('ASK { FILTER(REGEX("a", "((((a{100}){100}){100}){100})")) }', ("200",)),
    "replacement that grows": (
        'SELECT (STRLEN(?e) AS ?n) { BIND("'
        + "a" * 1000
        + '" AS ?a) '
        + " ".join(f'BIND(REPLACE(?{x}, "a", ?a) AS ?{y})' for x, y in ("ab", "bc", "cd", "de"))
        + " }",
        (TIMEOUT, *DEATH),
    ),
    "doubling": (
        'SELECT (STRLEN(?x40) AS ?n) { BIND("ab" AS ?x0) '
        + " ".join(f"BIND(CONCAT(?x{n}, ?x{n}) AS ?x{n + 1})" for n in range(40))
        + " }",
        (TIMEOUT, *DEATH),
    ),
    "group of everything": (
        f"SELECT (GROUP_CONCAT(?c) AS ?x) {{ {EVERYTHING} }}",
        (TIMEOUT, *DEATH),
    ),
    "optional upon optional": (
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o "
        + " ".join(f"OPTIONAL {{ ?x{n} ?y{n} ?z{n} }}" for n in range(50))
        + " }",
        (TIMEOUT, MEMORY),
    ),
    "exists for every row": (
        "SELECT (COUNT(*) AS ?n) { ?s ?p ?o FILTER EXISTS { ?a ?b ?c . ?d ?e ?f FILTER(?c<?f) }}",
        (TIMEOUT,),
    ),
    "huge VALUES": (f"SELECT (COUNT(*) AS ?n) {{ VALUES ?x {{ {VALUES} }} }}", ("200", TIMEOUT)),
    "two huge VALUES": (
        "SELECT (COUNT(*) AS ?n) {{ VALUES ?x {{ {0} 1 }} VALUES ?y {{ {0} 1 }} }}".format(
            VALUES[:400_000]
        ),
        (TIMEOUT,),
    ),
    "list of 1,000": ("ASK { ?s ?p " + "(" * 1000 + "1" + ")" * 1000 + " }", (TIMEOUT, "200")),
    "10 MB": ("ASK { } #" + "x" * 10_000_000, (TOO_LARGE,)),
    "service": ("SELECT * { SERVICE <http://169.254.169.254/> { ?s ?p ?o } }", ("400 federation",)),
    "update in the query": ("INSERT DATA { <a:a> <a:b> 1 }", (SYNTAX,)),
    "query and update": ("ASK {} ; INSERT DATA { <a:a> <a:b> 1 }", (SYNTAX,)),
    "a NUL": ("ASK { ?s ?p '\0' }", ("200", SYNTAX)),
    "a lone surrogate": ("ASK { ?s ?p '\\uD800' }", (SYNTAX,)),
    "10,000 names": (
        "SELECT " + " ".join(f"?v{n}" for n in range(10_000)) + " {}",
        ("200", TIMEOUT, *DEATH),
    ),
    "10,000 prefixes": (
        "".join(f"PREFIX p{n}: <a:{n}> " for n in range(10_000)) + "ASK { p9:a ?p ?o }",
        ("200", TIMEOUT),
    ),
}
NESTED = {
    "parentheses": "ASK { FILTER(" + "(" * DEEP + "1" + ")" * DEEP + ") }",
    "parentheses that stay open": "ASK { FILTER(" + "(" * DEEP,
    "groups": "ASK " + "{" * DEEP + "}" * DEEP,
    "negations": "ASK { FILTER(" + "!" * DEEP + "true) }",
    "paths": "ASK { ?s " + "(" * DEEP + "<a:b>" + ")" * DEEP + " ?o }",
    "inverses": "ASK { ?s " + "^(" * DEEP + "<a:b>" + ")" * DEEP + " ?o }",
    "blank nodes": "ASK { ?s ?p " + "[ <a:b> " * DEEP + "1" + "]" * DEEP + " }",
    "lists": "ASK { ?s ?p " + "(" * DEEP + "1" + ")" * DEEP + " }",
    "conjunctions": "ASK { FILTER(" + "1&&" * DEEP + "1) }",
    "sums": "ASK { FILTER(" + "1+" * DEEP + "1) }",
    "unions": "ASK { " + "{}UNION" * DEEP + "{} }",
    "optionals": "ASK { " + "OPTIONAL{" * DEEP + "}" * DEEP + " }",
    "sub-queries": "ASK { " + "{SELECT*{" * (DEEP // 2) + "}}" * (DEEP // 2) + " }",
    "triple terms": "ASK { ?s ?p "
    + "<<(<a:a> <a:b> " * (DEEP // 3)
    + "1"
    + ")>>" * (DEEP // 3)
    + "}",
    "functions": "ASK { FILTER(" + "STR(" * DEEP + "1" + ")" * DEEP + ") }",
    "exists": "ASK { " + "FILTER EXISTS{" * (DEEP // 2) + "}" * (DEEP // 2) + " }",
}
SAMPLE = {
    "cross product counted",
    "everything sorted",
    "path over a ring",
    "regular expression bomb",
    "doubling",
    "huge VALUES",
    "10 MB",
    "a lone surrogate",
    "parentheses",
    "blank nodes",
    "sub-queries",
}


def sampled(cases: Iterable[str]) -> list[ParameterSet]:
    """Return the cases, those that are not in the sample marked as part of the campaign."""
    return [pytest.param(c, marks=[] if c in SAMPLE else pytest.mark.campaign) for c in cases]


def outcome(endpoint: str, query: str, accept: str = "text/csv, text/turtle") -> str:
    """Return the status and the problem type of an answer, "broken" for one that ends early."""
    headers = {"Accept": accept, "Content-Type": "application/sparql-query"}
    body = query.encode("utf-8", "surrogatepass")
    try:
        answer = httpx.post(endpoint, content=body, headers=headers, timeout=60)
    except (httpx.RemoteProtocolError, httpx.WriteError):
        return "broken"
    if answer.status_code == 200:
        return "200"
    if answer.headers["content-type"] != "application/problem+json":
        return f"{answer.status_code} page"
    return f"{answer.status_code} {answer.json()['type'].rpartition('/')[2]}"


@pytest.mark.parametrize("name", sampled(COSTLY))
def test_a_costly_query_gets_its_defined_answer(target: Target, name: str) -> None:
    query, allowed = COSTLY[name]
    with target.watched(name) as row:
        row.answer = outcome(target.served.endpoint, query)
    assert row.answer.startswith(allowed)


@pytest.mark.parametrize("accept", ["text/csv, text/turtle", "text/html"])
@pytest.mark.parametrize("name", sampled(NESTED))
def test_a_query_that_nests_deeply_costs_one_process(
    target: Target, name: str, accept: str
) -> None:
    with target.watched(f"{name}, nested {'html' if 'html' in accept else ''}") as row:
        row.answer = outcome(target.served.endpoint, NESTED[name], accept)
    assert row.answer.startswith(("200", FAILED, MEMORY, SYNTAX, TIMEOUT, "400 page", "500 page"))


def test_a_crowd_of_costly_queries(target: Target) -> None:
    """As many as can wait, all at once: who comes then is told to come back."""
    query = COSTLY["cross product counted"][0]
    with target.watched("40 cross products at once") as row:
        with ThreadPoolExecutor(40) as crowd:
            asked = [crowd.submit(outcome, target.served.endpoint, query) for _ in range(40)]
            found = {a.result() for a in asked}
        row.answer = ", ".join(sorted(found))
    assert found <= {TIMEOUT, "503 engine-busy"}
