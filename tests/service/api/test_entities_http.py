"""Lists and things over HTTP."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import RdfFormat, parse

from vises.service.api.kinds import CONCEPTS, KINDS, LISTS
from vises.service.api.queries import filtered

if TYPE_CHECKING:
    import httpx

FR1 = "https://data.example/enterprise/fr-1"


def test_enterprises_are_listed_with_names_and_links(client: httpx.Client) -> None:
    answer = client.get("/api/v1/enterprises", params={"lang": "en"})
    assert answer.status_code == 200
    found = answer.json()
    assert found["total"] == 2
    one = next(item for item in found["items"] if item["id"] == FR1)
    assert one["label"] == "L'Atelier commun"
    assert one["type"] == "Enterprise"
    assert one["fictitious"] is True
    assert one["region"]["label"] == "Hauts-de-France"
    assert client.get(one["region"]["href"], follow_redirects=True).is_success


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("region=FRE", {"fr-1"}),
        ("region=FR", {"fr-1"}),
        ("region=FRE&region=BE3", {"fr-1", "be-2"}),
        ("region=FRE1", set()),
        ("number=123456782", {"fr-1"}),
        ("family=association", {"fr-1"}),
        ("legalForm=9220", {"fr-1"}),
        ("sse=true", {"fr-1"}),
        ("perimeter=insee-flag", {"fr-1"}),
        ("perimeter=insee-flag&sse=false", set()),
        ("perimeter=ess-france-list", set()),
        ("region=FR&legalForm=9220&sse=true&sort=name", {"fr-1"}),
    ],
)
def test_filters_narrow(client: httpx.Client, query: str, expected: set[str]) -> None:
    found = client.get(f"/api/enterprises?{query}").json()
    assert {item["id"].rpartition("/")[2] for item in found["items"]} == expected


def test_a_list_is_read_page_by_page(client: httpx.Client) -> None:
    seen, address = [], "/api/codes/nace-rev2?size=30&fields=notation"
    while address:
        answer = client.get(address)
        seen += [item["notation"] for item in answer.json()["items"]]
        assert "release=" in answer.links["first"]["url"]
        address = answer.links.get("next", {}).get("url", "")
    assert seen == sorted(set(seen))
    assert len(seen) > 80


@pytest.mark.parametrize("name", [*KINDS, "codes", "codes/family"])
def test_every_list_answers_in_both_forms(client: httpx.Client, name: str) -> None:
    plain = client.get(f"/api/v1/{name}", params={"size": 3})
    assert plain.status_code == 200, plain.text
    linked = client.get(
        f"/api/v1/{name}.jsonld" if "/" not in name else f"/api/v1/{name}",
        params={"size": 3},
        headers={"Accept": "application/ld+json"},
    )
    assert linked.headers["content-type"] == "application/ld+json"
    if plain.json()["items"]:
        ids = {item["id"] for item in plain.json()["items"]}
        subjects = {
            str(getattr(q.subject, "value", "")) for q in parse(linked.content, RdfFormat.JSON_LD)
        }
        assert ids <= subjects


def test_json_ld_says_what_the_graph_says(client: httpx.Client) -> None:
    iri = "https://data.example/enterprise/fr-1"
    linked = parse(client.get("/api/enterprises/fr-1.jsonld").content, RdfFormat.JSON_LD)
    query = f"""
        CONSTRUCT {{ <{iri}> ?p ?o . ?o ?q ?v }}
        WHERE {{
          <{iri}> ?p ?o
          OPTIONAL {{ ?o ?q ?v FILTER(STRSTARTS(STR(?o), "https://data.example/")) }}
        }}"""
    nt = client.get("/sparql", params={"query": query}, headers={"Accept": "application/n-triples"})
    expected = {q.triple for q in parse(nt.content, RdfFormat.N_TRIPLES)}
    assert {q.triple for q in linked} == expected
    assert len(expected) > 8


def test_one_thing_has_its_parts_and_leads_on(client: httpx.Client) -> None:
    found = client.get("/api/v1/enterprises/fr-1").json()
    assert found["identifier"]["notation"] == "123456782"
    assert found["registeredAddress"]["postCode"] == "59000"
    results = client.get(found["links"]["results"]).json()
    assert [item["value"] for item in results["items"]] == [12345.5]
    claims = client.get(found["links"]["claims"]).json()
    assert claims["items"][0]["perimeter"]["id"].endswith("/insee-flag")


def test_fields_choose(client: httpx.Client) -> None:
    (item,) = client.get("/api/enterprises?number=123456782&fields=legalName,region").json()[
        "items"
    ]
    assert set(item) == {"id", "href", "label", "type", "legalName", "region"}
    refused = client.get("/api/enterprises?fields=legalname")
    assert (refused.status_code, refused.json()["place"]) == (400, "parameter fields")
    assert "legalName" in refused.json()["remedy"]


def test_texts_and_labels_are_in_the_language(client: httpx.Client) -> None:
    names = {
        lang: client.get(f"/api/indicators/volunteer-hours?lang={lang}").json()["label"]
        for lang in ("en", "fr")
    }
    assert names == {"en": "Hours of volunteering", "fr": "Heures de bénévolat"}


def test_what_may_be_many_is_not_sorted(client: httpx.Client) -> None:
    refused = client.get("/api/results?sort=name")
    assert (refused.status_code, refused.json()["place"]) == (400, "parameter sort")
    backwards = client.get("/api/codes/family?sort=-name").json()["items"]
    assert backwards == list(reversed(client.get("/api/codes/family").json()["items"]))


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/enterprise",
        "/api/v1/enterprises/fr-9",
        "/api/v1/enterprises/indicator",
        "/api/v1/indicators/..%2Fenterprise%2Ffr-1",
        "/api/v1/enterprises/%3E%20%7D",
        "/api/v1/enterprises/%F0%9F%98%80",
        "/api/v1/codes/famly",
        "/api/v1/regions/XX",
        "/api/v1/nothing/at/all",
    ],
)
def test_what_is_not_there_is_said(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert answer.json()["remedy"]


def test_the_queries_of_the_lists_are_whole() -> None:
    for kind in (*KINDS.values(), LISTS, CONCEPTS):
        assert "# always" in kind.query
        for name, parameter in kind.filters.items():
            assert parameter.examples, (kind.name, name)
        assert set(kind.implies) <= set(kind.filters)
        assert ("# filter sort" in kind.query) == kind.sorted


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if not kind.indexed])
def test_a_page_has_the_order_of_its_query(client: httpx.Client, name: str) -> None:
    """The statements of a page come in the order in which its things were selected."""
    found = client.get(f"/api/{name}?size=10000").json()["items"]
    kind = KINDS[name]
    query = filtered(kind.query, {"sort": []} if kind.sorted else {})
    if kind.sorted:
        query = query.replace("SELECT DISTINCT ?item", "SELECT ?item (MIN(STR(?key)) AS ?by)")
        query += "GROUP BY ?item ORDER BY ?by STR(?item)"
    rows = client.get("/sparql", params={"query": query}, headers={"Accept": "text/csv"})
    expected = [row[0] for row in csv.reader(rows.text.splitlines())][1:]
    assert [item["id"] for item in found] == expected


def test_a_list_tells_what_a_thing_tells(client: httpx.Client) -> None:
    items = client.get("/api/enterprises?lang=nl").json()["items"]
    assert items
    for item in items:
        told = client.get(f"/api/enterprises/{item['id'].rpartition('/')[2]}?lang=nl").json()
        assert {name: told[name] for name in item} == item


def test_the_lists_of_a_thing_are_those_of_the_release_that_was_named(client: httpx.Client) -> None:
    now = client.get("/api/v1/enterprises/fr-1").json()["links"]["claims"]
    assert now.endswith("/api/v1/claims?enterprise=fr-1")
    named = client.get("/api/v1/enterprises/fr-1?release=000001").json()["links"]["claims"]
    assert named == f"{now}&release=000001"
    assert client.get(named).json()["total"] == 1


@pytest.mark.parametrize("name", ["enterprises", "indicators"])
def test_two_orders_are_refused(client: httpx.Client, name: str) -> None:
    answer = client.get(f"/api/v1/{name}?sort=name&sort=-name")
    assert (answer.status_code, answer.json()["place"]) == (400, "parameter sort")


def test_the_list_of_questions_is_json_alone(client: httpx.Client) -> None:
    assert client.get("/api/v1/questions.json").json() == client.get("/api/v1/questions").json()
    for address in ("/api/v1/questions.csv", "/api/questions.csv"):
        assert client.get(address).status_code == 404
