"""What is not right in a request gets a problem document that names the place."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

BASE = "/reconcile"
LONG = "a" * 1001
NAMED = {"query": "a"}


def refused(answer: httpx.Response, status: int = 400) -> dict[str, Any]:
    """Return the problem that an answer is, which a script of any site may read."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["access-control-allow-origin"] == "*"
    problem: dict[str, Any] = answer.json()
    assert problem["detail"]
    return problem


@pytest.mark.parametrize(
    ("sent", "place"),
    [
        ("{", "queries"),
        ("", "queries"),
        ("[" * 100_000, "queries"),
        ('{"q0": {"query": "a", "limit": NaN}}', "queries"),
        ('{"q0": {"query": "a", "limit": 1e999}}', "queries"),
        ([], "queries"),
        ("null", "queries"),
        ({"q0": []}, "queries.q0"),
        ({"q0": {}}, "queries.q0"),
        ({"q0": {"query": 5}}, "queries.q0.query"),
        ({"q0": {"query": LONG}}, "queries.q0.query"),
        ({"q0": {**NAMED, "limit": -1}}, "queries.q0.limit"),
        ({"q0": {**NAMED, "limit": 0}}, "queries.q0.limit"),
        ({"q0": {**NAMED, "limit": 1.5}}, "queries.q0.limit"),
        ({"q0": {**NAMED, "limit": True}}, "queries.q0.limit"),
        ({"q0": {**NAMED, "limit": "5"}}, "queries.q0.limit"),
        ({"q0": {**NAMED, "type": "Person"}}, "queries.q0.type"),
        ({"q0": {**NAMED, "type": ["Region", 7]}}, "queries.q0.type[1]"),
        ({"q0": {**NAMED, "type_strict": "maybe"}}, "queries.q0.type_strict"),
        ({"q0": {**NAMED, "properties": {}}}, "queries.q0.properties"),
        ({"q0": {**NAMED, "properties": [{"pid": "region"}]}}, "queries.q0.properties[0]"),
        (
            {"q0": {**NAMED, "properties": [{"pid": "colour", "v": "red"}]}},
            "queries.q0.properties[0].pid",
        ),
        (
            {"q0": {**NAMED, "properties": [{"pid": "region", "v": {"name": "x"}}]}},
            "queries.q0.properties[0].v",
        ),
        (
            {"q0": {**NAMED, "properties": [{"pid": "region", "v": ["x", None]}]}},
            "queries.q0.properties[0].v[1]",
        ),
        (
            {"q0": {**NAMED, "properties": [{"pid": "region", "v": ["x"] * 21}]}},
            "queries.q0.properties[0].v",
        ),
        (
            {"q0": {**NAMED, "properties": [{"pid": "siren", "v": 10**1000}]}},
            "queries.q0.properties[0].v",
        ),
        ({f"q{n}": NAMED for n in range(101)}, "queries"),
    ],
    ids=lambda value: str(value)[:50],
)
def test_batches_of_0_2(client: httpx.Client, sent: object, place: str) -> None:
    text = sent if isinstance(sent, str) else json.dumps(sent)
    problem = refused(client.post(BASE, data={"queries": text}))
    assert problem["place"] == place
    assert problem["remedy"]
    assert problem["type"].endswith("/reconciliation")


FORM = {"Content-Type": "application/x-www-form-urlencoded"}
NAME = {"matchType": "name", "propertyValue": "a"}


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ({"conditions": []}, "[0].conditions"),
        ({"props": [NAME]}, "[0]"),
        ({"conditions": [{"propertyValue": "a"}]}, "[0].conditions[0]"),
        ({"conditions": [NAME], "type": ["Enterprise", "Region"]}, "[0].type"),
        ({"conditions": [{**NAME, "matchType": "id"}]}, "[0].conditions[0].matchType"),
        ({"conditions": [{**NAME, "matchType": "property"}]}, "[0].conditions[0]"),
        ({"conditions": [{**NAME, "required": "yes"}]}, "[0].conditions[0].required"),
        ({"conditions": [{**NAME, "matchQuantifier": "all"}]}, "[0].conditions[0].matchQuantifier"),
        ({"conditions": [{**NAME, "matchQualifier": "x"}]}, "[0].conditions[0].matchQualifier"),
        ({"conditions": [NAME, NAME]}, "[0].conditions"),
        ({"conditions": [NAME], "limit": -3}, "[0].limit"),
    ],
    ids=str,
)
def test_batches_of_the_draft(client: httpx.Client, query: object, place: str) -> None:
    problem = refused(client.post(f"{BASE}/match", json={"queries": [query]}))
    assert problem["place"] == f"body.queries{place}"


def test_a_number_is_told_from_where_it_is_allowed(client: httpx.Client) -> None:
    extend = {"ids": ["a"], "properties": [{"id": "name", "settings": {"limit": -1}}]}
    told = refused(client.post(BASE, data={"extend": json.dumps(extend)}))
    assert told["place"] == "extend.properties[0].settings.limit"
    assert "0 or more" in told["detail"]
    queries = {"q0": {**NAMED, "limit": 0}}
    assert (
        "1 or more" in refused(client.post(BASE, data={"queries": json.dumps(queries)}))["detail"]
    )
    suggested = refused(client.get(f"{BASE}/suggest/entity", params={"limit": "-1"}))
    assert "0 or more" in suggested["detail"]


