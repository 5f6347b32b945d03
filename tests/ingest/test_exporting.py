"""Refused rows as tables for spreadsheets."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from vises.ingest import exporting
from vises.ingest.exporting import (
    OURS,
    WRITERS,
    QuarantineDamaged,
    safe_cell,
    text_cell,
    unsafe_cell,
)
from vises.ingest.quarantine import Quarantine
from vises.ingest.rules import Refusal
from vises.store.engine import NotAcceptable

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=cmd|' /C calc'!A0"]


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Return a quarantine of two files, with a row that has no cells and hostile ones."""
    with Quarantine(tmp_path) as quarantine:
        refusal = Refusal("date", "jour", "2014-12-35", "2005-03-14")
        row = {"nom": "Café ; œuvre", "jour": "2014-12-35"}
        quarantine.add("u.csv", 7, refusal, row)
        quarantine.add("u.csv", 9, Refusal("cells", "", "3", "2"), None)
        for line, text in enumerate(HOSTILE, 10):
            quarantine.add("=v.csv", line, Refusal("pattern", "-c", text, "x"), {"=c": text})
        path = quarantine.publish(tmp_path / "q", "b1")
    assert path is not None
    return path


def export(kept: Path, form: str, language: str = "fr") -> bytes:
    output = io.BytesIO()
    WRITERS[form](kept, "d/b1", language, output)
    return output.getvalue()


def test_csv_is_what_french_and_belgian_spreadsheets_open(kept: Path) -> None:
    data = export(kept, "csv")
    assert data.startswith(b"\xef\xbb\xbf_batch;_file;_line;")
    assert b"\r\n" in data
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert (rows[0]["nom"], rows[0]["jour"], rows[0]["_line"]) == (
        *("Café ; œuvre", "2014-12-35", "7"),
    )
    assert (
        rows[0]["_reason"]
        == "La valeur de jour n\u2019est pas une date qui existe, écrite 2005-03-14."
    )
    assert rows[1]["nom"] == ""
    assert len(rows) == 2 + len(HOSTILE)


@pytest.mark.parametrize("form", sorted(WRITERS))
def test_a_reason_that_was_kept_in_fewer_languages_is_told_in_english(
    tmp_path: Path, form: str
) -> None:
    path = tmp_path / "old.jsonl"
    entry = {"file": "u.csv", "line": 7, "column": "a", "value": "", "rule": "required"}
    path.write_text(json.dumps({**entry, "row": None, "sentence": {"en": "It is empty."}}), "utf-8")
    data = export(path, form)
    if form == "xlsx":
        assert load_workbook(io.BytesIO(data)).active["F2"].value == "It is empty."
    else:
        assert "It is empty." in data.decode("utf-8-sig")


@pytest.mark.parametrize("damage", [b'{"file": "u.c', b"\xff\n", b"[]\n", b"{}\n", b"\n"])
def test_refused_rows_that_are_damaged_are_said_to_be(kept: Path, damage: bytes) -> None:
    with kept.open("ab") as file:
        file.write(damage)
    with pytest.raises(QuarantineDamaged, match=r"not a refused row.*from a backup") as caught:
        export(kept, "csv")
    assert str(caught.value.place) == f"{kept}, line {3 + len(HOSTILE)}"


@pytest.mark.parametrize("language", ["fr", "nl", "en"])
def test_reasons_are_in_the_language_asked_for(kept: Path, language: str) -> None:
    (first, *_) = export(kept, "jsonl", language).splitlines()
    entry = json.loads(first)
    assert entry["batch"] == "d/b1"
    wanted = {"fr": "n\u2019est pas une date", "nl": "geen bestaande datum", "en": "is not a date"}
    assert wanted[language] in entry["reason"]


def test_no_cell_of_the_csv_is_a_formula(kept: Path) -> None:
    text = export(kept, "csv").decode("utf-8-sig")
    cells = [c for row in csv.reader(io.StringIO(text, newline=""), delimiter=";") for c in row]
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for cell in cells)
    assert {f"'{value}" for value in HOSTILE} <= set(cells)


def test_rows_that_no_workbook_holds_are_not_left_out(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = 2 + len(HOSTILE)
    monkeypatch.setattr(exporting, "MOST_ROWS", rows)
    assert load_workbook(io.BytesIO(export(kept, "xlsx"))).active.max_row == 1 + rows
    monkeypatch.setattr(exporting, "MOST_ROWS", rows - 1)
    with pytest.raises(NotAcceptable, match=f"more than {rows - 1} rows.*CSV or JSON Lines"):
        export(kept, "xlsx")


def test_no_cell_of_the_workbook_is_a_formula_or_a_number(kept: Path) -> None:
    sheet = load_workbook(io.BytesIO(export(kept, "xlsx"))).active
    assert sheet is not None
    rows = list(sheet.iter_rows())
    assert [cell.value for cell in rows[0]] == [*OURS, "nom", "jour", "=c"]
    assert {cell.data_type for row in rows for cell in row} <= {"s", "n"}  # an empty one is "n"
    assert all(cell.value is None or isinstance(cell.value, str) for row in rows for cell in row)
    assert "=1+1" in {row[-1].value for row in rows}


@given(st.text("'=-@\n\ta", max_size=5))
def test_the_apostrophe_goes_as_it_came(text: str) -> None:
    assert unsafe_cell(safe_cell(text)) == text
    assert unsafe_cell(text_cell(text)) == text
    assert not safe_cell(text).startswith(("=", "-", "@", "\n", "\t"))


def test_names_that_differ_by_case_are_one_column(tmp_path: Path) -> None:
    with Quarantine(tmp_path) as quarantine:
        refusal = Refusal("required", "n", "", "")
        quarantine.add("a.csv", 2, refusal, {"Siren": "1", "n": ""})
        quarantine.add("b.csv", 2, refusal, {"siren": "2", "n": ""})
        path = quarantine.publish(tmp_path / "q", "b1")
    assert path is not None
    lines = export(path, "csv", "en").decode("utf-8-sig").splitlines()
    assert [line.split(";", 6)[6] for line in lines] == ["Siren;n", "1;", "2;"]
