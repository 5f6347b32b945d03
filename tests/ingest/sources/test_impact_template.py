"""The workbook for impact: written in three languages, filled in, and read back."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from vises.ingest.checking import compile_check
from vises.ingest.enough import NothingInScope
from vises.ingest.exporting import write_csv
from vises.ingest.quarantine import Threshold
from vises.ingest.sources.impact import ACCOUNTS, RESULTS
from vises.ingest.sources.impact.template import code_labels, write_template
from vises.ingest.sources.impact.texts import DASH, column_of, sheet_of, texts
from vises.ingest.vocabulary import code_lists
from vises.languages import LANGUAGES

House = Any
"""The class in conftest.py, which a test module cannot import."""

INDICATORS = [("volunteer-hours", "Heures de bénévolat"), ("=1+1", "=cmd|'/c calc'!A0")]
RESULT = [
    *("be-0000000196", f"volunteer-hours{DASH}Uren", date(2024, 1, 1), date(2024, 12, 31)),
    *(1250.5, "Register.", f"nl{DASH}Nederlands", f"survey{DASH}Enquête", f"draft{DASH}Ontwerp"),
]
ACCOUNT = [
    *("fr-000000018", date(2024, 5, 1), f"fr{DASH}français", "Un récit \u2013 court."),
    *(f"members{DASH}Membres", f"skills{DASH}x", f"testimony{DASH}Témoignage", f"true{DASH}oui"),
]


def written(language: str) -> Workbook:
    target = io.BytesIO()
    write_template(target, language, INDICATORS)
    return load_workbook(target)


def filled(
    path: Path,
    language: str = "fr",
    *,
    results: list[list[Any]] = (),
    accounts: list[list[Any]] = (),
) -> Path:  # type: ignore[assignment]
    """Fill a template in below its example rows."""
    book = written(language)
    for name, rows in (("results", results), ("accounts", accounts)):
        sheet = book[texts()["sheets"][name][language]]
        for row, cells in enumerate(rows, 3):
            for column, value in enumerate(cells, 1):
                sheet.cell(row, column, value)
    book.save(path)
    return path


def quarantined(report: House) -> list[tuple[str, int, str, str]]:
    lines = Path(report.quarantine).read_text("utf-8").splitlines()
    return [(e["file"], e["line"], e["column"], e["rule"]) for e in map(json.loads, lines)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_filled_template_goes_in(house: House, tmp_path: Path, language: str) -> None:
    path = filled(tmp_path / "i.xlsx", language, results=[RESULT], accounts=[ACCOUNT])
    report = house.ingest("impact", path)
    shown = texts()["sheets"]
    assert [(f.file, f.published, f.out_of_scope) for f in report.files] == [
        (f"i.xlsx/{shown[name][language]}", 1, {"the example row of the template": 1})
        for name in ("results", "accounts")
    ]
    assert house.ask(
        """SELECT ?e ?i ?s ?v ?m (LANG(?m) AS ?l) { ?r a vises:IndicatorResult ; vises:about ?e ;
            vises:indicator ?i ; vises:periodStart ?s ; vises:value ?v ;
            vises:collectionMethod ?m }"""
    ) == [
        (
            "https://w3id.org/vises/enterprise/be-0000000196",
            "https://w3id.org/vises/indicator/volunteer-hours",
            "2024-01-01",
            "1250.5",
            "Register.",
            "nl",
        )
    ]
    assert house.ask("SELECT ?t { ?a a vises:QualitativeAccount ; vises:text ?t }") == [
        ("Un récit \u2013 court.",)
    ]


def test_the_untouched_template_publishes_nothing(house: House, tmp_path: Path) -> None:
    with pytest.raises(NothingInScope, match="example row"):
        house.ingest("impact", filled(tmp_path / "i.xlsx"))


def test_the_example_row_would_be_sound() -> None:
    book = written("nl")
    for part in (RESULTS, ACCOUNTS):
        sheet = book[texts()["sheets"][part.name]["nl"]]
        cells = []
        for cell in sheet[2]:
            day = cell.value.date().isoformat() if isinstance(cell.value, datetime) else cell.value
            cells.append(str(day or "").partition(DASH)[0])
        contract = part.contract
        check = compile_check(contract, code_lists().notations, contract.keys())
        assert not check([tuple(cells)])


def test_headers_are_protected_and_lists_are_those_of_the_code_lists() -> None:
    book = written("fr")
    assert [(s.title, s.sheet_state) for s in book] == [
        ("Aide", "visible"),
        ("Résultats", "visible"),
        ("Récits", "visible"),
        ("lists", "hidden"),
    ]
    sheet = book["Récits"]
    assert sheet.protection.sheet
    assert sheet["A1"].protection.locked
    assert not sheet["A2"].protection.locked
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    assert all(rule.prompt and rule.promptTitle for rule in rules.values())
    rule = rules["E2:E2001"]
    area = rule.formula1.partition("!")[2].replace("$", "")
    offered = [row[0].value.partition(DASH)[0] for row in book["lists"][area]]
    assert offered == list(code_labels("stakeholder-group", "fr"))
    assert set(offered) == code_lists().notations["stakeholder-group"]


def test_a_day_that_can_be_typed_is_one_that_is_taken() -> None:
    """Excel counts days from 31 December 1899."""
    book = written("en")
    bounds = [
        (rule.operator or "between", rule.formula1, rule.formula2)
        for sheet in book
        for rule in sheet.data_validations.dataValidation
        if rule.type == "date"
    ]
    last = str((date(2100, 12, 31) - date(1899, 12, 30)).days)
    assert bounds == [("between", "1", last)] * 3


def test_nothing_in_a_template_is_a_formula() -> None:
    book = written("en")
    kinds = {cell.data_type for sheet in book for row in sheet for cell in row}
    assert "f" not in kinds
    assert any(str(row[0].value).startswith("=1+1") for row in book["lists"])


def test_a_formula_that_somebody_fills_in_is_only_a_text_in_the_quarantine(
    house: House, tmp_path: Path
) -> None:
    attack = '=HYPERLINK("https://evil.example",A1)'
    bad = [*RESULT[:8], f"draft{DASH}x", attack]
    typed = [*RESULT[:1], "'=1+1", *RESULT[2:]]
    path = filled(tmp_path / "i.xlsx", results=[RESULT, bad, typed])
    report = house.ingest("impact", path, max_refused=Threshold(rows=3))
    names = {name for _, _, name, _ in quarantined(report)}
    key = "Entreprise, Indicateur, Début de la période, Fin de la période"
    assert names <= {"Indicateur", "Attesté par", "Entreprise", key}
    exported = io.BytesIO()
    write_csv(Path(report.quarantine), "impact", "fr", exported)
    rows = csv.reader(io.StringIO(exported.getvalue().decode("utf-8-sig")), delimiter=";")
    assert not any(cell.startswith(("=", "@", "+")) for row in rows for cell in row)
    assert house.ask("SELECT ?s { ?s ?p ?o FILTER(CONTAINS(STR(?o), 'evil.example')) }") == []


def test_a_refused_row_names_the_column_of_the_sheet(house: House, tmp_path: Path) -> None:
    wrong = [*ACCOUNT[:4], "neighbours", *ACCOUNT[5:]]
    path = filled(tmp_path / "i.xlsx", "nl", accounts=[ACCOUNT, wrong])
    report = house.ingest("impact", path, max_refused=Threshold(rows=1))
    assert quarantined(report) == [("i.xlsx/Verhalen", 4, "Groep die vertelt", "unknown-code")]


def test_every_text_is_there_in_each_language_and_no_header_means_two_columns() -> None:
    columns = texts()["columns"]
    names = {field.name for part in (RESULTS, ACCOUNTS) for field in part.contract.fields}
    assert set(columns) == names
    for language in LANGUAGES:
        titles = [by_language[language][0] for by_language in columns.values()]
        assert len(set(titles)) == len(titles)
        assert all(column_of(title) == name for title, name in zip(titles, columns, strict=True))
        assert all(
            len(title) <= 32 and len(said) <= 255
            for title, said in (c[language] for c in columns.values())
        )
        assert sheet_of(texts()["sheets"]["results"][language]) == "results"
    assert sheet_of("Aide") == ""


def test_a_workbook_of_ones_own_with_plain_names_still_goes_in(
    house: House, tmp_path: Path
) -> None:
    book = Workbook()
    book.active.append([field.name for field in RESULTS.contract.fields])
    book.active.append([str(cell).partition(DASH)[0] for cell in RESULT])
    book.save(tmp_path / "mine.xlsx")
    assert house.ingest("impact", tmp_path / "mine.xlsx").files[0].published == 1
