"""Reading a request as a query or an update (SPARQL 1.1 Protocol, sections 2.1 and 2.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vises.errors import sentence
from vises.service.bodies import (
    ProtocolError,
    body,
    media_type,
    parameters,
    text,
    too_large,
    unsupported,
)
from vises.service.formats import GRAPH_TYPES, RESULT_TYPES
from vises.service.problems import MethodNotAllowed
from vises.service.sentences import given_twice
from vises.service.site import RELEASE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.requests import Request

ALLOWED = "GET, HEAD, POST, OPTIONS"
FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
MOST_BYTES = 1 << 20
MOST_UPDATE_BYTES = 4 << 20

_NUMBER = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")
_SHORTER = sentence("ask-shorter", "Ask a shorter query, or split its VALUES over several.")
_SEVERAL = sentence(
    "updates-or-graph",
    "Send several updates, or send a graph to the graph store (/graphs) with PUT or POST.",
)
_RELEASE_AND_MARK = re.compile(rb"((?:^|&)%s=[^&?]*)\?" % RELEASE.encode())


@dataclass(frozen=True)
class Update:
    """An update, and the dataset that the request gives it (section 2.2.3).

    `insert_graph` and `remove_graph` name the graphs that statements outside any GRAPH and WITH are
    inserted into and removed from, as in the protocol of RDF4J: the default graph of this service
    is the union of the named ones, which holds nothing of its own. `base_iri` is what relative IRIs
    are resolved against, None for the base of the data.
    """

    text: str
    using_graphs: tuple[str, ...] = ()
    using_named_graphs: tuple[str, ...] = ()
    insert_graph: str | None = None
    remove_graph: str | None = None
    base_iri: str | None = None


@dataclass(frozen=True)
class Operation:
    """A query operation: the query, None where the request has none, and its dataset.

    `update` is there where the request is an update operation instead.

    `download` is the short name of the format that the parameter of that name asks for, for those
    who cannot send an Accept header; `question` names an example for the query editor; `release`
    names the release to answer from, `timeout` is how many seconds the client waits. Other
    parameters are no business of ours: clients send `format`, `output` and more to any endpoint.
    """

    query: str | None
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    download: str | None = None
    question: str | None = None
    release: str | None = None
    timeout: float | None = None
    update: Update | None = None


async def read_operation(request: Request) -> Operation:
    """Return the operation of a request.

    Raises `MethodNotAllowed`, `UnsupportedMediaType`, `RequestTooLarge`, `BodyTruncated`,
    `ProtocolError`, and `ClientDisconnect` where the client leaves in the middle of its body.
    """
    given = parameters(_mended(request.scope["query_string"]), "address")
    if request.method in {"GET", "HEAD"}:
        return _operation(given)
    if request.method != "POST":
        raise MethodNotAllowed(request.method, ALLOWED)
    found = media_type(request.headers.get("content-type"))
    if found == UPDATE:
        update = text(await body(request, MOST_UPDATE_BYTES, _SEVERAL), "body")
        return _updating(_by_name([*given, ("update", update)]))
    if found == FORM:
        fields = parameters(await body(request, MOST_UPDATE_BYTES, _SEVERAL), "body")
        return _posted(_by_name(given), _by_name(fields), [*given, *fields])
    if found == QUERY:
        query = text(await body(request, MOST_BYTES, _SHORTER), "body")
        return _operation([*given, ("query", query)])
    raise unsupported(found, (QUERY, UPDATE, FORM))


def _mended(query_string: bytes) -> bytes:
    """Return a query string with the question mark after a release as the separator it stands for.

    SPARQLWrapper (its issue 144) and rdflib (its issue 2486) put ``?query=`` after the address of
    an endpoint even where it has a parameter already, as ours has with a release.
    """
    if b"?" not in query_string:
        return query_string
    return _RELEASE_AND_MARK.sub(rb"\1&", query_string, count=1)


def _by_name(parameters: Sequence[tuple[str, str]]) -> dict[str, list[str]]:
    given: dict[str, list[str]] = {}
    for name, value in parameters:
        given.setdefault(name, []).append(value)
    return given


def _operation(parameters: Sequence[tuple[str, str]]) -> Operation:
    given = _by_name(parameters)
    if "update" in given:
        raise ProtocolError(
            sentence("update-in-address", "An update is not sent in the address."),
            place="parameter update",
            remedy=sentence(
                "post-update",
                "Send it with POST, as {type} or as the field `update` of a form.",
                type=UPDATE,
            ),
        )
    query = _written(given, "query")
    download = _single(given, "download")
    if download is not None and download not in {**RESULT_TYPES, **GRAPH_TYPES}:
        raise ProtocolError(
            sentence("no-format", "There is no format {format!r}.", format=download),
            place="parameter download",
            remedy=sentence(
                "formats-are",
                "Use one of {known}, or an Accept header.",
                known=", ".join([*RESULT_TYPES, *GRAPH_TYPES]),
            ),
        )
    return Operation(
        query=query,
        default_graphs=tuple(given.get("default-graph-uri", ())),
        named_graphs=tuple(given.get("named-graph-uri", ())),
        download=download,
        question=_single(given, "question"),
        release=_single(given, RELEASE),
        timeout=_timeout(_single(given, "timeout")),
    )


def _timeout(value: str | None) -> float | None:
    """Return the seconds of the parameter `timeout`; one above the server's own does no harm."""
    if value is None:
        return None
    if not _NUMBER.fullmatch(value) or not float(value):
        raise ProtocolError(
            sentence("timeout-is", "The timeout is {value!r}.", value=value[:40]),
            place="parameter timeout",
            remedy=sentence("give-seconds", "Give a number of seconds above 0, such as 10 or 0.5."),
        )
    return float(value)


