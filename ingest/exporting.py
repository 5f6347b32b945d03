"""Refused rows as tables for spreadsheets: what is wrong beside the columns of the file.

A cell that begins as a formula does gets an apostrophe in CSV and is a text in a workbook
(CWE-1236). One that has such an apostrophe itself gets another one in both, so that it is read as
it was whatever a spreadsheet program saves the export as; JSON Lines has cells as they are.
CSV is what French and Belgian spreadsheets open: semicolons, UTF-8 with its mark, CR LF.
"""

from __future__ import annotations

import csv
import io
import json
import re
from contextlib import closing
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING, Any

import xlsxwriter

from vises.errors import Unavailable, sentence
from vises.languages import LANGUAGES
from vises.store.engine import NotAcceptable
from vises.store.spreadsheet import MOST_ROWS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

Entry = dict[str, Any]
"""A line of the quarantine; see `vises.ingest.quarantine.Quarantine`."""

_MEMBERS = frozenset({"file", "line", "column", "value", "rule", "sentence", "row"})

BATCH, FILE, LINE, COLUMN, RULE, REASON = OURS = (
    *("_batch", "_file", "_line", "_column", "_rule", "_reason"),
)
"""The columns before those of the file; they begin with a line so that no file has the same."""

_FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
_QUOTED_FORMULA = re.compile(r"'+[=+\-@\t\r\n]")
SEPARATOR = ";"


class QuarantineDamaged(Unavailable):
    """What was kept of refused rows cannot be read."""

    kind = "quarantine-damaged"
    title = "The refused rows of a batch cannot be read"


def entries(path: Path) -> Iterator[Entry]:
    """Yield the refused rows of a quarantine file. Raises `QuarantineDamaged`."""
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            yield _entry(path, number, line)


def _entry(path: Path, number: int, line: bytes) -> Entry:
    try:
        entry = json.loads(line)
        whole = entry.keys() >= _MEMBERS
    except (ValueError, AttributeError, RecursionError):
        whole = False
    if not whole:
        raise QuarantineDamaged(
            "This is not a refused row.",
            place=f"{path}, line {number}",
            remedy="Put the file back from a backup; what is published stays as it is.",
        )
    return dict(entry)


def write_json_lines(path: Path, name: str, language: str, output: IO[bytes]) -> None:
    """Write refused rows as JSON Lines, with the batch and the reason in one language.

    `name` is DATASET/BATCH; so it is in the other writers, which do the same.
    """
    for entry in entries(path):
        sentences = entry.pop("sentence")
        told = {"batch": name, **entry, "reason": _said(sentences, language)}
        output.write(json.dumps(told, ensure_ascii=False).encode() + b"\n")


def write_csv(path: Path, name: str, language: str, output: IO[bytes]) -> None:
    """Write refused rows as CSV for a spreadsheet."""
    text = io.TextIOWrapper(output, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text, delimiter=SEPARATOR)
    columns = _columns(path)
    writer.writerow([safe_cell(column) for column in (*OURS, *columns)])
    for cells in _table(path, columns, name, language):
        writer.writerow([safe_cell(cell) for cell in cells])
    text.detach()


def write_workbook(path: Path, name: str, language: str, output: IO[bytes]) -> None:
    """Write refused rows as a workbook, in which every cell is a text and none a formula.

    Raises `NotAcceptable` where there are more rows than a workbook holds.
    """
    with TemporaryDirectory() as folder:
        workbook = xlsxwriter.Workbook(
            output, {"constant_memory": True, "strings_to_formulas": False, "tmpdir": folder}
        )
        sheet = workbook.add_worksheet("VISES")
        bold, plain = workbook.add_format({"bold": True}), workbook.add_format({"num_format": "@"})
        columns = _columns(path)
        with closing(sheet.row_data_fh):
            sheet.freeze_panes(1, len(OURS))
            for position, column in enumerate((*OURS, *columns)):
                sheet.write_string(0, position, text_cell(column), bold)
            for number, cells in enumerate(_table(path, columns, name, language), 1):
                _demand_row(number)
                for position, cell in enumerate(cells):
                    sheet.write_string(number, position, text_cell(cell), plain)
            workbook.close()


def _demand_row(number: int) -> None:
    if number > MOST_ROWS:
        raise NotAcceptable(
            sentence(
                "workbook-rows",
                "There are more than {most:,} rows, which no workbook can hold.",
                most=MOST_ROWS,
            ),
            remedy=sentence("refused-as-csv", "Take the refused rows as CSV or JSON Lines."),
        )


WRITERS: Mapping[str, Callable[[Path, str, str, IO[bytes]], None]] = {
    "csv": write_csv,
    "jsonl": write_json_lines,
    "xlsx": write_workbook,
}
"""What writes refused rows, by the ending of the file."""


def _columns(path: Path) -> list[str]:
    """Return the columns of all files whose rows were refused, in their order.

    Of names that differ by their case alone, as those of two files may, there is the first.
    """
    columns: dict[str, str] = {}
    for entry in entries(path):
        for name in entry["row"] or ():
            columns.setdefault(name.lower(), name)
    return list(columns.values())


def _table(path: Path, columns: list[str], name: str, language: str) -> Iterator[list[str]]:
    for entry in entries(path):
        row = {column.lower(): cell for column, cell in (entry["row"] or {}).items()}
        reason = _said(entry["sentence"], language)
        ours = (name, entry["file"], str(entry["line"]), entry["column"], entry["rule"], reason)
        yield [*ours, *(row.get(column.lower(), "") for column in columns)]


def _said(sentences: Mapping[str, str], language: str) -> str:
    """Return the reason in a language; in English where it was put aside before we spoke that."""
    return sentences.get(language, sentences[LANGUAGES[0]])


def safe_cell(text: str) -> str:
    """Return a cell that a spreadsheet shows as text: a formula gets an apostrophe before it.

    >>> safe_cell("=1+1"), safe_cell("'=1+1"), safe_cell("94.99Z"), safe_cell("'t")
    ("'=1+1", "''=1+1", '94.99Z', "'t")
    """
    return f"'{text}" if _FORMULA.match(text) else text


def text_cell(text: str) -> str:
    """Return a cell of which a spreadsheet knows that it is text, as `unsafe_cell` reads it.

    >>> text_cell("=1+1"), text_cell("'=1+1")
    ('=1+1', "''=1+1")
    """
    return f"'{text}" if _QUOTED_FORMULA.match(text) else text


def unsafe_cell(text: str) -> str:
    """Return a cell without the apostrophe of `safe_cell` or `text_cell`."""
    return text[1:] if _QUOTED_FORMULA.match(text) else text
