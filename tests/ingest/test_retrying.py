"""Refused rows again, from a corrected export."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import load_workbook

from vises.ingest.corrections import NotCorrectable, SourceChanged
from vises.ingest.files import InputMissing
from vises.ingest.ledger import Ledger, UnknownBatch
from vises.ingest.quarantine import Threshold, TooManyRefused
from vises.ingest.retrying import NothingCorrected, Overtaken
from vises.ingest.tables.encodings import NotUtf8
from vises.ingest.tables.table import BadTable
from vises.namespaces import VOCABULARY_BASE

if TYPE_CHECKING:
    from vises.ingest.report import IngestReport

House = Any
Write = Callable[[str, str], Path]
HEADER = "area,period,measure,perimeter,family,publication,value,unit,status,note\n"
GOOD = "FRE,2021,jobCount,insee-ess,total,a-source,210800,NUM,A,\n"
BAD = "FRE,20 22,jobCount,insee-ess,total,a-source,211000,NUM,A,0123\n"
WORSE = "FRE,2023,jobCount,insee-ess,total,a-source,many,NUM,A,\n"
MAPPING = """
@prefix rml: <http://w3id.org/rml/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<#c> a rml:LogicalSource ; rml:referenceFormulation rml:CSV ;
    rml:source [ a rml:RelativePathSource ; rml:path "c.csv" ] .
<#C> a rml:TriplesMap ; rml:logicalSource <#c> ; rml:subjectMap [ rml:template "c/{id}" ] ;
    rml:predicateObjectMap
        [ rml:predicate skos:note ; rml:objectMap [ rml:reference "+nom" ] ] ,
        [ rml:predicate skos:notation ; rml:objectMap [ rml:reference "-solde" ] ] .
"""
DESCRIPTION = """
title: {fr: T, nl: T, en: T}
mapping: m.ttl
tables: {c.csv: {columns: {"-solde": {type: number}}}}
"""
YEARS = "SELECT ?y { ?f <http://purl.org/linked-data/sdmx/2009/dimension#refPeriod> ?y }"


def export(house: House, batch: str, path: Path) -> Path:
    found: Path = house.export("figures", batch, path, "fr")
    return found


def correct(path: Path, changes: dict[str, str], line: str = "3") -> Path:
    """Change cells of a row of an export in CSV."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    for row in rows:
        if row["_line"] == line:
            row.update(changes)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0], delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture
def first(house: House, write: Write) -> IngestReport:
    path = write("figures.csv", HEADER + GOOD + BAD + WORSE)
    report: IngestReport = house.ingest("figures", path, max_refused=Threshold(rows=2))
    assert house.ask(YEARS) == [("2021",)]
    return report


def test_what_was_corrected_joins_and_the_rest_stays(
    house: House, tmp_path: Path, first: IngestReport
) -> None:
    path = correct(export(house, first.batch, tmp_path / "e.csv"), {"period": "2022"})
    report = house.retry(path)
    assert house.ask(YEARS) == [("2021",), ("2022",)]
    (counts,) = report.files
    assert (counts.rows_in, counts.published, counts.quarantined) == (3, 2, 1)
    kept = Ledger(house.data).quarantine("figures", report.batch)
    assert kept is not None
    (entry,) = map(json.loads, kept.read_text("utf-8").splitlines())
    assert (entry["line"], entry["rule"], entry["row"]["value"]) == (4, "number", "many")
    release = house.releases.current()
    assert release.changes[f"{VOCABULARY_BASE}graph/figures"][0] == 0


def test_the_same_export_twice_changes_nothing(
    house: House, tmp_path: Path, first: IngestReport
) -> None:
    path = correct(export(house, first.batch, tmp_path / "e.csv"), {"period": "2022"})
    assert not house.retry(path).unchanged
    assert house.retry(path).unchanged


def test_corrections_of_a_second_round_join_those_of_the_first(
    house: House, tmp_path: Path, first: IngestReport
) -> None:
    second = house.retry(
        correct(export(house, first.batch, tmp_path / "e.csv"), {"period": "2022"})
    )
    path = correct(export(house, second.batch, tmp_path / "f.csv"), {"value": "212000"}, "4")
    third = house.retry(path)
    assert [f.quarantined for f in third.files] == [0]
    assert house.ask(YEARS) == [("2021",), ("2022",), ("2023",)]


def test_a_workbook_and_json_lines_can_be_corrected_too(
    house: House, tmp_path: Path, first: IngestReport
) -> None:
    path = export(house, first.batch, tmp_path / "e.xlsx")
    workbook = load_workbook(path)
    sheet = workbook.active
    assert sheet is not None
    names = [cell.value for cell in sheet[1]]
    sheet.cell(2, names.index("period") + 1).value = 2022
    workbook.save(path)
    report = house.retry(path)
    assert report.files[0].published == 2
    lines = export(house, report.batch, tmp_path / "e.jsonl")
    lines.write_text(lines.read_text("utf-8").replace('"many"', '"5"'), encoding="utf-8")
    assert house.retry(lines).files[0].published == 3


