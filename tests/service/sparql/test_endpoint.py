"""The endpoint over HTTP, with real query processes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from pyoxigraph import RdfFormat, parse

Make = Callable[..., Any]

ASK = {"query": "ASK { ?s ?p ?o }"}
SELECT = {
    "query": "SELECT ?name { ?e <http://www.w3.org/ns/legal#legalName> ?name } ORDER BY ?name"
}
CONSTRUCT = {"query": "CONSTRUCT { ?s a ?c } WHERE { ?s a ?c } LIMIT 5"}


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("*/*", "application/sparql-results+json"),
        ("application/sparql-results+xml", "application/sparql-results+xml"),
        ("text/csv", "text/csv; charset=utf-8"),
        (
            "text/tab-separated-values;q=0.9, text/csv;q=0.1",
            "text/tab-separated-values; charset=utf-8",
        ),
    ],
)
def test_results_in_the_form_asked_for(client: httpx.Client, accept: str, expected: str) -> None:
    answer = client.get("/sparql", params=SELECT, headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == expected
    assert "Atelier commun" in answer.text
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["vary"] == "Accept, Accept-Encoding"
    assert answer.headers["x-release"] == "000001"


@pytest.mark.parametrize(
    "media_type",
    [
        "text/turtle",
        "application/n-triples",
        "application/n-quads",
        "application/trig",
        "application/rdf+xml",
        "application/ld+json",
    ],
)
def test_graphs_in_the_form_asked_for(client: httpx.Client, media_type: str) -> None:
    answer = client.post("/sparql", data=CONSTRUCT, headers={"Accept": media_type})
    assert answer.headers["content-type"].partition(";")[0] == media_type
    form = RdfFormat.from_media_type(media_type)
    assert len(list(parse(answer.content, format=form))) == 5


def test_ask(client: httpx.Client) -> None:
    body = client.get("/sparql", params=ASK).json()
    assert body["boolean"] is True


def test_the_parameter_download_goes_before_accept(client: httpx.Client) -> None:
    headers = {"Accept": "text/html"}
    answer = client.get("/sparql", params={**SELECT, "download": "csv"}, headers=headers)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert 'filename="vises-000001.csv"' in answer.headers["content-disposition"]


def test_the_dataset_of_the_protocol(client: httpx.Client, base: str) -> None:
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"

    def counted(**parameters: str) -> int:
        body = client.get("/sparql", params={"query": count, **parameters}).json()
        return int(body["results"]["bindings"][0]["n"]["value"])

    everything, one = counted(), counted(**{"default-graph-uri": base + "graph/provenance"})
    assert one == 4
    assert everything > one
    assert counted(**{"named-graph-uri": base + "graph/provenance"}) == 0


def test_a_form_that_the_answer_has_not_is_406(client: httpx.Client) -> None:
    refused = client.get("/sparql", params=SELECT, headers={"Accept": "text/turtle"})
    assert refused.status_code == 406
    assert refused.json()["type"].endswith("/not-acceptable")
    assert client.get("/sparql", params=SELECT, headers={"Accept": "image/png"}).status_code == 406


def test_a_mistake_is_shown_with_its_place(client: httpx.Client) -> None:
    answer = client.get("/sparql", params={"query": "SELECT *\nWHERE { ?s ?p }"})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["access-control-allow-origin"] == "*"
    problem = answer.json()
    assert problem["type"] == "https://w3id.org/vises/problems/query-syntax"
    assert problem["line"] == 2
    assert problem["column"] > 1


def test_updates_without_a_token_and_federation_are_refused(client: httpx.Client) -> None:
    update = client.post("/sparql", data={"update": "CLEAR ALL"})
    assert update.status_code == 401
    federated = "SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }"
    refused = client.get("/sparql", params={"query": federated})
    assert refused.status_code == 400
    assert refused.json()["type"].endswith("/federation-refused")
    assert "VISES_PARTNERS" in refused.json()["remedy"]


def test_the_same_question_again_costs_nothing(fake: Make, fake_engine: Make, run: Make) -> None:
    engine = fake_engine([b"x\r\n"])
    with run(fake(engine)) as address:
        url = f"{address}/sparql?{urlencode(SELECT)}"
        first = httpx.get(url, headers={"Accept": "text/csv"})
        tag = first.headers["etag"]
        again = httpx.get(url, headers={"Accept": "text/csv", "If-None-Match": tag})
        assert again.status_code == 304
        assert again.content == b""
        assert again.headers["etag"] == tag
        assert len(engine.asked) == 1
        other = httpx.get(url, headers={"Accept": "text/tab-separated-values"})
        assert other.headers["etag"] != tag


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (NOW() AS ?t) {}",
        "SELECT (rand ( ) AS ?r) {}",
        "SELECT (STRUUID() AS ?r) {}",
        "SELECT (NOW # the time\n () AS ?t) {}",
        "CONSTRUCT { [] ?p ?o } WHERE { ?s ?p ?o } LIMIT 1",
        "CONSTRUCT { ?s ?p (1 ?o) } WHERE { ?s ?p ?o } LIMIT 1",
        "CONSTRUCT { << ?s ?p ?o >> ?p 1 } WHERE { ?s ?p ?o } LIMIT 1",
        "CONSTRUCT { ?s ?p ?o {| ?p 1 |} } WHERE { ?s ?p ?o } LIMIT 1",
        "CONSTRUCT { ?s ?p ?o ~ } WHERE { ?s ?p ?o } LIMIT 1",
        'CONSTRUCT { ?s ?p "}" , (1 ?o) } WHERE { ?s ?p ?o } LIMIT 1',
        "# construct {}\nCONSTRUCT { ?s ?p (1 ?o) } WHERE { ?s ?p ?o } LIMIT 1",
    ],
)
def test_an_answer_that_changes_by_itself_has_no_tag(client: httpx.Client, query: str) -> None:
    answer = client.get("/sparql", params={"query": query})
    assert answer.status_code == 200
    assert "etag" not in answer.headers


@pytest.mark.parametrize(
    "query",
    [
        "CONSTRUCT { ?s <http://a.example/#p> ?o } WHERE { ?s ?p ?o FILTER (?o = 1) } LIMIT 1",
        "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o . ?o ?q [] } LIMIT 1",
        'SELECT * { ?s ?p ?o FILTER CONTAINS(STR(?o), "construction") } LIMIT 1',
    ],
)
def test_one_that_does_not_has_a_tag(client: httpx.Client, query: str) -> None:
    answer = client.get("/sparql", params={"query": query})
    assert answer.status_code == 200
    assert "etag" in answer.headers


def test_a_byte_order_mark_is_none_of_the_query(client: httpx.Client) -> None:
    headers = {"Content-Type": "application/sparql-query", "Accept": "text/csv"}
    body = ASK["query"].encode("utf-8-sig")
    answer = client.post("/sparql", content=body, headers=headers)
    assert (answer.status_code, answer.text) == (200, "true")


def test_a_dataset_without_a_name_is_refused_whatever_is_kept(client: httpx.Client) -> None:
    """The answer to the same query without a dataset is another one."""
    assert client.get("/sparql", params=SELECT).status_code == 200
    for name in ("default-graph-uri", "named-graph-uri"):
        answer = client.get("/sparql", params={**SELECT, name: ""})
        assert answer.status_code == 400, answer.text


def test_head_has_the_headers_of_get_alone(client: httpx.Client) -> None:
    got = client.get("/sparql", params=SELECT)
    head = client.head("/sparql", params=SELECT)
    assert head.content == b""
    assert head.headers["etag"] == got.headers["etag"]
    assert head.headers["content-type"] == got.headers["content-type"]


def test_preflight(client: httpx.Client) -> None:
    answer = client.options("/sparql", headers={"Origin": "https://x.example"})
    assert answer.status_code == 204
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert "Content-Type" in answer.headers["access-control-allow-headers"]


@pytest.mark.parametrize(
    "timeout", ["", "x", "0", "-1", "1e3", "nan", "inf", " 1", "1,5", "9" * 10]
)
def test_a_timeout_that_is_no_number_of_seconds(client: httpx.Client, timeout: str) -> None:
    answer = client.get("/sparql", params={**ASK, "timeout": timeout})
    assert answer.status_code == 400
    assert answer.json()["place"] == "parameter timeout"


def test_a_timeout_shortens_the_deadline(client: httpx.Client) -> None:
    slow = {"query": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"}
    answer = client.post("/sparql", data={**slow, "timeout": "0.3"})
    assert answer.status_code == 503
    assert answer.json()["detail"] == "The query was stopped at its deadline of 0.3 s."
    assert client.get("/sparql", params={**ASK, "timeout": "100000"}).status_code == 200


def test_other_methods(client: httpx.Client) -> None:
    answer = client.put("/sparql", content=b"x")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, POST, OPTIONS"


def test_large_bodies_are_refused(client: httpx.Client) -> None:
    query = "ASK {}" + " " * (1 << 20)
    headers = {"Content-Type": "application/sparql-query"}
    answer = client.post("/sparql", content=query.encode(), headers=headers)
    assert answer.status_code == 413
    assert json.loads(answer.text)["type"].endswith("/request-too-large")
