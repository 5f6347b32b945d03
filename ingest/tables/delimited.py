"""Tables as text with a sign between cells: RFC 4180, strict UTF-8, physical line numbers."""

from __future__ import annotations

import codecs
import csv
import io
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import IO, TYPE_CHECKING, cast

from vises.errors import sentence
from vises.ingest.files import DOWNLOAD_AGAIN, Counted, open_file
from vises.ingest.rules import Refusal
from vises.ingest.tables.encodings import encoding_of, wide_encoding
from vises.ingest.tables.separators import separator_of
from vises.ingest.tables.table import LONGEST_CELL, BadTable, Table
from vises.progress import Silence

if TYPE_CHECKING:
    from _csv import Reader as CsvReader
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from vises.ingest.files import InputFile
    from vises.progress import Progress

BUFFER = 1 << 20
_LINES_TRIED = 64
_START_BYTES = 4
_TRIED_BYTES = 1 << 16
END_INSIDE_QUOTE = "unexpected end of data"
END_INSIDE_CHARACTER = "unexpected end of data"
TOO_LONG = "field larger"


class NotUtf8(BadTable):
    """A file is in another character encoding than UTF-8."""

    kind = "not-utf-8"
    title = "The file is not in UTF-8"


class _EndsInQuote(BadTable):
    """A text ends within a quoted cell."""


@dataclass(frozen=True)
class Head:
    """The first row of a text of cells: so many bytes (`size`) and physical `lines` of the file."""

    names: tuple[str, ...]
    separator: str
    size: int
    lines: int


@dataclass(frozen=True)
class Stretch:
    """A part of a text of cells, or of JSON Lines, that begins and ends with a row, or so it seems.

    `path` has the plain bytes of `file`, of which these are those from `start` to `stop`; `before`
    is how many physical lines stand before it; `last` says that nothing stands behind it.
    """

    file: InputFile
    path: Path
    head: Head
    start: int
    stop: int
    last: bool
    before: int = 0


class StretchRows:
    """The rows of a stretch, as `Table` has them.

    Once they were read, `lines` is how many physical lines they took, and `is_open` says that the
    stretch ends within a quoted cell: then its end is no end of a row.
    """

    def __init__(self, stretch: Stretch, reader: CsvReader, stream: Counted) -> None:
        """Take what `open_stretch` has opened."""
        self.lines = 0
        self.is_open = False
        self._stretch = stretch
        self._reader = reader
        self._stream = stream

    def __iter__(self) -> Iterator[tuple[int, list[str] | Refusal]]:
        """Yield each row; raise as `open_delimited` does, but for an end within a quoted cell."""
        stretch, width = self._stretch, len(self._stretch.head.names)
        try:
            yield from _rows(stretch.file, self._reader, self._stream, width, before=stretch.before)
        except _EndsInQuote:
            if stretch.last:
                raise
            self.is_open = True
        except UnicodeDecodeError:
            raise not_utf8(stretch.file) from None
        self.lines = self._reader.line_num


def read_head(file: InputFile) -> Head:
    """Read the first row of a text. Raises what `open_delimited` raises."""
    used = []
    with file.open(Silence()) as stream:
        bom = stream.read(len(codecs.BOM_UTF8)) == codecs.BOM_UTF8
    try:
        with file.open(Silence()) as stream:
            text = _text(stream, "utf-8-sig")
            first = text.readline(LONGEST_CELL)
            separator = separator_of(first)

            def lines() -> Iterator[str]:
                for line in chain([first], text):
                    used.append(line)
                    yield line

            names = _names(file, csv.reader(lines(), strict=True, delimiter=separator))
    except UnicodeDecodeError:
        raise not_utf8(file) from None
    size = len("".join(used).encode()) + bom * len(codecs.BOM_UTF8)
    return Head(tuple(names), separator, size, len(used))


