from __future__ import annotations

import socket
import threading
from collections.abc import Iterable
from contextlib import suppress
from itertools import chain

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, Store

from vises.store.keywords import (
    _parses,
    kind_of,
    parse_error,
    returns_variable,
    unescaped,
    uses_keyword,
)

IRI = "<http://127.0.0.1:8/>"

CALLS = [
    f"SELECT * {{ SERVICE {IRI} {{ ?s ?p ?o }} }}",
    f"SELECT * {{ service silent {IRI} {{ ?s ?p ?o }} }}",
    f"SELECT * {{ SeRvIcE{IRI}{{ ?s ?p ?o }} }}",
    f"SELECT * {{ SERVICE#comment\n{IRI} {{ ?s ?p ?o }} }}",
    "SELECT * { ?s ?p ?x SERVICE ?x { ?a ?b ?c } }",
    f"SELECT * {{ <relative> ?p ?x SERVICE {IRI} {{ <#x> ?b ?c }} }}",
    "PREFIX : <http://127.0.0.1:8/> SELECT * { SERVICE:x { ?s ?p ?o } }",
    "PREFIX : <http://127.0.0.1:8/> SELECT * { SERVICESILENT:x { ?s ?p ?o } }",
    "PREFIX service: <http://127.0.0.1:8/> SELECT * { SERVICE service:x { ?s ?p ?o } }",
    f"SELECT * {{ ?s ?p 1SERVICE{IRI}{{ ?s ?p ?o }} }}",
    f"SELECT * {{ ?s ?p trueSERVICE{IRI}{{ ?s ?p ?o }} }}",
    f'SELECT * {{ ?s ?p "x"SERVICE{IRI}{{ ?s ?p ?o }} }}',
    f"SELECT * {{ ?s ?p <x:y>SERVICE{IRI}{{ ?s ?p ?o }} }}",
    f"SELECT * {{ {{ SELECT * {{ OPTIONAL {{ SERVICE {IRI} {{ ?s ?p ?o }} }} }} }} }}",
    f"ASK {{ FILTER NOT EXISTS {{ SERVICE {IRI} {{ ?s ?p ?o }} }} }}",
    f"CONSTRUCT {{ ?s ?p ?o }} {{ SERVICE {IRI} {{ ?s ?p ?o }} }}",
    f"DESCRIBE ?s {{ SERVICE {IRI} {{ ?s ?p ?o }} }}",
    f"SELECT * {{ BIND({IRI} AS ?x) FILTER(?a<?b)SERVICE?x#>\n{{ ?s ?p ?o }} }}",
    f'SELECT * {{ BIND("#" AS ?x) SERVICE {IRI} {{ ?s ?p ?o }} }}',
    f"SELECT * {{ BIND('''it''s''' AS ?x) SERVICE {IRI} {{ ?s ?p ?o }} }}".replace("''s", "\\'s"),
    f"SELECT * {{ \\u0053ERVICE {IRI} {{ ?s ?p ?o }} }}",
    f"SELECT * {{ SERV\\U00000049CE {IRI} {{ ?s ?p ?o }} }}",
]
TEXTS = [
    'SELECT * { ?s ?p "SERVICE <http://127.0.0.1:8/> {}" }',
    "SELECT * { ?s ?p '''a \"SERVICE\" \\''' SERVICE ''' }",
    "SELECT * { ?s ?p ?o } # SERVICE <http://127.0.0.1:8/> {}",
    "SELECT * { ?s <http://example.org/SERVICE#service> ?o }",
    "SELECT ?service ?Service ?SERVICE { ?service ?Service ?SERVICE }",
    "PREFIX service: <x:y> SELECT * { GRAPH service:service { ?s service:SERVICE _:service } }",
    'SELECT * { ?s ?p "text"@service }',
    'SELECT * { ?s ?p "\\u0053ERVICE \\\\u0053ERVICE" }',
    "SELECT * { ?s ?p ?o }",
]