def test_what_a_spreadsheet_changes_by_itself_is_no_correction(
    house: House, tmp_path: Path, first: IngestReport
) -> None:
    path = export(house, first.batch, tmp_path / "e.csv")
    with pytest.raises(NothingCorrected):
        house.retry(path)
    with pytest.raises(NothingCorrected):
        house.retry(correct(path, {"note": "123"}))


def test_what_an_export_is_read_as_is_no_correction(
    house: House, tmp_path: Path, write: Write
) -> None:
    note = '"\'=not a formula\r\nsecond line"'
    first = house.ingest(
        "figures",
        write("figures.csv", HEADER + GOOD + BAD.replace("0123", note)),
        max_refused=Threshold(rows=1),
    )
    for ending in ("csv", "xlsx", "jsonl"):
        with pytest.raises(NothingCorrected):
            house.retry(export(house, first.batch, tmp_path / f"e.{ending}"))


@pytest.mark.parametrize(
    ("ending", "change"),
    [("csv", ("''=2", "'=2")), ("jsonl", ("'=2", "=2")), ("xlsx", ("''=2", "=2"))],
)
def test_an_apostrophe_before_a_formula_is_corrected_by_taking_it_away(
    house: House, tmp_path: Path, write: Write, ending: str, change: tuple[str, str]
) -> None:
    table = write("figures.csv", HEADER + GOOD + BAD.replace("0123", "'=2"))
    first = house.ingest("figures", table, max_refused=Threshold(rows=1))
    path = export(house, first.batch, tmp_path / f"e.{ending}")
    if ending == "xlsx":
        replace_in_workbook(path, *change)
    else:
        assert path.read_text("utf-8").count(change[0]) == 1
        path.write_text(path.read_text("utf-8").replace(*change), "utf-8")
    kept = Ledger(house.data).quarantine("figures", house.retry(path).batch)
    assert kept is not None
    assert json.loads(kept.read_text("utf-8"))["row"]["note"] == "=2"


def replace_in_workbook(path: Path, written: str, corrected: str) -> None:
    workbook = load_workbook(path)
    sheet = workbook.active
    assert sheet is not None
    (cell,) = (each for row in sheet.iter_rows() for each in row if each.value == written)
    cell.value, cell.data_type = corrected, "s"
    workbook.save(path)


def test_a_column_that_begins_as_a_formula_is_corrected(
    house: House, tmp_path: Path, write: Write
) -> None:
    write("m.ttl", MAPPING)
    described = write("t.yml", DESCRIPTION)
    table = write("c.csv", "id,-solde,+nom\na,1,x\nb,many,=y\n")
    first = house.ingest("mapped", described, table, dataset="k", max_refused=Threshold(rows=1))
    path = house.export("k", first.batch, tmp_path / "e.csv")
    with pytest.raises(NothingCorrected):
        house.retry(path)
    assert house.retry(correct(path, {"'-solde": "5"})).files[0].published == 2
    assert house.ask("SELECT ?n { GRAPH id:graph\\/k { ?s skos:note ?n } }") == [("=y",), ("x",)]


def test_a_column_that_the_file_has_not_is_not_passed_over(
    house: House, tmp_path: Path, first: IngestReport
) -> None:
    path = export(house, first.batch, tmp_path / "e.csv")
    path.write_bytes(path.read_bytes().replace(b";period;", b";perioid;"))
    with pytest.raises(NotCorrectable, match="column 'perioid'") as caught:
        house.retry(path)
    assert "period" in str(caught.value.remedy)
    path.write_bytes(path.read_bytes().replace(b";perioid;", b";Period;"))
    assert house.retry(correct(path, {"Period": "2022"})).files[0].published == 2


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_spaces_that_were_wrong_are_corrected_by_taking_them_away(
    house: House, tmp_path: Path, write: Write, ending: str
) -> None:
    first = house.ingest(
        "figures",
        write("figures.csv", HEADER + GOOD + BAD.replace("20 22", " 2022")),
        max_refused=Threshold(rows=1),
    )
    path = export(house, first.batch, tmp_path / f"e.{ending}")
    path.write_bytes(path.read_bytes().replace(b" 2022", b"2022"))
    assert house.retry(path).files[0].published == 2
    assert house.ask(YEARS) == [("2021",), ("2022",)]


