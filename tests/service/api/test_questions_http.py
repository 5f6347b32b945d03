"""The questions over HTTP: forms, pages, releases, errors."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import httpx
import openpyxl
import pyarrow as pa
import pytest
from pyarrow import parquet
from pyoxigraph import RdfFormat, parse

from vises.service.questions import questions

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from starlette.types import ASGIApp


def test_an_answer_in_json_says_what_was_asked_and_what_came(client: httpx.Client) -> None:
    answer = client.get("/api/v1/questions/S2", params={"area": "FRE", "lang": "fr"})
    assert answer.status_code == 200
    found = answer.json()
    assert found["id"] == "S2"
    assert found["question"].startswith("Quelle part")
    assert found["parameters"] == {"area": ["nuts:FRE"]}
    assert found["total"] == 1
    (row,) = found["rows"]
    assert row["share"] == 10.8
    assert row["period"] == "2024"
    assert row["source"] == {"value": "Bilan 2024", "lang": "fr"}
    assert row["publication"]["id"] == "https://data.example/publication/p1"
    assert client.get(row["publication"]["href"], follow_redirects=True).is_success
    titles = {column["name"]: column["title"] for column in found["columns"]}
    assert titles["areaCode"] == "code du territoire"
    types = {column["name"]: column["types"] for column in found["columns"]}
    assert types["period"] == ["xsd:gYear"]
    assert row["status"] is None
    assert answer.headers["access-control-allow-origin"] == "*"


def test_the_short_address_is_the_same_route(client: httpx.Client) -> None:
    short = client.get("/api/s2", params={"lang": "en"})
    assert short.json()["rows"] == client.get("/api/v1/questions/S2").json()["rows"]
    assert '/api/v1/questions/S2>; rel="canonical"' in short.headers["link"]


def test_csv_is_that_of_the_engine(client: httpx.Client) -> None:
    answer = client.get("/api/S2.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    release = answer.headers["x-release"]
    assert answer.headers["content-disposition"] == f'attachment; filename="S2-{release}.csv"'
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert (row["areaCode"], row["share"]) == ("FRE", "10.8")


def test_a_workbook_holds_numbers_as_numbers(client: httpx.Client) -> None:
    answer = client.get("/api/S2.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert sheet is not None
    names, values = [list(row) for row in sheet.iter_rows(values_only=True)]
    row = dict(zip(names, values, strict=True))
    assert (row["areaCode"], row["share"], row["period"]) == ("FRE", 10.8, "2024")


def test_columns_come_as_arrow_and_parquet(client: httpx.Client) -> None:
    table = parquet.read_table(io.BytesIO(client.get("/api/S2.parquet").content))
    assert table["share.number"].to_pylist() == [10.8]
    stream = client.get("/api/S2", headers={"Accept": "application/vnd.apache.arrow.stream"})
    assert pa.ipc.open_stream(stream.content).read_all()["areaCode"].to_pylist() == ["FRE"]


def test_turtle_is_a_result_set(client: httpx.Client) -> None:
    body = client.get("/api/S2.ttl").content
    found = {
        (q.predicate.value.rpartition("#")[2], str(q.object)) for q in parse(body, RdfFormat.TURTLE)
    }
    assert ("value", '"10.8"^^<http://www.w3.org/2001/XMLSchema#decimal>') in found
    assert ("index", '"1"^^<http://www.w3.org/2001/XMLSchema#integer>') in found


def test_accept_decides_where_no_ending_does(client: httpx.Client) -> None:
    for accept, begin in {
        "application/sparql-results+json": b'{"head"',
        "text/tab-separated-values": b"?areaCode\t",
        "text/csv;q=0.9, application/json;q=0.1": b"areaCode,",
        "text/html,*/*;q=0.8": b'{"id": "S2"',
    }.items():
        assert client.get("/api/S2", headers={"Accept": accept}).content.startswith(begin), accept
    refused = client.get("/api/S2", headers={"Accept": "image/png"})
    assert refused.status_code == 406
    assert refused.json()["type"].endswith("/not-acceptable")


def test_pages_follow_their_links_to_the_end(client: httpx.Client) -> None:
    whole = client.get("/api/I7", params={"size": 1000}).json()["rows"]
    seen, address = [], "/api/M4?size=1"
    while address:
        answer = client.get(address)
        seen += answer.json()["rows"]
        address = answer.links.get("next", {}).get("url", "")
    assert seen == client.get("/api/M4").json()["rows"]
    assert isinstance(whole, list)


def test_a_page_beyond_the_end_is_empty_and_leads_back(client: httpx.Client) -> None:
    answer = client.get("/api/S2", params={"page": 1000, "size": 10})
    assert answer.status_code == 200
    assert (answer.json()["rows"], answer.json()["total"]) == ([], None)
    assert client.get(answer.links["first"]["url"]).json()["rows"]
    assert "next" not in answer.links


def test_a_page_of_csv_has_links_too(client: httpx.Client) -> None:
    query = {"size": 1}
    first = client.get("/api/E1.csv", params=query)
    assert len(first.text.splitlines()) == 2
    assert "next" not in first.links
    assert first.links["last"]["url"].startswith(str(client.base_url))


def test_a_client_that_has_the_answer_gets_none(client: httpx.Client) -> None:
    for form in ("json", "csv", "xlsx"):
        answer = client.get(f"/api/S2.{form}")
        tag = {"If-None-Match": answer.headers["etag"]}
        assert client.get(f"/api/S2.{form}", headers=tag).status_code == 304
        assert client.get(f"/api/S2.{form}?area=BE3", headers=tag).status_code == 200


def test_a_release_that_is_named_lasts(past: str) -> None:
    with httpx.Client(base_url=past, timeout=20) as client:
        old = client.get("/api/S2", params={"release": "000002"})
        assert old.headers["x-release"] == "000002"
        assert "immutable" in old.headers["cache-control"]
        assert client.get("/api/S2").headers["cache-control"] == "no-cache"
        unknown = client.get("/api/S2", params={"release": "999999"})
        assert (unknown.status_code, unknown.json()["place"]) == (404, "parameter release")


def test_what_changed_between_releases(past: str) -> None:
    with httpx.Client(base_url=past, timeout=20) as client:
        found = client.get("/api/A4", params={"before": "000002", "after": "000003"}).json()
        assert (found["before"], found["after"]) == ("000002", "000003")
        changes = [(row["change"], row["value"]) for row in found["rows"]]
        assert changes == [("added", "Third"), ("removed", "Second")]
        same = client.get("/api/A4", params={"before": "000003", "after": "000003"}).json()
        assert (same["rows"], same["total"]) == ([], 0)
        ceased = client.get("/api/E7", params={"before": "000001"})
        assert ceased.status_code == 200
        assert client.get("/api/A4.csv").status_code == 406


def test_head_and_options_and_other_methods(client: httpx.Client) -> None:
    for path in ("/api/S2", "/api/S2.csv", "/api/v1/questions", "/api/enterprises"):
        head = client.head(path)
        assert (head.status_code, head.content) == (200, b"")
        allowed = client.options(path)
        assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (204, "*")
        refused = client.post(path, content=b"{}")
        assert refused.status_code == 405


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("area=FRX", "parameter area"),
        ("area=", "parameter area"),
        ("aera=FRE", "parameter aera"),
        ("page=x", "parameter page"),
        ("lang=xx", "parameter lang"),
        ("lang=en&lang=fr", "paramètre lang"),
        ("area=%ff", "parameter (all)"),
        ("area=%00", "parameter area"),
        ("area=%7D%20%7D%20DROP", "parameter area"),
        ("&".join("area=FRE" for _ in range(501)), "parameter (all)"),
        ("release=1&release=2", "parameter release"),
        ("language=en", "parameter language"),
    ],
)
def test_errors_name_the_parameter(client: httpx.Client, query: str, place: str) -> None:
    answer = client.get(f"/api/S2?{query}")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.json()["place"] == place
    assert answer.json()["remedy"]


def test_a_language_may_be_of_a_country(client: httpx.Client) -> None:
    answer = client.get("/api/S2?lang=fr-BE").json()
    assert answer["question"].startswith("Quelle part")


def test_a_name_like_a_question_finds_the_nearest(client: httpx.Client) -> None:
    answer = client.get("/api/v1/questions/S22")
    assert answer.status_code == 404
    assert "S2" in answer.json()["remedy"]


def test_hostile_labels_stay_data(client: httpx.Client) -> None:
    text = client.get("/api/enterprises", params={"region": "BE3"}).text
    assert "<script>" in json.loads(text)["items"][0]["label"]


def test_every_question_is_listed_and_answers(client: httpx.Client) -> None:
    listed = client.get("/api/v1/questions", headers={"Accept-Language": "nl"}).json()["questions"]
    assert len(listed) > 30
    assert listed[0]["question"] == questions()[listed[0]["id"]].wording["nl"]
    assert listed[0]["summary"] == questions()[listed[0]["id"]].summary["nl"]
    for question in listed:
        answer = client.get(question["href"])
        expected = 400 if "federated" in question["tags"] else 200
        assert answer.status_code == expected, (question["id"], answer.text)
        if expected == 200:
            assert set(answer.json()["parameters"]) == {p["name"] for p in question["parameters"]}


def test_a_value_of_any_size_costs_no_more_than_its_bound(
    fake: Callable[[object], ASGIApp],
    fake_engine: Callable[..., object],
    run: Callable[[ASGIApp], AbstractContextManager[str]],
) -> None:
    steps = [b"x" * (1 << 20) for _ in range(100)]
    engine = fake_engine(steps=steps, media_type="application/sparql-results+json")
    with run(fake(engine)) as address:
        answer = httpx.get(f"{address}/api/S2", timeout=20)
    assert answer.status_code == 500
    assert answer.json()["type"].endswith("/answer-too-large")
    script = engine.scripts[0]  # type: ignore[attr-defined]
    assert script.closed.is_set()
    assert len(script._steps) > 60


@pytest.mark.parametrize(
    ("ending", "weak"), [("xlsx", True), ("arrow", True), ("parquet", False), ("csv", False)]
)
def test_a_tag_is_weak_where_the_bytes_are_not_the_same_each_time(
    client: httpx.Client,
    ending: str,
    weak: bool,  # noqa: FBT001 (a parameter of the test)
) -> None:
    first = client.get(f"/api/v1/questions/S1.{ending}")
    assert first.headers["etag"].startswith("W/") is weak
    tag = {"If-None-Match": first.headers["etag"]}
    assert client.get(f"/api/v1/questions/S1.{ending}", headers=tag).status_code == 304
