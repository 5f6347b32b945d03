"""Every response is what the published schemas say, in both versions and three languages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft7Validator

from vises.service.reconciliation import helping

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

BASE, DRAFT = "/reconcile", "/reconcile/v1"
ATELIER = "enterprise/fr-1"
QUERIES = {
    "q0": {"query": "ATELIER COMMUN asbl", "type": "Enterprise", "limit": 3},
    "q1": {"query": "", "properties": [{"pid": "siren", "v": 123456782}]},
    "q2": {
        "query": "l'atelier commum",
        "type": ["Enterprise", "Region"],
        "type_strict": "any",
        "properties": [
            {"pid": "region", "v": ["Hauts-de-France", {"id": "code/nuts/FRE", "name": "x"}]},
            {"pid": "place", "v": "59000"},
        ],
    },
    "q3": {"query": "nothing is called so"},
}
STRING = {"type": "string", "minLength": 1}
DRAFT_RESULTS = {
    "type": "object",
    "required": ["results"],
    "properties": {
        "results": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["candidates"],
                "additionalProperties": False,
                "properties": {
                    "candidates": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["id", "name", "type", "match"],
                            "properties": {
                                "score": {"type": "number", "minimum": 0, "maximum": 100},
                                "match": {"type": "boolean"},
                                "features": {
                                    "items": {
                                        "required": ["id", "name", "value"],
                                        "properties": {"id": STRING, "name": STRING},
                                    }
                                },
                            },
                        },
                    }
                },
            },
        }
    },
}
"""What section 4 of 1.0-draft demands of an answer, in our own words."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "lang" in metafunc.fixturenames:
        metafunc.parametrize("lang", ["en", "fr", "nl"])


@pytest.mark.shared
def test_the_manifest_is_one(
    matching: httpx.Client, accepts: Callable[[str, object], None], lang: str
) -> None:
    answer = matching.get(BASE, headers={"Accept-Language": lang})
    accepts("manifest", answer.json())
    assert answer.headers["content-language"] == lang
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.shared
@pytest.mark.parametrize("how", ["get", "post"])
def test_a_batch_of_0_2(
    matching: httpx.Client, accepts: Callable[[str, object], None], how: str
) -> None:
    accepts("reconciliation-query-batch", QUERIES)
    sent = {"queries": json.dumps(QUERIES)}
    answer = matching.get(BASE, params=sent) if how == "get" else matching.post(BASE, data=sent)
    found = answer.json()
    accepts("reconciliation-result-batch", found)
    assert list(found) == list(QUERIES)
    for key in ("q0", "q1", "q2"):
        assert found[key]["result"][0]["id"] == ATELIER, key
        assert found[key]["result"][0]["match"], key
    assert found["q3"] == {"result": []}
    features = {f["id"]: f["value"] for f in found["q2"]["result"][0]["features"]}
    assert features["region_match"] is True
    assert features["place_similarity"] == 100
    assert 85 < features["name_similarity"] < 100


@pytest.mark.parametrize("base", [BASE, DRAFT])
def test_a_batch_of_the_draft(matching: httpx.Client, base: str, lang: str) -> None:
    conditions: list[list[dict[str, Any]]] = [
        [{"matchType": "name", "propertyValue": "atelier commun"}],
        [
            {"matchType": "name", "propertyValue": "atelier commun"},
            {
                "matchType": "property",
                "propertyId": "region",
                "propertyValue": "BE3",
                "required": True,
            },
        ],
        [{"matchType": "property", "propertyId": "identifier", "propertyValue": "123 456 782"}],
    ]
    sent = {"queries": [{"conditions": found, "lang": "fr"} for found in conditions]}
    answer = matching.post(f"{base}/match", json=sent, headers={"Accept-Language": lang})
    found = answer.json()
    Draft7Validator(DRAFT_RESULTS).validate(found)
    first, without, by_number = (result["candidates"] for result in found["results"])
    assert first[0]["id"] == by_number[0]["id"] == ATELIER
    assert without == []
    said = {"en": "How alike the names are", "fr": "Ressemblance des noms"}
    assert first[0]["features"][0]["name"] == said.get(lang, "Hoe sterk de namen op elkaar lijken")


def test_the_manifest_of_the_draft_says_where_its_services_are(matching: httpx.Client) -> None:
    said = matching.get(DRAFT).json()
    assert said["versions"] == ["1.0-draft"]
    assert said["standardizedScore"] is True
    assert said["suggest"] == {"entity": True, "property": True, "type": True}
    assert {s["id"] for s in said["extend"]["propertySettings"]} == {"limit", "content"}


_SCHEMAS = {
    "entity": "suggest-entities-response",
    "property": "suggest-properties-response",
    "type": "suggest-types-response",
}


