"""The list of ESS France: claims under its own perimeter, whatever the register says."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.ingest.sources.samples.ess_france import write_sample
from vises.errors import BadInput, Refused
from vises.ingest.quarantine import Threshold
from vises.ingest.sources.sirene.sample import write_sample as write_register

if TYPE_CHECKING:
    from vises.ingest.report import IngestReport

House = Any
"""The class in conftest.py, which a test module cannot import."""

Write = Callable[[str, str], Path]
PUBLISHED = (
    "SIREN,Nom ou raison sociale de l'entreprise,Famille juridique de l'entreprise,Code postal,"
    "Libellé de la commune de l'établissement,Code du département de l'établissement,"
    "Département de l'établissement,Région de l'établissement\n"
)
PLACE = "Associations,59000,LILLE,59,NORD,HAUTS-DE-FRANCE\n"
JOINED = "siren,denominationUniteLegale,categorieJuridiqueUniteLegale,statutDiffusionUniteLegale\n"
UNITS = (
    "siren,denominationUniteLegale,categorieJuridiqueUniteLegale,"
    "economieSocialeSolidaireUniteLegale\n"
    "000000018,L'ATELIER DES DEUX RIVES,9220,N\n"
)
FR = "https://w3id.org/vises/enterprise/fr-000000018"
PERIMETERS = """SELECT ?p ?yes ?source { ?c a vises:SseStatusClaim ; vises:about <%s> ;
    vises:perimeter ?p ; vises:countsAsSse ?yes ; dcterms:source ?source }"""
ENTERPRISES = "SELECT DISTINCT ?e { ?e a vises:Enterprise }"


def add_up(report: IngestReport) -> None:
    for file in report.files:
        outside = sum(file.out_of_scope.values())
        assert file.rows_in == file.published + file.quarantined + outside


def refused(report: IngestReport) -> list[tuple[str, int, str]]:
    lines = Path(report.quarantine).read_text("utf-8").splitlines() if report.quarantine else []
    return [(e["file"], e["line"], e["rule"]) for e in map(json.loads, lines)]


@pytest.mark.parametrize(
    "text",
    [
        f"{PUBLISHED}000000018,L'ATELIER DES DEUX RIVES,{PLACE}",
        f"{PUBLISHED.replace(',', ';')}0000018;L'ATELIER DES DEUX RIVES;{PLACE.replace(',', ';')}",
        f"{JOINED}000000018,L'ATELIER DES DEUX RIVES,9220,O\n",
    ],
    ids=["as published", "from a spreadsheet without its zeros", "joined with Sirene"],
)
def test_both_headers_say_the_same(strict_house: House, write: Write, text: str) -> None:
    report = strict_house.ingest("ess-france", write("l.csv", text), as_of=date(2023, 11, 20))
    assert (report.files[0].published, report.violations) == (1, 0)
    assert strict_house.ask(
        """SELECT ?e ?name ?number ?day ?yes { ?c a vises:SseStatusClaim ; vises:about ?e ;
            vises:perimeter code:perimeter\\/ess-france-list ; vises:asOf ?day ;
            vises:countsAsSse ?yes .
            ?e legal:legalName ?name ; adms:identifier/skos:notation ?number }"""
    ) == [(FR, "L'ATELIER DES DEUX RIVES", "000000018", "2023-11-20", "true")]


def test_the_list_stands_beside_what_the_register_says(strict_house: House, write: Write) -> None:
    strict_house.ingest("sirene", write("units.csv", UNITS))
    before = strict_house.ask(PERIMETERS % FR)
    listed = f"{PUBLISHED}000000018,L'ATELIER DES DEUX RIVES,{PLACE}"
    strict_house.ingest("ess-france", write("l.csv", listed))
    base = "https://w3id.org/vises/"
    claim = (f"{base}code/perimeter/ess-france-list", "true", f"{base}graph/ess-france")
    assert strict_house.ask(PERIMETERS % FR) == sorted([*before, claim])
    assert [yes for _, yes, _ in before] == ["false", "true"], "three claims, of which one says no"
    assert strict_house.ask(ENTERPRISES) == [(FR,)], "no second enterprise"
    assert strict_house.ask("SELECT DISTINCT ?n { ?e legal:legalName ?n }") == [
        ("L'ATELIER DES DEUX RIVES",)
    ]


def test_who_is_left_out_is_counted_by_reason(house: House, write: Write) -> None:
    rows = (
        "000000018,L'ATELIER,9220,O\n"
        "000000018,L'ATELIER,9220,O\n"
        "000000026,DUPONT-FICTIF,1000,O\n"
        "000000034,[ND],9220,O\n"
        "000000042,CACHEE-FICTIVE,9220,P\n"
    )
    report = house.ingest("ess-france", write("l.csv", JOINED + rows))
    (file,) = report.files
    add_up(report)
    assert (file.rows_in, file.published, file.quarantined) == (5, 1, 0)
    assert file.out_of_scope == {
        "a natural person": 1,
        "masked by INSEE (not fully public)": 2,
        "of an enterprise that the list has named before": 1,
    }
    for name in (b"DUPONT-FICTIF", b"CACHEE-FICTIVE"):
        assert not any(name in p.read_bytes() for p in house.data.rglob("*") if p.is_file())


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ("000000019,X,9220,O", "siren-check-digit"),
        ("0000019,X,9220,O", "siren-check-digit"),
        ("000018,X,9220,O", "pattern"),
        ("000 000 018,X,9220,O", "pattern"),
        (",X,9220,O", "required"),
        ("000000026, ,9220,O", "no-name"),
        ("000000026,X,9220,X", "enum"),
        ("000000026,X,922,O", "pattern"),
        ("000000026,X", "cells"),
    ],
)
def test_what_no_claim_can_be_made_of(house: House, write: Write, row: str, rule: str) -> None:
    path = write("l.csv", f"{JOINED}000000018,L'ATELIER,9220,O\n{row}\n")
    report = house.ingest("ess-france", path, max_refused=Threshold(rows=1))
    assert refused(report) == [("l.csv", 3, rule)]
    add_up(report)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("nom,commune\nX,LILLE\n", BadInput),
        ("denominationUniteLegale\nX\n", BadInput),
        ("siren\n000000018\n", Refused),
        ("", BadInput),
    ],
)
def test_files_that_are_no_list(
    house: House, write: Write, text: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        house.ingest("ess-france", write("l.csv", text))
    assert not house.published


def test_every_planted_defect_of_our_sample_is_found_once(
    strict_house: House, tmp_path: Path
) -> None:
    register = write_register(tmp_path / "sirene", units=400)
    sample = write_sample(tmp_path / "list", register, dirty=0.06)
    limit = Threshold(share=0.2)
    report = strict_house.ingest("ess-france", *sample.files, fictitious=True, max_refused=limit)
    assert sorted(refused(report)) == sorted((d.file, d.line, d.rule) for d in sample.defects)
    assert {d.rule for d in sample.defects} == {
        *("siren-check-digit", "pattern", "required", "no-name", "cells")
    }
    add_up(report)
    assert report.files[0].out_of_scope["of an enterprise that the list has named before"] > 0
    found = {e.rpartition("/")[2] for (e,) in strict_house.ask(ENTERPRISES)}
    assert found == set(sample.enterprises)
    again = strict_house.ingest("ess-france", *sample.files, fictitious=True, max_refused=limit)
    assert again.unchanged


def test_the_sample_is_the_same_every_time(tmp_path: Path) -> None:
    register = write_register(tmp_path / "sirene", units=60)
    first, second = (write_sample(tmp_path / name, register) for name in "ab")
    assert first.files[0].read_bytes() == second.files[0].read_bytes()
    assert write_sample(tmp_path / "c", register, seed=2).enterprises != first.enterprises


@pytest.mark.shared
def test_real_rows(strict_house: House, shared: Path) -> None:
    folder = shared / "data" / "sirene"
    report = strict_house.ingest("ess-france", folder / "units_on_ess_france_list.csv")
    add_up(report)
    assert (report.files[0].rows_in, report.files[0].published) == (2061, 2061)
    assert report.violations == 0
    strict_house.ingest("sirene", folder / "units_with_ess_flag.csv")
    flagged, listed = (
        {e for (e,) in strict_house.ask(f"SELECT ?e {{ ?c vises:about ?e ; vises:perimeter {p} }}")}
        for p in ("code:perimeter\\/insee-flag", "code:perimeter\\/ess-france-list")
    )
    assert (len(flagged), len(listed), len(flagged & listed)) == (3372, 2061, 1956)
    assert len(strict_house.ask(ENTERPRISES)) == len(flagged | listed)
