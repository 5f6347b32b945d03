"""Comunica asks the service: as a client of one, and as the federator of two.

It finds an endpoint by its service description where it is only given an address: a relative
sd:endpoint, or one with the address inside a proxy, is what its users complain of (comunica#1241,
comunica#1245, zazuko/trifid#45).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
from pyoxigraph import RdfFormat, parse

if TYPE_CHECKING:
    from tests.comunica.conftest import Comunica

NAMES = "PREFIX : <https://data.example/> SELECT ?name { ?e :name ?name } ORDER BY ?name"
JOIN = """PREFIX : <https://data.example/>
SELECT ?name ?label { ?e :name ?name ; :region ?r . ?r :label ?label } ORDER BY ?name"""
FEDERATED = """PREFIX : <https://data.example/>
SELECT ?name ?label {{ SERVICE <{}> {{ ?e :name ?name ; :region ?r }}
SERVICE <{}> {{ ?r :label ?label }} }} ORDER BY ?name"""
JOINED = [
    {"name": "De Werkplaats", "label": "France"},
    {"name": "L'Atelier commun", "label": "Belgium"},
]

NOTHING = {
    "type": "serialized",
    "value": "",
    "mediaType": "text/turtle",
    "baseIRI": "https://data.example/",
}


def endpoint(address: str) -> dict[str, str]:
    return {"type": "sparql", "value": address}


def test_select(comunica: Comunica, services: list[str]) -> None:
    found = comunica.rows(NAMES, endpoint(services[0]))
    assert [row["name"] for row in found] == ["De Werkplaats", "L'Atelier commun", "Third"]


def test_terms_come_as_they_are(comunica: Comunica, services: list[str]) -> None:
    query = "SELECT ?p ?o { GRAPH <https://data.example/graph/notes> { ?s ?p ?o } } ORDER BY ?p"
    found = comunica.rows(query, endpoint(services[0]))
    assert [row["o"] for row in found] == [
        'with an é, a \0-free line\nand a "quote"',
        "1.5",
    ]


def test_ask_and_construct(comunica: Comunica, services: list[str]) -> None:
    told = comunica.ask("ASK { ?s ?p ?o }", endpoint(services[0]))
    assert told["kind"] == "boolean"
    assert '"boolean":true' in told["text"].replace(" ", "")
    told = comunica.ask("CONSTRUCT { ?s a ?c } WHERE { ?s a ?c }", endpoint(services[0]))
    assert told["kind"] == "quads"
    assert len(list(parse(told["text"], RdfFormat.N_QUADS))) == 3


def test_an_aggregate(comunica: Comunica, services: list[str]) -> None:
    query = "SELECT (COUNT(DISTINCT ?e) AS ?n) { ?e a ?c } GROUP BY ?c"
    assert comunica.rows(query, endpoint(services[0])) == [{"n": "3"}]


def test_the_address_alone_is_enough(comunica: Comunica, services: list[str]) -> None:
    """Comunica fetches the address, and reads in the service description that it is an endpoint."""
    assert len(comunica.rows(NAMES, services[0])) == 3


def test_an_earlier_release_is_a_source(comunica: Comunica, services: list[str]) -> None:
    assert len(comunica.rows(NAMES, endpoint(f"{services[0]}?release=000001"))) == 2
    assert len(comunica.rows(NAMES, f"{services[0]}?release=000001")) == 2


def test_a_thing_is_a_source(comunica: Comunica, services: list[str]) -> None:
    """Of what it is given it asks the default graph alone."""
    thing = services[0].replace("/sparql", "/e1")
    assert [row["name"] for row in comunica.rows(NAMES, thing)] == ["L'Atelier commun"]


def test_it_joins_two_services(comunica: Comunica, services: list[str]) -> None:
    assert comunica.rows(JOIN, *map(endpoint, services)) == JOINED
    assert comunica.rows(JOIN, *services) == JOINED


def test_it_follows_service(comunica: Comunica, services: list[str]) -> None:
    """Its own source is empty, so that it calls both services itself."""
    assert comunica.rows(FEDERATED.format(*services), NOTHING) == JOINED


def test_an_error_is_an_error(comunica: Comunica, services: list[str]) -> None:
    told = comunica.ask(NAMES, endpoint(f"{services[0]}?release=999999"))
    assert told["kind"] == "error"
    assert "404" in told["text"]


def test_the_description_names_the_address_that_was_asked(services: list[str]) -> None:
    port = services[0].split(":")[2].partition("/")[0]
    for address, headers in [
        (services[0], {}),
        (f"http://localhost:{port}/sparql", {}),
        ("http://data.example/sparql", {"Host": "data.example"}),
    ]:
        asked = services[0] if headers else address
        answer = httpx.get(asked, headers={"Accept": "text/turtle", **headers})
        quads = list(parse(answer.content, RdfFormat.TURTLE))
        [named] = [q.object.value for q in quads if q.predicate.value.endswith("#endpoint")]
        assert named == address
