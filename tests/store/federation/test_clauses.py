from __future__ import annotations

import http.server
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import QueryBoolean, Store

from vises.store.engine import FederationRefused
from vises.store.federation.clauses import MOST_CLAUSES, NOT_LISTED, WayOut, redirected
from vises.store.keywords import parse_error

if TYPE_CHECKING:
    from collections.abc import Iterator

LISTED = "http://partner.example/sparql?graph=a"
OTHER = "http://other.example/sparql"
FIRST, NONE = "http://127.0.0.1:4000/0", NOT_LISTED
WAY = WayOut(4000, (LISTED, OTHER))


def test_a_clause_calls_the_way_out() -> None:
    query = f"SELECT * {{ ?s ?p <{LISTED}> SERVICE <{OTHER}> {{ ?s ?p '<{OTHER}>' }} }}"
    assert redirected(query, WAY) == (
        f"SELECT * {{ ?s ?p <{LISTED}> SERVICE <http://127.0.0.1:4000/1> {{ ?s ?p '<{OTHER}>' }} }}"
    )


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        (f"SERVICE <{LISTED}> {{}}", "SERVICE <http://127.0.0.1:4000/0> {}"),
        (f"SERVICE<{LISTED}>{{}}", "SERVICE<http://127.0.0.1:4000/0>{}"),
        (f"SERVICE SILENT<{LISTED}>{{}}", "SERVICE SILENT<http://127.0.0.1:4000/0/silent>{}"),
        ("SERVICE SILENT <x:y> {}", "SERVICE SILENT <http://127.0.0.1:4000/none/silent> {}"),
        ("service\n#<x:y>\nother:sparql{}", "service\n#<x:y>\n<http://127.0.0.1:4000/1>{}"),
        ("SERVICE <./sparql> {}", "SERVICE <http://127.0.0.1:4000/1> {}"),
        ("SERVICE <http://other.ex\\u0061mple/sparql> {}", "SERVICE <http://127.0.0.1:4000/1> {}"),
        ("SERVICE service:sparql {}", "SERVICE <http://127.0.0.1:4000/1> {}"),
        (
            f"SERVICE <{LISTED}> {{ SERVICE <{OTHER}> {{}} }}",
            f"SERVICE <http://127.0.0.1:4000/0> {{ SERVICE <{OTHER}> {{}} }}",
        ),
        (
            f"SERVICE <{LISTED}> {{ {{ SERVICE SILENT <x:> {{}} }} SERVICE <{LISTED}> {{}} }}",
            f"SERVICE <{FIRST}> {{ {{ SERVICE SILENT <{NONE}> {{}} }} SERVICE <{LISTED}> {{}} }}",
        ),
    ],
)
def test_ways_to_write_a_clause(clause: str, expected: str) -> None:
    prologue = (
        "BASE <http://other.example/x> # PREFIX other: <x:y>\n"
        "PREFIX other: <http://other.example/>prefix service:<http://other.example/> "
    )
    query = f"{prologue}SELECT * {{ ?s ?p ?o {clause} }}"
    assert redirected(query, WAY) == f"{prologue}SELECT * {{ ?s ?p ?o {expected} }}"


@pytest.mark.parametrize(
    "clause",
    [
        "SERVICE <http://partner.example/sparql> {}",
        f"SERVICE <{LISTED}&b> {{}}",
        f"SERVICE <{LISTED}#> {{}}",
        "SERVICE <HTTP://other.example/sparql> {}",
        "SERVICE <http://OTHER.example/sparql> {}",
        "SERVICE <http://other.example:80/sparql> {}",
        "SERVICE <http://other.example./sparql> {}",
        "SERVICE <http://user@other.example/sparql> {}",
        "SERVICE <http://other.example@evil.example/sparql> {}",
        "SERVICE <http://other.example/x/../sparql> {}",
        "SERVICE <http://other.example/%73parql> {}",
        "SERVICE <http://2130706433/> {}",
        "SERVICE <http://0x7f.1/> {}",
        "SERVICE <http://[::ffff:127.0.0.1]/> {}",
        "SERVICE <http://127.0.0.1:4000/0> {}",
        f"SERVICE <{LISTED}> {{ SERVICE <http://evil.example/> {{}} }}",
        f"SERVICE SILENT <{LISTED}> {{ SERVICE <http://evil.example/> {{}} }}",
    ],
)
def test_only_the_very_iri_is_listed(clause: str) -> None:
    query = f"SELECT * {{ ?s ?p ?o {clause} }}"
    assert parse_error(query) is None
    with pytest.raises(FederationRefused, match="not one of the endpoints"):
        redirected(query, WAY)


@pytest.mark.parametrize(
    "pattern",
    [
        "SERVICE ?p { ?s ?p ?o }",
        "SERVICE SILENT $p { ?s ?p ?o }",
        f"SERVICE <{LISTED}> {{ SERVICE ?p {{ ?s ?p ?o }} }}",
        f"{{ SELECT * {{ SERVICE <{LISTED}> {{ FILTER EXISTS {{ SERVICE ?o {{}} }} }} }} }}",
    ],
)
def test_an_endpoint_from_data_is_refused(pattern: str) -> None:
    with pytest.raises(FederationRefused, match="whatever"):
        redirected(f"SELECT * {{ ?s ?p ?o {pattern} }}", WAY)


