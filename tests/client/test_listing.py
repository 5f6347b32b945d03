"""Lists of enterprises of the demonstration: what a query of its graph finds, in each language."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

QUERY = """
PREFIX adms: <http://www.w3.org/ns/adms#>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX vises: <https://w3id.org/vises/ontology#>
SELECT DISTINCT ?item WHERE { PATTERN ?item a vises:Enterprise }
"""
CODE = "https://w3id.org/vises/code"
REGION = (
    "<%s> dcterms:isReplacedBy* ?now . ?code (skos:broader|dcterms:isReplacedBy)* ?now ."
    " ?item vises:region ?code ."
)
FILTERS = {
    "": "",
    "region=FRE": REGION.replace("%s", f"{CODE}/nuts/FRE"),
    "region=FR": REGION.replace("%s", f"{CODE}/nuts/FR"),
    "region=BE32": REGION.replace("%s", f"{CODE}/nuts/BE32"),
    "activity=88": f"VALUES ?division {{ <{CODE}/nace-rev2/88> <{CODE}/nace-rev2.1/88> }}"
    " ?code skos:broader* ?division . ?item vises:activity ?code .",
    "family=association": f"?f vises:inFamily <{CODE}/family/association> ."
    " ?item vises:legalForm ?f .",
    "legalForm=9220": f"?item vises:legalForm <{CODE}/legal-form-fr/9220> .",
    "sizeBand=12": f"?item vises:sizeBand <{CODE}/size-band/12> .",
    "status=active": f"?item vises:operatingStatus <{CODE}/operating-status/active> .",
    "number=000000018": '?item adms:identifier/skos:notation "000000018" .',
    "sse=true": "?c vises:countsAsSse true ; vises:about ?item .",
    "sse=false": "?c vises:countsAsSse false ; vises:about ?item .",
    "perimeter=insee-flag": f"?c vises:perimeter <{CODE}/perimeter/insee-flag> ;"
    " vises:countsAsSse true ; vises:about ?item .",
    "region=FR&family=association&sse=true": REGION.replace("%s", f"{CODE}/nuts/FR")
    + f"?f vises:inFamily <{CODE}/family/association> . ?item vises:legalForm ?f ."
    " ?c vises:countsAsSse true ; vises:about ?item .",
}


@pytest.fixture(scope="module")
def web(demonstration: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=demonstration, timeout=60) as client:
        yield client


@pytest.mark.parametrize("query", FILTERS)
def test_a_filter_finds_what_a_query_finds(web: httpx.Client, query: str) -> None:
    listed = web.get(f"/api/v1/enterprises?{query}&size=10000").raise_for_status().json()
    text = QUERY.replace("PATTERN", FILTERS[query])
    headers = {"Accept": "application/sparql-results+json"}
    rows = web.get("/sparql", params={"query": text}, headers=headers).json()["results"]["bindings"]
    found = [item["id"] for item in listed["items"]]
    assert sorted(found) == sorted(row["item"]["value"] for row in rows)
    assert listed["total"] == len(found)


@pytest.mark.parametrize("language", ["fr", "nl", "en"])
def test_a_list_tells_what_the_store_tells(web: httpx.Client, language: str) -> None:
    """A property that the index has not makes the list be read from the store."""
    items = web.get(f"/api/v1/enterprises?size=200&lang={language}").json()["items"]
    names = sorted({name for item in items for name in item} - {"id", "href", "label", "type"})
    fields = ",".join([*names, "dcterms:identifier"])
    stored = web.get(f"/api/v1/enterprises?size=200&lang={language}&fields={fields}").json()
    assert items == stored["items"]
    assert len(items) > 20
    assert "region" in names


def test_the_statements_of_a_list_are_those_of_the_store(web: httpx.Client) -> None:
    listed = web.get("/api/v1/enterprises.jsonld?size=200").json()
    fields = "legalName,legalForm,activity,sizeBand,region,operatingStatus,fictitious"
    address = f"/api/v1/enterprises.jsonld?size=200&fields={fields},dcterms:identifier"
    assert json.dumps(listed, sort_keys=True) == json.dumps(web.get(address).json(), sort_keys=True)
