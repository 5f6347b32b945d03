"""Solutions in RDF say what the solutions say, as the W3C's tests write them down."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, QuerySolutions, RdfFormat, Store, parse
from rdflib import Graph, URIRef

from vises.store.resultset import RS, write_result_set

if TYPE_CHECKING:
    from rdflib.term import Identifier


def written(query: str, store: Store | None = None) -> bytes:
    found = (store or Store()).query(query)
    assert isinstance(found, QuerySolutions)
    output = io.BytesIO()
    write_result_set(found, output)
    return output.getvalue()


def read(turtle: bytes) -> list[dict[str, Identifier]]:
    """Return the rows, with the terms as rdflib has them."""
    graph = Graph().parse(data=turtle, format="turtle")
    rs = {name: URIRef(RS + name) for name in ("solution", "index", "binding", "variable", "value")}
    rows = {}
    for solution in graph.objects(None, rs["solution"]):
        index = graph.value(solution, rs["index"])
        assert index is not None
        rows[index.toPython()] = {
            str(graph.value(b, rs["variable"])): graph.value(b, rs["value"])
            for b in graph.objects(solution, rs["binding"])
        }
    return [rows[index] for index in sorted(rows)]


def test_rows_come_back_in_their_order() -> None:
    query = 'SELECT ?a ?b { VALUES (?a ?b) { (2 "é"@fr) (1 UNDEF) (UNDEF <http://a.example/>) } }'
    rows = read(written(query))
    assert [sorted(row) for row in rows] == [["a", "b"], ["a"], ["b"]]
    assert [rdf.toPython() for rdf in (rows[0]["a"], rows[1]["a"])] == [2, 1]
    assert (rows[0]["b"].n3(), rows[2]["b"].n3()) == ('"é"@fr', "<http://a.example/>")


def test_an_empty_answer_names_its_variables() -> None:
    found = {
        (q.predicate.value, q.object)
        for q in parse(written("SELECT ?x { ?x ?x ?x }"), RdfFormat.TURTLE)
    }
    assert (f"{RS}resultVariable", Literal("x")) in found
    assert not [o for p, o in found if p == f"{RS}solution"]


def test_blank_nodes_stay_apart() -> None:
    store = Store()
    for _ in range(2):
        store.add(Quad(BlankNode(), NamedNode("x:p"), NamedNode("x:o")))
    rows = read(written("SELECT ?s { ?s ?p ?o }", store))
    assert len({row["s"] for row in rows}) == 2