def test_too_many_clauses_are_refused() -> None:
    clause = f"SERVICE <{LISTED}> {{}} "
    assert redirected(f"SELECT * {{ {clause * MOST_CLAUSES} }}", WAY).count("4000/0>") == 16
    with pytest.raises(FederationRefused, match="17 SERVICE clauses"):
        redirected(f"SELECT * {{ {clause * (MOST_CLAUSES + 1)} }}", WAY)


def test_a_query_that_went_in_a_circle_is_refused() -> None:
    query = f"SELECT * {{ SERVICE <{LISTED}> {{}} }}"
    assert redirected(query, WAY, hops=1) != query
    with pytest.raises(FederationRefused, match="2 services"):
        redirected(query, WAY, hops=2)
    assert redirected("SELECT * {}", WAY, hops=2) == "SELECT * {}"


@dataclass(frozen=True)
class Piece:
    """A part of a query with so many clauses, and what it has to become.

    `refused` where it has to be refused, whatever their number is.
    """

    text: str
    expected: str
    refused: bool = False
    clauses: int = 0


def same(text: str) -> Piece:
    return Piece(text, text)


SPACE = st.sampled_from([" ", "\n", "\t\r\n ", " # SERVICE <x:y> {\n", "#\n"])
TRIPLES = st.sampled_from(
    [
        "?s ?p ?service . ",
        '?s ?p "SERVICE <http://evil.example/> {" . ',
        "?s ?p 'it\\'s SERVICE <x:y> {' . ",
        "?s ?p '''a 'SERVICE' <x:y> {''' . ",
        '?s ?p """ " SERVICE ""\\" <x:y> } """ . ',
        "?SERVICE service:SERVICE [] . ",
        "<x:SERVICE#> service:a.service 'x'@service . ",
        "FILTER(?s < 3 && 4 > ?o) ",
        "FILTER('{' != '}') ",
        "# } SERVICE SILENT <x:y> { '\n",
        "VALUES ?v { UNDEF 'SERVICE' 1.5e3 true } ",
    ]
)
TARGETS = st.sampled_from(
    [
        (f"<{LISTED}>", 0),
        (f"<{OTHER}>", 1),
        ("<sparql>", 1),
        ("other:sparql", 1),
        ("service:sparql", 1),
        ("<http://evil.example/>", None),
        ("other:", None),
        ("?s", "variable"),
    ]
)
NUMBER = {0: LISTED, 1: OTHER}


@st.composite
def clauses(draw: st.DrawFn, *, inside: bool, depth: int) -> Piece:
    keyword = draw(st.sampled_from(["SERVICE", "service", "Service"]))
    silent = draw(st.sampled_from(["", "SILENT", "silent"]))
    before, between, after = draw(SPACE), draw(SPACE), draw(SPACE)
    target, number = draw(TARGETS)
    body = draw(groups(inside=True, depth=depth - 1))
    if number == "variable" or (number is None and not silent):
        called = target
    elif inside:
        called = f"<{NUMBER[number] if number is not None else NOT_LISTED}>"
    else:
        path = "none" if number is None else number
        called = f"<http://127.0.0.1:4000/{path}{'/silent' if silent else ''}>"
    head = f"{keyword}{before}{silent}{between if silent else ''}"
    return Piece(
        f"{head}{target}{after}{body.text}",
        f"{head}{called}{after}{body.expected}",
        number == "variable" or (number is None and not silent) or body.refused,
        1 + body.clauses,
    )


@st.composite
def wrapped(draw: st.DrawFn, *, inside: bool, depth: int) -> Piece:
    form = draw(
        st.sampled_from(
            [
                "{}",
                "OPTIONAL{}",
                "MINUS {}",
                "FILTER NOT EXISTS {}",
                "GRAPH ?g {}",
                "{{ SELECT *{}}}",
            ]
        )
    )
    body = draw(groups(inside=inside, depth=depth - 1))
    return Piece(form.format(body.text), form.format(body.expected), body.refused, body.clauses)


@st.composite
def groups(draw: st.DrawFn, *, inside: bool, depth: int) -> Piece:
    kinds = [st.builds(same, TRIPLES)]
    if depth > 0:
        kinds.append(clauses(inside=inside, depth=depth))
        kinds.append(wrapped(inside=inside, depth=depth))
    parts = draw(st.lists(st.one_of(*kinds), max_size=4))
    return Piece(
        "{ " + " ".join(p.text for p in parts) + " }",
        "{ " + " ".join(p.expected for p in parts) + " }",
        any(p.refused for p in parts),
        sum(p.clauses for p in parts),
    )


