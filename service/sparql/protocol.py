"""Reading a request as a query operation (SPARQL 1.1 Protocol, section 2.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import Message
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request

from vises.errors import BadRequest, Refused
from vises.service.formats import GRAPH_TYPES, RESULT_TYPES
from vises.service.problems import MethodNotAllowed
from vises.service.site import RELEASE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ALLOWED = "GET, HEAD, POST, OPTIONS"
FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
MOST_BYTES = 1 << 20
MOST_PARAMETERS = 1000
MOST_TYPE_CHARACTERS = 1000
"""Python's parser of header parameters takes time that grows with the square of their length."""

_RELEASE_AND_MARK = re.compile(rb"((?:^|&)%s=[^&?]*)\?" % RELEASE.encode())


class ProtocolError(BadRequest):
    """The request is not an operation of the SPARQL 1.1 Protocol."""

    kind = "protocol"
    title = "This is not a SPARQL protocol request"


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


class UpdateRefused(Refused):
    """The request wants to change data."""

    kind = "update-refused"
    title = "This endpoint does not take updates"
    status = 403


@dataclass(frozen=True)
class Operation:
    """A query operation: the query, None where the request has none, and its dataset.

    `download` is the short name of the format that the parameter of that name asks for, for those
    who cannot send an Accept header; `question` names an example for the query editor; `release`
    names the release to answer from. Other parameters are no business of ours: clients send
    `format`, `output` and more to any endpoint.
    """

    query: str | None
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    download: str | None = None
    question: str | None = None
    release: str | None = None


async def read_operation(request: Request) -> Operation:
    """Return the operation of a request.

    Raises `MethodNotAllowed`, `UnsupportedMediaType`, `RequestTooLarge`, `UpdateRefused`,
    `ProtocolError`, and `ClientDisconnect` where the client leaves in the middle of its body.
    """
    parameters = _parameters(_mended(request.scope["query_string"]), "query string")
    if request.method in {"GET", "HEAD"}:
        return _operation(parameters)
    if request.method != "POST":
        raise MethodNotAllowed(request.method, ALLOWED)
    media_type = _media_type(request.headers.get("content-type"))
    if media_type == UPDATE:
        raise _update_refused()
    if media_type == FORM:
        return _posted(_operation([*parameters, *_parameters(await _body(request), "body")]))
    if media_type == QUERY:
        query = _text(await _body(request), "body")
        return _operation([*parameters, ("query", query)])
    raise UnsupportedMediaType(
        f"The body is {media_type or 'of no stated type'}.",
        place="header Content-Type",
        remedy=f"Send {QUERY} or {FORM}, in UTF-8.",
    )


def _mended(query_string: bytes) -> bytes:
    """Return a query string with the question mark after a release as the separator it stands for.

    SPARQLWrapper (its issue 144) and rdflib (its issue 2486) put ``?query=`` after the address of
    an endpoint even where it has a parameter already, as ours has with a release.
    """
    return _RELEASE_AND_MARK.sub(rb"\1&", query_string, count=1)


def _operation(parameters: Sequence[tuple[str, str]]) -> Operation:
    given: dict[str, list[str]] = {}
    for name, value in parameters:
        given.setdefault(name, []).append(value)
    if "update" in given:
        raise _update_refused()
    query = _single(given, "query")
    download = _single(given, "download")
    if download is not None and download not in {**RESULT_TYPES, **GRAPH_TYPES}:
        raise ProtocolError(
            f"There is no format {download!r}.",
            place="parameter download",
            remedy=f"Use one of {', '.join([*RESULT_TYPES, *GRAPH_TYPES])}, or an Accept header.",
        )
    return Operation(
        query=query,
        default_graphs=tuple(given.get("default-graph-uri", ())),
        named_graphs=tuple(given.get("named-graph-uri", ())),
        download=download,
        question=_single(given, "question"),
        release=_single(given, RELEASE),
    )


def _posted(operation: Operation) -> Operation:
    if operation.query is None:
        raise ProtocolError(
            "The form has no query.", place="body", remedy="Send the query as the field `query`."
        )
    return operation


def _single(given: Mapping[str, Sequence[str]], name: str) -> str | None:
    values = given.get(name, ())
    if len(values) > 1:
        raise ProtocolError(
            f"The parameter {name} is given {len(values)} times.",
            place=f"parameter {name}",
            remedy="Give it once.",
        )
    return values[0] if values else None


def _parameters(data: bytes, place: str) -> list[tuple[str, str]]:
    text = _text(data, place)
    try:
        return parse_qsl(
            text, keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS
        )
    except UnicodeDecodeError:
        raise _not_utf8(place) from None
    except ValueError:
        raise ProtocolError(
            f"There are more than {MOST_PARAMETERS} parameters.", place=place
        ) from None


def _text(data: bytes, place: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise _not_utf8(place) from None


def _media_type(header: str | None) -> str | None:
    """Return the media type of a Content-Type header. Raises for a charset other than UTF-8."""
    if header is None:
        return None
    if len(header) > MOST_TYPE_CHARACTERS:
        raise UnsupportedMediaType(
            f"The header has more than {MOST_TYPE_CHARACTERS} characters.",
            place="header Content-Type",
        )
    message = Message()
    message["Content-Type"] = header
    charset = message.get_param("charset", "utf-8")
    if str(charset).lower() not in {"utf-8", "utf8", "us-ascii"}:
        raise UnsupportedMediaType(
            f"The body is in {charset}.", place="header Content-Type", remedy="Send UTF-8."
        )
    return message.get_content_type()


async def _body(request: Request) -> bytes:
    """Return the body, reading no more than the bound."""
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > MOST_BYTES:
        raise _too_large()
    body = bytearray()
    while True:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        if len(body) > MOST_BYTES:
            raise _too_large()
        if not message.get("more_body", False):
            return bytes(body)


def _too_large() -> RequestTooLarge:
    return RequestTooLarge(
        f"The body is larger than {MOST_BYTES:,} bytes.",
        remedy="Ask a shorter query, or split its VALUES over several.",
    )


def _not_utf8(place: str) -> ProtocolError:
    return ProtocolError("The text is not UTF-8.", place=place, remedy="Send UTF-8.")


def _update_refused() -> UpdateRefused:
    return UpdateRefused(
        "Data are changed by publishing a release, not over HTTP.",
        remedy="Use `vises ingest` on the machine of the service; see `vises ingest --help`.",
    )
