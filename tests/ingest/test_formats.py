"""The same table in every format gives the same rows; files that are not what they seem to be."""

from __future__ import annotations

import errno
import gzip
import json
import random
import warnings
import zipfile
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
import xlsxwriter
from openpyxl import Workbook
from pyarrow import parquet

from vises.ingest.files import BadZip, Kind
from vises.ingest.finding import find
from vises.ingest.parallel.pieces import cut, open_piece
from vises.ingest.rules import Refusal
from vises.ingest.tables import header, rows
from vises.ingest.tables.encodings import NotUtf8
from vises.ingest.tables.parquet import open_row_groups
from vises.ingest.tables.table import LONGEST_CELL, BadTable
from vises.progress import Silence

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NAMES = ("siren", "name", "jobs", "since")
ROWS = [("005520135", "L'Ère", "94", "2005-03-14"), ("123456782", 'a "b", c', "", "")]


def typed(row: tuple[str, ...]) -> list[object]:
    siren, name, jobs, since = row
    return [
        siren,
        name,
        int(jobs) if jobs else None,
        date.fromisoformat(since) if since else None,
    ]


def as_csv(path: Path) -> Path:
    lines = [
        ",".join(NAMES),
        *(",".join('"' + c.replace('"', '""') + '"' for c in r) for r in ROWS),
    ]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def as_gzip(path: Path) -> Path:
    inside = as_csv(path.with_suffix(".plain"))
    path.with_suffix(".csv.gz").write_bytes(gzip.compress(inside.read_bytes()))
    return path.with_suffix(".csv.gz")


def as_parquet(path: Path) -> Path:
    columns = zip(*map(typed, ROWS), strict=True)
    parquet.write_table(pa.table(dict(zip(NAMES, map(list, columns), strict=True))), path)
    return path


def as_zipped_parquet(path: Path) -> Path:
    inside = as_parquet(path.with_suffix(".inside"))
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(inside, "t.parquet")
    return path


def as_workbook(path: Path) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (NAMES, *map(typed, ROWS)):
        sheet.append(list(row))
    hidden = book.create_sheet("lists")
    hidden.append(["secret"])
    hidden.sheet_state = "hidden"
    book.save(path.with_suffix(".xlsx"))
    return path.with_suffix(".xlsx")


def as_workbook_of_another_name(path: Path) -> Path:
    return as_workbook(path).rename(path.with_suffix(".csv"))


def as_lines(path: Path) -> Path:
    objects = [dict(zip(NAMES, row, strict=True)) for row in ROWS]
    path = path.with_suffix(".jsonl")
    path.write_text("".join(json.dumps(o) + "\n" for o in objects), "utf-8")
    return path


def as_array(path: Path) -> Path:
    path = path.with_suffix(".json")
    path.write_text(json.dumps([dict(zip(NAMES, row, strict=True)) for row in ROWS]), "utf-8")
    return path


FORMATS = [as_csv, as_gzip, as_parquet, as_zipped_parquet, as_workbook, as_lines, as_array]
FORMATS += [as_workbook_of_another_name]


@pytest.mark.parametrize("write", FORMATS, ids=lambda f: f.__name__)
def test_the_same_rows(tmp_path: Path, write: Callable[[Path], Path]) -> None:
    (file,) = find([write(tmp_path / "table")])
    assert header(file) == NAMES
    assert [cells for _, cells in rows(file, NAMES, Silence())] == ROWS
    assert [cells for _, cells in rows(file, ["JOBS", "none"], Silence())] == [("94", ""), ("", "")]


