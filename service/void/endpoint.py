"""Answering `/.well-known/void` (RFC 8615; the VoID guide, section 7.2)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from fastapi import APIRouter
from starlette.requests import Request  # noqa: TC002 (FastAPI reads the annotations)
from starlette.responses import Response

from vises.service.conditional import etag, is_fresh
from vises.service.dumps.endpoint import PATH as DUMPS
from vises.service.formats import GRAPH_TYPES, content_type, graph_type
from vises.service.headers import ANY_ORIGIN
from vises.service.iris import in_release
from vises.service.negotiation import unacceptable
from vises.service.pages.visit import asked_release
from vises.service.public import origin_of
from vises.service.void.description import VoidFacts, void_description

if TYPE_CHECKING:
    from vises.service.access.rights import Rights
    from vises.service.dumps.endpoint import Dumps
    from vises.service.site import Reading, Site
    from vises.service.void.keeper import PartitionsKeeper

PATH = "/.well-known/void"

_DUMPED = {GRAPH_TYPES[form] for form in ("jsonld", "nq", "ttl")}
"""The media types of files that hold a graph."""

_WAIT_SECONDS = 5.0
"""How long a request waits for the partitions: those of a small release are there by then."""


def void_router(site: Site, keeper: PartitionsKeeper, dumps: Dumps) -> APIRouter:
    """Return the route of the description."""
    routes = APIRouter()

    @routes.api_route(PATH, methods=["GET", "HEAD"])
    async def void(request: Request) -> Response:
        return await VoidEndpoint(site, keeper, dumps).describe(
            request, site.access.of(request.scope)
        )

    return routes


class VoidEndpoint:
    """Describes the data of a release to machines."""

    def __init__(self, site: Site, keeper: PartitionsKeeper, dumps: Dumps) -> None:
        """Take the site, what counts the partitions, and the files."""
        self._site = site
        self._keeper = keeper
        self._dumps = dumps

    async def describe(self, request: Request, rights: Rights) -> Response:
        """Return the description for a request that has some rights.

        Raises `NotAcceptable`, `PartitionsUnready`, and what naming a release does.
        """
        media_type = graph_type(request.headers.get("accept"))
        if media_type is None:
            raise unacceptable(GRAPH_TYPES.values())
        reading = self._site.reading(asked_release(request), rights)
        origin = origin_of(request)
        chosen = reading.chosen or ""
        dumps = await asyncio.to_thread(self._files, reading, origin)
        made = str(sorted(dumps))
        tag = etag(reading.release.id, chosen, origin, media_type, made, *rights.etag_parts)
        headers = {
            **ANY_ORIGIN,
            "Cache-Control": reading.cache_control,
            "Content-Type": content_type(media_type),
            "ETag": tag,
            "Vary": rights.vary("Accept"),
            "X-Release": reading.release.id,
        }
        if is_fresh(request.headers.get("if-none-match"), tag):
            return Response(status_code=304, headers=headers)
        facts = VoidFacts(
            document=in_release(origin + PATH, reading.chosen),
            endpoint=in_release(f"{origin}/sparql", reading.chosen),
            home=in_release(f"{origin}/", reading.chosen),
            base=self._site.settings.base_iri,
            release=reading.release,
            graphs=await self._keeper.partitions(reading.release, _WAIT_SECONDS),
            hidden=rights.hidden,
            dumps=dumps,
        )
        return Response(void_description(facts, media_type), headers=headers)

    def _files(self, reading: Reading, origin: str) -> dict[str, list[str]]:
        """Return the addresses of the RDF files of each graph that has some."""
        release = reading.release
        found = {}
        for graph in reading.counts:
            dumps = [d for d in self._dumps.of(release, graph) if d.file.media_type in _DUMPED]
            if dumps:
                found[graph] = [f"{origin}{DUMPS}/{release.id}/{d.name}" for d in dumps]
        return found
