"""SIRENE: checks before scope, no natural person, claims instead of a label."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from vises.errors import BadInput, Refused
from vises.ingest.quarantine import Threshold
from vises.ingest.sources.sirene.sample import write_sample
from vises.ingest.vocabulary import code_lists

if TYPE_CHECKING:
    from vises.ingest.report import IngestReport

House = Any
"""The class in conftest.py, which a test module cannot import."""

Write = Callable[[str, str], Path]
HEADER = (
    "siren,statutDiffusionUniteLegale,dateCreationUniteLegale,sigleUniteLegale,"
    "identifiantAssociationUniteLegale,trancheEffectifsUniteLegale,anneeEffectifsUniteLegale,"
    "dateDernierTraitementUniteLegale,etatAdministratifUniteLegale,nomUniteLegale,"
    "denominationUniteLegale,denominationUsuelle1UniteLegale,categorieJuridiqueUniteLegale,"
    "activitePrincipaleUniteLegale,nomenclatureActivitePrincipaleUniteLegale,"
    "economieSocialeSolidaireUniteLegale\n"
)
FULL = (
    "000000018,O,1999-05-01,LMB,W595001234,11,2023,2025-03-02T01:02:03,C,,"
    "LA MAISON DE BRUMEVAL,La Maison,9220,94.99Z,NAFRev2,N\n"
)
SITES = (
    "siren,nic,etablissementSiege,codePostalEtablissement,libelleCommuneEtablissement,"
    "codeCommuneEtablissement\n000000018,00012,true,59000,LILLE,59350\n"
    "000000018,00020,false,62000,ARRAS,62041\n"
)
FR = "https://w3id.org/vises/enterprise/fr-000000018"
CODE = "https://w3id.org/vises/code/"


def refused(report: IngestReport) -> list[tuple[str, int, str]]:
    lines = Path(report.quarantine).read_text("utf-8").splitlines() if report.quarantine else []
    return [(e["file"], e["line"], e["rule"]) for e in map(json.loads, lines)]


def test_no_name_of_a_refused_row_is_kept(house: House, write: Write) -> None:
    wrong = FULL.replace("000000018", "000000019")
    report = house.ingest(
        "sirene", write("u.csv", HEADER + FULL + wrong), max_refused=Threshold(rows=1)
    )
    assert refused(report) == [("u.csv", 3, "siren-check-digit")]
    kept = Path(report.quarantine).read_text("utf-8")
    assert [name for name in ("BRUMEVAL", "La Maison", "LMB") if name in kept] == []
    assert "000000019" in kept


def test_everything_of_a_full_row_is_said(strict_house: House, write: Write) -> None:
    strict_house.ingest("sirene", write("u.csv", HEADER + FULL), write("e.csv", SITES))
    facts = strict_house.ask(f"SELECT ?p ?o {{ <{FR}> ?p ?o }}")
    said = {(p.rpartition("#")[2].rpartition("/")[2], o) for p, o in facts}
    assert {
        ("type", "https://w3id.org/vises/ontology#Enterprise"),
        ("legalName", "LA MAISON DE BRUMEVAL"),
        ("altLabel", "LMB"),
        ("altLabel", "La Maison"),
        ("legalForm", CODE + "legal-form-fr/9220"),
        ("activity", CODE + "nace-rev2/94"),
        ("activityNotation", "94.99Z"),
        ("sizeBand", CODE + "size-band/11"),
        ("sizeBandYear", "2023"),
        ("operatingStatus", CODE + "operating-status/ceased"),
        ("foundingDate", "1999-05-01"),
        ("region", CODE + "nuts/FRE11"),
        ("identifier", "https://w3id.org/vises/identifier/siren-000000018"),
        ("identifier", "https://w3id.org/vises/identifier/rna-W595001234"),
        ("registeredAddress", "https://w3id.org/vises/address/fr-000000018"),
    } == said
    assert strict_house.ask(
        """SELECT ?post ?town ?commune { ?a a locn:Address ; locn:postCode ?post ;
            locn:postName ?town ; vises:municipalityCode ?commune }"""
    ) == [("59000", "LILLE", "59350")]


def test_two_perimeters_may_disagree_and_both_are_kept(house: House, write: Write) -> None:
    house.ingest("sirene", write("u.csv", HEADER + FULL), dataset="register-2025")
    source = "https://w3id.org/vises/graph/register-2025"
    assert house.ask(
        f"""SELECT ?p ?yes ?day ?source {{ ?c a vises:SseStatusClaim ; vises:about <{FR}> ;
            vises:perimeter ?p ; vises:countsAsSse ?yes ; vises:asOf ?day ;
            dcterms:source ?source }}"""
    ) == [
        (CODE + "perimeter/insee-flag", "false", "2025-03-02", source),
        (CODE + "perimeter/legal-category-fr", "true", "2025-03-02", source),
    ]


def test_an_empty_flag_is_no_claim(house: House, write: Write) -> None:
    house.ingest("sirene", write("u.csv", HEADER + FULL.replace(",N\n", ",\n")))
    assert house.ask("SELECT ?p { ?c vises:perimeter ?p }") == [
        (CODE + "perimeter/legal-category-fr",)
    ]


def test_who_is_out_of_scope_is_counted_by_reason(house: House, write: Write) -> None:
    table = (
        HEADER
        + FULL
        + "000000026,O,,,,,,,A,DUPONT-FICTIF,,,1000,,,\n"
        + "000000034,P,,,,,,,A,,[ND],,9220,,,O\n"
        + "000000042,O,,,,,,,A,,SOCIETE DE BRUMEVAL,,5710,,,N\n"
        + "000000059,O,,,,,,,A,DUPONT-FICTIF,,,9220,,,O\n"
    )
    report = house.ingest("sirene", write("u.csv", table), write("e.csv", SITES))
    units, sites = report.files
    assert (units.rows_in, units.published, units.quarantined) == (5, 1, 0)
    assert units.out_of_scope == {
        "a natural person": 2,
        "masked by INSEE (not fully public)": 1,
        "not SSE under any perimeter of the file": 1,
    }
    assert (sites.published, sites.out_of_scope) == (1, {"not a head office": 1})
    release = house.releases.current()
    for path in house.data.rglob("*"):
        if path.is_file() and release.id not in str(path):
            assert b"DUPONT-FICTIF" not in path.read_bytes()
    assert house.ask("SELECT ?s { ?s ?p ?o FILTER(CONTAINS(STR(?o), 'DUPONT-FICTIF')) }") == []


def test_checks_come_before_scope(house: House, write: Write) -> None:
    table = HEADER + FULL + "000000026,O,2014-12-35,,,,,,A,X,,,1000,,,\n"
    report = house.ingest("sirene", write("u.csv", table), max_refused=Threshold(rows=1))
    assert refused(report) == [("u.csv", 3, "date")]


def test_an_enterprise_without_a_name_is_refused(house: House, write: Write) -> None:
    table = HEADER + FULL + "000000026,O,,,,,,,A,, ,,9220,,,O\n"
    report = house.ingest("sirene", write("u.csv", table), max_refused=Threshold(rows=1))
    assert refused(report) == [("u.csv", 3, "no-name")]


def test_an_activity_in_an_old_classification_has_no_division(house: House, write: Write) -> None:
    house.ingest("sirene", write("u.csv", HEADER + FULL.replace("NAFRev2", "NAFRev1")))
    assert house.ask("SELECT ?o { ?s vises:activityNotation ?o }") == [("94.99Z",)]
    assert house.ask("SELECT ?o { ?s vises:activity ?o }") == []


def test_an_activity_in_naf_2025_lies_in_a_division_of_rev_2_1(house: House, write: Write) -> None:
    header = HEADER.replace(",nomenclature", ",activitePrincipaleNAF25UniteLegale,nomenclature")
    house.ingest("sirene", write("u.csv", header + FULL.replace(",NAFRev2", ",94.99Y,NAFRev2")))
    assert set(house.ask("SELECT ?o { ?s vises:activity ?o }")) == {
        (f"{CODE}nace-rev2/94",),
        (f"{CODE}nace-rev2.1/94",),
    }
    assert set(house.ask("SELECT ?o { ?s vises:activityNotation ?o }")) == {
        ("94.99Z",),
        ("94.99Y",),
    }


def test_a_code_of_naf_2025_beyond_rev_2_1_has_no_division(house: House, write: Write) -> None:
    header = HEADER.replace(",nomenclature", ",activitePrincipaleNAF25UniteLegale,nomenclature")
    house.ingest("sirene", write("u.csv", header + FULL.replace(",NAFRev2", ",45.20A,NAFRev2")))
    assert house.ask("SELECT ?o { ?s vises:activity ?o }") == [(f"{CODE}nace-rev2/94",)]


def test_no_employees_is_no_size(house: House, write: Write) -> None:
    house.ingest("sirene", write("u.csv", HEADER + FULL.replace(",11,2023,", ",NN,2023,")))
    assert house.ask("SELECT ?o { ?s vises:sizeBand|vises:sizeBandYear ?o }") == []


def test_a_second_head_office_is_refused(house: House, write: Write) -> None:
    sites = SITES + "000000018,00030,true,62000,ARRAS,62041\n"
    files = write("u.csv", HEADER + FULL), write("e.csv", sites)
    report = house.ingest("sirene", *files, max_refused=Threshold(rows=1))
    assert refused(report) == [("e.csv", 4, "duplicate")]


@pytest.mark.parametrize(
    ("commune", "region"),
    [("2A004", "2A"), ("97411", "974"), ("02408", "02"), ("98818", "988")],
)
def test_communes_beyond_the_mainland(
    house: House, write: Write, commune: str, region: str
) -> None:
    sites = SITES.replace("59350", commune)
    house.ingest("sirene", write("u.csv", HEADER + FULL), write("e.csv", sites))
    expected = code_lists().departments.get(region)
    found = house.ask("SELECT ?r { ?s vises:region ?r }")
    assert found == ([(f"{CODE}nuts/{expected}",)] if expected else [])


def test_a_masked_postcode_is_not_published(house: House, write: Write) -> None:
    sites = SITES.replace("59000,LILLE", "[ND],[ND]")
    house.ingest("sirene", write("u.csv", HEADER + FULL), write("e.csv", sites))
    assert house.ask("SELECT ?p { ?s ?p ?o FILTER(STR(?o) = '[ND]') }") == []


def test_lower_case_headers_of_2019_in_another_order(house: House, write: Write) -> None:
    rows = list(csv.reader((HEADER.lower() + FULL).splitlines()))
    table = "\n".join(",".join(reversed(row)) for row in rows) + "\n"
    assert house.ingest("sirene", write("u.csv", table)).files[0].published == 1


def test_the_day_can_be_given(house: House, write: Write) -> None:
    from datetime import date  # noqa: PLC0415 (only here)

    house.ingest("sirene", write("u.csv", HEADER + FULL), as_of=date(2024, 1, 1))
    assert set(house.ask("SELECT ?d { ?c vises:asOf ?d }")) == {("2024-01-01",)}


def test_two_files_of_units_are_refused(house: House, write: Write) -> None:
    with pytest.raises(BadInput, match="Two files hold StockUniteLegale"):
        house.ingest("sirene", write("1.csv", HEADER + FULL), write("2.csv", HEADER + FULL))


def test_establishments_alone_are_refused(house: House, write: Write) -> None:
    with pytest.raises(BadInput, match="The file of StockUniteLegale is not among them"):
        house.ingest("sirene", write("e.csv", SITES))


def test_every_planted_defect_of_our_sample_is_found_once(
    strict_house: House, tmp_path: Path
) -> None:
    sample = write_sample(tmp_path / "sample", units=600, dirty=0.04)
    report = strict_house.ingest("sirene", *sample.files, fictitious=True)
    assert sorted(refused(report)) == sorted((d.file, d.line, d.rule) for d in sample.defects)
    assert {d.rule for d in sample.defects} == {
        *("date", "siren-check-digit", "duplicate", "unknown-code", "cells")
    }
    found = {
        e.rpartition("/")[2] for (e,) in strict_house.ask("SELECT ?e { ?e a vises:Enterprise }")
    }
    assert found == set(sample.enterprises)
    unmarked = """SELECT ?e { ?e a vises:Enterprise
        FILTER NOT EXISTS { ?e vises:fictitious true } }"""
    assert strict_house.ask(unmarked) == []


def test_the_sample_is_the_same_every_time_and_cannot_be_real(tmp_path: Path) -> None:
    first, second = (write_sample(tmp_path / name, units=50, seed=3) for name in "ab")
    for one, other in zip(first.files, second.files, strict=True):
        assert one.read_bytes() == other.read_bytes()
    assert all(e.startswith("fr-000") for e in first.enterprises)
    assert write_sample(tmp_path / "c", units=50, seed=4).enterprises != first.enterprises


@pytest.mark.shared
def test_real_rows(strict_house: House, shared: Path) -> None:
    report = strict_house.ingest("sirene", shared / "data" / "sirene" / "units_with_ess_flag.csv")
    assert (report.files[0].rows_in, report.files[0].published) == (3372, 3372)
    assert report.violations == 0
    assert strict_house.ask("SELECT (COUNT(?e) AS ?n) { ?e a vises:Enterprise }") == [("3372",)]
    claimed = "SELECT (COUNT(?c) AS ?n) { ?c vises:perimeter code:perimeter\\/%s }"
    assert strict_house.ask(claimed % "insee-flag") == [("3372",)]
    assert int(strict_house.ask(claimed % "legal-category-fr")[0][0]) > 2000


@pytest.mark.shared
@pytest.mark.parametrize(
    "name", ["unite_legale_34_columns_dummy.csv", "unite_legale_naf25_before_nic_scrambled.csv"]
)
def test_scrambled_rows_are_refused_with_reasons(house: House, shared: Path, name: str) -> None:
    with pytest.raises((BadInput, Refused)) as caught:
        house.ingest("sirene", shared / "data" / "sirene" / name)
    assert caught.value.remedy
    assert not house.published


@pytest.mark.shared
def test_every_defect_of_the_shared_generator_is_found_once(
    strict_house: House, shared: Path, tmp_path: Path
) -> None:
    units, sites = tmp_path / "u.csv", tmp_path / "e.csv"
    tool = shared / "tools" / "make_sirene.py"
    command = [sys.executable, str(tool), "5000", str(units), "--etablissements", str(sites)]
    subprocess.run([*command, "--dirty", "0.02"], check=True)
    report = strict_house.ingest("sirene", units, sites)
    rules = {
        "impossible-date": "date",
        "bad-checksum": "siren-check-digit",
        "duplicate": "duplicate",
        "unknown-category": "unknown-code",
        "too-few-cells": "cells",
    }
    with (tmp_path / "u.csv.defects.csv").open(newline="") as stream:
        planted = [("u.csv", int(d["line"]), rules[d["kind"]]) for d in csv.DictReader(stream)]
    assert len(planted) > 50
    assert sorted(refused(report)) == sorted(planted)
    for counts in report.files:
        outside = sum(counts.out_of_scope.values())
        assert counts.rows_in == counts.published + counts.quarantined + outside
    assert strict_house.ask("SELECT ?e { ?e vises:legalForm code:legal-form-fr\\/1000 }") == []
    names = strict_house.ask("SELECT ?n { ?e legal:legalName ?n }")
    assert not any("PERSONNE" in name or "[ND]" in name for (name,) in names)


@pytest.mark.parametrize(
    "left_out",
    [
        (),
        ("activitePrincipaleNAF25UniteLegale",),
        ("activitePrincipaleNAF25UniteLegale", "societeMissionUniteLegale"),
    ],
    ids=["35 columns", "34 columns", "33 columns"],
)
def test_every_header_since_2018_in_any_order(
    house: House, write: Write, tmp_path: Path, left_out: tuple[str, ...]
) -> None:
    sample = write_sample(tmp_path / "s", units=60)
    header, *rows = list(csv.reader(sample.files[0].read_text("utf-8").splitlines()))
    assert len(header) == 35
    kept = [n for n, name in enumerate(header) if name not in left_out]
    held = []
    for order, lower in ((kept, False), (kept[::-1], False), (kept[7:] + kept[:7], True)):
        text = io.StringIO()
        names = [header[n].lower() if lower else header[n] for n in order]
        csv.writer(text).writerows([names, *([row[n] for n in order] for row in rows)])
        files = write("u.csv", text.getvalue()), sample.files[1]
        house.ingest("sirene", *files, max_refused=Threshold(rows=60))
        release = house.releases.current()
        held.append(release.digests["https://w3id.org/vises/graph/sirene"])
    assert held[0] == held[1] == held[2]
    assert house.ask("SELECT ?r { ?e vises:region ?r }") != []
