from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, RdfFormat, Store

from vises.service.sparql.description import SD, VOID

if TYPE_CHECKING:
    import httpx

TURTLE = {"Accept": "text/turtle"}


def described(answer: httpx.Response) -> Store:
    store = Store()
    store.load(answer.content, format=RdfFormat.TURTLE)
    return store


def test_an_rdf_client_without_a_query_learns_what_is_here(
    client: httpx.Client, service: str, base: str
) -> None:
    answer = client.get("/sparql", headers=TURTLE)
    assert answer.headers["content-type"] == "text/turtle; charset=utf-8"
    store = described(answer)
    endpoint = NamedNode(f"{service}/sparql")
    assert [q.object for q in store.quads_for_pattern(None, NamedNode(SD + "endpoint"), None)] == [
        endpoint
    ]
    union = (endpoint, NamedNode(SD + "feature"), NamedNode(SD + "UnionDefaultGraph"))
    assert list(store.quads_for_pattern(*union))
    formats = {
        q.object.value.rpartition("/")[2]
        for q in store.quads_for_pattern(endpoint, NamedNode(SD + "resultFormat"), None)
        if isinstance(q.object, NamedNode)
    }
    assert {"SPARQL_Results_JSON", "SPARQL_Results_CSV", "Turtle", "JSON-LD"} <= formats
    counted = store.query(
        f"SELECT ?n {{ ?e <{SD}name> <{base}graph/provenance> ; <{SD}graph>/<{VOID}triples> ?n }}"
    )
    assert [row["n"] for row in counted] == [Literal(4)]  # type: ignore[index]


def test_the_address_is_the_one_the_client_asked(client: httpx.Client) -> None:
    answer = client.get("/sparql?x=1", headers={**TURTLE, "Host": "vises.example"})
    assert b"<http://vises.example/sparql>" in answer.content


def test_a_host_that_is_none_is_not_repeated(client: httpx.Client, service: str) -> None:
    answer = client.get("/sparql", headers={**TURTLE, "Host": "a<b>c"})
    assert f"<{service}/sparql>" in answer.text


def test_a_client_that_takes_only_results_is_told_to_ask(client: httpx.Client) -> None:
    assert client.get("/sparql", headers={"Accept": "text/csv"}).status_code == 406
