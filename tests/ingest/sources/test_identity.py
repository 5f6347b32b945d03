"""One enterprise in two registers: the same by its number, else linked and never merged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vises.ingest.ledger import Ledger
from vises.ingest.quarantine import Threshold
from vises.ingest.sources.kbo.sample import write_sample
from vises.ingest.withdrawal import withdraw
from vises.namespaces import VOCABULARY_BASE
from vises.store.transaction import ChangeRefused

House = Any
Write = Callable[[str, str], Path]

UNITS = (
    "siren,denominationUniteLegale,categorieJuridiqueUniteLegale,"
    "economieSocialeSolidaireUniteLegale,activitePrincipaleUniteLegale\n"
    "000000018,L'ATELIER DES DEUX RIVES,9220,O,88.99B\n"
)
RESULTS = (
    "enterprise,indicator,period_start,period_end,value,evidence_kind,status\n"
    "fr-000000018,volunteer-hours,2025-01-01,2025-12-31,120,survey,draft\n"
)
HEADER = "enterprise,matches,basis\n"
LINK = "SELECT ?a ?b { ?l a vises:IdentityLink ; vises:about ?a ; vises:matches ?b }"
SAME = "SELECT ?a ?b { ?a <http://www.w3.org/2002/07/owl#sameAs> ?b }"
ENTERPRISES = "SELECT DISTINCT ?e { ?e a vises:Enterprise }"


@pytest.fixture
def registers(strict_house: House, write: Write, tmp_path: Path) -> tuple[House, str]:
    """Return a house with an enterprise of each register, and the Belgian one."""
    folder = tmp_path / "kbo"
    folder.mkdir()
    made = write_sample(folder, enterprises=40, seed=7)
    strict_house.ingest("kbo", *made.files, fictitious=True, max_refused=Threshold(share=1))
    strict_house.ingest("sirene", write("units.csv", UNITS), fictitious=True)
    return strict_house, next(e for e in made.enterprises if e.startswith("be-"))


def iri(name: str) -> str:
    return f"{VOCABULARY_BASE}enterprise/{name}"


def test_two_registers_are_linked_and_never_merged(
    registers: tuple[House, str], write: Write
) -> None:
    house, belgian = registers
    before = house.ask(ENTERPRISES)
    assert house.ask(SAME) == house.ask(LINK) == []
    path = write("links.csv", f"{HEADER}fr-000000018,{belgian},declared\n")
    report = house.ingest("identity", path, fictitious=True)
    assert report.files[0].published == 1
    assert house.ask(LINK) == [(iri("fr-000000018"), iri(belgian))]
    assert house.ask(ENTERPRISES) == before, "both records stay"
    assert house.ask(SAME) == []
    assert house.ask(
        "SELECT ?s ?n { ?l a vises:IdentityLink ; dcterms:source ?s ; vises:matchBasis ?b ;"
        " vises:asOf ?d . ?b skos:notation ?n }"
    ) == [(f"{VOCABULARY_BASE}graph/identity", "declared")]


def test_a_link_outlives_a_new_extract_and_goes_without_touching_the_records(
    registers: tuple[House, str], write: Write
) -> None:
    house, belgian = registers
    path = write("links.csv", f"{HEADER}fr-000000018,{belgian},name-and-address\n")
    batch = house.ingest("identity", path, fictitious=True).batch
    newer = UNITS + "000000026,COOPÉRATIVE INVENTÉE,5460,O,88.99B\n"
    house.ingest("sirene", write("newer.csv", newer), fictitious=True)
    assert len(house.ask(LINK)) == 1
    there = house.ask(ENTERPRISES)
    withdraw(
        batch,
        releases=house.releases,
        gate=house.gate,
        data_folder=house.data,
        base_iri=VOCABULARY_BASE,
        author="a test",
        reason="two enterprises of one name",
    )
    assert house.ask(LINK) == []
    assert house.ask(ENTERPRISES) == there


def test_the_same_number_in_two_files_is_the_same_enterprise(house: House, write: Write) -> None:
    house.ingest("sirene", write("units.csv", UNITS), fictitious=True)
    house.ingest("impact", write("results.csv", RESULTS), fictitious=True)
    assert house.ask(
        "SELECT ?e { ?r a vises:IndicatorResult ; vises:about ?e . ?e a vises:Enterprise }"
    ) == [(iri("fr-000000018"),)]
    assert house.ask(LINK) == []


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ("fr-000000018,fr-000000018,declared", "same-record"),
        ("fr-000000019,be-0000002671,declared", "siren-check-digit"),
        ("fr-000000018,be-0000002672,declared", "kbo-check-digit"),
        ("fr-000000018,be-2671,declared", "pattern"),
        ("fr-000000018,be-0000002671,a feeling", "unknown-code"),
        ("fr-000000018,,declared", "required"),
    ],
)
def test_what_no_link_can_be_made_of(house: House, write: Write, row: str, rule: str) -> None:
    good = "fr-000000018,be-0000002671,declared\n"
    path = write("links.csv", f"{HEADER}{good}{row}\n")
    batch = house.ingest("identity", path, max_refused=Threshold(rows=1)).batch
    kept = Ledger(house.data).quarantine("identity", batch)
    assert kept is not None
    assert f'"rule": "{rule}"' in kept.read_text("utf-8")


def test_a_link_from_a_record_that_is_not_published_is_refused(
    strict_house: House, write: Write
) -> None:
    path = write("links.csv", f"{HEADER}fr-000000018,be-0000002671,declared\n")
    with pytest.raises(ChangeRefused):
        strict_house.ingest("identity", path, fictitious=True)
