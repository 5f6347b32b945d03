"""Results and accounts: equals, dated, and never about a person."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from vises.ingest.quarantine import Threshold
from vises.ingest.sources.impact.sample import write_sample

if TYPE_CHECKING:
    from vises.ingest.report import IngestReport

House = Any
"""The class in conftest.py, which a test module cannot import."""

Write = Callable[[str, str], Path]
RESULTS = (
    "enterprise,indicator,period_start,period_end,value,method,language,evidence_kind,status,"
    "attested_by\n"
)
RESULT = (
    "fr-000000018,volunteer-hours,2024-01-01,2024-12-31,1250.50,Registre,fr,survey,attested,"
    "vises-contributors\n"
)
ACCOUNTS = "enterprise,date,language,text,teller_group,theme,evidence_kind,consent\n"
ACCOUNT = (
    'be-0000000196,2024-05-01,nl,"Vroeger, ""toen"",\nkende ik niemand.",members,,testimony,true\n'
)


def first_refusal(report: IngestReport) -> tuple[str, int, str]:
    text = Path(report.quarantine).read_text("utf-8")
    entry = json.loads(text.splitlines()[0])
    return entry["file"], entry["line"], entry["rule"]


def test_a_result(house: House, write: Write) -> None:
    house.ingest("impact", write("results.csv", RESULTS + RESULT), fictitious=True)
    assert house.ask(
        """SELECT ?e ?i ?start ?end ?v ?m (LANG(?m) AS ?l) ?k ?s ?a ?x {
            ?r a vises:IndicatorResult ; vises:about ?e ; vises:indicator ?i ; vises:value ?v ;
               vises:periodStart ?start ; vises:periodEnd ?end ; vises:collectionMethod ?m ;
               vises:evidenceKind ?k ; vises:reportStatus ?s ; vises:attestedBy ?a ;
               vises:fictitious ?x }"""
    ) == [
        (
            "https://w3id.org/vises/enterprise/fr-000000018",
            "https://w3id.org/vises/indicator/volunteer-hours",
            "2024-01-01",
            "2024-12-31",
            "1250.5",
            "Registre",
            "fr",
            "https://w3id.org/vises/code/evidence-kind/survey",
            "https://w3id.org/vises/code/report-status/attested",
            "https://w3id.org/vises/organisation/vises-contributors",
            "true",
        )
    ]


def test_an_account(house: House, write: Write) -> None:
    house.ingest("impact", write("accounts.csv", ACCOUNTS + ACCOUNT))
    assert house.ask(
        """SELECT ?e ?t (LANG(?t) AS ?l) ?g ?c ?d {
            ?a a vises:QualitativeAccount ; vises:about ?e ; vises:text ?t ; vises:tellerGroup ?g ;
               vises:consentRecorded ?c ; dcterms:created ?d }"""
    ) == [
        (
            "https://w3id.org/vises/enterprise/be-0000000196",
            'Vroeger, "toen",\nkende ik niemand.',
            "nl",
            "https://w3id.org/vises/code/stakeholder-group/members",
            "true",
            "2024-05-01",
        )
    ]


def test_without_consent_nothing_is_published(house: House, write: Write) -> None:
    table = ACCOUNTS + ACCOUNT + ACCOUNT.replace("Vroeger", "SECRET").replace(",true", ",false")
    report = house.ingest("impact", write("accounts.csv", table))
    assert report.files[0].out_of_scope == {"no consent to publication on file": 1}
    assert house.ask("SELECT ?s { ?s ?p ?o FILTER(CONTAINS(STR(?o), 'SECRET')) }") == []


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("fr-000000018", "fr-000000019", "siren-check-digit"),
        ("fr-000000018", "be-0000000197", "kbo-check-digit"),
        ("fr-000000018", "000000018", "pattern"),
        ("2024-12-31", "2023-12-31", "period"),
        ("2024-12-31", "2024-02-30", "date"),
        ("2024-12-31", "9999-12-31", "range"),
        ("1250.50", "1 250", "number"),
        ("1250.50", "1.250", "grouped-number"),
        ("Registre,fr", "Registre,", "required"),
        ("Registre", "someone@example.org", "personal-data"),
        ("survey", "rumour", "unknown-code"),
        ("attested,", "perhaps,", "unknown-code"),
    ],
)
def test_what_a_result_must_be(house: House, write: Write, old: str, new: str, rule: str) -> None:
    other = RESULT.replace("2024", "2022")
    table = RESULTS + other + RESULT.replace(old, new)
    path = write("results.csv", table)
    report = house.ingest("impact", path, max_refused=Threshold(rows=1))
    assert first_refusal(report) == ("results.csv", 3, rule)
    assert "someone@example.org" not in Path(report.quarantine).read_text("utf-8")


def test_an_account_with_an_address_of_a_person_is_refused(house: House, write: Write) -> None:
    table = ACCOUNTS + ACCOUNT + ACCOUNT.replace("niemand", "jan@example.org")
    path = write("accounts.csv", table)
    report = house.ingest("impact", path, max_refused=Threshold(rows=1))
    assert first_refusal(report) == ("accounts.csv", 4, "personal-data")
    assert "jan@example.org" not in Path(report.quarantine).read_text("utf-8")


def test_the_iri_of_a_result_follows_from_what_it_is(house: House, write: Write) -> None:
    query = "SELECT ?r { ?r a vises:IndicatorResult }"
    house.ingest("impact", write("1/results.csv", RESULTS + RESULT))
    before = house.ask(query)
    house.ingest("impact", write("2/results.csv", RESULTS + RESULT.replace("1250.50", "7")))
    assert house.ask(query) == before
    house.ingest("impact", write("3/results.csv", RESULTS + RESULT.replace("2024", "2023")))
    assert house.ask(query) != before


def test_the_sample(house: House, tmp_path: Path) -> None:
    enterprises = ["fr-000000018", "be-0000000196"]
    sample = write_sample(tmp_path / "s", enterprises, results=20, accounts=4)
    report = house.ingest("impact", *sample.files, max_refused=Threshold(rows=2))
    text = Path(report.quarantine).read_text("utf-8").splitlines()
    found = {(e["file"], e["line"], e["rule"]) for e in map(json.loads, text)}
    assert found == {(d.file, d.line, d.rule) for d in sample.defects}
    assert [f.rows_in for f in report.files] == [20, 4]
    assert set(sample.enterprises) <= set(enterprises)
