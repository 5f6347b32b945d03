"""What a text that is not UTF-8 seems to be: a guess, for messages alone."""

from __future__ import annotations

from typing import NamedTuple


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


def encoding_of(start: bytes, sample: bytes) -> Encoding:
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