@pytest.mark.shared
@pytest.mark.parametrize(
    ("what", "prefix", "expected"),
    [
        ("entity", "atel", ATELIER),
        ("entity", ATELIER, ATELIER),
        ("property", "reg", "region"),
        ("type", "Ent", "Enterprise"),
    ],
)
def test_suggestions(
    matching: httpx.Client,
    accepts: Callable[[str, object], None],
    what: str,
    prefix: str,
    expected: str,
) -> None:
    found = matching.get(f"{BASE}/suggest/{what}", params={"prefix": prefix, "limit": 3}).json()
    accepts(_SCHEMAS[what], found)
    assert expected in [item["id"] for item in found["result"]]
    flyout = matching.get(f"{BASE}/flyout/{what}", params={"id": expected}).json()
    assert flyout["id"] == expected
    assert flyout["html"].startswith("<p")


def test_no_suggestions_are_none(matching: httpx.Client) -> None:
    for what in ("entity", "property", "type"):
        asked = {"prefix": "a", "limit": 0}
        assert matching.get(f"{BASE}/suggest/{what}", params=asked).json() == {"result": []}


def test_suggestions_are_skipped_and_bounded(matching: httpx.Client) -> None:
    every = matching.get(f"{BASE}/suggest/property", params={"prefix": ""}).json()["result"]
    asked: dict[str, str | int] = {"prefix": "", "cursor": 2, "limit": 3}
    some = matching.get(f"{BASE}/suggest/property", params=asked).json()["result"]
    assert some == every[2:5]


@pytest.mark.parametrize(("what", "prefix"), [("entity", "a"), ("property", "")])
def test_leafing_through_suggestions_comes_to_an_end(
    matching: httpx.Client, monkeypatch: pytest.MonkeyPatch, what: str, prefix: str
) -> None:
    monkeypatch.setattr(helping, "_FARTHEST", 2)
    found = []
    for cursor in range(5):
        asked: dict[str, str | int] = {"prefix": prefix, "cursor": cursor, "limit": 1}
        found += matching.get(f"{BASE}/suggest/{what}", params=asked).json()["result"]
    assert len({item["id"] for item in found}) == len(found) == 2


@pytest.mark.shared
def test_data_extension(matching: httpx.Client, accepts: Callable[[str, object], None]) -> None:
    proposed = matching.get(f"{BASE}/extend/propose", params={"type": "Enterprise"}).json()
    accepts("data-extension-property-proposal", proposed)
    properties = [{"id": p["id"], "settings": {"limit": "0"}} for p in proposed["properties"]]
    query = {"ids": [ATELIER, "enterprise/be-2", "enterprise/none", "no <iri>"]}
    query["properties"] = properties  # type: ignore[assignment]
    accepts("data-extension-query", query)
    found = matching.post(BASE, data={"extend": json.dumps(query)}).json()
    accepts("data-extension-response", found)
    row = found["rows"][ATELIER]
    assert row["identifier"] == [{"str": "123456782"}]
    assert row["region"] == [{"id": row["region"][0]["id"], "name": "Hauts-de-France"}]
    assert row["region"][0]["id"].endswith("code/nuts/FRE")
    assert row["postCode"] == [{"str": "59000"}]
    assert all(cells == [] for cells in found["rows"]["enterprise/none"].values())
    draft = matching.post(f"{DRAFT}/extend", json=query).json()
    assert draft["meta"] == found["meta"]
    assert {p["id"]: p["values"] for p in draft["rows"][0]["properties"]} == row


def test_settings_of_data_extension(matching: httpx.Client) -> None:
    settings = {"limit": 1, "content": "iri"}
    asked = [{"id": "legalForm", "settings": settings}, {"id": "region", "settings": settings}]
    query = {"ids": [ATELIER], "properties": asked}
    row = matching.post(BASE, data={"extend": json.dumps(query)}).json()["rows"][ATELIER]
    assert row["legalForm"][0]["str"].endswith("legal-form-fr/9220")
    assert row["region"][0]["str"].endswith("nuts/FRE")


def test_a_preview_may_be_framed_and_holds_no_markup_of_the_data(
    matching: httpx.Client, lang: str
) -> None:
    answer = matching.get(
        f"{BASE}/preview", params={"id": "enterprise/be-2"}, headers={"Accept-Language": lang}
    )
    assert "frame-ancestors *" in answer.headers["content-security-policy"]
    assert "script-src" not in answer.headers["content-security-policy"]
    assert "<script>" not in answer.text
    assert "&lt;script&gt;" in answer.text
    assert 'href="javascript' not in answer.text
    assert f'<html lang="{lang}">' in answer.text


def test_a_view_leads_to_the_page(matching: httpx.Client) -> None:
    answer = matching.get(f"{BASE}/view", params={"id": ATELIER})
    assert answer.status_code == 303
    assert matching.get(answer.headers["location"]).status_code == 200


def test_browsers_get_a_page_that_says_how(browser: httpx.Client, lang: str) -> None:
    page = browser.get(BASE, headers={"Accept-Language": lang})
    assert page.headers["content-type"].startswith("text/html")
    assert "OpenRefine" in page.text
    assert f"<code>{str(browser.base_url).rstrip('/')}{BASE}</code>" in page.text


def test_scripts_of_other_sites_are_told_what_they_may_send(matching: httpx.Client) -> None:
    for path in (BASE, f"{BASE}/match", f"{DRAFT}/match"):
        answer = matching.options(path)
        assert answer.status_code == 204
        assert "POST" in answer.headers["access-control-allow-methods"]
