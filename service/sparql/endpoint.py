"""The SPARQL endpoint, a bare ASGI application: nothing stands between a query and the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from vises.errors import VisesError, sentence
from vises.service.answers import AnswerCache, KeptAnswer, RawHeaders, send_whole
from vises.service.bodies import header
from vises.service.conditional import etag, is_fresh
from vises.service.formats import (
    GRAPH_TYPES,
    RESULT_TYPES,
    content_type,
    graph_type,
    results_type,
    wants_html,
)
from vises.service.graphstore.target import GRAPHS
from vises.service.headers import ANY_ORIGIN, preflight
from vises.service.iris import in_release
from vises.service.negotiation import best_coding
from vises.service.public import origin_of
from vises.service.repeats import note_state
from vises.service.sparql.answer_headers import answer_headers, complete
from vises.service.sparql.description import (
    ServiceFacts,
    limits_in_force,
    service_description,
)
from vises.service.sparql.federation import federation_path
from vises.service.sparql.protocol import ALLOWED, Operation, read_operation
from vises.service.sparql.streaming import WhileConnected, raw_headers, send_answer
from vises.service.void.description import DATASET
from vises.service.void.endpoint import PATH as VOID
from vises.store.caller import note_cache
from vises.store.encoding import LEAST_BYTES
from vises.store.engine import NotAcceptable, QueryRequest
from vises.store.federation.partners import read_partners

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from vises.service.access.rights import Rights
    from vises.service.refusal import Refusals
    from vises.service.site import Reading, Site
    from vises.service.sparql.editor import Editor
    from vises.service.sparql.update import Updates


class SparqlEndpoint:
    """Answers `/sparql`: queries by GET and POST, the query editor, the service description."""

    def __init__(self, site: Site, editor: Editor, updates: Updates, refusals: Refusals) -> None:
        """Take the site, the query editor, what makes updates, and what tells of errors."""
        self._site = site
        self._refusals = refusals
        self._updates = updates
        self._editor = editor
        self._cache: AnswerCache[KeptAnswer] = AnswerCache(site.settings.cache_mebibytes / 2)
        self._partners = [p.endpoint for p in read_partners(site.settings.partners)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; a `VisesError` becomes a problem document."""
        request = Request(scope, receive)
        try:
            await self._answer(request, send)
        except VisesError as error:
            response = await self._refusals.response(request, error)
            response.headers.update(ANY_ORIGIN)
            await response(scope, receive, send)
        except ClientDisconnect:
            pass

    async def _answer(self, request: Request, send: Send) -> None:
        if request.method == "OPTIONS":
            await Response(status_code=204, headers=preflight(ALLOWED))(
                request.scope, request.receive, send
            )
            return
        operation = await read_operation(request)
        with WhileConnected(request.receive):
            await self._perform(request, operation, send)

    async def _perform(self, request: Request, operation: Operation, send: Send) -> None:
        if operation.update is not None:
            response = await self._updates.answer(request, operation.update)
        elif operation.download is None and wants_html(header(request, b"accept")):
            response = await self._editor.page(request, operation)
        elif operation.query is None:
            response = self._description(request, operation)
        else:
            await self._stream(request, operation, operation.query, send)
            return
        await response(request.scope, request.receive, send)

    async def _stream(self, request: Request, operation: Operation, query: str, send: Send) -> None:
        reading = self._site.reading(operation.release, self._site.access.of(request.scope))
        base_iri = self._site.settings.base_iri
        engine_request = _engine_request(request, operation, query, reading.rights, base_iri)
        headers = answer_headers(reading, engine_request, operation.download)
        tag = headers.get("ETag")
        conditional = request.method in {"GET", "HEAD"}
        if tag and conditional and is_fresh(header(request, b"if-none-match"), tag):
            response = Response(status_code=304, headers=headers)
            await response(request.scope, request.receive, send)
            return
        if tag:
            note_state(request.scope, reading)
        kept = self._cache.get(_key(tag, engine_request)) if tag else None
        note_cache("passed" if not tag else "miss" if kept is None else "hit")
        if kept is None:
            await self._fresh(request, reading, engine_request, headers, send)
        else:
            body = b"" if request.method == "HEAD" else kept.body
            await send_whole(kept.headers, body, send)

    async def _fresh(
        self,
        request: Request,
        reading: Reading,
        asked: QueryRequest,
        headers: dict[str, str],
        send: Send,
    ) -> None:
        """Send an answer of the engine; keep it where it may be given again."""
        answer = await self._site.engine.answer(asked, reading.release.id)
        tag = headers.get("ETag")
        complete(headers, answer.media_type, answer.coding)
        sent = await send_answer(answer, raw_headers(headers), send, head=request.method == "HEAD")
        if sent is not None and tag is not None:
            self.keep(tag, asked, *sent)

    def has(self, tag: str, asked: QueryRequest) -> bool:
        """Tell whether the answer to a query is kept; the tag is that of its state."""
        return self._cache.get(_key(tag, asked)) is not None

    def keep(self, tag: str, asked: QueryRequest, headers: RawHeaders, body: bytes) -> None:
        """Keep the answer to a query: its headers as the endpoint gives them, and its body."""
        self._cache.put(_key(tag, asked), KeptAnswer(tag, headers, body), len(body))

    def _description(self, request: Request, operation: Operation) -> Response:
        wanted = operation.download and GRAPH_TYPES.get(operation.download)
        media_type = wanted or graph_type(request.headers.get("accept"))
        if media_type is None:
            raise NotAcceptable(
                sentence(
                    "description-alone",
                    "A request without a query is answered by the description of the service.",
                ),
                place="header Accept",
                remedy=sentence(
                    "query-or-accept",
                    "Send a query, or accept one of {forms}.",
                    forms=", ".join(GRAPH_TYPES.values()),
                ),
            )
        reading = self._site.reading(operation.release, self._site.access.of(request.scope))
        origin = origin_of(request)
        facts = ServiceFacts(
            endpoint=in_release(f"{origin}/sparql", reading.chosen),
            dataset=in_release(origin + VOID, reading.chosen) + DATASET,
            limits=limits_in_force(self._site.settings),
            updates=True,
            graph_store=origin + GRAPHS,
            partners=self._partners,
            hidden=reading.rights.hidden,
        )
        body = service_description(facts, reading.release, media_type)
        headers = {
            **ANY_ORIGIN,
            **reading.rights.headers("no-cache", "Accept"),
            "Content-Type": content_type(media_type),
            "ETag": etag(body.decode()),
            "X-Release": reading.release.id,
        }
        if is_fresh(request.headers.get("if-none-match"), headers["ETag"]):
            return Response(status_code=304, headers=headers)
        return Response(body, headers=headers)


def _engine_request(
    request: Request, operation: Operation, query: str, rights: Rights, base_iri: str
) -> QueryRequest:
    """Return what the engine is asked; the parameter `download` goes before the Accept header."""
    accept = header(request, b"accept")
    coding = best_coding(header(request, b"accept-encoding"))
    form = operation.download
    return QueryRequest(
        query=query,
        results_type=RESULT_TYPES.get(form) if form else results_type(accept),
        graph_type=GRAPH_TYPES.get(form) if form else graph_type(accept),
        default_graphs=operation.default_graphs,
        named_graphs=operation.named_graphs,
        hidden_graphs=rights.hidden_graphs,
        timeout=operation.timeout,
        base_iri=base_iri,
        federation_path=federation_path(request),
        written=True,
        coding=coding.name,
        least_bytes=1 if coding.forced else LEAST_BYTES,
    )


def _key(tag: str, asked: QueryRequest) -> str:
    """Return what an answer is kept under: its state, and the coding of its bytes."""
    return f"{tag} {asked.coding} {asked.least_bytes}"
