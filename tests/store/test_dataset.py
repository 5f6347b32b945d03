"""Queries and descriptions from which graphs are hidden: as if these were not in the store."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Store

from vises.namespaces import term
from vises.store.dataset import dataset_of
from vises.store.description import describe
from vises.store.engine import (
    BindingError,
    DatasetUnclear,
    DescribeRequest,
    QueryRequest,
    QuerySyntaxError,
)
from vises.store.evaluation import evaluate

if TYPE_CHECKING:
    from collections.abc import Sequence

E = "https://example.org/"
A, B, SECRET = (NamedNode(f"{E}graph/{name}") for name in ("a", "b", "secret"))
P, S = NamedNode(E + "p"), NamedNode(E + "s")
CSV, NQ = "text/csv", "application/n-quads"


def quads(*, secret: bool) -> list[Quad]:
    node = BlankNode("n")
    found = [
        Quad(S, P, Literal("a"), A),
        Quad(S, P, Literal("everywhere"), A),
        Quad(S, P, Literal("everywhere"), B),
        Quad(S, P, node, B),
        Quad(node, P, Literal("owned"), B),
    ]
    hidden = [
        Quad(S, P, Literal("everywhere"), SECRET),
        Quad(S, P, NamedNode(E + "secret"), SECRET),
        Quad(NamedNode(E + "secret"), P, S, SECRET),
        Quad(node, P, Literal("secretly owned"), SECRET),
        Quad(S, term("adms:identifier"), NamedNode(E + "id"), SECRET),
    ]
    return found + (hidden if secret else [])


def store_of(*, secret: bool) -> Store:
    store = Store()
    store.extend(quads(secret=secret))
    return store


def asked(store: Store, request: QueryRequest | DescribeRequest) -> list[bytes]:
    found = evaluate if isinstance(request, QueryRequest) else describe
    write = found(store, request)[1]
    output = io.BytesIO()
    write(output)
    return sorted(output.getvalue().splitlines())


@pytest.mark.parametrize(
    "clauses",
    [
        "FROM <{A}> FROM <{A}>",
        "FROM <{A}> from<{A}>FROM <{B}>",
        "FROM g:a FROM g:a FROM NAMED <{A}>",
        "FROM <{A}>\nFROM NAMED <{B}> FROM NAMED <{B}>",
    ],
)
def test_a_graph_that_is_named_twice_is_one(clauses: str) -> None:
    """A merge of a graph with itself is that graph (SPARQL 1.1 Query Language, 13.2.1)."""
    store = store_of(secret=False)
    both = "<{B}>" in clauses and "NAMED <{B}>" not in clauses
    start = f"BASE <{E}> PREFIX g: <{E}graph/> SELECT ?s ?p ?o"
    once = filled("FROM <{A}> FROM <{B}>" if both else "FROM <{A}>")
    expected = asked(store, QueryRequest(f"{start} {once} {{ ?s ?p ?o }}", CSV, None))
    assert (
        asked(store, QueryRequest(f"{start} {filled(clauses)} {{ ?s ?p ?o }}", CSV, None))
        == expected
    )
    twice = QueryRequest(f"{start} {{ ?s ?p ?o }}", CSV, None, default_graphs=(A.value, A.value))
    assert len(asked(store, twice)) == 3, "a header and two statements"


DATASETS: Sequence[tuple[tuple[str, ...], tuple[str, ...]]] = (
    ((), ()),
    ((SECRET.value,), ()),
    ((), (SECRET.value,)),
    ((A.value, SECRET.value), (SECRET.value, B.value)),
    ((E + "graph/none",), ()),
)
HEADS = (
    "",
    "FROM <{S}>",
    "FROM <{A}> FROM <{S}>",
    "FROM NAMED <{S}>",
    "FROM NAMED <{B}> FROM NAMED <{S}> FROM <{S}>",
    "FROM g:secret FROM NAMED g:a",
    "FROM <graph/secret> FROM <graph/b>",
)
BODIES = (
    "{ ?s ?p ?o }",
    "{ GRAPH ?g { ?s ?p ?o } }",
    "{ GRAPH ?g {} }",
    "{ GRAPH <{S}> {} }",
    "{ GRAPH <{S}> { ?s ?p ?o } }",
    "{ ?s !<urn:none> ?o }",
    "{ ?s <urn:none>* ?o }",
    "{ GRAPH ?g { ?s <urn:none>? ?o } }",
    "{ <{E}secret> <{E}p>* ?o }",
    "{ ?s ?p ?o FILTER EXISTS { GRAPH ?g { <{E}secret> ?b ?c } } }",
    "{ ?s ?p ?o MINUS { GRAPH ?g { ?s ?p ?o } } }",
    "{ { SELECT (COUNT(*) AS ?n) { ?s ?p ?o } } GRAPH ?g { ?x ?y ?z } }",
)
FORMS = ("SELECT *", "ASK", "CONSTRUCT { ?s ?p ?o }", "DESCRIBE <{E}s> <{E}secret>")


def filled(text: str) -> str:
    names = {"{S}": SECRET.value, "{A}": A.value, "{B}": B.value, "{E}": E}
    for name, value in names.items():
        text = text.replace(name, value)
    return text


@given(st.sampled_from(FORMS), st.sampled_from(HEADS), st.sampled_from(BODIES))
@settings(max_examples=80, deadline=None)
def test_a_query_cannot_tell_hidden_from_absent(form: str, head: str, body: str) -> None:
    query = filled(f"BASE <{E}> PREFIX g: <{E}graph/> {form} {head} WHERE {body}")
    for default, named in DATASETS:

        def request(
            *hidden: str, default: tuple[str, ...] = default, named: tuple[str, ...] = named
        ) -> QueryRequest:
            return QueryRequest(query, CSV, NQ, default, named, hidden_graphs=hidden)

        hidden = asked(store_of(secret=True), request(SECRET.value))
        assert hidden == asked(store_of(secret=False), request(SECRET.value)), (default, named)
        if not named and "NAMED" not in head:
            assert hidden == asked(store_of(secret=False), request()), default


def test_nothing_hidden_leaves_the_dataset_to_the_engine() -> None:
    store = store_of(secret=True)
    found = dataset_of(store, QueryRequest("SELECT * { ?s ?p ?o }", CSV, None))
    assert (found.union, found.default, found.named) == (True, None, None)
    found = dataset_of(store, QueryRequest(f"ASK FROM <{A.value}> {{}}", CSV, None))
    assert (found.union, found.default, found.named) == (False, None, None)


def test_a_description_has_no_hidden_quad() -> None:
    def request(*hidden: str) -> DescribeRequest:
        return DescribeRequest((S.value,), NQ, hidden)

    assert b"secret" in b"".join(asked(store_of(secret=True), request()))
    hidden = asked(store_of(secret=True), request(SECRET.value))
    assert hidden == asked(store_of(secret=False), request())
    assert hidden


UNCLEAR = (
    "SELECT * FROM <https://example.org/graph/a> { ?s ?p ?o LATERAL { ?s ?q ?r } }",
    f"PREFIX e: <{E}> SELECT * FROM e:graph\\/a {{ ?s ?p ?o }}",
)


@pytest.mark.parametrize("query", UNCLEAR)
def test_from_that_cannot_be_read_is_an_error_and_only_where_graphs_are_hidden(query: str) -> None:
    store = store_of(secret=True)
    asked(store, QueryRequest(query, CSV, None))
    with pytest.raises(DatasetUnclear) as unclear:
        asked(store, QueryRequest(query, CSV, None, hidden_graphs=(SECRET.value,)))
    assert unclear.value.remedy
    asked(store, QueryRequest(query, CSV, None, (A.value,), hidden_graphs=(SECRET.value,)))


def test_errors_are_those_of_any_other_query() -> None:
    store = store_of(secret=True)
    for query in ("SELECT * FROM <", "SELECT * FROM <x:a> {"):
        with pytest.raises(QuerySyntaxError):
            asked(store, QueryRequest(query, CSV, None, hidden_graphs=(SECRET.value,)))
    with pytest.raises(BindingError):
        asked(store, QueryRequest("ASK {}", CSV, None, ("no iri",), hidden_graphs=(SECRET.value,)))
