"""The graph store, a bare ASGI application at `/graphs`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from vises.errors import VisesError, sentence
from vises.service.bodies import ProtocolError
from vises.service.graphstore.changing import GraphChanges
from vises.service.graphstore.listing import graph_list
from vises.service.graphstore.reading import send_graph
from vises.service.graphstore.target import target_of
from vises.service.headers import ANY_ORIGIN, preflight
from vises.service.multipart import MULTIPART
from vises.service.problems import MethodNotAllowed
from vises.service.sparql.protocol import UPDATE
from vises.service.sparql.streaming import WhileConnected
from vises.store.update.payload import PAYLOAD_TYPES

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from vises.service.graphstore.target import Target
    from vises.service.refusal import Refusals
    from vises.service.site import Site
    from vises.service.sparql.update import Updates
    from vises.service.writing import Writing

ALLOWED = "GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS"

_TAKEN = {
    "Allow": ALLOWED,
    "Accept-Patch": UPDATE,
    "Accept-Post": ", ".join([*PAYLOAD_TYPES, MULTIPART]),
}
_UNSUPPORTED = 415


class GraphStoreEndpoint:
    """Answers `/graphs`: GET, HEAD, PUT, POST, DELETE and PATCH of a graph; the list of them."""

    def __init__(self, site: Site, writing: Writing, updates: Updates, refusals: Refusals) -> None:
        """Take the site, what publishes, what makes updates, and what tells of errors."""
        self._site = site
        self._refusals = refusals
        self._changes = GraphChanges(site, writing, updates)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; a `VisesError` becomes a problem document."""
        request = Request(scope, receive)
        try:
            await self._answer(request, send)
        except VisesError as error:
            response = await self._refusals.response(request, error)
            response.headers.update(ANY_ORIGIN)
            if response.status_code == _UNSUPPORTED:
                response.headers.update(_TAKEN)
            await response(scope, receive, send)
        except ClientDisconnect:
            pass

    async def _answer(self, request: Request, send: Send) -> None:
        if request.method == "OPTIONS":
            response = Response(status_code=204, headers={**preflight(ALLOWED), **_TAKEN})
            await response(request.scope, request.receive, send)
            return
        target = target_of(request, self._site.settings.base_iri)
        if request.method in {"GET", "HEAD"}:
            if target.graph is None and not target.default:
                response = graph_list(self._site, request, target)
                await response(request.scope, request.receive, send)
                return
            with WhileConnected(request.receive):
                await send_graph(self._site, request, target, send)
            return
        response = await self._changed(request, target)
        await response(request.scope, request.receive, send)

    async def _changed(self, request: Request, target: Target) -> Response:
        _demand_writable(request, target)
        if request.method == "POST":
            return await self._changes.post(request, target.graph)
        methods = {
            "PUT": self._changes.put,
            "DELETE": self._changes.delete,
            "PATCH": self._changes.patch,
        }
        if request.method not in methods:
            raise MethodNotAllowed(request.method, ALLOWED)
        if target.graph is None:
            raise _no_graph()
        return await methods[request.method](request, target.graph)


def _demand_writable(request: Request, target: Target) -> None:
    """Raise `ProtocolError` where a request asks to write what is never written."""
    if target.release is not None:
        raise ProtocolError(
            sentence("release-fixed", "A release never changes."),
            place="parameter release",
            remedy=sentence("write-current", "Leave it out to write to the current one."),
        )
    if target.default:
        raise ProtocolError(
            sentence(
                "default-graph",
                "The default graph is the union of the named ones and is not written to.",
            ),
            place="parameter default",
            remedy=sentence(
                "write-own-graph",
                "Write to the graph of your dataset: /graphs/NAME or ?graph=IRI.",
            ),
        )
    if "content-range" in request.headers:
        raise ProtocolError(
            sentence(
                "part-of-graph",
                "A part of a graph cannot be written in its place (RFC 9110, section 14.5).",
            ),
            place="header Content-Range",
            remedy=sentence(
                "all-or-patch",
                "Send all of the graph, or change it with PATCH and SPARQL Update.",
            ),
        )


def _no_graph() -> ProtocolError:
    return ProtocolError(
        sentence("no-graph", "The request names no graph."),
        place="address",
        remedy=sentence(
            "name-graph",
            "Name it: /graphs/NAME, /graphs?graph=IRI, or /graphs?default to read all.",
        ),
    )
