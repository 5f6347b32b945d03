"""The SPARQL endpoint, a bare ASGI application: nothing stands between a query and the engine."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from starlette.datastructures import URL
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from vises.errors import VisesError
from vises.service import problems
from vises.service.conditional import etag, is_fresh
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
from vises.service.sparql.description import service_description
from vises.service.sparql.editor import Editor
from vises.service.sparql.federation import federation_path
from vises.service.sparql.protocol import ALLOWED, Operation, read_operation
from vises.service.sparql.streaming import send_answer, while_connected
from vises.store.engine import NotAcceptable, QueryRequest

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
        endpoint = in_release(str(URL(scope=request.scope).replace(query="")), reading.chosen)
        body = service_description(endpoint, reading.release, media_type)
        headers = {
            **ANY_ORIGIN,
            "Vary": "Accept",
            "Content-Type": content_type(media_type),
            "X-Release": reading.release.id,
        }
        return Response(body, headers=headers)


def _engine_request(request: Request, operation: Operation, query: str) -> QueryRequest:
    """Return what the engine is asked; the parameter `download` goes before the Accept header."""
    accept = request.headers.get("accept")
    form = operation.download
    return QueryRequest(
        query=query,
        results_type=RESULT_TYPES.get(form) if form else results_type(accept),
        graph_type=GRAPH_TYPES.get(form) if form else graph_type(accept),
        default_graphs=operation.default_graphs,
        named_graphs=operation.named_graphs,
        federation_path=federation_path(request),
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
    """Tell whether a query may answer differently next time.

    It does by functions, by new blank nodes, and by what partners answer.
    """
    lower = query.lower()
    makes_graph = "construct" in lower and ("[" in query or "_:" in query)
    return makes_graph or "service" in lower or _CHANGING.search(query) is not None
