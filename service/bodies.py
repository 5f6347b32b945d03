"""Reading the body of a request: its media type, and its bytes up to a bound."""

from __future__ import annotations

import re
from binascii import a2b_qp
from email.message import Message
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect

from vises.errors import BadRequest, Sentence, sentence

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from starlette.requests import Request

CONTENT_TYPE = "header Content-Type"
"""Where the media type of a body is stated, as problems name it."""

MOST_PARAMETERS = 1000
MOST_TYPE_CHARACTERS = 1000
"""Python's parser of header parameters takes time that grows with the square of their length."""

_UTF_8 = sentence("send-utf-8", "Send UTF-8.")
_LONE_SIGN = re.compile(rb"%(?![0-9A-Fa-f]{2})")


class ProtocolError(BadRequest):
    """The request is not as the protocol of the address wants it, that of SPARQL for instance."""

    kind = "protocol"
    title = "The request does not keep to the protocol"


class UnsupportedMediaType(ProtocolError):
    """The body is of a type that the protocol does not know."""

    kind = "unsupported-media-type"
    title = "The media type of the body is not supported"
    status = 415


class RequestTooLarge(ProtocolError):
    """The body is over the bound."""

    kind = "request-too-large"
    title = "The request is too large"
    status = 413


class BodyTruncated(ProtocolError):
    """The body is shorter than its header says."""

    kind = "body-truncated"
    title = "The body is not whole"


def header(request: Request, name: bytes) -> str | None:
    """Return the first header with a name in small letters, None where there is none."""
    for known, value in request.scope["headers"]:
        if known == name:
            return str(value, "latin-1")
    return None


def content_header(header: str | None, place: str = CONTENT_TYPE) -> Message:
    """Return a Content-Type header as its media type and parameters; `place` is where it stands.

    Raises `UnsupportedMediaType` where it is too long, and for a charset other than UTF-8.
    """
    if header is not None and len(header) > MOST_TYPE_CHARACTERS:
        raise UnsupportedMediaType(
            sentence(
                "header-long",
                "The header has more than {most} characters.",
                most=MOST_TYPE_CHARACTERS,
            ),
            place=place,
            remedy=sentence("media-type-alone", "Name the media type alone."),
        )
    message = Message()
    if header is not None:
        message["Content-Type"] = header
    charset = message.get_param("charset", "utf-8")
    if str(charset).lower() not in {"utf-8", "utf8", "us-ascii"}:
        raise UnsupportedMediaType(
            sentence(
                "charset-unread", "The charset {charset!r} is not read.", charset=str(charset)[:40]
            ),
            place=place,
            remedy=_UTF_8,
        )
    return message


def media_type(header: str | None, place: str = CONTENT_TYPE) -> str | None:
    """Return the media type of a Content-Type header. Raises as `content_header` does."""
    return None if header is None else content_header(header, place).get_content_type()


def unsupported(
    found: str | None,
    wanted: Sequence[str],
    *,
    place: str = CONTENT_TYPE,
    remedy: Sentence | None = None,
) -> UnsupportedMediaType:
    """Return the error for what is of another media type than those wanted.

    `place` is where its type is stated; `remedy` says more than to send what is wanted.
    """
    send = sentence("send-type", "Send one of {wanted}, in UTF-8.", wanted=", ".join(wanted))
    return UnsupportedMediaType(is_of_type(found), place=place, remedy=remedy or send)


def is_of_type(found: str | None) -> Sentence:
    """Return the sentence for a media type that is not taken (None: none is stated)."""
    if found is None:
        return sentence("type-unstated", "No media type is stated.")
    return sentence("type-is", "The media type is {type}.", type=found[:100])


async def body(request: Request, most: int, remedy: Sentence) -> bytes:
    """Return the body. Raises as `chunks` does."""
    return b"".join([chunk async for chunk in chunks(request, most, remedy)])


async def spool(request: Request, path: Path, most: int, remedy: Sentence) -> int:
    """Write the body into a file; return its length. Raises as `chunks` does, and `OSError`."""
    length = 0
    with path.open("wb") as file:
        async for chunk in chunks(request, most, remedy):
            length += file.write(chunk)
    return length


async def chunks(request: Request, most: int, remedy: Sentence) -> AsyncIterator[bytes]:
    """Yield the body as it comes.

    Raises `RequestTooLarge` above `most` bytes, `UnsupportedMediaType` where the body is
    compressed, `BodyTruncated`, and `ClientDisconnect` where the client leaves in its middle.
    """
    _demand_plain(request)
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > most:
        raise too_large(most, remedy)
    length = 0
    more = True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk = message.get("body", b"")
        length += len(chunk)
        if length > most:
            raise too_large(most, remedy)
        more = message.get("more_body", False)
        yield chunk
    if declared.isdecimal() and int(declared) != length:
        raise BodyTruncated(
            sentence(
                "body-short",
                "The header says {declared:,} bytes, and {length:,} came.",
                declared=int(declared),
                length=length,
            ),
            place="header Content-Length",
            remedy=sentence("send-whole", "Send the whole body."),
        )


def parameters(data: bytes, place: str) -> list[tuple[str, str]]:
    """Return the fields of a query string or a form. Raises `ProtocolError`."""
    fields = data.split(b"&", MOST_PARAMETERS)
    if len(fields) > MOST_PARAMETERS:
        raise ProtocolError(
            sentence(
                "too-many-parameters",
                "There are more than {most} parameters.",
                most=MOST_PARAMETERS,
            ),
            place=place,
            remedy=sentence("give-fewer", "Give fewer."),
        )
    try:
        pairs = [field.partition(b"=") for field in fields if field]
        return [(decoded(name), decoded(value)) for name, _, value in pairs]
    except UnicodeDecodeError:
        raise _not_utf8(place) from None


def decoded(part: bytes) -> str:
    """Return a name or a value as it was before the client encoded it (HTML, form submission).

    A percent sign without two digits behind it stands for itself. Raises `UnicodeDecodeError`.
    """
    whole = _LONE_SIGN.sub(b"%25", part)
    quoted = whole.replace(b"+", b" ").replace(b"=", b"=3D").replace(b"%", b"=")
    return a2b_qp(quoted).decode()  # quoted-printable has the same escapes behind another sign


def text(data: bytes, place: str) -> str:
    """Return bytes as the UTF-8 they should be, without a byte order mark.

    Raises `ProtocolError`.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _not_utf8(place) from None


def _not_utf8(place: str) -> ProtocolError:
    return ProtocolError(
        sentence("text-not-utf-8", "The text is not UTF-8."), place=place, remedy=_UTF_8
    )


def _demand_plain(request: Request) -> None:
    coding = request.headers.get("content-encoding", "identity")
    if coding.strip().lower() not in {"", "identity"}:
        raise UnsupportedMediaType(
            sentence("body-compressed", "The body is compressed: {coding!r}.", coding=coding[:40]),
            place="header Content-Encoding",
            remedy=sentence("send-as-it-is", "Send it as it is."),
        )


def too_large(most: int, remedy: Sentence) -> RequestTooLarge:
    """Return the error for a body over the bound."""
    return RequestTooLarge(
        sentence("body-large", "The body is larger than {most:,} bytes.", most=most),
        place="body",
        remedy=remedy,
    )
