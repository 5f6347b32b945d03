"""Tables as text with a sign between cells: RFC 4180, strict UTF-8, physical line numbers."""

from __future__ import annotations

import csv
import io
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING

from vises.ingest.rules import Refusal
from vises.ingest.tables.table import LONGEST_CELL, BadTable, Table
from vises.progress import Silence

if TYPE_CHECKING:
    from _csv import Reader as CsvReader
    from collections.abc import Collection, Iterator

    from vises.ingest.files import Counted, InputFile
    from vises.progress import Progress

BUFFER = 1 << 20
SEPARATORS = (",", ";", "\t")
END_INSIDE_QUOTE = "unexpected end of data"
END_INSIDE_CHARACTER = "unexpected end of data"
TOO_LONG = "field larger"
WINDOWS = ("Latin-1 (ISO 8859-1) or Windows-1252", "WINDOWS-1252")
UTF_16 = {b"\xff\xfe": ("UTF-16", "UTF-16"), b"\xfe\xff": ("UTF-16", "UTF-16")}
DOWNLOAD_AGAIN = "Download it again, and compare its size with the one that the publisher states."


class NotUtf8(BadTable):
    """A file is in another character encoding than UTF-8."""

    kind = "not-utf-8"
    title = "The file is not in UTF-8"


@contextmanager
def open_delimited(file: InputFile, progress: Progress, skip: int = 0) -> Iterator[Table]:
    """Open a text of cells between commas, semicolons or tabs (RFC 4180, strict UTF-8).

    The header stands after `skip` lines. The separator is the one that gives it most cells. A
    quoted cell may span lines, and the place of a row is its first line; an empty line is no row. A
    quote in the wrong place is a refused row. Raises `BadTable` where the file ends in the middle
    of a row, `NotUtf8`.
    """
    csv.field_size_limit(LONGEST_CELL)
    try:
        with file.open(progress) as stream:
            text = io.TextIOWrapper(
                io.BufferedReader(stream, BUFFER), encoding="utf-8-sig", newline=""
            )
            for _ in range(skip):
                text.readline(LONGEST_CELL)
            first = text.readline(LONGEST_CELL)
            reader = csv.reader(chain([first], text), strict=True, delimiter=_separator(first))
            names = next(reader, [])
            yield Table(names, _rows(file, reader, stream, len(names), skip))
    except UnicodeDecodeError:
        raise _not_utf8(file) from None


def delimited_at(file: InputFile, lines: Collection[int]) -> Iterator[tuple[int, list[str]]]:
    """Yield the cells of the rows that start on some physical lines.

    Other lines are not taken apart; a row that cannot be has no cells. The file is one that
    `open_delimited` has read to its end.
    """
    with file.open(Silence()) as stream:
        text = io.TextIOWrapper(io.BufferedReader(stream, BUFFER), encoding="utf-8-sig", newline="")
        first = text.readline(LONGEST_CELL)
        sign = _separator(first)
        names = csv.reader(chain([first], text), strict=True, delimiter=sign)
        next(names, [])
        number = names.line_num
        for line in text:
            number += 1
            if number not in lines:
                continue
            row = csv.reader(chain([line], text), strict=True, delimiter=sign)
            try:
                cells = next(row)
            except csv.Error:
                cells = []
            yield number, cells
            number += row.line_num - 1


def _separator(line: str) -> str:
    """Return what stands between the cells of a line; of equals, the comma."""
    counts = {sign: len(next(csv.reader([line], delimiter=sign), [])) for sign in SEPARATORS}
    return max(counts, key=lambda sign: counts[sign])


def _rows(
    file: InputFile, reader: CsvReader, stream: Counted, width: int, skip: int
) -> Iterator[tuple[int, list[str] | Refusal]]:
    cells: list[str] = []
    line = 0
    while True:
        first = skip + reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            cells = []
            yield first, _misquoted(file, first, str(error))
            continue
        if cells:
            line = first
            yield line, cells
    if cells and len(cells) < width and stream.last not in b"\r\n":
        raise BadTable(
            f"The file is truncated: it ends in the middle of a row"
            f" ({len(cells)} of {width} cells, no end of line).",
            place=f"{file.place}, line {line}",
            remedy=DOWNLOAD_AGAIN,
        )


def _misquoted(file: InputFile, line: int, reason: str) -> Refusal:
    if reason.startswith((END_INSIDE_QUOTE, TOO_LONG)):
        raise BadTable(
            "A quote that opens in this row is never closed: the file is truncated,"
            " or a quotation mark inside a cell is not doubled.",
            place=f"{file.place}, line {line}",
            remedy="Download the file again; if the line is the same, correct the quote there.",
        )
    return Refusal("quoting", "", "", "")


def _not_utf8(file: InputFile) -> BadTable:
    """Find the first byte that is not UTF-8 and return the error that names it."""
    with file.open(Silence()) as stream:
        for number, line in enumerate(io.BufferedReader(stream, BUFFER), 1):
            try:
                line.decode()
            except UnicodeDecodeError as error:
                place = f"{file.place}, line {number}, byte {error.start + 1}"
                if error.reason == END_INSIDE_CHARACTER and not line.endswith(b"\n"):
                    return BadTable(
                        "The file is truncated: it ends in the middle of a character.",
                        place=place,
                        remedy=DOWNLOAD_AGAIN,
                    )
                encoding = UTF_16.get(line[:2], WINDOWS) if number == 1 else WINDOWS
                return NotUtf8(
                    f"The byte 0x{line[error.start]:02X} is not UTF-8; the file looks like"
                    f" {encoding[0]}.",
                    place=place,
                    remedy=f"Convert it (iconv -f {encoding[1]} -t UTF-8 old.csv > new.csv) or"
                    " export it again as UTF-8.",
                )
    raise AssertionError(file)  # the decoder of the whole found a byte that no line has