def test_numbers_of_json_keep_their_digits(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(
        '{"a": 1.50, "b": 12345678901234567890}\n\n{"a": true, "b": [1]}\n[]\nnone\n'
        '{"a": 1e+05, "b": 2.5E-3}\n{"a": 1.2345E1, "b": 1e999999}\n'
    )
    (file,) = find([path])
    assert list(rows(file, ["a", "b"], Silence())) == [
        (1, ("1.50", "12345678901234567890")),
        (3, ("true", '["1"]')),
        (4, Refusal("json", "", "", "")),
        (5, Refusal("json", "", "", "")),
        (6, ("100000", "0.0025")),
        (7, ("12.345", "1e999999")),
    ]
    exact = dict(rows(replace(file, exact=True), ["a"], Silence()))
    assert (exact[1], exact[6], exact[7]) == (("1.50",), ("100000",), ("12.3450",))


def test_lines_that_are_no_json_are_one_row_each(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    long = "x" * (LONGEST_CELL + 1)
    path.write_text(f'{{"a": "1"}}\n{{"a": "{long}"}}\n{{"a": NaN}}\n{{"a": "2"}}\n')
    (file,) = find([path])
    found = list(rows(file, ["a"], Silence()))
    assert found == [
        (1, ("1",)),
        (2, Refusal("json", "", "", "")),
        (3, Refusal("json", "", "", "")),
        (4, ("2",)),
    ]
    pieces = list(cut(file, tmp_path, 8, Silence()))
    assert len(pieces) > 1
    before, in_pieces = 0, []
    for piece in pieces:
        with open_piece(piece.after(before), ["a"]) as (given, stretch):
            in_pieces += list(given)
        assert stretch is not None
        before += stretch.lines
    assert in_pieces == found


def test_no_member_of_an_object_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"a": "0", "a": "1"}\n{"a": "2"}\n{"a": {"b": 1, "b": 2}}\n{"a": "3"}\n')
    (file,) = find([path])
    assert list(rows(file, ["a"], Silence())) == [
        (1, Refusal("member-twice", "a", "", "")),
        (2, ("2",)),
        (3, Refusal("member-twice", "b", "", "")),
        (4, ("3",)),
    ]
    path.write_text('{"a": "0", "a": "1"}\n')
    with pytest.raises(BadTable, match="no JSON object that can be read"):
        header(file)
    array = tmp_path / "a.json"
    array.write_text('[{"a": 1}, {"a": 1, "a": 2}]')
    with pytest.raises(BadTable, match="has the member 'a' twice"):
        header(*find([array]))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "latin-1"])
@pytest.mark.parametrize("name", ["a.jsonl", "a.json"])
def test_json_of_another_encoding_is_said_to_be(tmp_path: Path, name: str, encoding: str) -> None:
    objects = ['{"a": "1"}', '{"a": "école"}']
    text = "\n".join(objects) if name == "a.jsonl" else f"[{','.join(objects)}]"
    (tmp_path / name).write_bytes(text.encode(encoding))
    (file,) = find([tmp_path / name])
    named = encoding[:6].upper() if encoding.startswith("utf") else "Latin-1"
    with pytest.raises(NotUtf8, match=named):
        list(rows(file, ["a"], Silence()))


