"""Which part of a file a request asks for (RFC 9110, section 14)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vises.errors import BadRequest, sentence

if TYPE_CHECKING:
    from collections.abc import Mapping

_ONE = re.compile(r"(?i:bytes)=[ \t]*([0-9]{0,18})-([0-9]{0,18})[ \t]*")


class RangeUnsatisfiable(BadRequest):
    """The part that was asked for lies behind the end of the file (RFC 9110, section 15.5.17)."""

    kind = "range-unsatisfiable"
    title = "There is no such part of the file"
    status = 416

    def __init__(self, size: int) -> None:
        """Take the size of the file in bytes."""
        super().__init__(
            sentence("file-has", "The file has {size:,} bytes.", size=size),
            place="header Range",
            remedy=sentence(
                "part-before-end", "Ask for a part that begins before its end, or for the whole."
            ),
        )
        self.size = size


@dataclass(frozen=True)
class Part:
    """A part of a file: its first byte, and how many there are."""

    first: int
    length: int


def asked_part(method: str, headers: Mapping[str, str], size: int, tag: str) -> Part | None:
    """Return the part that a request asks for, None for the whole of the file.

    The whole is also the answer to a method other than GET, to more than one part, to another unit
    than bytes, to what is no range (section 14.2), and where the condition If-Range does not name
    this state by its strong tag (section 13.1.5; there is no date to compare with). Raises
    `RangeUnsatisfiable`.
    """
    wanted = headers.get("range")
    if method != "GET" or wanted is None or headers.get("if-range", tag) != tag:
        return None
    match = _ONE.fullmatch(wanted.strip())
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:
        length = min(int(match[2]), size)
        if length == 0:
            raise RangeUnsatisfiable(size)
        return Part(size - length, length)
    first = int(match[1])
    last = min(int(match[2]), size - 1) if match[2] else size - 1
    if match[2] and int(match[2]) < first:
        return None
    if first >= size:
        raise RangeUnsatisfiable(size)
    return Part(first, last - first + 1)