@pytest.mark.parametrize("query", CALLS)
def test_calls_are_seen(query: str) -> None:
    assert uses_keyword(query, "SERVICE")


@pytest.mark.parametrize("query", TEXTS)
def test_texts_and_names_are_not_calls(query: str) -> None:
    assert _parses(query), "the test says nothing about a query that does not parse"
    assert not uses_keyword(query, "SERVICE")


@pytest.mark.parametrize("query", ["SELECT * { SERVICE", "SERVICE", "\\u0053ERVICE {", ""])
def test_what_does_not_parse_uses_nothing(query: str) -> None:
    assert not uses_keyword(query, "SERVICE")


@pytest.mark.parametrize(
    ("query", "uses"),
    [
        ("SELECT * FROM <x:y> { ?s ?p ?o }", True),
        ("SELECT * from named <x:y> { ?s ?p ?o }", True),
        ("CONSTRUCT FROM <x:y> WHERE { ?s ?p ?o }", True),
        ("DESCRIBE <x:from> FROM <x:y>", True),
        ("SELECT ?from { ?from <x:from> 'FROM <x:y>' } # FROM <x:y>", False),
    ],
)
def test_dataset_clauses(query: str, *, uses: bool) -> None:
    assert uses_keyword(query, "FROM") is uses


@pytest.mark.parametrize("keyword", ["CONSTRUCT", "DESCRIBE", "GROUP_CONCAT"])
def test_long_words(keyword: str) -> None:
    query = f"SELECT * {{ ?s ?{keyword} '{keyword}' }} # {keyword}"
    assert not uses_keyword(query, keyword)
    assert uses_keyword("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }", keyword) is (keyword == "CONSTRUCT")


def test_a_parse_error_is_returned() -> None:
    error = parse_error("SELECT * { ?s ?p }")
    assert error is not None
    assert "error at" in str(error)
    assert parse_error("ASK {}") is None


@pytest.mark.parametrize(
    ("query", "returned"),
    [
        ("SELECT ?x ?y { ?x ?y ?z }", {"x", "y"}),
        ("SELECT * { ?x ?y ?z }", {"x", "y", "z"}),
        ("SELECT (COUNT(?y) AS ?x) { ?s ?y ?xy }", {"x"}),
    ],
)
def test_returned_variables(query: str, returned: set[str]) -> None:
    assert {name for name in ("x", "y", "z", "xy") if returns_variable(query, name)} == returned


def test_escapes_become_letters() -> None:
    assert unescaped(r"b\u0069f\U0000003A \\u0041") == r"bif: \u0041"


PIECES = [
    "SERVICE", "service", "SILENT", "FROM", "GRAPH", "OPTIONAL", "FILTER", "BIND", "VALUES",
    "UNION", "\\u0053ERVICE", "\\U00000053ERVICE", "?SERVICE", "$service", ":SERVICE", "SERVICE:",
    "_:service", IRI, "<SERVICE>", "'SERVICE'", '"service"', "'''SERVICE'''", "'", '"', "#", "\n",
    " ", ".", ";", ",", "{", "}", "(", ")", "[", "]", "1", "1.", "true", "@service", "^^", "a",
    "?x",    "?s ?p ?o", "SELECT", "*", "AS", "\\", "\\\\", "<", ">", "||", "&&", "=", "NOT EXISTS",
]  # fmt: skip
HEADS = ["SELECT * {", "ASK {", "PREFIX service: <x:y> SELECT * {", "CONSTRUCT { ?s ?p ?o } {"]
CALL = [f"SERVICE {IRI} {{ ?s ?p ?o }}", f"{IRI} {{ ?s ?p ?o }}", "?x { ?s ?p ?o }", ""]
STORE = Store()
"""So that a pattern before a call matches something: the engine calls nobody for nothing."""
for value in (1, True, "SERVICE", "x"):
    STORE.add(Quad(NamedNode("x:s"), NamedNode("x:p"), Literal(value)))


