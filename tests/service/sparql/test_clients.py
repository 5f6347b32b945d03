"""Clients that others wrote."""

from __future__ import annotations

import io
import shutil
import subprocess
import warnings
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pytest
from pyarrow.parquet import read_table
from rdflib import Graph, URIRef
from rdflib.namespace import RDF
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, JSON, POST, POSTDIRECTLY, TURTLE, URLENCODED, XML, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import EndPointNotFound, QueryBadFormed

if TYPE_CHECKING:
    from pathlib import Path

if TYPE_CHECKING:
    import httpx

NAME = "http://www.w3.org/ns/legal#legalName"
SELECT = f"SELECT ?name WHERE {{ ?e <{NAME}> ?name }} ORDER BY ?name"


@pytest.mark.parametrize("method", ["GET", POST])
def test_sparqlwrapper(service: str, method: str) -> None:
    endpoint = SPARQLWrapper(f"{service}/sparql")
    endpoint.setMethod(method)
    endpoint.setQuery(SELECT)
    endpoint.setReturnFormat(JSON)
    found = endpoint.queryAndConvert()["results"]["bindings"]
    assert found[1]["name"]["value"] == "L'Atelier commun"
    endpoint.setReturnFormat(XML)
    assert "Atelier" in endpoint.queryAndConvert().toxml()
    endpoint.setReturnFormat(CSV)
    assert endpoint.queryAndConvert().decode().startswith("name\r\n")


def test_sparqlwrapper_turtle(service: str) -> None:
    endpoint = SPARQLWrapper(f"{service}/sparql")
    endpoint.setQuery(f"CONSTRUCT {{ ?e <{NAME}> ?name }} WHERE {{ ?e <{NAME}> ?name }}")
    endpoint.setReturnFormat(TURTLE)
    assert len(Graph().parse(data=endpoint.queryAndConvert(), format="turtle")) == 2


@pytest.mark.parametrize("form", ["json", "xml", "csv", "tsv"])
def test_sparqlwrapper_gets_every_form_of_a_table(service: str, form: str) -> None:
    endpoint = SPARQLWrapper(f"{service}/sparql")
    endpoint.setQuery(SELECT)
    endpoint.setReturnFormat(form)
    answer = endpoint.query()
    assert form in answer.info()["content-type"].replace("tab-separated-values", "tsv")
    assert "Atelier commun" in answer.response.read().decode()


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")
@pytest.mark.parametrize("form", ["turtle", "n3", "rdf+xml", "json-ld"])
def test_sparqlwrapper_gets_every_form_of_a_graph(service: str, form: str) -> None:
    endpoint = SPARQLWrapper(f"{service}/sparql")
    endpoint.setQuery(f"CONSTRUCT WHERE {{ ?e <{NAME}> ?name }}")
    endpoint.setReturnFormat(form)
    found = endpoint.queryAndConvert()
    graph = found if isinstance(found, Graph) else Graph().parse(data=found, format="turtle")
    assert len(graph) == 2


def test_sparqlwrapper_sees_the_errors_it_knows(service: str) -> None:
    endpoint = SPARQLWrapper(f"{service}/sparql")
    endpoint.setQuery("SELECT ?x { ?x }")
    with pytest.raises(QueryBadFormed) as caught:
        endpoint.query()
    assert "query-syntax" in str(caught.value)
    unknown = SPARQLWrapper(f"{service}/sparql?release=999999")
    unknown.setQuery(SELECT)
    with pytest.raises(EndPointNotFound):
        unknown.query()