@contextmanager
def open_stretch(stretch: Stretch) -> Iterator[StretchRows]:
    """Open a part of a text of cells. Raises as `open_delimited` does."""
    csv.field_size_limit(LONGEST_CELL)
    with open_file(stretch.path) as whole:
        stream = limited(whole, stretch)
        text = _text(stream, "utf-8")
        reader = csv.reader(text, strict=True, delimiter=stretch.head.separator)
        yield StretchRows(stretch, reader, stream)


def limited(whole: IO[bytes], stretch: Stretch) -> Counted:
    """Return the bytes of a stretch out of those of its file."""
    whole.seek(stretch.start)
    return Counted(cast("IO[bytes]", _Limited(whole, stretch.stop - stretch.start)), Silence())


def row_starts(path: Path, head: Head, size: int) -> Iterator[int]:
    """Yield places about `size` bytes apart at which a row seems to start.

    Each stands behind an end of line, before a line of as many cells as the head has; whether it is
    within a quoted cell, only reading up to there can tell. The end of the file is the last one.
    """
    total = path.stat().st_size
    at = head.size
    with open_file(path) as file:
        while at + size < total:
            at = _row_start(file, at + size, head) or total
            if at < total:
                yield at
    yield total


def _row_start(file: IO[bytes], place: int, head: Head) -> int | None:
    """Return the first place behind `place` at which a row seems to start, if there is one.

    Where no line of many has the right number of cells, it is the start of the first line.
    """
    file.seek(place)
    at = fallback = place + len(file.readline())
    for _ in range(_LINES_TRIED):
        line = file.readline()
        if not line:
            break
        if _cells(line, head.separator) == len(head.names):
            return at
        at += len(line)
    return fallback


def _cells(line: bytes, separator: str) -> int:
    try:
        return len(next(csv.reader([line.decode()], strict=True, delimiter=separator), []))
    except (csv.Error, UnicodeDecodeError):
        return 0


