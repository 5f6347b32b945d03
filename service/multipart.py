"""Bodies in parts (RFC 7578)."""

from __future__ import annotations

from dataclasses import dataclass
from email.parser import BytesParser
from email.policy import HTTP
from typing import TYPE_CHECKING

from vises.errors import sentence
from vises.service.bodies import CONTENT_TYPE, ProtocolError, content_header, media_type

if TYPE_CHECKING:
    from collections.abc import Iterator

MULTIPART = "multipart/form-data"
MOST_MULTIPART = 16 << 20
"""A body in parts is taken apart in memory."""


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

    Raises `ProtocolError` where it is not in parts, and as `media_type` does.
    """
    if not content_header(header).get_param("boundary"):
        raise no_boundary()
    head = f"Content-Type: {header}\r\n\r\n".encode("latin-1")
    message = BytesParser(policy=HTTP).parsebytes(head + data)
    if message.defects or not message.is_multipart():
        raise ProtocolError(
            sentence("not-in-parts", "The body is not in parts, or the last one has no end."),
            place="body",
            remedy=sentence(
                "send-in-parts",
                "Send it as {multipart} (RFC 7578) with the boundary of the header.",
                multipart=MULTIPART,
            ),
        )
    for part in message.iter_parts():
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        field = str(part.get_param("name", "", "content-disposition"))
        yield Part(
            field=field,
            file=part.get_filename() or "",
            media_type=media_type(part.get("Content-Type"), in_field(field)),
            content=content,
        )