def curl(*arguments: str) -> str:
    program = shutil.which("curl")
    if program is None:
        pytest.skip("there is no curl on this machine")
    done = subprocess.run(
        [program, "--silent", "--show-error", "--max-time", "20", *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_curl(service: str, tmp_path: Path) -> None:
    address = f"{service}/sparql"
    csv = "name\n<script>alert('hostile')</script>\nL'Atelier commun\n"
    query = ("--data-urlencode", f"query={SELECT}")
    assert curl(address, *query, "-H", "Accept: text/csv") == csv
    assert curl("--get", address, *query, "-H", "Accept: text/csv") == csv
    file = tmp_path / "query.rq"
    file.write_text(SELECT, "utf-8")
    direct = ("--data-binary", f"@{file}", "-H", "Content-Type: application/sparql-query")
    assert curl(address, *direct, "-H", "Accept: text/csv") == csv
    chunked = ("-H", "Transfer-Encoding: chunked", "-H", "Expect: 100-continue")
    assert curl(address, *direct, *chunked, "-H", "Accept: text/csv") == csv
    head = curl("--head", "--get", address, *query)
    assert "application/sparql-results+json" in head
    assert '"status": 400' in curl(address, "--data-urlencode", "query=SELECT")


def test_rdflib_sparql_store(service: str) -> None:
    graph = Graph(SPARQLStore(f"{service}/sparql"))
    names = sorted(str(row[0]) for row in graph.query(SELECT))  # type: ignore[index]
    assert names[1] == "L'Atelier commun"
    assert graph.query("ASK { ?s ?p ?o }").askAnswer


@pytest.mark.parametrize("method", ["GET", POST])
@pytest.mark.parametrize("request_method", [URLENCODED, POSTDIRECTLY])
def test_sparqlwrapper_on_an_earlier_release(past: str, method: str, request_method: str) -> None:
    endpoint = SPARQLWrapper(f"{past}/sparql?release=000001")
    endpoint.setMethod(method)
    endpoint.setRequestMethod(request_method)
    endpoint.setQuery(SELECT)
    endpoint.setReturnFormat(JSON)
    [row] = endpoint.queryAndConvert()["results"]["bindings"]
    assert row["name"]["value"] == "Premier"


def test_sparqlwrapper_names_the_release_as_a_parameter(past: str) -> None:
    endpoint = SPARQLWrapper(f"{past}/sparql")
    endpoint.addParameter("release", "000002")
    endpoint.setQuery(SELECT)
    endpoint.setReturnFormat(CSV)
    assert b"Second" in endpoint.queryAndConvert()


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
def test_rdflib_sparql_store_on_an_earlier_release(past: str, method: str) -> None:
    by_address = SPARQLStore(f"{past}/sparql?release=000001", method=method)
    by_parameter = SPARQLStore(f"{past}/sparql", method=method, params={"release": "000001"})
    for store in (by_address, by_parameter):
        [row] = Graph(store).query(SELECT)
        assert str(row[0]) == "Premier"  # type: ignore[index]


def test_rdflib_reads_a_resource(service: str, base: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        graph = Graph().parse(f"{service}/enterprise/fr-1")
    kind = URIRef("https://w3id.org/vises/ontology#Enterprise")
    assert (URIRef(base + "enterprise/fr-1"), RDF.type, kind) in graph


@pytest.mark.parametrize("form", ["arrow", "parquet"])
def test_a_table_in_pyarrow_and_duckdb_is_what_json_says(client: httpx.Client, form: str) -> None:
    query = {"query": "SELECT ?s ?o { ?s <http://www.w3.org/2004/02/skos/core#prefLabel> ?o }"}
    answer = client.get("/sparql", params={**query, "download": form})
    assert answer.headers["content-type"].startswith("application/vnd.apache.")
    assert f'filename="vises-000001.{form}"' in answer.headers["content-disposition"]
    if form == "arrow":
        with pa.ipc.open_stream(answer.content) as reader:
            table = reader.read_all()
    else:
        table = read_table(io.BytesIO(answer.content))
    rows = client.get("/sparql", params=query).json()["results"]["bindings"]
    assert len(rows) > 100
    assert list(zip(*table.select(["s", "o", "o.lang"]).to_pydict().values(), strict=True)) == [
        (row["s"]["value"], row["o"]["value"], row["o"].get("xml:lang")) for row in rows
    ]
    french = duckdb.connect().from_arrow(table).filter("\"o.lang\" = 'fr'").fetchall()
    assert len(french) == sum(row["o"].get("xml:lang") == "fr" for row in rows)


def test_a_table_of_statements_is_not_acceptable(client: httpx.Client) -> None:
    query = {"query": "CONSTRUCT WHERE { ?s ?p ?o }", "download": "arrow"}
    answer = client.get("/sparql", params=query)
    assert answer.status_code == 406
    assert "text/turtle" in answer.json()["remedy"]