class _Limited:
    """The next so many bytes of a file."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file = file
        self._left = size

    def read(self, size: int) -> bytes:
        data = self._file.read(min(size, self._left))
        self._left -= len(data)
        return data

    def seekable(self) -> bool:
        return False


def _text(stream: Counted, encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BufferedReader(stream, BUFFER), encoding=encoding, newline="")


@contextmanager
def open_delimited(file: InputFile, progress: Progress, skip: int = 0) -> Iterator[Table]:
    """Open a text of cells between commas, semicolons or tabs (RFC 4180, strict UTF-8).

    The header stands after `skip` lines, and its separator (`separator_of`) is that of all rows. A
    quoted cell may span lines, and the place of a row is its first line; an empty line is no row. A
    quote in the wrong place is a refused row. Raises `BadTable` where the file ends in the middle
    of a row, `NotUtf8`.
    """
    csv.field_size_limit(LONGEST_CELL)
    try:
        with file.open(progress) as stream:
            text = _text(stream, "utf-8-sig")
            for _ in range(skip):
                text.readline(LONGEST_CELL)
            first = text.readline(LONGEST_CELL)
            reader = csv.reader(chain([first], text), strict=True, delimiter=separator_of(first))
            names = _names(file, reader)
            yield Table(names, _rows(file, reader, stream, len(names), before=skip))
    except UnicodeDecodeError:
        raise not_utf8(file) from None


def delimited_at(file: InputFile, lines: Collection[int]) -> Iterator[tuple[int, list[str]]]:
    """Yield the cells of the rows that start on some physical lines.

    Other lines are not taken apart; a row that cannot be has no cells. The file is one that
    `open_delimited` has read to its end.
    """
    with file.open(Silence()) as stream:
        text = io.TextIOWrapper(io.BufferedReader(stream, BUFFER), encoding="utf-8-sig", newline="")
        first = text.readline(LONGEST_CELL)
        sign = separator_of(first)
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


def _names(file: InputFile, reader: CsvReader) -> list[str]:
    """Return the cells of the first row. Raises `BadTable` where it has none by its quotes.

    A NUL in it is half of a character of two bytes: raises `NotUtf8`.
    """
    try:
        names = next(reader, [])
    except csv.Error:
        raise BadTable(
            sentence(
                "quote-in-names",
                "A quote in the names of the columns is never closed, or stands in the wrong"
                " place.",
            ),
            place=f"{file.place}, line 1",
            remedy=sentence(
                "correct-quotes", "Correct the quotes there, or download the file again."
            ),
        ) from None
    if any("\0" in name for name in names):
        raise not_utf8(file)
    return names


def _rows(
    file: InputFile, reader: CsvReader, stream: Counted, width: int, *, before: int = 0
) -> Iterator[tuple[int, list[str] | Refusal]]:
    cells: list[str] = []
    line = 0
    while True:
        first = before + reader.line_num + 1
        try:
            for cells in reader:
                if cells:
                    line = first
                    yield line, cells
                first = before + reader.line_num + 1
        except csv.Error as error:
            cells = []
            yield first, _misquoted(file, first, str(error))
        else:
            break
    if cells and len(cells) < width and stream.last not in b"\r\n":
        raise BadTable(
            sentence(
                "ends-in-row",
                "The file is truncated: it ends in the middle of a row"
                " ({count} of {width} cells, no end of line).",
                count=len(cells),
                width=width,
            ),
            place=f"{file.place}, line {line}",
            remedy=DOWNLOAD_AGAIN,
        )


def _misquoted(file: InputFile, line: int, reason: str) -> Refusal:
    if reason.startswith(TOO_LONG):
        raise BadTable(
            sentence(
                "cell-long",
                "A cell of this row has more than {most:,} characters: it is no cell, or a"
                " quote that opens in it is never closed.",
                most=LONGEST_CELL,
            ),
            place=f"{file.place}, line {line}",
            remedy=sentence(
                "look-at-line",
                "Look at that line; download the file again if it is not what you expect.",
            ),
        )
    if reason.startswith(END_INSIDE_QUOTE):
        raise _EndsInQuote(
            sentence(
                "ends-in-quote",
                "A quote that opens in this row is never closed: the file is truncated,"
                " or a quotation mark inside a cell is not doubled.",
            ),
            place=f"{file.place}, line {line}",
            remedy=sentence(
                "download-or-quote",
                "Download the file again; if the line is the same, correct the quote there.",
            ),
        )
    return Refusal("quoting", "", "", "")


def not_utf8(file: InputFile) -> BadTable:
    """Find the first byte that is not UTF-8, or no text, and return the error that names it."""
    with file.open(Silence()) as stream:
        lines = io.BufferedReader(stream, BUFFER)
        start = lines.peek(_START_BYTES)[:_START_BYTES]
        for number, line in enumerate(lines, 1):
            zero = line.find(b"\0")
            try:
                line.decode()
                at = zero
            except UnicodeDecodeError as error:
                at = error.start
                if error.reason == END_INSIDE_CHARACTER and not line.endswith(b"\n"):
                    return BadTable(
                        sentence(
                            "ends-in-character",
                            "The file is truncated: it ends in the middle of a character.",
                        ),
                        place=f"{file.place}, line {number}, byte {at + 1}",
                        remedy=DOWNLOAD_AGAIN,
                    )
            if at >= 0 and at == zero and wide_encoding(start) is None:
                return NotUtf8(
                    sentence("nul", "The file has a character that no text has (NUL)."),
                    place=f"{file.place}, line {number}, byte {at + 1}",
                    remedy=sentence("take-out", "Take it out, or export the file again as UTF-8."),
                )
            if at >= 0:
                name, iconv = encoding_of(start, line + lines.read(_TRIED_BYTES))
                return NotUtf8(
                    sentence(
                        "byte-not-utf-8",
                        "The byte 0x{byte:02X} is not UTF-8; the file looks like {encoding}.",
                        byte=line[at],
                        encoding=name,
                    ),
                    place=f"{file.place}, line {number}, byte {at + 1}",
                    remedy=sentence(
                        "convert",
                        "Convert it (iconv -f {encoding} -t UTF-8 old.csv > new.csv) or"
                        " export it again as UTF-8.",
                        encoding=iconv,
                    ),
                )
    raise AssertionError(file)  # the decoder of the whole found a byte that no line has