def _posted(
    address: Mapping[str, Sequence[str]],
    form: Mapping[str, Sequence[str]],
    both: Sequence[tuple[str, str]],
) -> Operation:
    """Return the operation of a form; `both` are the parameters of the address and the fields."""
    if "query" in form and "update" in form:
        raise ProtocolError(
            sentence("query-and-update", "The form has a query and an update."),
            place="body",
            remedy=sentence("send-one", "Send one of them."),
        )
    if "update" in form and "update" not in address:
        return _updating(_by_name(both))
    operation = _operation(both)
    if operation.query is None:
        raise ProtocolError(
            sentence("no-query-no-update", "The form has no query and no update."),
            place="body",
            remedy=sentence(
                "send-as-fields",
                "Send the query as the field `query`, an update as the field `update`.",
            ),
        )
    if len(operation.query) > MOST_BYTES:
        raise too_large(MOST_BYTES, _SHORTER)
    return operation


def _updating(given: Mapping[str, Sequence[str]]) -> Operation:
    wrong = {"query", "default-graph-uri", "named-graph-uri", RELEASE} & given.keys()
    if wrong:
        raise ProtocolError(
            sentence(
                "not-of-update",
                "The parameter {name} means nothing to an update.",
                name=min(wrong),
            ),
            place=f"parameter {min(wrong)}",
            remedy=sentence(
                "using-graphs",
                "Leave it out; the dataset of an update is given with using-graph-uri and "
                "using-named-graph-uri.",
            ),
        )
    update = _written(given, "update")
    assert update is not None
    return Operation(
        query=None,
        update=Update(
            update,
            using_graphs=tuple(given.get("using-graph-uri", ())),
            using_named_graphs=tuple(given.get("using-named-graph-uri", ())),
            insert_graph=_single(given, "insert-graph-uri"),
            remove_graph=_single(given, "remove-graph-uri"),
        ),
    )


def _written(given: Mapping[str, Sequence[str]], name: str) -> str | None:
    """Return a parameter without the byte order mark of the file that it was read from."""
    value = _single(given, name)
    return None if value is None else value.removeprefix("\ufeff")


def _single(given: Mapping[str, Sequence[str]], name: str) -> str | None:
    values = given.get(name, ())
    if len(values) > 1:
        raise given_twice(ProtocolError, name)
    return values[0] if values else None
