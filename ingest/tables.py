"""CSV tables: RFC 4180, strict UTF-8, columns by name, physical line numbers."""

from __future__ import annotations

import csv
import io
import operator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from vises.errors import BadInput
from vises.ingest.rules import Refusal
from vises.progress import Silence

if TYPE_CHECKING:
    from _csv import Reader as CsvReader
    from collections.abc import Callable, Iterator, Sequence

    from vises.ingest.files import Counted, InputFile
    from vises.progress import Progress

BUFFER = 1 << 20
LONGEST_CELL = 1 << 20
END_INSIDE_QUOTE = "unexpected end of data"
END_INSIDE_CHARACTER = "unexpected end of data"
TOO_LONG = "field larger"
WINDOWS = ("Latin-1 (ISO 8859-1) or Windows-1252", "WINDOWS-1252")
UTF_16 = {b"\xff\xfe": ("UTF-16", "UTF-16"), b"\xfe\xff": ("UTF-16", "UTF-16")}
DOWNLOAD_AGAIN = "Download it again, and compare its size with the one that the publisher states."


class BadTable(BadInput):
    """A file is not a CSV table that can be read to its end."""

    kind = "bad-table"
    title = "The table cannot be read"


class NotUtf8(BadTable):
    """A file is in another character encoding than UTF-8."""

    kind = "not-utf-8"
    title = "The file is not in UTF-8"


def header(file: InputFile) -> tuple[str, ...]:
    """Return the column names of a CSV file as they stand in its first line.

    Raises `BadTable` for an empty file, for a name that comes twice (whatever its case), and for
    cells that are not separated by commas.
    """
    with _reader(file, Silence()) as (reader, _):
        names = tuple(name.strip() for name in next(reader, []))
    if not any(names):
        raise BadTable(
            "The file is empty.",
            place=file.place,
            remedy="Download or export it again: its first line must hold the column names.",
        )
    if len(names) == 1 and (separator := next((s for s in ";\t|" if s in names[0]), None)):
        raise BadTable(
            f"The cells are separated by {separator!r}.",
            place=f"{file.place}, line 1",
            remedy="Export it again with commas.",
        )
    folded = [name.lower() for name in names]
    twice = sorted({name for name in folded if name and folded.count(name) > 1})
    if twice:
        raise BadTable(
            f"The column {twice[0]!r} comes twice.",
            place=f"{file.place}, line 1",
            remedy="Remove or rename one of the two columns.",
        )
    return names


def rows(
    file: InputFile, wanted: Sequence[str], progress: Progress
) -> Iterator[tuple[int, tuple[str, ...] | Refusal]]:
    """Yield each row's physical line number and its cells in the order of the `wanted` columns.

    A column that the file does not have gives empty cells; a quoted cell may span lines, and the
    number is that of the row's first line; an empty line is no row. A row that has more or fewer
    cells than the header, or a quote in the wrong place, gives a `Refusal` instead. Raises
    `BadTable` where the file ends in the middle of a row and `NotUtf8` where it is not UTF-8.
    """
    names = [name.lower() for name in header(file)]
    width = len(names)
    project = _projection(names, wanted)
    cells: list[str] = []
    line = first = 0
    with _reader(file, progress) as (reader, stream):
        next(reader)
        while True:
            first = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                break
            except csv.Error as error:
                cells = []
                yield first, _misquoted(file, first, str(error))
                continue
            if not cells:
                continue
            line = first
            if len(cells) == width:
                yield line, project(cells)
            else:
                yield line, Refusal("cells", "", str(len(cells)), str(width))
        if cells and len(cells) < width and stream.last not in b"\r\n":
            raise BadTable(
                f"The file is truncated: it ends in the middle of a row"
                f" ({len(cells)} of {width} cells, no end of line).",
                place=f"{file.place}, line {line}",
                remedy=DOWNLOAD_AGAIN,
            )


def _projection(
    names: Sequence[str], wanted: Sequence[str]
) -> Callable[[list[str]], tuple[str, ...]]:
    """Return the function that picks the wanted cells, empty ones for those that are absent."""
    positions = [names.index(w.lower()) if w.lower() in names else len(names) for w in wanted]
    pick = operator.itemgetter(*positions)

    def project(cells: list[str]) -> tuple[str, ...]:
        cells.append("")
        picked = pick(cells)
        cells.pop()
        return picked if len(positions) > 1 else (picked,)

    return project


def _misquoted(file: InputFile, line: int, reason: str) -> Refusal:
    if reason.startswith((END_INSIDE_QUOTE, TOO_LONG)):
        raise BadTable(
            "A quote that opens in this row is never closed: the file is truncated,"
            " or a quotation mark inside a cell is not doubled.",
            place=f"{file.place}, line {line}",
            remedy="Download the file again; if the line is the same, correct the quote there.",
        )
    return Refusal("quoting", "", "", "")


@contextmanager
def _reader(file: InputFile, progress: Progress) -> Iterator[tuple[CsvReader, Counted]]:
    csv.field_size_limit(LONGEST_CELL)
    try:
        with file.open(progress) as stream:
            text = io.TextIOWrapper(
                io.BufferedReader(stream, BUFFER), encoding="utf-8-sig", newline=""
            )
            yield csv.reader(text, strict=True), stream
    except UnicodeDecodeError:
        raise _not_utf8(file) from None


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