def test_plain_ascii_in_utf_16_is_known_by_its_zeros(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes('{"a": "1"}\n'.encode("utf-16-le"))
    with pytest.raises(NotUtf8, match="UTF-16"):
        header(*find([path]))


def test_an_array_may_begin_far_below(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("\n" * 200 + '[{"a": 1}]')
    assert list(rows(*find([path]), ["a"], Silence())) == [(1, ("1",))]


def test_half_a_surrogate_pair_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"a": "1", "b": "\\ud83d\\ude00"}\n{"a": "\\ud83d"}\n{"\\ud83d": 1}\n')
    (file,) = find([path])
    found = list(rows(file, ["a", "b"], Silence()))
    assert found[:2] == [(1, ("1", "\U0001f600")), (2, Refusal("control-character", "", "", ""))]


def test_a_member_that_comes_late_is_no_silent_loss(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"a": "1"}\n' * 1000 + '{"a": "2", "late": "3"}\n')
    (file,) = find([path])
    assert list(rows(file, ["a"], Silence()))[-1] == (1001, Refusal("json", "late", "", ""))


def test_cells_of_a_workbook_as_they_were_meant(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["a", "b", None, None])
    sheet.append([94.0, 0.5, None, None])
    sheet.append([None, None])
    sheet.append([datetime(2026, 1, 31, 10, 30), True, "beyond"])  # noqa: DTZ001 (as a sheet has it)
    book.save(tmp_path / "a.xlsx")
    (file,) = find([tmp_path / "a.xlsx"])
    assert (file.kind, file.stem) == (Kind.WORKBOOK, "sheet")
    assert list(rows(file, ["a", "b"], Silence())) == [
        (2, ("94", "0.5")),
        (4, Refusal("cells", "", "3", "2")),
    ]


@pytest.mark.parametrize("said", ["A1", "A1:D2", "A1:B3", "A1:D3", "A1:Z99"])
def test_what_a_sheet_says_of_its_size_is_not_believed(tmp_path: Path, said: str) -> None:
    with (
        zipfile.ZipFile(as_workbook(tmp_path / "table")) as right,
        zipfile.ZipFile(tmp_path / "a.xlsx", "w") as wrong,
    ):
        for name in right.namelist():
            part = right.read(name)
            wrong.writestr(name, part.replace(b'"A1:D3"', f'"{said}"'.encode()))
        assert right.read("xl/worksheets/sheet1.xml").count(b'<dimension ref="A1:D3"') == 1
    (file,) = find([tmp_path / "a.xlsx"])
    assert header(file) == NAMES
    assert [cells for _, cells in rows(file, NAMES, Silence())] == ROWS


def test_control_characters_of_a_workbook_are_themselves(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        for row, text in enumerate(("a", "two\r\nlines", "a\x02b", "_x0041_")):
            sheet.write_string(row, 0, text)
    (file,) = find([tmp_path / "a.xlsx"])
    found = [cells[0] for _, cells in rows(file, ["a"], Silence())]
    assert found == ["two\r\nlines", "a\x02b", "_x0041_"]


def test_every_sheet_is_a_table(tmp_path: Path) -> None:
    book = Workbook()
    assert book.active is not None
    book.active.title = "Results"
    book.active.append(["a"])
    book.create_sheet("accounts").append(["b"])
    book.create_sheet("empty")
    book.save(tmp_path / "a.xlsx")
    assert [f.stem for f in find([tmp_path / "a.xlsx"])] == ["results", "accounts"]


@pytest.mark.parametrize("write", [as_gzip, as_parquet, as_workbook], ids=lambda f: f.__name__)
def test_a_truncated_file(tmp_path: Path, write: Callable[[Path], Path]) -> None:
    path = write(tmp_path / "table")
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises((BadTable, BadZip)) as caught:
        header(find([path])[0])
    assert str(path) in str(caught.value.place)
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.parquet", b"PAR1" + bytes(100) + b"PAR1"),
        ("a.json", b'{"type": "FeatureCollection", "features": 5}'),
        ("a.json", b'{"type": "Topology"}'),
        ("a.json", b"[1, "),
        ("a.json", b"[" * 100_000),
        ("a.jsonl", b"\xff\xfe{\x00"),
        ("a.json", b'[{"a": Infinity}]'),
        ("a.geojson", b'"text"'),
    ],
)
def test_files_that_only_look_right(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    (file,) = find([tmp_path / name])
    with pytest.raises(BadTable) as caught:
        header(file)
    assert name in str(caught.value.place)


def test_a_zip_that_says_it_is_a_workbook(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("xl/workbook.xml", "<broken")
    with pytest.raises(BadTable, match="workbook"):
        find([tmp_path / "a.xlsx"])


def test_a_gzip_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vises.ingest.files.BOMB_BYTES", 10_000)
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n" + b"0,0\n" * 1_000_000))
    (file,) = find([path])
    with pytest.raises(BadZip, match="times its packed size"):
        list(rows(file, ["a"], Silence()))


def test_nothing_of_a_workbook_is_said_on_standard_error(tmp_path: Path) -> None:
    path = as_workbook(tmp_path / "table")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert header(find([path])[0]) == NAMES


class Read(Silence):
    """Counts the bytes that were read."""

    total = 0

    def advance(self, done: int) -> None:
        self.total += done


def test_values_of_parquet_are_as_they_were_meant(tmp_path: Path) -> None:
    columns = {
        "short": pa.array([0.1, 94.0, None], pa.float32()),
        "small": pa.array([0.00001, -2.5e-7, 1e22]),
        "nested": pa.array([["a", "é"], [], None]),
    }
    parquet.write_table(pa.table(columns), tmp_path / "a.parquet")
    (file,) = find([tmp_path / "a.parquet"])
    assert [cells for _, cells in rows(file, list(columns), Silence())] == [
        ("0.1", "0.00001", '["a", "é"]'),
        ("94", "-0.00000025", "[]"),
        ("", "1" + "0" * 22, ""),
    ]


def test_a_day_beyond_the_calendar_is_told_with_the_file(tmp_path: Path) -> None:
    days = pa.array([10**8], pa.int32()).cast(pa.date32())
    parquet.write_table(pa.table({"day": days}), tmp_path / "a.parquet")
    (file,) = find([tmp_path / "a.parquet"])
    with pytest.raises(BadTable, match=r"a\.parquet"):
        list(rows(file, ["day"], Silence()))


def test_what_fails_beside_a_parquet_file_is_not_told_as_its_fault(tmp_path: Path) -> None:
    (file,) = find([as_parquet(tmp_path / "table")])
    with pytest.raises(OSError, match="No space left"), open_row_groups(file, 0, 1, NAMES):
        raise OSError(errno.ENOSPC, "No space left on device")


def test_of_parquet_only_the_wanted_columns_are_read(tmp_path: Path) -> None:
    path = tmp_path / "wide.parquet"
    noise = [random.Random(n).randbytes(1000).hex() for n in range(2000)]
    numbers = [f"{n:09d}" for n in range(2000)]
    table = {"Noise": noise, "SIREN": numbers, "siren.more": noise}
    parquet.write_table(pa.table(table), path)
    (file,) = find([path])
    read = Read()
    found = list(rows(file, ("name", "siren"), read))
    assert found == [(n, ("", number)) for n, number in enumerate(numbers, 1)]
    assert 0 < read.total < path.stat().st_size / 20
    none = list(rows(file, ("name",), Silence()))
    assert none == [(n, ("",)) for n in range(1, 2001)], "rows are counted all the same"