def test_a_correction_that_is_wrong_too_stays_refused_with_the_new_reason(
    house: House, tmp_path: Path, first: IngestReport
) -> None:
    path = correct(export(house, first.batch, tmp_path / "e.csv"), {"period": ""})
    report = house.retry(path)
    assert report.files[0].quarantined == 2
    kept = Ledger(house.data).quarantine("figures", report.batch)
    assert kept is not None
    assert json.loads(kept.read_text("utf-8").splitlines()[0])["rule"] == "required"


def test_too_many_refused_can_be_corrected_although_nothing_was_published(
    house: House, tmp_path: Path, write: Write
) -> None:
    with pytest.raises(TooManyRefused, match="quarantine show figures"):
        house.ingest("figures", write("figures.csv", HEADER + GOOD + BAD))
    (given,) = Ledger(house.data).all()
    path = correct(export(house, given.batch, tmp_path / "e.csv"), {"period": "2022"})
    assert house.retry(path).files[0].published == 2


def test_a_row_whose_cells_could_not_be_told_apart_is_written_anew(
    house: House, tmp_path: Path, write: Write
) -> None:
    broken = write("figures.csv", HEADER + GOOD + BAD + "FRE,2024,too,few\n")
    first = house.ingest("figures", broken, max_refused=Threshold(rows=2))
    cells = dict(zip(HEADER.strip().split(","), GOOD.strip().split(","), strict=True))
    path = correct(export(house, first.batch, tmp_path / "e.csv"), {**cells, "period": "2024"}, "4")
    assert house.retry(path).files[0].published == 2
    assert ("2024",) in house.ask(YEARS)


def test_files_that_changed_or_went_are_not_corrected(
    house: House, tmp_path: Path, write: Write, first: IngestReport
) -> None:
    path = correct(export(house, first.batch, tmp_path / "e.csv"), {"period": "2022"})
    moved = (tmp_path / "figures.csv").rename(tmp_path / "m.csv")
    with pytest.raises(InputMissing):
        house.retry(path)
    with pytest.raises(SourceChanged):
        house.retry(path, moved)
    with pytest.raises(SourceChanged):
        house.retry(path, write("figures.csv", HEADER + GOOD))
    moved.rename(tmp_path / "figures.csv")
    assert house.retry(path).files[0].published == 2


def test_newer_data_is_not_undone(
    house: House, tmp_path: Path, write: Write, first: IngestReport
) -> None:
    path = correct(export(house, first.batch, tmp_path / "e.csv"), {"period": "2022"})
    newer = house.ingest("figures", write("newer.csv", HEADER + GOOD))
    with pytest.raises(Overtaken, match=newer.batch):
        house.retry(path)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("a;b\n1;2\n", BadTable),
        ("_batch;_file;_line;period\nfigures/0000;figures.csv;3;2022\n", UnknownBatch),
        ("_batch;_file;_line;period\nx;figures.csv;3;2022\n", UnknownBatch),
        ("_batch;_file;_line;period\nBATCH;figures.csv;three;2022\n", BadTable),
        ("_batch;_file;_line;period\nBATCH;figures.csv;2;2022\n", BadTable),
        ("_batch;_file;_line;period\nBATCH;../../etc;3;2022\n", BadTable),
        ("_batch;_file;_line;period\nBATCH;f;3;2022\nfigures/0000;f;3;2022\n", BadTable),
        ("_batch;_file;_line;period\n", BadTable),
        ("_batch;_file;_line;period\nBATCH;f;3;2022\nBATCH;f;3;2023\n", BadTable),
    ],
)
def test_not_an_export(
    house: House, write: Write, first: IngestReport, text: str, error: type[Exception]
) -> None:
    path = write("e.csv", text.replace("BATCH", f"figures/{first.batch}"))
    with pytest.raises(error):
        house.retry(path)


def test_json_lines_that_are_none(house: House, write: Write, first: IngestReport) -> None:
    assert first
    for text in ("[", "5", '{"batch": 1}', "\xff", '{"batch": "b", "row": 1}'):
        with pytest.raises(BadTable, match="line 1 is not one of an export"):
            house.retry(write("e.jsonl", text))


def test_json_lines_are_read_as_they_are_or_not_at_all(
    house: House, tmp_path: Path, first: IngestReport
) -> None:
    path = export(house, first.batch, tmp_path / "e.jsonl")
    text = path.read_text("utf-8").replace('"20 22"', "2022").replace('"0123"', "null")
    path.write_text(text.replace("many", "é"), "cp1252")
    with pytest.raises(NotUtf8):
        house.retry(path)
    path.write_text(text, "utf-8-sig")
    assert house.retry(path).files[0].published == 2
    assert house.ask("SELECT ?n { GRAPH id:graph\\/figures { ?f skos:note ?n } }") == []
