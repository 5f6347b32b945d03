from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Store

from vises.service.sparql.description import SD, Limit, ServiceFacts, service_description
from vises.store.releases import ReleaseStore

if TYPE_CHECKING:
    import httpx

    from vises.settings import Settings
    from vises.store.releases import Release

VOID = "http://rdfs.org/ns/void#"
SCHEMA = "https://schema.org/"
TURTLE = {"Accept": "text/turtle"}


@pytest.fixture
def release(settings: Settings) -> Release:
    found = ReleaseStore(settings.data).current()
    assert found
    return found


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
    assert {"vnd.apache.arrow.stream", "vnd.apache.parquet"} <= formats
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


def test_the_limits_in_force(client: httpx.Client) -> None:
    store = described(client.get("/sparql", headers=TURTLE))
    rows = store.query(
        f"SELECT ?name ?value ?unit {{ ?service a <{SD}Service> ; <{SCHEMA}additionalProperty> "
        f"[ <{SCHEMA}propertyID> ?name ; <{SCHEMA}value> ?value ; <{SCHEMA}unitText> ?unit ] }}"
    )
    found = {row["name"].value: (float(row["value"].value), row["unit"].value) for row in rows}
    assert found == {
        "query-deadline": (20, "s"),
        "query-memory": (2048, "MiBy"),
        "query-processes": (2, "queries"),
        "client-seconds": (60, "s/min"),
        "client-seconds-at-once": (120, "s"),
        "client-errors": (30, "errors/min"),
        "request-body": (1 << 20, "By"),
        "upload": (32, "MiBy"),
    }


def test_a_description_is_not_sent_twice(client: httpx.Client) -> None:
    first = client.get("/sparql", headers=TURTLE)
    again = client.get("/sparql", headers={**TURTLE, "If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    other = client.get("/sparql", headers={**TURTLE, "Host": "other.example"})
    assert other.headers["etag"] != first.headers["etag"]


def test_what_else_a_service_may_offer(release: Release) -> None:
    address, partner = "https://x.example/sparql", "https://partner.example/sparql"
    facts = ServiceFacts(
        endpoint=address,
        dataset="https://x.example/.well-known/void#dataset",
        limits=(Limit("rate", 10, "queries/min", "So many a minute."),),
        updates=True,
        graph_store="https://x.example/graphs",
        partners=(partner,),
        hidden=frozenset({"https://data.example/graph/provenance"}),
    )
    store = Store()
    store.load(service_description(facts, release, "text/turtle"), format=RdfFormat.TURTLE)

    def objects(subject: str, name: str) -> set[str]:
        quads = store.quads_for_pattern(NamedNode(subject), NamedNode(name), None)
        return {quad.object.value for quad in quads}  # type: ignore[union-attr]

    assert objects(address, f"{SD}supportedLanguage") == {
        f"{SD}SPARQL11Query",
        f"{SD}SPARQL11Update",
    }
    assert f"{SD}BasicFederatedQuery" in objects(address, f"{SD}feature")
    assert objects(partner, f"{SD}endpoint") == {partner}
    assert objects("https://x.example/graphs", "http://www.w3.org/ns/dcat#endpointURL")
    (comment,) = objects(address, "http://www.w3.org/2000/01/rdf-schema#comment")
    assert "refused" not in comment


def test_nothing_is_said_of_a_hidden_graph(release: Release) -> None:
    hidden = "https://data.example/graph/provenance"
    assert release.counts[hidden]
    facts = ServiceFacts("https://x.example/sparql", "https://x.example/v#d", hidden={hidden})
    body = service_description(facts, release, "application/n-triples")
    assert hidden.encode() not in body
    total = sum(count for name, count in release.counts.items() if name != hidden)
    assert f'triples> "{total}"'.encode() in body
