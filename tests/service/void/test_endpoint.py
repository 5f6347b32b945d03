"""VoID over HTTP, counted by the real process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pyoxigraph import NamedNode, RdfFormat, Store

from vises.namespaces import term

if TYPE_CHECKING:
    import httpx

PATH = "/.well-known/void"
TURTLE = {"Accept": "text/turtle"}
VOID = "PREFIX void: <http://rdfs.org/ns/void#> "


def described(answer: httpx.Response) -> Store:
    assert answer.status_code == 200
    store = Store()
    store.load(answer.content, format=RdfFormat.TURTLE)
    return store


def counts(store: Store, query: str) -> dict[str, int]:
    return {row["name"].value: int(row["n"].value) for row in store.query(VOID + query)}  # type: ignore[index, union-attr]


def asked(client: httpx.Client, query: str) -> dict[str, int]:
    """Return names and numbers that the endpoint answers."""
    rows = client.get("/sparql", params={"query": query}).json()["results"]["bindings"]
    return {row["name"]["value"]: int(row["n"]["value"]) for row in rows}


@pytest.mark.parametrize("graph", ["data", "codes", "ontology"])
def test_the_partitions_are_what_the_endpoint_counts(
    client: httpx.Client, base: str, graph: str
) -> None:
    store, iri = described(client.get(PATH, headers=TURTLE)), f"{base}graph/{graph}"
    assert counts(
        store,
        f"SELECT ?name ?n {{ <{iri}> void:classPartition "
        "[ void:class ?name ; void:entities ?n ] }",
    ) == asked(
        client,
        f"SELECT ?name (COUNT(DISTINCT ?s) AS ?n) {{ GRAPH <{iri}> {{ ?s a ?name "
        "FILTER(isIRI(?name)) } } GROUP BY ?name",
    )
    assert counts(
        store,
        f"SELECT ?name ?n {{ <{iri}> void:propertyPartition "
        "[ void:property ?name ; void:triples ?n ] }",
    ) == asked(
        client,
        f"SELECT ?name (COUNT(*) AS ?n) {{ GRAPH <{iri}> {{ ?s ?name ?o }} }} GROUP BY ?name",
    )


def test_the_whole_and_its_subsets(client: httpx.Client, service: str, base: str) -> None:
    store = described(client.get(PATH, headers=TURTLE))
    document = NamedNode(service + PATH)
    whole = NamedNode(f"{service}{PATH}#dataset")

    def objects(subject: NamedNode, name: str) -> set[str]:
        quads = store.quads_for_pattern(subject, term(name), None)
        return {quad.object.value for quad in quads}  # type: ignore[union-attr]

    assert objects(document, "foaf:primaryTopic") == {whole.value}
    assert objects(whole, "void:sparqlEndpoint") == {f"{service}/sparql"}
    graphs = {f"{base}graph/{n}" for n in ("data", "provenance", "ontology", "codes", "shapes")}
    assert objects(whole, "void:subset") == graphs
    (total,) = objects(whole, "void:triples")
    body = client.get("/sparql", params={"query": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"}).json()
    assert body["results"]["bindings"][0]["n"]["value"] == total
    assert "http://www.w3.org/2004/02/skos/core#" in objects(whole, "void:vocabulary")


def test_the_links_to_others(client: httpx.Client, base: str) -> None:
    store = described(client.get(PATH, headers=TURTLE))
    found = counts(
        store,
        f"""SELECT ?name ?n {{ <{base}graph/ontology> void:subset ?set . ?set a void:Linkset ;
        void:linkPredicate <http://www.w3.org/2000/01/rdf-schema#subClassOf> ; void:triples ?n ;
        void:objectsTarget [ void:uriSpace ?name ] }}""",
    )
    assert found["http://www.w3.org/ns/prov#"] >= 1
    assert not any(space.startswith("https://w3id.org/vises/") for space in found)


def test_forms_and_validators(client: httpx.Client) -> None:
    for accept, expected in [
        ("application/ld+json", "application/ld+json"),
        ("*/*", "text/turtle; charset=utf-8"),
        ("text/html, */*;q=0.1", "text/turtle; charset=utf-8"),
    ]:
        assert client.get(PATH, headers={"Accept": accept}).headers["content-type"] == expected
    assert client.get(PATH, headers={"Accept": "text/csv"}).status_code == 406
    first = client.get(PATH, headers=TURTLE)
    again = client.get(PATH, headers={**TURTLE, "If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert client.get(PATH, params={"release": "nope"}).status_code == 404
    kept = client.get(PATH, params={"release": "000001"}, headers=TURTLE)
    assert "immutable" in kept.headers["cache-control"]
    assert "/.well-known/void?release=000001#dataset>" in kept.text
