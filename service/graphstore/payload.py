"""The RDF that a request brings, as a file of N-Triples."""

from __future__ import annotations

from email.parser import BytesParser
from email.policy import HTTP
from typing import TYPE_CHECKING

from vises.service.bodies import (
    ProtocolError,
    body,
    content_header,
    media_type,
    spool,
    unsupported,
)
from vises.store.update.payload import PAYLOAD_TYPES
from vises.store.update.request import PayloadRequest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.requests import Request

    from vises.store.update.evaluator import Evaluator, Payload

MULTIPART = "multipart/form-data"
MOST_MULTIPART = 16 << 20
"""A body in parts is taken apart in memory."""

_ALIASES = {"application/turtle": "text/turtle", "application/x-turtle": "text/turtle"}
_INGEST = "Send it in several requests, or ingest it on the machine of the service."


async def read_payload(
    request: Request, evaluator: Evaluator, place: Path, *, base_iri: str, most: int
) -> list[Payload]:
    """Return what a request brings, of at most `most` bytes: more than one file for a multipart.

    Raises as `vises.service.bodies.chunks` does, `UnsupportedMediaType`, `ProtocolError`, and what
    `Evaluator.payload` raises.
    """
    header = request.headers.get("content-type")
    found = media_type(header)
    if found == MULTIPART:
        data = await body(request, min(most, MOST_MULTIPART), _INGEST)
        files = list(_parts(header or "", data, place))
    else:
        source = place / "body"
        files = [(source, _graph_type(found))]
        await spool(request, source, most, _INGEST)
    payloads = []
    for number, (path, form) in enumerate(files):
        work = place / f"payload-{number}"
        work.mkdir()
        asked = PayloadRequest(str(path), form, base_iri)
        payloads.append(await evaluator.payload(asked, work))
    return payloads


def _graph_type(found: str | None) -> str:
    known = _ALIASES.get(found or "", found)
    if known not in PAYLOAD_TYPES:
        raise unsupported(found, PAYLOAD_TYPES)
    return known


def _parts(header: str, data: bytes, place: Path) -> Iterator[tuple[Path, str]]:
    """Write the parts of a multipart body (RFC 7578) into files; yield these and their types."""
    if not content_header(header).get_param("boundary"):
        raise ProtocolError("The header names no boundary.", place="header Content-Type")
    head = f"Content-Type: {header}\r\n\r\n".encode("latin-1")
    message = BytesParser(policy=HTTP).parsebytes(head + data)
    if message.defects or not message.is_multipart():
        raise ProtocolError(
            "The body is not in parts, or the last one has no end.",
            place="body",
            remedy=f"Send it as {MULTIPART} (RFC 7578) with the boundary of the header.",
        )
    for number, part in enumerate(message.iter_parts()):
        path = place / f"part-{number}"
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        path.write_bytes(content)
        yield path, _graph_type(media_type(part.get("Content-Type")))