def test_a_form_is_told_what_it_lacks(client: httpx.Client) -> None:
    neither = refused(client.post(BASE, data={"query": "a"}))
    assert neither["detail"] == "Neither 'queries' nor 'extend' is given."
    typed = refused(client.post(BASE, json={}), 415)
    assert f"{BASE}/match" in typed["remedy"]
    broken = refused(client.post(BASE, content=b"queries=%FF", headers=FORM))
    assert (broken["place"], "SPARQL" in broken["title"]) == ("body", False)


def test_a_batch_of_the_draft_that_is_a_bare_list(client: httpx.Client) -> None:
    assert refused(client.post(f"{BASE}/match", json=[NAME]))["place"] == "body"
    assert refused(client.post(f"{BASE}/match", json={"queries": {}}))["place"] == "body.queries"


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ([], "extend"),
        ({"ids": []}, "extend"),
        ({"ids": "a", "properties": []}, "extend.ids"),
        ({"ids": [1], "properties": []}, "extend.ids[0]"),
        ({"ids": ["a"] * 201, "properties": []}, "extend.ids"),
        ({"ids": [], "properties": [{"id": "colour"}]}, "extend.properties[0].id"),
        (
            {"ids": [], "properties": [{"id": "town", "settings": {"limit": -1}}]},
            "extend.properties[0].settings.limit",
        ),
        (
            {"ids": [], "properties": [{"id": "town", "settings": {"content": "x"}}]},
            "extend.properties[0].settings.content",
        ),
    ],
    ids=str,
)
def test_data_extension(client: httpx.Client, query: object, place: str) -> None:
    assert refused(client.post(BASE, data={"extend": json.dumps(query)}))["place"] == place


@pytest.mark.parametrize(
    ("path", "status", "place"),
    [
        ("?callback=f", 400, "parameter callback"),
        ("?queries=%7B%7D&extend=%7B%7D", 400, "parameter extend"),
        ("/suggest/colour?prefix=a", 404, "/reconcile/suggest/colour"),
        ("/suggest/entity?prefix=a&limit=-1", 400, "parameter limit"),
        ("/suggest/entity?prefix=a&cursor=x", 400, "parameter cursor"),
        (f"/suggest/entity?prefix={LONG}", 400, "parameter prefix"),
        ("/extend/propose?type=Person", 400, "parameter type"),
        ("/preview?id=enterprise/none", 404, "parameter id"),
        ("/preview?id=%3Cscript%3E", 404, "parameter id"),
        ("/preview", 404, "parameter id"),
        ("/view?id=http://evil.example/", 404, "parameter id"),
        ("/view?id=//evil.example/", 404, "parameter id"),
        ("/flyout/type?id=Person", 404, "parameter id"),
        ("/flyout/entity?id=x", 404, "parameter id"),
    ],
)
def test_addresses(client: httpx.Client, path: str, status: int, place: str) -> None:
    assert refused(client.get(BASE + path), status)["place"] == place


def test_bodies(client: httpx.Client) -> None:
    post = client.post
    refused(post(BASE, content=b"{}", headers={"Content-Type": "application/json"}), 415)
    refused(post(f"{BASE}/match", data={"queries": "{}"}), 415)
    json_type = {"Content-Type": "application/json"}
    refused(post(f"{BASE}/match", content=b"\xff", headers=json_type))
    refused(post(f"{BASE}/match", content=b" " * (1 << 20) + b"{}", headers=json_type), 413)
    refused(post(BASE, data={"other": "x"}))


def test_odd_texts_are_answered(matching: httpx.Client) -> None:
    odd = ["\ud800", "\x00", "AND OR (", '"', "* * *", "%", "'; DROP", "😀", " ", "ﷺ", "1/0"]
    queries = {f"\ud800{n}": {"query": text} for n, text in enumerate(odd)}
    answer = matching.post(BASE, data={"queries": json.dumps(queries)})
    assert answer.status_code == 200
    assert list(answer.json()) == list(queries)


@pytest.mark.shared
@pytest.mark.parametrize("kind", ["valid", "invalid"])
def test_the_published_batches_each_have_a_defined_answer(
    client: httpx.Client, suite: Path, kind: str
) -> None:
    """The types and properties of the valid ones are not ours, which is a problem that names them.

    Without a type and properties, they are answered.
    """
    for path in sorted((suite / "examples" / "reconciliation-query-batch" / kind).glob("*.json")):
        sent = path.read_text("utf-8")
        answer = client.post(BASE, data={"queries": sent})
        if path.stem == "example-min":
            assert answer.status_code == 200
            assert list(answer.json()) == list(json.loads(sent))
            continue
        place = refused(answer)["place"]
        expected = (".type", ".pid") if kind == "valid" else ("queries.q1", ".props")
        assert place.endswith(expected), path.name


@pytest.mark.shared
def test_the_published_extensions_each_have_a_defined_answer(
    client: httpx.Client, suite: Path
) -> None:
    for path in (suite / "examples" / "data-extension-query" / "valid").glob("*.json"):
        problem = refused(client.post(BASE, data={"extend": path.read_text("utf-8")}))
        assert problem["place"] == "extend.properties[0].id"
