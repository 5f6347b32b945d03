"""The client against a real service."""

from __future__ import annotations

import sys
from datetime import date

import pytest

from vises.client import Client, LibraryMissing, ServiceProblem, Unreachable

ENTERPRISE = "https://w3id.org/vises/enterprise/fr-000000018"


def test_a_question_comes_as_typed_columns(vises: Client) -> None:
    table = vises.question("S2", area="nuts:FRE")
    frame = table.pandas()
    assert list(frame.columns) == table.columns
    assert frame["period"].dtype == "int64"
    assert frame["share"].dtype == "float64"
    assert table.polars()["share"].to_list() == frame["share"].tolist()
    assert table.rows()[0]["areaCode"] == "FRE"
    assert len(table) == len(list(table)) > 1


def test_a_parameter_may_have_several_values(vises: Client) -> None:
    both = vises.question("S9", area=["FRE", "nuts:BE3"], measure="fullTimeEquivalents")
    assert {row["areaCode"] for row in both} == {"FRE", "BE3"}


def test_a_query_keeps_what_is_no_value(vises: Client) -> None:
    table = vises.query(
        "SELECT ?a ?b ?c ?d { VALUES (?a ?b ?c ?d) { (1 true 'x'@fr UNDEF)"
        " (2.5 false <http://a.example/> '2026-01-31'^^<http://www.w3.org/2001/XMLSchema#date>) } }"
    )
    assert table.rows() == [
        {"a": 1.0, "b": True, "c": "x", "d": None},
        {"a": 2.5, "b": False, "c": "http://a.example/", "d": date(2026, 1, 31)},
    ]
    assert table.raw["c.lang"].to_pylist() == ["fr", None]


def test_ask_graph_and_describe(vises: Client) -> None:
    assert vises.ask("ASK { ?s ?p ?o }")
    assert not vises.ask("ASK { <x:none> ?p ?o }")
    assert len(vises.graph("CONSTRUCT { ?s a ?o } WHERE { ?s a ?o } LIMIT 3")) == 3
    assert any(str(s) == ENTERPRISE for s in vises.describe(ENTERPRISE).subjects())
    for text in ("x", "http://a> } #", "http://a b"):
        with pytest.raises(ValueError, match=r"http|x"):
            vises.describe(text)


def test_lists_are_read_to_their_end(vises: Client) -> None:
    vises.questions()
    small = list(vises.things("codes/nuts", size=100, fields="notation"))
    large = list(vises.things("codes/nuts", fields="notation"))
    assert small == large
    assert len(large) > 200
    counted = list(vises.enterprises(region="BE3", sse=True, fields="region"))
    assert len({item["id"] for item in counted}) == len(counted) > 100
    assert vises.thing("enterprises", "fr-000000018")["id"] == ENTERPRISE


def test_the_first_answer_pins_the_release(demonstration: str) -> None:
    with Client(demonstration) as pinned, Client(demonstration, release="current") as follows:
        assert pinned.release is None
        release = pinned.question("S2").release
        follows.question("S2")
        assert (pinned.release, follows.release) == (release, None)
    with Client(demonstration, release="000001") as old:
        assert old.query("SELECT ?s { ?s ?p ?o } LIMIT 1").release == "000001"
        assert old.release == "000001"


def test_changes_between_releases(vises: Client) -> None:
    changes = list(vises.changes("A4", "000015", "000016", size=100))
    assert {change["change"] for change in changes} <= {"added", "removed"}
    assert len(changes) > 300


def test_an_error_has_the_problem_document(vises: Client) -> None:
    with pytest.raises(ServiceProblem) as caught:
        vises.question("S2", area="nuts:FRX")
    assert caught.value.status_code == 400
    assert caught.value.problem_type == "parameter"
    assert caught.value.place == "parameter area"
    with pytest.raises(ServiceProblem) as caught:
        vises.query("SELECT ?x WHERE {")
    assert caught.value.problem_type == "query-syntax"
    with Client(str(vises._http.base_url), release="999999") as nowhere:
        with pytest.raises(ServiceProblem) as caught:
            nowhere.questions()
        assert caught.value.status_code == 404


def test_nobody_at_the_address() -> None:
    with Client("http://127.0.0.1:9", retries=0) as client, pytest.raises(Unreachable):
        client.questions()


def test_a_library_that_is_missing_is_named(vises: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    table = vises.query("SELECT (1 AS ?x) {}")
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(LibraryMissing, match="pip install polars"):
        table.polars()
