"""Bodies in parts (RFC 7578)."""

from __future__ import annotations

from dataclasses import dataclass
from email.parser import HeaderParser
from typing import TYPE_CHECKING

from vises.errors import sentence
from vises.service.bodies import CONTENT_TYPE, ProtocolError, content_header, media_type

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message
    from mmap import mmap

    from vises.errors import Sentence

MULTIPART = "multipart/form-data"
MOST_MULTIPART = 16 << 20
"""A body in parts is taken apart in memory."""

MOST_PARTS = 100
MOST_HEAD = 1 << 11
"""How large the head of a part may be: Python's parser of parameters takes the square of that.

Its parser of whole bodies takes seconds for some thousand parts, and goes into parts of parts.
"""

SEND_PARTS = sentence(
    "send-in-parts",
    "Send it as {multipart} (RFC 7578) with the boundary of the header.",
    multipart=MULTIPART,
)
_PLAIN = {"", "7bit", "8bit", "binary"}


@dataclass(frozen=True)
class Part:
    """A part: the name of its field, the name of the file ("": none), its media type, its bytes."""

    field: str
    file: str
    media_type: str | None
    content: bytes


def in_field(name: str) -> str:
    """Return where the media type of a part is stated, as problems name it."""
    return f"field {name[:40]}, header Content-Type"


def no_boundary() -> ProtocolError:
    """Return the error for a body in parts whose header does not say what is between them."""
    return ProtocolError(
        sentence("no-boundary", "The header names no boundary."),
        place=CONTENT_TYPE,
        remedy=sentence(
            "send-boundary",
            "Send {multipart}; boundary=..., as programs do that make the body (RFC 7578).",
            multipart=MULTIPART,
        ),
    )


def parts(header: str, data: bytes) -> Iterator[Part]:
    """Yield the parts of a body; `header` is its Content-Type.

    Raises `ProtocolError` where it is not in parts or has too many, and as `media_type` does.
    """
    for number, (head, start, end) in enumerate(located(boundary(header), data)):
        if number == MOST_PARTS:
            raise broken(
                sentence("many-files", "The body has more than {most} files.", most=MOST_PARTS),
                sentence("give-fewer", "Give fewer."),
            )
        field = str(head.get_param("name", "", "content-disposition"))
        yield Part(
            field=field,
            file=head.get_filename() or "",
            media_type=media_type(head.get("Content-Type"), in_field(field)),
            content=data[start:end],
        )


def boundary(header: str | None) -> bytes:
    """Return what is between parts, by a Content-Type header.

    Raises `ProtocolError`, and as `content_header` does.
    """
    found = content_header(header).get_param("boundary")
    if not isinstance(found, str) or not 1 <= len(found) <= 70 or not found.isascii():  # noqa: PLR2004 (RFC 2046)
        raise no_boundary()
    return found.encode()


def located(between: bytes, data: bytes | mmap) -> Iterator[tuple[Message, int, int]]:
    """Yield the head of each part, and where its content starts and ends (RFC 2046, 5.1.1).

    Raises `ProtocolError` where what is `between` parts is not there, or a part has no end, a
    head above `MOST_HEAD` bytes, or a Content-Transfer-Encoding (RFC 7578, section 4.7).
    """
    mark = b"--" + between
    position = 0 if data[: len(mark)] == mark else data.find(b"\r\n" + mark) + 2
    if position == 1:
        raise broken(
            sentence("boundary-absent", "The boundary of the header is not in the body."),
            SEND_PARTS,
        )
    while True:
        after = position + len(mark)
        if data[after : after + 2] == b"--":
            return
        line = data.find(b"\r\n", after, after + MOST_HEAD)
        head = data.find(b"\r\n\r\n", line, line + MOST_HEAD) if line >= 0 else -1
        end = data.find(b"\r\n" + mark, head + 2) if head >= 0 else -1
        if end < 0:
            raise broken(
                sentence("part-broken", "A part of the body has no head or no end."), SEND_PARTS
            )
        message = HeaderParser().parsestr(data[line + 2 : head].decode(errors="replace"))
        if str(message.get("Content-Transfer-Encoding", "")).strip().lower() not in _PLAIN:
            raise broken(
                sentence("part-encoded", "A part of the body has a Content-Transfer-Encoding."),
                SEND_PARTS,
            )
        yield message, head + 4, end
        position = end + 2


def broken(what: Sentence, remedy: Sentence) -> ProtocolError:
    """Return the error for a body whose parts cannot be read."""
    return ProtocolError(what, place="body", remedy=remedy)
