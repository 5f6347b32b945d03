"""The error for a text that is not UTF-8, which says what it seems to be in: a guess."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, NamedTuple

from vises.errors import sentence
from vises.ingest.files import DOWNLOAD_AGAIN
from vises.ingest.tables.table import BadTable
from vises.progress import SILENCE

if TYPE_CHECKING:
    from vises.ingest.files import InputFile

START_BYTES = 4
_TRIED_BYTES = 1 << 16
_END_INSIDE_CHARACTER = "unexpected end of data"


class NotUtf8(BadTable):
    """A file is in another character encoding than UTF-8."""

    kind = "not-utf-8"
    title = "The file is not in UTF-8"


class Encoding(NamedTuple):
    """A character encoding: its name for people, and the one that iconv knows."""

    name: str
    iconv: str


_STARTS = {
    b"\xff\xfe\0\0": Encoding("UTF-32", "UTF-32"),
    b"\xff\xfe": Encoding("UTF-16", "UTF-16"),
    b"\xfe\xff": Encoding("UTF-16", "UTF-16"),
}
_OF_ONE_BYTE = {
    "cp1252": Encoding("Latin-1 (ISO 8859-1) or Windows-1252", "WINDOWS-1252"),
    "cp850": Encoding("CP850, the encoding of DOS", "CP850"),
    "mac_roman": Encoding("Mac OS Roman", "MACINTOSH"),
}
_USUAL = frozenset("éèêëàâçîïôûùüœÉÈÊÀÇ\u2019")
"""The characters beside ASCII that French and Dutch use most."""


def not_utf8(file: InputFile) -> BadTable:
    """Find the first byte that is not UTF-8, or no text, and return the error that names it."""
    with file.open(SILENCE) as stream:
        lines = io.BufferedReader(stream)
        start = lines.peek(START_BYTES)[:START_BYTES]
        for number, line in enumerate(lines, 1):
            at, is_cut = _flaw(line)
            if at < 0:
                continue
            place = f"{file.place}, line {number}, byte {at + 1}"
            if is_cut:
                return BadTable(
                    sentence(
                        "ends-in-character",
                        "The file is truncated: it ends in the middle of a character.",
                    ),
                    place=place,
                    remedy=DOWNLOAD_AGAIN,
                )
            if not line[at] and wide_encoding(start) is None:
                return NotUtf8(
                    sentence("nul", "The file has a character that no text has (NUL)."),
                    place=place,
                    remedy=sentence("take-out", "Take it out, or export the file again as UTF-8."),
                )
            return _other_encoding(
                place, line[at], _encoding_of(start, line + lines.read(_TRIED_BYTES))
            )
    raise AssertionError(file)  # the decoder of the whole found a byte that no line has


def _flaw(line: bytes) -> tuple[int, bool]:
    """Return where a line has a byte that is not UTF-8, or NUL, and whether it was cut off there.

    The place is -1 where the line has none.
    """
    try:
        line.decode()
    except UnicodeDecodeError as error:
        return error.start, error.reason == _END_INSIDE_CHARACTER and not line.endswith(b"\n")
    return line.find(b"\0"), False


def _other_encoding(place: str, byte: int, encoding: Encoding) -> NotUtf8:
    return NotUtf8(
        sentence(
            "byte-not-utf-8",
            "The byte 0x{byte:02X} is not UTF-8; the file looks like {encoding}.",
            byte=byte,
            encoding=encoding.name,
        ),
        place=place,
        remedy=sentence(
            "convert",
            "Convert it (iconv -f {encoding} -t UTF-8 old.csv > new.csv) or"
            " export it again as UTF-8.",
            encoding=encoding.iconv,
        ),
    )


def _encoding_of(start: bytes, sample: bytes) -> Encoding:
    """Return what a file seems to be in, by its first bytes, else by the letters in a sample."""
    return (
        wide_encoding(start)
        or _OF_ONE_BYTE[max(_OF_ONE_BYTE, key=lambda name: _usual(sample, name))]
    )


def wide_encoding(start: bytes) -> Encoding | None:
    """Return the encoding with several bytes for each character that a file seems to be in.

    Without a mark, UTF-16 is known by the zero in each of the ASCII characters that it starts with.
    """
    for mark, encoding in _STARTS.items():
        if start.startswith(mark):
            return encoding
    if start[1:2] == b"\0":
        return Encoding("UTF-16 (little-endian, without a mark)", "UTF-16LE")
    if start[:1] == b"\0":
        return Encoding("UTF-16 (big-endian, without a mark)", "UTF-16BE")
    return None


def _usual(sample: bytes, encoding: str) -> int:
    return sum(character in _USUAL for character in sample.decode(encoding, "replace"))
