"""What others need to ask the same query again: a link and code, both pinned to a release."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from fastapi import APIRouter
from starlette.datastructures import URL
from starlette.requests import Request  # noqa: TC002 (FastAPI reads the annotation)
from starlette.responses import JSONResponse, Response

from vises.errors import sentence
from vises.service.bodies import ProtocolError
from vises.service.sparql.protocol import read_operation
from vises.service.sparql.snippets import PinnedQuery, Snippet, snippets
from vises.store.keywords import kind_of

if TYPE_CHECKING:
    from vises.service.site import Site
    from vises.service.sparql.protocol import Operation

ENDPOINT = "/sparql"
SNIPPETS = "/sparql/snippets"


def pinned(request: Request, operation: Operation, release: str) -> PinnedQuery:
    """Return the query of an operation under the public address of the endpoint."""
    assert operation.query is not None
    endpoint = URL(scope=request.scope).replace(path=ENDPOINT, query="")
    return PinnedQuery(
        str(endpoint),
        release,
        operation.query,
        operation.default_graphs,
        operation.named_graphs,
    )


async def code_for(query: PinnedQuery) -> list[Snippet]:
    """Return the code that asks a query, made in a thread, as a long one takes a second."""
    return await asyncio.to_thread(lambda: snippets(query, kind_of(query.query)))


class Sharing:
    """Answers `/sparql/snippets`, which takes the parameters of a query operation."""

    def __init__(self, site: Site) -> None:
        """Take the site whose releases the queries are pinned to."""
        self._site = site

    def router(self) -> APIRouter:
        """Return the route."""
        routes = APIRouter()
        routes.add_api_route(SNIPPETS, self.answer, methods=["GET", "HEAD", "POST"])
        return routes

    async def answer(self, request: Request) -> Response:
        """Return `{link, release, snippets: [{name, code}]}` for a query, which is not evaluated.

        Raises `ProtocolError`, `UnknownRelease`, `ReleasePruned` and `NothingPublished`.
        """
        operation = await read_operation(request)
        if operation.query is None:
            raise ProtocolError(
                sentence("no-query-to-share", "There is no query to share."),
                place="parameter query",
                remedy=sentence("send-query", "Send the query as the field `query`."),
            )
        release = self._site.reading(
            operation.release, self._site.access.of(request.scope)
        ).release.id
        query = pinned(request, operation, release)
        code = [{"name": made.name, "code": made.code} for made in await code_for(query)]
        content = {"link": query.link, "release": release, "snippets": code}
        return JSONResponse(content, headers={"Cache-Control": "no-store"})