class Listener:
    """Ends every connection at once, and counts them."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.calls = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            connection, _ = self.socket.accept()
            self.calls += 1
            connection.close()


@pytest.fixture(scope="module")
def listener() -> Listener:
    return Listener()


def asked(query: str, listener: Listener) -> None:
    """Evaluate a query whose calls, if it has any, go to the listener."""
    with suppress(OSError, RuntimeError, SyntaxError, ValueError):
        found = STORE.query(query.replace("127.0.0.1:8/", f"127.0.0.1:{listener.port}/"))
        list(found) if isinstance(found, Iterable) else bool(found)


def test_the_listener_hears_calls(listener: Listener) -> None:
    for query in (CALLS[0], CALLS[1], CALLS[8]):
        before = listener.calls
        asked(query, listener)
        assert listener.calls > before


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.tuples(
        st.sampled_from(HEADS).map(lambda head: [head]),
        st.lists(st.sampled_from(PIECES), max_size=8),
        st.sampled_from(CALL).map(lambda call: [call]),
        st.lists(st.sampled_from(PIECES), max_size=8),
    ),
    st.sampled_from(["", " "]),
)
def test_no_call_gets_past_the_detector(
    listener: Listener, parts: tuple[list[str], ...], gap: str
) -> None:
    query = gap.join([*chain(*parts), "}"])
    if not uses_keyword(query, "SERVICE"):
        heard = listener.calls
        asked(query, listener)
        assert listener.calls == heard, query


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(CALLS + TEXTS), st.data())
def test_no_call_is_hidden_by_a_small_change(
    listener: Listener, query: str, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(query)))
    piece = data.draw(st.one_of(st.sampled_from(PIECES), st.characters(exclude_categories=["Cs"])))
    changed = query[:place] + piece + query[place + data.draw(st.integers(0, 2)) :]
    if not uses_keyword(changed, "SERVICE"):
        heard = listener.calls
        asked(changed, listener)
        assert listener.calls == heard, changed


def test_parsing_calls_nothing() -> None:
    """The one who upgrades pyoxigraph learns here whether the parser still only parses."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        address = f"<http://127.0.0.1:{listener.getsockname()[1]}/>"
        for query in CALLS[:-2]:
            assert _parses(query.replace(IRI, address).replace("ASK {", "ASK { ?s ?p ?o ."))
        with pytest.raises(TimeoutError):
            listener.accept()


def test_relative_iris_are_wrong_without_a_base_and_hide_no_keyword() -> None:
    query = f"SELECT * FROM <graph> {{ <relative> ?p ?x SERVICE {IRI} {{ ?a ?b ?c }} }}"
    assert parse_error(query) is not None
    assert parse_error(query, "http://base.example/") is None
    assert uses_keyword(query, "SERVICE")
    assert uses_keyword(query, "FROM")
    assert not uses_keyword("ASK { <SERVICE> ?p ?o }", "SERVICE")


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("SELECT * { ?ask ?construct 'DESCRIBE' }", "table"),
        ("PREFIX ask: <x:> ASK {}", "boolean"),
        ("CONSTRUCT { ?s ?p ?o } { SELECT * { ?s ?p ?o } }", "graph"),
        ("DESCRIBE <x:y>", "graph"),
        ("PREFIX ask: # select\n <x:> CONSTRUCT {} {}", "graph"),
        ("BASE # ask\n <x:y> PREFIX # c\n ex: <x:> DESCRIBE <z>", "graph"),
        ("VERSION '1.2' ASK {}", "boolean"),
        ("# select\rASK {}", "boolean"),
        ("no query", "table"),
    ],
)
def test_kinds(query: str, kind: str) -> None:
    assert kind_of(query) == kind


def test_a_kind_is_told_without_parsing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vises.store.keywords.parse_error", None)
    nested = f"?s ?p {'(' * 1000}{')' * 1000}"
    assert (
        kind_of(f"# SELECT\nBASE <x:y> \\u0041SK {{ {nested} }} # CONSTRUCT DESCRIBE") == "boolean"
    )
    assert kind_of(f"CONSTRUCT {{ {nested} }} {{}} # ASK") == "graph"
