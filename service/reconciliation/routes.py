"""The addresses of reconciliation: manifests, matching, extension, and a guide for people.

0.2 has its queries at the base, as parameters; 1.0-draft has JSON at addresses below it. CORS is as
both ask for; JSONP, which 0.2 makes optional, is refused: it would let any page run our answers.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fastapi import APIRouter
from starlette.requests import Request  # noqa: TC002 (FastAPI reads the annotations)
from starlette.responses import Response  # noqa: TC002 (FastAPI reads the annotations)

from vises.errors import sentence
from vises.service import bodies
from vises.service.api.names import NamesKeeper
from vises.service.formats import wants_html
from vises.service.graph import Graph
from vises.service.language import language
from vises.service.pages.subject import Laid
from vises.service.public import origin_of
from vises.service.reconciliation import manifest
from vises.service.reconciliation.answering import JSON, Answering, words_of
from vises.service.reconciliation.answers import candidates
from vises.service.reconciliation.batch import Query, read_batch, read_draft
from vises.service.reconciliation.errors import GIVE_ONE, invalid
from vises.service.reconciliation.extension import Extender, Extension, meta, read_extension
from vises.service.reconciliation.helping import Helping
from vises.service.reconciliation.reader import parsed
from vises.service.reconciliation.seeking import sought
from vises.service.reconciliation.terms import (
    DRAFT_PATH,
    FETCHED,
    MATCHED,
    PATH,
    TYPES,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from vises.service.api.rows import Json
    from vises.service.pages.maker import PageMaker
    from vises.service.pages.visit import Visit
    from vises.service.reconciliation.reader import Node
    from vises.service.search.finder import Finder
    from vises.service.site import Reading
    from vises.service.texts import Texts

FORM = "application/x-www-form-urlencoded"
MOST_BYTES = 1 << 20
_SMALLER = sentence("smaller-batch", "Send a smaller batch.")
_ELSEWHERE = sentence(
    "send-form-or-json",
    "Send {form}; JSON goes to {match} and {extend}.",
    form=FORM,
    match=f"{PATH}/match",
    extend=f"{PATH}/extend",
)


class ReconciliationRoutes:
    """Answers the requests.

    Those that ask the release raise what naming one does, and what `Finder` or `Graph` do; those
    that read what was sent raise `ReconciliationInvalid`.
    """

    def __init__(self, maker: PageMaker, finder: Finder) -> None:
        """Take what makes pages, and what finds."""
        self._maker = maker
        self._site = maker.site
        self._finder = finder
        self._extender = Extender(self._site.settings.base_iri, NamesKeeper())
        self._answering = Answering(self._site)

    def router(self) -> APIRouter:
        """Return the routes; both bases have all of them but for their manifests."""
        routes = APIRouter()
        helping = Helping(self._answering, self._finder, self._extender)
        get, post = ["GET", "HEAD"], ["POST"]
        routes.add_api_route(PATH, self.base, methods=get)
        routes.add_api_route(PATH, self.base_posted, methods=post)
        routes.add_api_route(f"{PATH}/guide", self.guide, methods=get)
        routes.add_api_route(DRAFT_PATH, self.draft_base, methods=get)
        for base in (PATH, DRAFT_PATH):
            routes.add_api_route(f"{base}/match", self.match, methods=post)
            routes.add_api_route(f"{base}/extend", self.extend, methods=post)
            routes.add_api_route(f"{base}/extend/propose", helping.propose, methods=get)
            routes.add_api_route(f"{base}/suggest/{{what}}", helping.suggest, methods=get)
            routes.add_api_route(f"{base}/flyout/{{what}}", helping.flyout, methods=get)
            routes.add_api_route(f"{base}/preview", helping.preview, methods=get)
            routes.add_api_route(f"{base}/view", helping.view, methods=get)
        return routes

    async def base(self, request: Request) -> Response:
        """Return the manifest, a page for browsers, or the answer to a query in the address."""
        given = request.query_params
        _refuse_jsonp(given)
        if "queries" in given or "extend" in given:
            return await self._asked(request, given)
        if wants_html(request.headers.get("accept")):
            return await self.guide(request)
        return self._manifest(request, manifest.manifest)

    async def base_posted(self, request: Request) -> Response:
        """Return the answer to a query in a form."""
        found = bodies.media_type(request.headers.get("content-type"))
        if found != FORM:
            raise bodies.unsupported(found, [FORM], remedy=_ELSEWHERE)
        data = await bodies.body(request, MOST_BYTES, _SMALLER)
        given = dict(bodies.parameters(data, "body"))
        _refuse_jsonp(given)
        return await self._asked(request, given)

    async def draft_base(self, request: Request) -> Response:
        """Return the manifest of 1.0-draft."""
        return self._manifest(request, manifest.draft)

    async def guide(self, request: Request) -> Response:
        """Return the page that says how to use it."""
        return await self._maker.of_moment(request, self._guide)

    async def match(self, request: Request) -> Response:
        """Return the candidates of a batch of 1.0-draft."""
        queries = read_draft(await _sent(request))
        lists, reading = await self._matched(request, queries)
        results: list[Json] = [{"candidates": c} for c in self._said(request, lists, named=True)]
        return self._answering.json(request, {"results": results}, reading)

    async def extend(self, request: Request) -> Response:
        """Return the values of a data extension query of 1.0-draft."""
        extension = read_extension(await _sent(request))
        rows, reading = await self._extended(request, extension)
        listed: list[Json] = [
            {"id": name, "properties": [{"id": p, "values": v} for p, v in cells.items()]}
            for name, cells in rows.items()
        ]
        body: dict[str, Json] = {"meta": meta(extension, words_of(request)), "rows": listed}
        return self._answering.json(request, body, reading)

    async def _asked(self, request: Request, given: Mapping[str, str]) -> Response:
        """Answer a query of 0.2."""
        if "queries" not in given and "extend" not in given:
            neither = sentence("no-queries-no-extend", "Neither 'queries' nor 'extend' is given.")
            raise invalid("body", neither, GIVE_ONE)
        if "queries" in given and "extend" in given:
            raise invalid(
                "parameter extend",
                sentence("queries-and-extend", "Both 'queries' and 'extend' are given."),
                sentence("two-requests", "Send them in two requests."),
            )
        if "extend" in given:
            extension = read_extension(parsed(given["extend"], "extend"))
            rows, reading = await self._extended(request, extension)
            said: dict[str, Json] = {name: {**cells} for name, cells in rows.items()}
            body: dict[str, Json] = {"meta": meta(extension, words_of(request)), "rows": said}
            return self._answering.json(request, body, reading)
        batch = read_batch(parsed(given["queries"], "queries"))
        lists, reading = await self._matched(request, list(batch.values()))
        said_lists = self._said(request, lists, named=False)
        results: dict[str, Json] = {
            key: {"result": found} for key, found in zip(batch, said_lists, strict=True)
        }
        return self._answering.json(request, results, reading)

    async def _matched(
        self, request: Request, queries: Sequence[Query]
    ) -> tuple[list[list[dict[str, Any]]], Reading]:
        reading = self._answering.reading(request)
        found, release = await self._finder.match(
            reading, lambda codes: [sought(q, codes) for q in queries]
        )
        return found, replace(reading, release=release)

    def _said(
        self, request: Request, lists: Sequence[Sequence[Mapping[str, Any]]], *, named: bool
    ) -> list[list[Json]]:
        addresses, words = (
            self._answering.addresses(request, self._answering.reading(request)),
            words_of(request),
        )
        return [candidates(found, addresses, words, named=named) for found in lists]

    async def _extended(
        self, request: Request, extension: Extension
    ) -> tuple[dict[str, dict[str, list[Json]]], Reading]:
        reading = self._answering.reading(request)
        graph = Graph.of(self._site, reading)
        return await self._extender.rows(graph, extension, language(request)), reading

    async def _guide(self, visit: Visit) -> Laid:
        origin = origin_of(visit.request)
        shown: dict[str, object] = {
            "address": origin + PATH,
            "draft": origin + DRAFT_PATH,
            "properties": [(name, text) for name, (_, text) in MATCHED.items()],
            "fetched": [(name, prop.text) for name, prop in FETCHED.items()],
            "types": [(name, text) for name, (_, text) in TYPES.items()],
        }
        return Laid("reconcile.html", shown)

    def _manifest(
        self, request: Request, make: Callable[[str, str, Texts], dict[str, Json]]
    ) -> Response:
        origin = origin_of(request)
        made = make(origin, self._site.settings.base_iri, words_of(request))
        return self._answering.json(request, made)


async def _sent(request: Request) -> Node:
    """Return the JSON of a body."""
    found = bodies.media_type(request.headers.get("content-type"))
    if found != JSON:
        raise bodies.unsupported(found, [JSON])
    return parsed(await bodies.body(request, MOST_BYTES, _SMALLER), "body")


def _refuse_jsonp(given: Mapping[str, str]) -> None:
    if "callback" in given:
        raise invalid(
            "parameter callback",
            sentence("no-jsonp", "JSONP is not offered."),
            sentence("cors-instead", "Leave it out: answers may be read from any site (CORS)."),
        )
