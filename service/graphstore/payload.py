"""The RDF that a request brings, as a file of N-Triples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vises.errors import sentence
from vises.service.bodies import body, media_type, spool, unsupported
from vises.service.multipart import MOST_MULTIPART, MULTIPART, parts
from vises.store.update.payload import PAYLOAD_TYPES
from vises.store.update.request import PayloadRequest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.requests import Request

    from vises.store.update.evaluator import Evaluator, Payload

_ALIASES = {"application/turtle": "text/turtle", "application/x-turtle": "text/turtle"}
_INGEST = sentence(
    "send-several", "Send it in several requests, or ingest it on the machine of the service."
)


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
    for number, part in enumerate(parts(header, data)):
        path = place / f"part-{number}"
        path.write_bytes(part.content)
        yield path, _graph_type(part.media_type)
