from __future__ import annotations

import io

import pytest
from pyoxigraph import (
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    RdfFormat,
    Store,
    parse,
    parse_query_results,
)

from vises.namespaces import term
from vises.store.engine import (
    ARROW,
    GRAPH_TYPES,
    PARQUET,
    RESULTS_TYPES,
    BindingError,
    FederationRefused,
    NotAcceptable,
    QueryRequest,
    QuerySyntaxError,
    UnknownFunction,
)
from vises.store.evaluation import evaluate

A, B = NamedNode("https://example.org/graph/a"), NamedNode("https://example.org/graph/b")
S, P = NamedNode("https://example.org/s"), NamedNode("https://example.org/p")
AWKWARD = Literal('a "quoted", line\n\tand <é>', language="fr")
SELECT = "SELECT ?s ?o { ?s ?p ?o }"
STANDARD_TYPES = [t for t in RESULTS_TYPES if t not in {ARROW, PARQUET}]
"""Those of W3C; the tables are in test_tabular.py."""


@pytest.fixture
def store() -> Store:
    store = Store()
    store.add(Quad(S, P, AWKWARD, A))
    store.add(Quad(NamedNode("https://example.org/t"), P, Literal(2), B))
    return store


def ask(store: Store, query: str, results_type: str | None = "text/csv", **more: object) -> bytes:
    request = QueryRequest(query, results_type, more.pop("graph_type", None), **more)
    return run(store, request)[1]


def run(store: Store, request: QueryRequest) -> tuple[str, bytes]:
    media_type, write = evaluate(store, request)
    output = io.BytesIO()
    write(output)
    return media_type, output.getvalue()


@pytest.mark.parametrize("media_type", STANDARD_TYPES)
def test_solutions_in_every_format(store: Store, media_type: str) -> None:
    given, body = run(store, QueryRequest(SELECT, media_type, None))
    assert given == media_type
    if media_type == "text/csv":
        assert sorted(body.decode().split("\r\n", 1)[1]) == sorted(
            f'https://example.org/s,"{AWKWARD.value.replace(chr(34), chr(34) * 2)}"\r\n'
            "https://example.org/t,2\r\n"
        )
        return
    results = parse_query_results(body, QueryResultsFormat.from_media_type(media_type))
    assert {(row["s"], row["o"]) for row in results} == {
        (S, AWKWARD),
        (NamedNode("https://example.org/t"), Literal(2)),
    }


@pytest.mark.parametrize("media_type", STANDARD_TYPES)
def test_booleans_in_every_format(store: Store, media_type: str) -> None:
    _, body = run(store, QueryRequest("ASK { ?s ?p 3 }", media_type, None))
    if media_type.startswith("text/"):
        assert body == b"false"
        return
    result = parse_query_results(body, QueryResultsFormat.from_media_type(media_type))
    assert isinstance(result, QueryBoolean)
    assert not result


@pytest.mark.parametrize("media_type", GRAPH_TYPES)
@pytest.mark.parametrize("query", ["CONSTRUCT WHERE { ?s ?p ?o }", "DESCRIBE ?s { ?s ?p ?o }"])
def test_graphs_in_every_format(store: Store, media_type: str, query: str) -> None:
    given, body = run(store, QueryRequest(query, None, media_type))
    assert given == media_type
    quads = parse(body, RdfFormat.from_media_type(media_type))
    assert {quad.triple for quad in quads} == {quad.triple for quad in store}


def test_a_graph_has_no_duplicates_and_known_prefixes(store: Store) -> None:
    body = ask(
        store, "CONSTRUCT { <x:a> a <x:b> } { ?s ?p ?o }", graph_type="application/n-triples"
    )
    assert len(body.splitlines()) == 1
    body = ask(store, f"CONSTRUCT {{ <x:a> {term('skos:note')} 1 }} {{}}", graph_type="text/turtle")
    assert b"<x:a> skos:note 1" in body


