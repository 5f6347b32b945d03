"""Answering the fixed addresses: sitemap, robots, security contact, citation of a release."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from fastapi import APIRouter
from starlette.requests import Request  # noqa: TC002 (FastAPI reads the annotations)
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from vises.errors import sentence
from vises.namespaces import Iris
from vises.service.catalogue.frame import LICENCE, PROVENANCE
from vises.service.graph import Graph
from vises.service.headers import ANY_ORIGIN
from vises.service.iris import VOCABULARIES
from vises.service.pages.maker import tagged
from vises.service.problems import NoSuchPage
from vises.service.public import origin_of
from vises.service.sentences import lists
from vises.service.wellknown.files import SECURITY_PATH, citation, robots, security
from vises.service.wellknown.sitemap import index, pages, part_body, parts
from vises.store.encoding import IDENTITY

if TYPE_CHECKING:
    from vises.service.access.rights import Rights
    from vises.service.dumps.endpoint import Dumps
    from vises.service.pages.maker import PageMaker
    from vises.service.wellknown.sitemap import Part
    from vises.store.releases import Release

SITEMAP = "/sitemap"
_XML = "application/xml"
_HOUR = "public, max-age=3600"
_SPDX = {
    "https://creativecommons.org/licenses/by/4.0/": "CC-BY-4.0",
    "https://creativecommons.org/publicdomain/zero/1.0/": "CC0-1.0",
}
"""The identifiers of licences that are not named by SPDX's own addresses."""


class WellKnown:
    """Answers the requests for fixed addresses."""

    def __init__(self, maker: PageMaker, dumps: Dumps) -> None:
        """Take what makes pages, and the files."""
        self._maker = maker
        self._site = maker.site
        self._dumps = dumps

    def router(self) -> APIRouter:
        """Return the routes."""
        routes = APIRouter()
        methods = ["GET", "HEAD"]
        routes.add_api_route("/robots.txt", self.robots, methods=methods)
        routes.add_api_route(SECURITY_PATH, self.security, methods=methods)
        routes.add_api_route("/.well-known/dcat", self.catalogue, methods=methods)
        routes.add_api_route(f"{SITEMAP}.xml", self.sitemap, methods=methods)
        routes.add_api_route(f"{SITEMAP}-{{name}}.xml.gz", self.part, methods=methods)
        routes.add_api_route("/release/{name}/CITATION.cff", self.citation, methods=methods)
        return routes

    async def robots(self, request: Request) -> Response:
        """Return the rules for crawlers."""
        body = robots(origin_of(request))
        return PlainTextResponse(body, headers={"Cache-Control": _HOUR})

    async def security(self, request: Request) -> Response:
        """Return whom to tell of a weakness. Raises `NoSuchPage` where no contact is set."""
        contact = self._site.settings.contact
        if not contact:
            raise NoSuchPage(
                sentence("no-contact", "This service names nobody to write to."),
                place=request.url.path,
                remedy=sentence("contact-by", "The operator names somebody by VISES_CONTACT."),
            )
        body = security(origin_of(request), contact, datetime.now(UTC))
        return PlainTextResponse(body, headers={"Cache-Control": _HOUR})

    async def catalogue(self) -> Response:
        """Return the way to the catalogue."""
        return RedirectResponse("/catalog", 302, {"Cache-Control": _HOUR, **ANY_ORIGIN})

    async def sitemap(self, request: Request) -> Response:
        """Return the index of the parts."""
        rights = self._site.access.of(request.scope)
        found = await asyncio.to_thread(self._parts, rights)
        body = index(origin_of(request), found)
        return tagged(request, Response(body, headers=rights.headers("no-cache"), media_type=_XML))

    async def part(self, request: Request, name: str) -> Response:
        """Return a part. Raises `NoSuchPage`."""
        rights = self._site.access.of(request.scope)
        origin = origin_of(request)
        if name == "pages":
            there = self._site.reading(None, rights).counts
            graphs = self._site.documents.items()
            documents = [f"/{VOCABULARIES[iri]}" for iri, graph in graphs if graph in there]
            return _packed(pages(origin, documents), rights)
        found = await asyncio.to_thread(self._parts, rights)
        part = next((part for part in found if part.name == name), None)
        if part is None:
            raise NoSuchPage(
                sentence("no-sitemap-part", "The sitemap has no such part."),
                place=request.url.path,
                remedy=lists(f"{SITEMAP}.xml"),
            )
        addresses = self._site.addresses(self._site.reading(None, rights))
        return _packed(await asyncio.to_thread(part_body, part, origin, addresses), rights)

    async def citation(self, request: Request, name: str) -> Response:
        """Return how a release is cited. Raises `UnknownRelease`."""
        rights = self._site.access.of(request.scope)
        release = self._site.releases.resolve(name)
        licence = await self._licence(release, rights)
        settings = self._site.settings
        body = citation(release, settings.publisher, settings.base_iri, origin_of(request), licence)
        headers = rights.headers("no-cache") | {
            "Content-Disposition": f'inline; filename="CITATION-{release.id}.cff"',
            "X-Release": release.id,
            **ANY_ORIGIN,
        }
        return tagged(request, Response(body, headers=headers, media_type="application/yaml"))

    async def _licence(self, release: Release, rights: Rights) -> str | None:
        """Return the licence that all datasets of a release have, None where that is not so.

        One that states none, or several, has none; the service's own record of provenance has ours.
        """
        if self._site.releases.is_pruned(release.id):
            return None
        reading = self._site.reading(release.id, rights)
        graph = Graph.of(self._site, reading)
        facts = await self._maker.keeper.facts(graph, reading)
        ours = Iris(self._site.settings.base_iri).graph(PROVENANCE).value
        stated = {(LICENCE.value,) if d.iri == ours else tuple(d.licences) for d in facts.datasets}
        common = stated.pop() if len(stated) == 1 else ()
        return _spdx(common[0]) if len(common) == 1 else None

    def _parts(self, rights: Rights) -> list[Part]:
        release = self._site.reading(None, rights).release
        return parts(self._dumps.all_of(release, rights))


def _packed(body: bytes, rights: Rights) -> Response:
    headers = rights.headers("no-cache") | {"Content-Encoding": IDENTITY}
    return Response(body, headers=headers, media_type="application/gzip")


def _spdx(licence: str) -> str | None:
    """Return the identifier that SPDX gives a licence, None where that is not known."""
    own = "spdx.org/licenses/"
    return licence.partition(own)[2] or _SPDX.get(licence)
