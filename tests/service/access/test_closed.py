"""A closed graph over HTTP: as if it were not there, but for who has a token that reads it."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from rdflib import Graph
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import SPARQLWrapper

from tests.background import until
from tests.service.access.conftest import GRAPH, granted
from vises.service.access import granting
from vises.service.access.file import AccessFile
from vises.service.conditional import last_modified
from vises.service.memento import http_date
from vises.store.releases import ReleaseStore

if TYPE_CHECKING:
    import httpx

    from tests.service.access.conftest import World

DRAFT = GRAPH + "draft"
JSON = {"Accept": "application/sparql-results+json"}
TURTLE = {"Accept": "text/turtle"}
PAGE = {"Accept": "text/html", "Accept-Language": "en"}
LEAKS = re.compile(r"draft|Brouillon|Hidden name|secretly", re.IGNORECASE)


def rows(client: httpx.Client, query: str, **more: str) -> list[list[str]]:
    answer = client.get("/sparql", params={"query": query, **more}, headers=JSON)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    if "boolean" in body:
        return [[str(body["boolean"])]]
    found = body["results"]["bindings"]
    return sorted([cell["value"] for cell in row.values()] for row in found)


QUERIES = {
    "SELECT * { ?s ?p ?o }": {},
    "SELECT ?g { GRAPH ?g {} }": {},
    "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g": {},
    f"ASK {{ GRAPH <{DRAFT}> {{ ?s ?p ?o }} }}": {},
    f"SELECT (COUNT(*) AS ?n) FROM <{DRAFT}> {{ ?s ?p ?o }}": {},
    f"SELECT * FROM NAMED <{DRAFT}> {{ GRAPH ?g {{ ?s ?p ?o }} }}": {},
    f"PREFIX g: <{GRAPH}> SELECT * FROM g:draft FROM g:data {{ ?s ?p ?o }}": {},
    "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }": {"default-graph-uri": DRAFT},
    "SELECT ?s { GRAPH ?g { ?s ?p ?o } }": {"named-graph-uri": DRAFT},
    "SELECT DISTINCT ?x { ?x <urn:none>* ?y }": {},
    "SELECT * { ?s ?p ?o FILTER EXISTS { GRAPH ?g { ?a a ?draft . ?a a ?b "
    "FILTER(STRENDS(STR(?b), 'Draft')) } } }": {},
}


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_sees_it_with_a_token_alone(world: World, query: str) -> None:
    more = QUERIES[query]
    with world.client() as nobody, world.client(world.other) as other:
        closed = rows(nobody, query, **more)
        assert rows(other, query, **more) == closed
    with world.client(world.reader) as reader:
        opened = rows(reader, query, **more)
    assert not LEAKS.search(json.dumps(closed))
    assert opened != closed


@pytest.mark.parametrize(
    "query",
    [
        "DESCRIBE <https://data.example/enterprise/draft-1>",
        "DESCRIBE <https://data.example/enterprise/fr-1>",
        "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }",
        f"CONSTRUCT {{ ?s ?p ?o }} FROM <{DRAFT}> {{ ?s ?p ?o }}",
    ],
)
def test_a_graph_is_made_without_it(world: World, query: str) -> None:
    ask = {"params": {"query": query}, "headers": TURTLE}
    with world.client() as nobody, world.client(world.reader) as reader:
        assert not LEAKS.search(nobody.get("/sparql", **ask).text)
        assert LEAKS.search(reader.get("/sparql", **ask).text)


PAGES = [
    "/",
    "/datasets",
    "/enterprise/fr-1.html",
    "/sparql",
    "/sparql?query=SELECT*{?s ?p ?o}",
    "/figures",
]


@pytest.mark.parametrize("order", ["reader first", "nobody first"])
@pytest.mark.parametrize("path", PAGES)
def test_pages_do_not_show_it_whoever_came_before(world: World, path: str, order: str) -> None:
    with world.client(**PAGE) as nobody, world.client(world.reader, **PAGE) as reader:
        if order == "reader first":
            reader.get(path).raise_for_status()
        assert not LEAKS.search(nobody.get(path).raise_for_status().text)
        opened = reader.get(path).raise_for_status()
    assert opened.headers["cache-control"] == "private, no-cache"
    if path in {"/datasets", "/enterprise/fr-1.html"}:
        assert LEAKS.search(opened.text)


@pytest.mark.parametrize("ending", ["", ".ttl", ".nq", ".html"])
def test_what_only_it_speaks_of_is_not_found(world: World, ending: str) -> None:
    with world.client() as nobody, world.client(world.reader) as reader:
        missing = nobody.get(f"/enterprise/draft-1{ending}", headers=TURTLE)
        assert missing.status_code == 404
        assert not LEAKS.search(missing.text.replace("/enterprise/draft-1", ""))
        there = reader.get(f"/enterprise/draft-1{ending}", headers=TURTLE)
        assert there.status_code == (200 if ending else 303)


def test_the_home_page_counts_what_may_be_read(world: World) -> None:
    with world.client(**PAGE) as nobody, world.client(world.reader, **PAGE) as reader:
        counts = {
            who: [int(n) for n in re.findall(r"(\d+) statements", client.get("/").text)]
            for who, client in (("nobody", nobody), ("reader", reader))
        }
    assert counts["nobody"] != counts["reader"]


def test_the_service_description_does_not_name_or_count_it(world: World) -> None:
    with world.client(**TURTLE) as nobody, world.client(world.reader, **TURTLE) as reader:
        closed, opened = nobody.get("/sparql"), reader.get("/sparql")
    assert not LEAKS.search(closed.text)
    assert DRAFT in opened.text
    totals = [max(map(int, re.findall(r"triples>? (\d+)", a.text))) for a in (closed, opened)]
    assert totals[1] - totals[0] == 8
    assert closed.headers["vary"] == "Accept, Authorization, Accept-Encoding"
    assert opened.headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize("path", ["/sparql?query=ASK{}&release=000001", "/enterprise/fr-1.ttl"])
def test_caches_keep_the_answers_apart(world: World, path: str) -> None:
    with world.client() as nobody, world.client(world.reader) as reader:
        closed, opened = nobody.get(path, headers=JSON), reader.get(path, headers=JSON)
        assert closed.headers["cache-control"] == "no-cache"
        assert opened.headers["cache-control"] == "private, no-cache"
        assert "Authorization" in closed.headers["vary"]
        assert "Authorization" in opened.headers["vary"]
        assert closed.headers["etag"] != opened.headers["etag"]
        again = {**JSON, "If-None-Match": opened.headers["etag"]}
        assert nobody.get(path, headers=again).status_code == 200
        assert reader.get(path, headers=again).status_code == 304


def test_nothing_changes_for_caches_where_nothing_is_closed(client: httpx.Client) -> None:
    answer = client.get("/sparql?query=ASK{}&release=000001", headers=JSON)
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["vary"] == "Accept, Accept-Encoding"


def test_clients_of_others_read_it_with_a_token(world: World) -> None:
    query = f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH <{DRAFT}> {{ ?s ?p ?o }} }}"
    wrapper = SPARQLWrapper(f"{world.address}/sparql", returnFormat="json")
    wrapper.setQuery(query)
    counts = [wrapper.queryAndConvert()["results"]["bindings"][0]["n"]["value"]]
    wrapper.addCustomHttpHeader("Authorization", f"Bearer {world.reader}")
    counts.append(wrapper.queryAndConvert()["results"]["bindings"][0]["n"]["value"])
    headers = {"Authorization": f"Bearer {world.reader}"}
    store = SPARQLStore(f"{world.address}/sparql", returnFormat="json", headers=headers)
    counts += [str(row[0]) for row in Graph(store).query(query)]
    assert counts == ["0", "8", "8"]


def test_a_new_token_holds_and_a_revoked_one_ends_soon(world: World) -> None:
    token = granted(world.data, DRAFT, read=True)
    with world.client(token) as client:

        def status() -> int:
            return client.get("/sparql?query=ASK{}", headers=JSON).status_code

        until(lambda: status() == 200)
        granting.revoke(AccessFile(world.data), token.split("_")[1], datetime.now(UTC))
        until(lambda: status() == 401)
        answer = client.get("/enterprise/fr-1.ttl")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="vises", error="invalid_token"'
    assert answer.headers["cache-control"] == "no-store"
    assert token not in answer.text


@pytest.mark.parametrize("path", ["/figure/1.ttl", "/figure/1.html", "/api/v1/enterprises"])
def test_no_date_stands_for_what_may_be_read(world: World, path: str) -> None:
    """Who had a page before a graph was closed or opened would be told that nothing changed."""
    made = ReleaseStore(world.data).get("000001").created
    until(lambda: last_modified(made, closes=False))  # the second of the release is over
    since = {"If-Modified-Since": http_date(made)}
    with world.client() as nobody, world.client(world.reader) as reader:
        for client in (nobody, reader):
            answer = client.get(path, headers=since)
            assert (answer.status_code, "etag" in answer.headers) == (200, True)
            assert "last-modified" not in answer.headers


def test_what_is_closed_or_opened_is_so_soon(world: World) -> None:
    file = AccessFile(world.data)
    with world.client() as nobody:

        def readable() -> bool:
            return nobody.get("/figure/1.ttl").status_code == 200

        assert readable()
        granting.close(file, [GRAPH + "data"])
        try:
            until(lambda: not readable())
        finally:
            granting.reopen(file, [GRAPH + "data"])
        until(readable)


def test_a_damaged_file_closes_everything_and_health_says_so(world: World) -> None:
    path = AccessFile(world.data).path
    kept = path.read_bytes()
    paths = ("/", "/sparql?query=ASK{}", "/sparql", "/enterprise/fr-1.ttl", "/readyz")
    with world.client(Accept="application/json") as nobody:
        path.write_bytes(kept[:-9])
        try:
            until(lambda: nobody.get("/readyz").status_code == 503)
            assert {p: nobody.get(p, headers=TURTLE).status_code for p in paths} == dict.fromkeys(
                paths, 503
            )
            assert "access.json" in nobody.get("/sparql", headers=TURTLE).json()["place"]
            assert nobody.get("/healthz").status_code == 200
        finally:
            path.write_bytes(kept)
        until(lambda: nobody.get("/readyz").status_code == 200)