@pytest.mark.parametrize(
    ("query", "dataset", "count"),
    [
        (SELECT, {}, 2),
        (SELECT, {"default_graphs": (A.value,)}, 1),
        (SELECT, {"default_graphs": (A.value, B.value)}, 2),
        (SELECT, {"named_graphs": (A.value,)}, 0),
        ("SELECT ?g { GRAPH ?g { ?s ?p ?o } }", {}, 2),
        ("SELECT ?g { GRAPH ?g { ?s ?p ?o } }", {"named_graphs": (A.value,)}, 1),
        ("SELECT ?g { GRAPH ?g { ?s ?p ?o } }", {"default_graphs": (A.value,)}, 0),
        (f"SELECT * FROM {A} {{ ?s ?p ?o }}", {}, 1),
        (f"SELECT * FROM {A} FROM {B} {{ ?s ?p ?o }}", {}, 2),
        (f"SELECT * FROM {A} {{ GRAPH ?g {{ ?s ?p ?o }} }}", {}, 0),
        (f"SELECT * FROM NAMED {A} {{ ?s ?p ?o }}", {}, 0),
        (f"SELECT * FROM NAMED {A} {{ GRAPH ?g {{ ?s ?p ?o }} }}", {}, 1),
        (f"SELECT * FROM {A} {{ ?s ?p ?o }}", {"default_graphs": (A.value, B.value)}, 2),
        ('SELECT * { ?s ?p ?o FILTER(?o != "FROM <x:y>") }', {}, 2),
    ],
)
def test_datasets(store: Store, query: str, dataset: dict[str, tuple[str]], count: int) -> None:
    body = ask(store, query, "text/tab-separated-values", **dataset)
    assert len(body.splitlines()) - 1 == count


@pytest.mark.parametrize(
    ("value", "count"),
    [
        ("<https://example.org/s>", 1),
        ("<https://example.org/none>", 0),
        ('"no subject"', 0),
    ],
)
def test_bindings(store: Store, value: str, count: int) -> None:
    body = ask(store, SELECT, "text/tab-separated-values", bindings={"s": value})
    assert len(body.splitlines()) - 1 == count


def test_a_binding_is_a_value_and_never_a_part_of_the_query(store: Store) -> None:
    body = ask(store, SELECT, bindings={"o": '"x\\" } ; DROP ALL # "'})
    assert body == b"s,o\r\n"


@pytest.mark.parametrize(
    "bindings",
    [
        {"s": "not a term"},
        {"s": "<x:a> . <x:b> <x:c> <x:d>"},
        {"s": '"x" .\n<x:a> <x:b> "y"'},
        {"s": "<a b>"},
        {"s": ""},
        {"unknown": "<x:a>"},
        {"no variable": "<x:a>"},
    ],
)
def test_wrong_bindings(store: Store, bindings: dict[str, str]) -> None:
    with pytest.raises(BindingError):
        ask(store, SELECT, bindings=bindings)


def test_a_graph_iri_must_be_one(store: Store) -> None:
    with pytest.raises(BindingError, match="is not an absolute IRI"):
        ask(store, SELECT, default_graphs=("no iri",))


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("SELECT", QuerySyntaxError),
        ("INSERT DATA { <x:a> <x:b> <x:c> }", QuerySyntaxError),
        ("SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", FederationRefused),
        ("SELECT * { SERVICE SILENT <http://127.0.0.1:1/> { ?s ?p ?o } }", FederationRefused),
        ("SELECT ?x { BIND(<x:function>(1) AS ?x) }", UnknownFunction),
        ("CONSTRUCT WHERE { ?s ?p ?o }", NotAcceptable),
    ],
)
def test_refusals(store: Store, query: str, error: type[Exception]) -> None:
    with pytest.raises(error) as problem:
        ask(store, query)
    assert problem.value.detail
    assert problem.value.remedy


def test_a_graph_that_json_ld_cannot_say_has_every_other_form(store: Store) -> None:
    query = "CONSTRUCT { <x:s> <x:p> <<( <x:s> <x:p> 1 )>> } {}"
    for media_type in GRAPH_TYPES:
        if media_type != "application/ld+json":
            assert ask(store, query, None, graph_type=media_type)
    with pytest.raises(NotAcceptable, match="triple terms") as problem:
        ask(store, query, None, graph_type="application/ld+json")
    assert "text/turtle" in str(problem.value.remedy)
    assert "ld+json" not in str(problem.value.remedy)


def test_a_table_is_not_a_graph(store: Store) -> None:
    with pytest.raises(NotAcceptable, match="text/csv") as problem:
        ask(store, SELECT, None, graph_type="text/turtle")
    assert problem.value.status == 406
    with pytest.raises(NotAcceptable):
        ask(store, "ASK {}", "text/html")
