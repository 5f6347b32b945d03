"""The RDF of things, and the way from an IRI to a document: a bare ASGI application.

A look-up costs less than routing by a framework, so nothing of one stands before it. The bytes come
from the query process in the form that was asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from vises.errors import NotFound, VisesError, sentence
from vises.languages import LANGUAGES
from vises.service import problems
from vises.service.conditional import unchanged
from vises.service.graph import Graph
from vises.service.headers import ANY_ORIGIN
from vises.service.language import chosen_language
from vises.service.negotiation import best_coding
from vises.service.pages.visit import (
    asked_release,
    memento_links,
    nothing,
    to_memento,
)
from vises.service.public import origin_of
from vises.service.repeats import note_state
from vises.service.resources.asked import PART, read_asked
from vises.service.resources.description import (
    coded,
    describe_request,
    document_of,
    form_headers,
    link_header,
    tag_of,
    usual_headers,
)
from vises.service.resources.documents import is_document, see_other, under_whole_name
from vises.service.resources.links import Links
from vises.service.resources.profiles import ALTERNATES, CIDS, VISES
from vises.service.resources.views import alternates, in_cids
from vises.service.site import FOR_EVER
from vises.service.sparql.streaming import WhileConnected, raw_headers, send_answer
from vises.service.vocabulary.alignments import is_list_or_table
from vises.store.caller import note_cache
from vises.store.engine import Described

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from pyoxigraph import NamedNode
    from starlette.types import ASGIApp, Receive, Scope, Send

    from vises.service.resources.asked import Asked
    from vises.service.resources.missing import Missing
    from vises.service.site import Reading, Site
    from vises.store.engine import Answer


class BeyondEnd(NotFound):
    """There are fewer parts than the number that was asked for."""

    kind = "beyond-end"
    title = "There is nothing after the end"


class ResourceEndpoint:
    """Answers GET and HEAD of what is no page: RDF of things, and the way to it.

    `pages` takes everything else, and all below the first parts of a path in `reserved`.
    """

    def __init__(
        self, site: Site, missing: Missing, pages: ASGIApp, reserved: Container[str]
    ) -> None:
        """Take the site, what tells gone from unknown, and the application with the pages."""
        self._site = site
        self._missing = missing
        self._pages = pages
        self._reserved = reserved

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; a `VisesError` becomes a problem document."""
        if scope["type"] != "http" or not self._takes(scope):
            await self._pages(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            asked = read_asked(request)
            if asked.wants_page:
                await self._pages(scope, receive, send)
                return
            with WhileConnected(receive):
                response = await self._answer(request, asked, send)
                if response is not None:
                    await response(scope, receive, send)
        except VisesError as error:
            response = problems.response(request, error)
            response.headers.update(ANY_ORIGIN)
            await response(scope, receive, send)

    def _takes(self, scope: Scope) -> bool:
        if scope["method"] not in {"GET", "HEAD"}:
            return False
        if is_list_or_table(scope["path"]):
            return False
        first = scope["path"].split("/", 2)[1]
        return first not in self._reserved if first else scope["path"] != "/"

    async def _answer(self, request: Request, asked: Asked, send: Send) -> Response | None:
        """Send the answer of the engine, or return another one."""
        reading = self._site.reading(asked_release(request), self._site.access.of(request.scope))
        headers = usual_headers(reading, asked)
        past = await to_memento(request, reading, self._site, headers["Vary"])
        if past is not None:
            return past
        iris = self._site.addresses(reading).candidates(asked.path)
        call = _Call(request, reading, asked, iris, headers)
        if not asked.ending or asked.profile != VISES:
            call.described = await Graph.of(self._site, reading).types(iris)
            if not call.described.iri:
                return await self._nothing(call)
            call.asked = asked = asked.settled(call.described.types)
            if not asked.ending and not is_document(call.described):
                return see_other(request, asked, call.described, reading)
        return await self._represented(call, send)

    async def _represented(self, call: _Call, send: Send) -> Response | None:
        """Send or return a form of the description in a profile."""
        asked, headers = call.asked, call.headers
        call.decide()
        if unchanged(call.request.headers, headers):
            return Response(status_code=304, headers=headers)
        if asked.profile == VISES or asked.profile.query is not None:
            return await self._told(call, send)
        return await self._made(call)

    async def _told(self, call: _Call, send: Send) -> Response | None:
        """Send what the query process says: the description as it is stored, or by a query."""
        asked, reading = call.asked, call.reading
        coding = best_coding(call.request.headers.get("accept-encoding"))
        asks = describe_request(self._site, reading, asked, call.iris, call.document, coding)
        answer = await self._site.engine.answer(asks, reading.release.id)
        call.described = answer.described
        if call.described.iri and (asked.part == 1 or call.described.incoming):
            await self._send(call, answer, send)
            return None
        await answer.aclose()
        if call.described.iri:
            raise beyond_end(asked)
        return await self._nothing(call)

    async def _made(self, call: _Call) -> Response:
        """Return what is made here: the translation to CIDS, the list of forms."""
        asked, iri = call.asked, call.described.iri
        if asked.profile == CIDS:
            graph = Graph.of(self._site, call.reading)
            language = chosen_language(call.request) or LANGUAGES[0]
            body = await in_cids(graph, iri, call.described.types, asked.media_type, language)
        else:
            assert asked.profile == ALTERNATES
            body = alternates(iri, call.links, call.origin, asked.media_type)
        call.headers["Link"] = await self._links(call)
        return Response(body, headers=call.headers)

    async def _send(self, call: _Call, answer: Answer, send: Send) -> None:
        headers = call.headers | {"Link": await self._links(call)}
        coded(headers, answer.coding, answer.length)
        note_state(call.request.scope, call.reading)
        note_cache("miss")
        head = call.request.method == "HEAD"
        await send_answer(answer, raw_headers(headers), send, head=head)

    async def _links(self, call: _Call) -> str:
        lasting = call.headers["Cache-Control"] == FOR_EVER
        mementos = await memento_links(call.request, call.reading, self._site, lasting=lasting)
        return link_header(call.links, mementos)

    async def _nothing(self, call: _Call) -> Response:
        graph, addresses = Graph.of(self._site, call.reading), self._site.addresses(call.reading)
        way = await under_whole_name(call.request, call.asked, graph, addresses, call.reading)
        if way is not None:
            return way
        error = await self._missing.error(call.request, call.reading, call.asked.path)
        response = await nothing(call.request, call.reading, self._site, error)
        response.headers.update(ANY_ORIGIN)
        return response


@dataclass
class _Call:
    """One request, what answers it, and what is known of the answer so far."""

    request: Request
    reading: Reading
    asked: Asked
    iris: Sequence[NamedNode]
    headers: dict[str, str]
    described: Described = field(default_factory=Described)

    @cached_property
    def origin(self) -> str:
        """Where the service is, as the request names it."""
        return origin_of(self.request)

    @cached_property
    def document(self) -> str:
        """The absolute address of the description, without the number of a part."""
        return document_of(self.origin, self.asked, self.reading)

    @property
    def links(self) -> Links:
        """The links of the description."""
        return Links(self.asked, self.described, self.reading.chosen)

    def decide(self) -> None:
        """Name the form, the profile and the state, which are decided now."""
        language = chosen_language(self.request) or ""
        tag = tag_of(self.reading, self.asked, self.document, language)
        self.headers |= form_headers(self.asked, tag)


def beyond_end(asked: Asked) -> BeyondEnd:
    """Return the error for a part after the last one."""
    return BeyondEnd(
        sentence(
            "no-such-part", "There is no part {part} of what refers to this.", part=asked.part
        ),
        place=f"parameter {PART}",
        remedy=sentence(
            "follow-parts",
            "Leave the parameter out, and follow the links to the next part from there.",
        ),
    )
