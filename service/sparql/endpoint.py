"""The SPARQL endpoint, a bare ASGI application: nothing stands between a query and the engine."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from vises.errors import VisesError
from vises.service import problems
from vises.service.conditional import etag, is_fresh, weak
from vises.service.formats import (
    GRAPH_TYPES,
    RESULT_TYPES,
    content_type,
    graph_type,
    results_type,
    wants_html,
)
from vises.service.headers import ANY_ORIGIN
from vises.service.iris import in_release
from vises.service.negotiation import best_coding
from vises.service.sparql.description import (
    ServiceFacts,
    limits_in_force,
    service_description,
)
from vises.service.sparql.editor import Editor
from vises.service.sparql.protocol import ALLOWED, Operation, read_operation
from vises.service.sparql.streaming import send_answer, while_connected
from vises.service.void.description import DATASET
from vises.service.void.endpoint import PATH as VOID
from vises.store.encoding import IDENTITY, LEAST_BYTES
from vises.store.engine import ARROW, NotAcceptable, QueryRequest

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from vises.service.pages.facts import FactsKeeper
    from vises.service.site import Reading, Site

PREFLIGHT = {
    **ANY_ORIGIN,
    "Allow": ALLOWED,
    "Access-Control-Allow-Methods": ALLOWED,
    "Access-Control-Allow-Headers": "Accept, Content-Type, If-None-Match",
    "Access-Control-Max-Age": "86400",
}

_CHANGING = re.compile(r"\b(?:NOW|RAND|UUID|STRUUID|BNODE)\s*\(", re.IGNORECASE)


class SparqlEndpoint:
    """Answers `/sparql`: queries by GET and POST, the query editor, the service description."""

    def __init__(self, site: Site, keeper: FactsKeeper) -> None:
        """Take the site and what keeps the facts of its releases."""
        self._site = site
        self._editor = Editor(site, keeper)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; a `VisesError` becomes a problem document."""
        request = Request(scope, receive)
        try:
            await self._answer(request, send)
        except VisesError as error:
            response = problems.response(request, error)
            response.headers.update(ANY_ORIGIN)
            await response(scope, receive, send)
        except ClientDisconnect:
            pass

    async def _answer(self, request: Request, send: Send) -> None:
        if request.method == "OPTIONS":
            await Response(status_code=204, headers=PREFLIGHT)(request.scope, request.receive, send)
            return
        operation = await read_operation(request)
        await while_connected(request, self._perform(request, operation, send))

    async def _perform(self, request: Request, operation: Operation, send: Send) -> None:
        if operation.download is None and wants_html(request.headers.get("accept")):
            response = await self._editor.page(request, operation)
        elif operation.query is None:
            response = self._description(request, operation)
        else:
            await self._stream(request, operation, operation.query, send)
            return
        await response(request.scope, request.receive, send)

    async def _stream(self, request: Request, operation: Operation, query: str, send: Send) -> None:
        reading = self._site.reading(operation.release)
        release = reading.release
        asked = _engine_request(request, operation, query)
        headers = _headers(reading, asked)
        tag = headers.get("ETag")
        if tag and is_fresh(request.headers.get("if-none-match"), tag):
            response = Response(status_code=304, headers=headers)
            await response(request.scope, request.receive, send)
            return
        answer = await self._site.engine.answer(asked, release.id)
        headers["Content-Type"] = content_type(answer.media_type)
        if answer.coding is not None:
            headers["Content-Encoding"] = answer.coding
        if tag and (answer.coding not in {None, IDENTITY} or answer.media_type == ARROW):
            headers["ETag"] = weak(tag)
        if operation.download:
            name = f"vises-{release.id}.{operation.download}"
            headers["Content-Disposition"] = f'attachment; filename="{name}"'
        await send_answer(answer, headers, send, head=request.method == "HEAD")

    def _description(self, request: Request, operation: Operation) -> Response:
        wanted = operation.download and GRAPH_TYPES.get(operation.download)
        media_type = wanted or graph_type(request.headers.get("accept"))
        if media_type is None:
            raise NotAcceptable(
                "A request without a query is answered by the description of the service.",
                place="header Accept",
                remedy=f"Send a query, or accept one of {', '.join(GRAPH_TYPES.values())}.",
            )
        reading = self._site.reading(operation.release)
        origin = str(request.base_url).rstrip("/")
        facts = ServiceFacts(
            endpoint=in_release(f"{origin}/sparql", reading.chosen),
            dataset=in_release(origin + VOID, reading.chosen) + DATASET,
            limits=limits_in_force(self._site.settings),
        )
        body = service_description(facts, reading.release, media_type)
        headers = {
            **ANY_ORIGIN,
            "Cache-Control": "no-cache",
            "Content-Type": content_type(media_type),
            "ETag": etag(body.decode()),
            "Vary": "Accept",
            "X-Release": reading.release.id,
        }
        if is_fresh(request.headers.get("if-none-match"), headers["ETag"]):
            return Response(status_code=304, headers=headers)
        return Response(body, headers=headers)


def _engine_request(request: Request, operation: Operation, query: str) -> QueryRequest:
    """Return what the engine is asked; the parameter `download` goes before the Accept header."""
    accept = request.headers.get("accept")
    coding = best_coding(request.headers.get("accept-encoding"))
    form = operation.download
    return QueryRequest(
        query=query,
        results_type=RESULT_TYPES.get(form) if form else results_type(accept),
        graph_type=GRAPH_TYPES.get(form) if form else graph_type(accept),
        default_graphs=operation.default_graphs,
        named_graphs=operation.named_graphs,
        coding=coding.name,
        least_bytes=1 if coding.forced else LEAST_BYTES,
    )


def _headers(reading: Reading, asked: QueryRequest) -> dict[str, str]:
    release = reading.release
    headers = {
        **ANY_ORIGIN,
        "Vary": "Accept",
        "Cache-Control": "no-cache",
        "X-Release": release.id,
    }
    if not _may_change(asked.query):
        headers["Cache-Control"] = reading.cache_control
        headers["ETag"] = etag(
            release.id,
            asked.query,
            asked.results_type or "",
            asked.graph_type or "",
            "\0".join(asked.default_graphs),
            "\0\0".join(asked.named_graphs),
        )
    return headers


def _may_change(query: str) -> bool:
    """Tell whether a query may answer differently next time: by functions, or new blank nodes."""
    makes_graph = "construct" in query.lower() and ("[" in query or "_:" in query)
    return makes_graph or _CHANGING.search(query) is not None