PROLOGUE = (
    "BASE <http://other.example/> PREFIX other: <http://other.example/>\n"
    "PREFIX service: <http://other.example/>\n"
)


@settings(max_examples=200, deadline=None)
@given(groups(inside=False, depth=3))
def test_clauses_and_nothing_else_are_redirected(group: Piece) -> None:
    query = f"{PROLOGUE}SELECT ?s {group.text}"
    assert parse_error(query) is None, query
    if group.refused or group.clauses > MOST_CLAUSES:
        with pytest.raises(FederationRefused):
            redirected(query, WAY)
    else:
        assert redirected(query, WAY) == f"{PROLOGUE}SELECT ?s {group.expected}"


class Empty(http.server.BaseHTTPRequestHandler):
    """A way out that answers everything with no solution."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "application/sparql-results+json")
        self.end_headers()
        self.wfile.write(b'{"head":{"vars":[]},"results":{"bindings":[]}}')

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def way_out() -> Iterator[WayOut]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Empty) as server:
        threading.Thread(target=server.serve_forever).start()
        yield WayOut(server.server_port, (LISTED, OTHER))
        server.shutdown()


HIDDEN = [
    "SELECT * {{ ?s ?p 1SERVICE{0}{{ ?s ?p ?o }} }}",
    "SELECT * {{ ?s ?p 1.SERVICE{0}{{ ?s ?p ?o }} }}",
    "SELECT * {{ ?s ?p trueSERVICE{0}{{ ?s ?p ?o }} }}",
    'SELECT * {{ ?s ?p "x"SERVICE{0}{{ ?s ?p ?o }} }}',
    "SELECT * {{ ?s ?p 'x'@enSERVICE{0}{{ ?s ?p ?o }} }}",
    "PREFIX SERVICE: <{1}> SELECT * {{ SERVICE:{{ ?s ?p ?o }} }}",
    "PREFIX : <{1}> SELECT * {{ SERVICE:{{ ?s ?p ?o }} }}",
    "PREFIX : <{1}> SELECT * {{ SERVICESILENT:{{ ?s ?p ?o }} }}",
    "PREFIX SILENT: <{1}> SELECT * {{ SERVICE SILENT:{{ ?s ?p ?o }} }}",
    "PREFIX : <{1}> PREFIX SILENT: <{2}> SELECT * {{ SERVICE SILENT: {{ ?s ?p ?o }} }}",
    "SELECT * {{ \\u0053ERVICE {0} {{ ?s ?p ?o }} }}",
    "SELECT * {{ SERVICE \\u003C{1}\\u003E {{ ?s ?p ?o }} }}",
    "SELECT * {{ SERVICE <{2}> {{}} \\u0053ERVICE {0} {{ ?s ?p ?o }} }}",
    "SELECT * {{ SERVICE <{2}> {{}} FILTER(1<2)SERVICE{0}{{ ?s ?p ?o }} }}",
    "SELECT * {{ FILTER(?a<?b)SERVICE<{2}>{{}}\nSERVICE{0}{{ ?s ?p ?o }} }}",
    "SELECT * {{ BIND({0} AS ?x) FILTER(?a<?b)SERVICE?x#>\n{{ ?s ?p ?o }} }}",
    "SELECT * {{ SERVICE <{2}> {{}} '\\u0027 SERVICE {0} {{ ?s ?p ?o }} }} # '",
    "SELECT * {{ ?s ?p '\\u0027 SERVICE {0} {{ ?s ?p ?o }} #' }}",
    "SELECT * {{ ?s ?p 'a\\\\' SERVICE {0} {{ ?s ?p ?o }} #' }}",
    "SELECT * {{ #\\u000A SERVICE {0} {{ ?s ?p ?o }}\n }}",
    "SELECT * {{ SERVICE <{2}> {{}} #\\u000A SERVICE {0} {{ ?s ?p ?o }}\n }}",
    "BASE <{2}> BASE <{1}> SELECT * {{ SERVICE <> {{ ?s ?p ?o }} }}",
    "PREFIX a: <{2}> PREFIX a: <{1}> SELECT * {{ SERVICE a: {{ ?s ?p ?o }} }}",
    "PREFIX a: <{2}> PREFIX\\u0020a: <{1}> SELECT * {{ SERVICE a: {{ ?s ?p ?o }} }}",
]


@pytest.mark.parametrize("template", HIDDEN)
def test_no_way_of_writing_reaches_another_endpoint(template: str, way_out: WayOut) -> None:
    """The engine evaluates what it is given here with a network: nobody else must be called."""
    with socket.create_server(("127.0.0.1", 0)) as evil:
        evil.settimeout(0)
        address = f"http://127.0.0.1:{evil.getsockname()[1]}/"
        query = template.format(f"<{address}>", address, OTHER)
        with suppress(FederationRefused, SyntaxError, OSError, RuntimeError):
            found = Store().query(redirected(query, way_out))
            if not isinstance(found, QueryBoolean):
                list(found)
        with pytest.raises(BlockingIOError):
            evil.accept()
