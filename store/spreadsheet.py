"""Solutions as a workbook for spreadsheet programs (Office Open XML, ISO/IEC 29500).

A text is a text whatever it begins with, so no value of the data is taken for a formula (CWE-1236):
it is written as a string, and one that begins as a formula does is marked as quoted, so that it
stays one when it is edited. What a workbook cannot hold is an error and never left out.

Memory stays the same however many rows there are: they wait in a temporary file.
"""

from __future__ import annotations

from contextlib import closing
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING

import xlsxwriter
from pyoxigraph import Literal, NamedNode

from vises.errors import sentence
from vises.namespaces import PREFIXES
from vises.store.engine import NotAcceptable
from vises.store.lexical import NUMBER, day_of

if TYPE_CHECKING:
    from datetime import date

    from pyoxigraph import QuerySolutions
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from vises.errors import Sentence
    from vises.store.canonical import Term


MOST_ROWS = (1 << 20) - 1
MOST_CHARACTERS = 32_767
_FIRST_MISSED = 1 << 53
"""What a double, which is what a cell holds, has in place of the whole number after it, too."""

_FIRST_YEAR = 1900
_XSD = PREFIXES["xsd"]
_NUMBERS = {_XSD + name for name in ("integer", "decimal", "double", "float")}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}


def write_workbook(solutions: QuerySolutions, output: IO[bytes]) -> None:
    """Write solutions as a workbook of one sheet: a row of names, then a row for each solution.

    Raises `NotAcceptable` where there are more rows or longer texts than a workbook holds, and what
    reading the solutions raises.
    """
    with TemporaryDirectory() as folder:
        workbook = xlsxwriter.Workbook(output, {**_OPTIONS, "tmpdir": folder})
        sheet = workbook.add_worksheet("VISES")
        with closing(sheet.row_data_fh):
            _fill(workbook, sheet, solutions)
            workbook.close()


def _fill(workbook: Workbook, sheet: Worksheet, solutions: QuerySolutions) -> None:
    cells = _Cells(
        sheet,
        quoted=workbook.add_format({"quote_prefix": True}),
        day=workbook.add_format({"num_format": "yyyy-mm-dd"}),
    )
    for column, variable in enumerate(solutions.variables):
        cells.text(0, column, variable.value)
    for row, solution in enumerate(solutions, start=1):
        if row > MOST_ROWS:
            raise _too_much(
                sentence(
                    "workbook-rows",
                    "There are more than {most:,} rows, which no workbook can hold.",
                    most=MOST_ROWS,
                )
            )
        for column, value in enumerate(solution):
            if value is not None:
                cells.term(row, column, value)


class _Cells:
    """Writes terms into the cells of a sheet."""

    def __init__(self, sheet: Worksheet, *, quoted: Format, day: Format) -> None:
        self._sheet = sheet
        self._sheet.freeze_panes(1, 0)
        self._quoted = quoted
        self._day = day

    def text(self, row: int, column: int, text: str) -> None:
        if len(text.encode("utf-16-le")) // 2 > MOST_CHARACTERS:
            raise _too_much(
                sentence(
                    "workbook-text",
                    "A text has more than {most:,} characters, which no workbook can hold.",
                    most=MOST_CHARACTERS,
                )
            )
        form = self._quoted if text.startswith(_FORMULA) else None
        self._sheet.write_string(row, column, text, form)

    def term(self, row: int, column: int, term: Term) -> None:
        if not isinstance(term, Literal):
            self.text(row, column, term.value if isinstance(term, NamedNode) else str(term))
            return
        datatype, lexical = term.datatype.value, term.value
        number = _number(lexical) if datatype in _NUMBERS else None
        day = _day(lexical) if datatype == _XSD + "date" else None
        if number is not None:
            self._sheet.write_number(row, column, number)
        elif day is not None:
            self._sheet.write_datetime(row, column, day, self._day)
        elif datatype == _XSD + "boolean" and lexical in {"true", "false"}:
            self._sheet.write_boolean(row, column, lexical == "true")
        else:
            self.text(row, column, lexical)


def _number(lexical: str) -> float | None:
    """Return what a cell holds of a number, None where it would not be the same one.

    Of a fraction that is its first 16 digits.
    """
    if not NUMBER.fullmatch(lexical):
        return None
    number = float(lexical)
    return number if abs(number) < _FIRST_MISSED else None


def _day(lexical: str) -> date | None:
    day = day_of(lexical)
    return day if day is not None and day.year >= _FIRST_YEAR else None


def _too_much(what: Sentence) -> NotAcceptable:
    return NotAcceptable(what, remedy=sentence("take-csv", "Take CSV or Parquet, or ask for less."))
