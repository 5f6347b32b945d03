"""Sheets of a workbook (Office Open XML, ISO/IEC 29500: .xlsx)."""

from __future__ import annotations

import re
import warnings
import zipfile
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError

from vises.errors import sentence
from vises.ingest.files import open_file
from vises.ingest.rules import Refusal
from vises.ingest.tables.cells import Percentage, writer
from vises.ingest.tables.table import LONGEST_CELL, SAVE_AGAIN, BadTable, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.workbook import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

    from vises.ingest.files import InputFile
    from vises.progress import Progress

WORKBOOK_PART = "xl/workbook.xml"
"""The file of a workbook's package that names its sheets."""
_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError, TypeError, ParseError)
"""What openpyxl raises for a file that is cut off, altered, or no workbook."""


_LITERAL = re.compile(r'"[^"]*"|[\\_*].')
"""What a number format shows as it stands (ECMA-376, part 1, section 18.8.31)."""

_ESCAPED = re.compile("(?<!_x005F)_x00([01][0-9A-Fa-f])_")
"""A control character in a text (ECMA-376, part 1, section 22.9.2.19), which openpyxl leaves so.

Behind `_x005F`, which is an underscore itself, it is none.
"""

_ROWS_LOOKED_AT = 100
"""A sheet without a value in so many rows is taken for empty."""


def sheet_names(path: Path) -> list[str]:
    """Return the names of the sheets that are neither hidden nor empty.

    Where all are empty, those that are shown are returned. Raises `BadTable`, also where only
    hidden ones are not.
    """
    with _opened(path) as workbook:
        filled = [sheet for sheet in workbook.worksheets if _has_cells(sheet)]
        shown = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
        names = [sheet.title for sheet in shown if sheet in filled]
    if filled and not names:
        raise BadTable(
            sentence(
                "sheets-hidden",
                "The sheets that are shown are empty, and hidden ones are not read: {names}.",
                names=", ".join(sheet.title for sheet in filled),
            ),
            place=str(path),
            remedy=sentence(
                "show-sheet",
                "Show the sheet that you mean in a spreadsheet program, and save the workbook.",
            ),
        )
    return names or [sheet.title for sheet in shown]


def _has_cells(sheet: Worksheet) -> bool:
    rows = sheet.iter_rows(max_row=_ROWS_LOOKED_AT, values_only=True)
    return any(value is not None for row in rows for value in row)


@contextmanager
def open_sheet(
    file: InputFile,
    progress: Progress,
    skip: int = 0,
    text: Callable[[object], str] | None = None,
) -> Iterator[Table]:
    """Open the sheet `file.member`; after `skip` rows comes that of the names. Raises `BadTable`.

    The place of a row is its number in the sheet, as a spreadsheet shows it. A formula counts as
    the value that was saved with it; `text` writes a value, else what `file` asks for, and is given
    a `Percentage` where that is `exact`. Empty rows are none, and so are empty columns at the end.
    """
    assert file.member is not None
    text = _unescaped(text or writer(file))
    with _opened(file.path) as workbook:
        sheet = workbook[file.member]
        if file.exact:
            rows = (tuple(map(_value, row)) for row in sheet.iter_rows(min_row=1 + skip))
        else:
            rows = sheet.iter_rows(min_row=1 + skip, values_only=True)
        names = _without_end([text(value) for value in next(rows, ())])
        yield Table(names, _rows(rows, len(names), skip, text))
    progress.advance(file.size)


def _rows(
    rows: Iterable[Sequence[object]], width: int, skip: int, text: Callable[[object], str]
) -> Iterator[tuple[int, list[str] | Refusal]]:
    for number, values in enumerate(rows, 2 + skip):
        cells = _without_end([text(value) for value in values])
        if any(len(cell) > LONGEST_CELL for cell in cells):
            yield number, Refusal("cells", "", str(LONGEST_CELL), str(width))
        elif any(cells):
            yield number, cells + [""] * (width - len(cells))


def _unescaped(text: Callable[[object], str]) -> Callable[[object], str]:
    """Return what writes values as `text` does, with control characters as themselves."""
    return lambda value: _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text(value))


def _value(cell: Cell | MergedCell) -> object:
    """Return the value of a cell, as a `Percentage` where its format multiplies it by 100."""
    value, form = cell.value, cell.number_format
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return Percentage(value) if form and "%" in _LITERAL.sub("", form) else value


def _without_end(cells: list[str]) -> list[str]:
    """Return cells without the empty ones at the end, which a spreadsheet adds as it likes."""
    while cells and not cells[-1]:
        cells.pop()
    return cells


@contextmanager
def _opened(path: Path) -> Iterator[Workbook]:
    from openpyxl import load_workbook  # noqa: PLC0415 (0.3 s to import)

    workbook = None
    try:
        with zipfile.ZipFile(path) as archive:
            if WORKBOOK_PART not in archive.namelist():
                raise BadTable(
                    sentence("workbook-in-zip", "A workbook within a zip is not read."),
                    place=str(path),
                    remedy=sentence("unpack-zip", "Unpack the zip, and name the workbook."),
                )
        with open_file(path) as stream:  # by its name, openpyxl refuses what does not end in .xlsx
            with warnings.catch_warnings(action="ignore"):  # of styles and extensions, not of cells
                workbook = load_workbook(stream, read_only=True, data_only=True)
            for sheet in workbook.worksheets:
                sheet.reset_dimensions()  # some programs write A1, whatever there is
            yield workbook
    except _ERRORS as error:
        raise BadTable(
            sentence(
                "workbook-unread",
                "The workbook cannot be read to its end: {why}.",
                why=str(error).rstrip("."),
            ),
            place=str(path),
            remedy=SAVE_AGAIN,
        ) from error
    finally:
        if workbook is not None:
            workbook.close()
