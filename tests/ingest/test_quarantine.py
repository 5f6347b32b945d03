"""The quarantine and the threshold."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import pytest

from vises.errors import BadRequest
from vises.ingest.quarantine import Quarantine, Threshold, parse_threshold
from vises.ingest.rules import Refusal

if TYPE_CHECKING:
    from pathlib import Path


def test_both_files_hold_every_row_with_sentences(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    with Quarantine(work) as quarantine:
        quarantine.add("u.csv", 7, Refusal("date", "day", "2014-12-35", "2005-03-14"))
        path = quarantine.publish(tmp_path / "q", "b1")
    assert path == tmp_path / "q" / "b1.jsonl"
    entry = json.loads(path.read_text("utf-8"))
    assert {k: entry[k] for k in ("file", "line", "column", "value", "rule")} == {
        "file": "u.csv",
        "line": 7,
        "column": "day",
        "value": "2014-12-35",
        "rule": "date",
    }
    assert "n'est pas une date" in entry["sentence"]["fr"]
    with path.with_suffix(".csv").open(encoding="utf-8-sig", newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert (row["line"], row["rule"]) == ("7", "date")
    assert "geen bestaande datum" in row["sentence_nl"]


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_of_the_csv_is_a_formula(tmp_path: Path, value: str) -> None:
    with Quarantine(tmp_path) as quarantine:
        quarantine.add("=u.csv", 1, Refusal("pattern", "-c", value, "x"))
        path = quarantine.publish(tmp_path / "q", "b")
    assert path is not None
    with path.with_suffix(".csv").open(encoding="utf-8-sig", newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert row["value"] == f"'{value}"
    assert row["file"] == "'=u.csv"
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row.values())
    assert json.loads(path.read_text("utf-8"))["value"] == value


def test_long_values_are_cut(tmp_path: Path) -> None:
    with Quarantine(tmp_path) as quarantine:
        quarantine.add("u.csv", 1, Refusal("pattern", "c", "x" * 100_000, "y"))
        path = quarantine.publish(tmp_path / "q", "b")
    assert path is not None
    assert path.stat().st_size < 1000


def test_no_refusal_no_file(tmp_path: Path) -> None:
    with Quarantine(tmp_path) as quarantine:
        assert quarantine.publish(tmp_path / "q", "b") is None
    assert not (tmp_path / "q").exists()


def test_thresholds() -> None:
    assert not Threshold().exceeded(5, 100)
    assert Threshold().exceeded(6, 100)
    assert Threshold(rows=0).exceeded(1, 10**9)
    assert not parse_threshold("100%").exceeded(5, 5)
    assert str(parse_threshold("2.5%")) == "2.5 %"


@pytest.mark.parametrize("text", ["", "x", "-1", "101%", "1.5", "nan%", "%"])
def test_not_a_threshold(text: str) -> None:
    with pytest.raises(BadRequest, match="not a number of rows"):
        parse_threshold(text)
