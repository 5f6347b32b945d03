"""The addresses of every resource, of its TimeMap, and of the examples."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from fastapi import APIRouter
from starlette.requests import Request  # noqa: TC002 (FastAPI reads the annotations)
from starlette.responses import Response

from vises.service import render
from vises.service.conditional import etag, is_fresh
from vises.service.examples import PATH as EXAMPLES
from vises.service.examples import sparql_examples
from vises.service.formats import GRAPH_TYPES, HTML, content_type, graph_type
from vises.service.graph import Graph
from vises.service.headers import ANY_ORIGIN, preflight
from vises.service.iris import in_release
from vises.service.memento import LINK_FORMAT, PATH_SAFE, TIMEMAP, Mementos
from vises.service.negotiation import best_media_type
from vises.service.pages import resource
from vises.service.pages.kinds.registry import lay_out
from vises.service.pages.subject import Subject
from vises.service.pages.visit import Visit, answered, asked_release
from vises.store.engine import NotAcceptable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vises.service.pages.facts import FactsKeeper
    from vises.service.site import Site


class Pages:
    """Answers the requests for pages and for the RDF of resources."""

    def __init__(self, site: Site, keeper: FactsKeeper) -> None:
        """Take the site and what keeps the facts of its releases."""
        self._site = site
        self._keeper = keeper

    def router(self) -> APIRouter:
        """Return the routes; the one for resources takes every path that no other one took."""
        routes = APIRouter()
        methods = ["GET", "HEAD"]
        routes.add_api_route(EXAMPLES, self.examples, methods=methods)
        routes.add_api_route(TIMEMAP + "/{path:path}", self.timemap, methods=methods)
        routes.add_api_route("/{path:path}", self.resource, methods=methods)
        routes.add_api_route("/{path:path}", self.preflight, methods=["OPTIONS"])
        return routes

    async def examples(self, request: Request) -> Response:
        """Return the questions as RDF, as SIB's endpoints give theirs. Raises `NotAcceptable`."""
        media_type = graph_type(request.headers.get("accept"))
        if media_type is None:
            raise NotAcceptable(
                "The questions have no form that the request accepts.",
                place="header Accept",
                remedy=f"Accept one of {', '.join(GRAPH_TYPES.values())}.",
            )
        origin = str(request.base_url).rstrip("/")
        body = sparql_examples(origin + EXAMPLES, f"{origin}/sparql", media_type)
        headers = {"Content-Type": content_type(media_type), "Vary": "Accept", **ANY_ORIGIN}
        return Response(body, headers=headers)

    async def timemap(self, request: Request, path: str) -> Response:
        """Return the TimeMap of an address: its state in each release (RFC 7089, section 5).

        Raises `NothingPublished`.
        """
        current, releases = self._site.release(), await self._site.readable()
        tag = etag(path, str(request.base_url), current.id, *(r.id for r in releases))
        headers = {"ETag": tag, "Cache-Control": "no-cache", "X-Release": current.id, **ANY_ORIGIN}
        if is_fresh(request.headers.get("if-none-match"), tag):
            return Response(status_code=304, headers=headers)
        body = Mementos.of(request, f"/{path}").listed(releases)
        return Response(body, headers=headers, media_type=LINK_FORMAT)

    async def resource(self, request: Request, path: str) -> Response:
        """Return the page or the RDF of the resource whose IRI ends with `path`."""
        visit = await self._visit(request)
        path, media_type = _form(request, path)

        async def make(headers: dict[str, str]) -> Response:
            addresses, chosen = self._site.addresses(visit.reading), visit.reading.chosen
            iri, quads = await resource.quads_about(visit.graph, addresses, path)
            headers["Link"] = _links(iri.value, path, chosen)
            if media_type != HTML:
                headers["Content-Type"] = content_type(media_type)
                return Response(resource.rdf(quads, media_type), headers=headers)
            template, context = await lay_out(Subject(visit, addresses, iri, quads))
            context["alternates"] = {
                form: in_release(f"/{path}.{form}", chosen) for form in GRAPH_TYPES
            }
            return _page(visit, template, context, headers)

        return await answered(visit, self._site, media_type, make)

    async def preflight(self) -> Response:
        """Return what a script of another site may send, such as a token."""
        return Response(status_code=204, headers=preflight("GET, HEAD, OPTIONS"))

    async def _visit(self, request: Request) -> Visit:
        rights = self._site.access.of(request.scope)
        reading = self._site.reading(asked_release(request), rights)
        graph = Graph.of(self._site.engine, reading)
        facts = await self._keeper.facts(graph, reading)
        return Visit(request, reading, graph, facts)


def _page(
    visit: Visit, template: str, context: Mapping[str, object], headers: dict[str, str]
) -> Response:
    return render.page(visit.request, template, context, reading=visit.reading, headers=headers)


def _form(request: Request, path: str) -> tuple[str, str]:
    """Return the path without the ending that asks for a form, and the media type to give.

    Raises `NotAcceptable`.
    """
    stem, dot, ending = path.rpartition(".")
    if dot and (ending == "html" or ending in GRAPH_TYPES):
        return stem, GRAPH_TYPES.get(ending, HTML)
    offers = [HTML, *GRAPH_TYPES.values()]
    found = best_media_type(request.headers.get("accept"), offers)
    if found is None:
        raise NotAcceptable(
            "This resource has no form that the request accepts.",
            place="header Accept",
            remedy=f"Accept one of {', '.join(offers)}.",
        )
    return path, found


def _links(iri: str, path: str, release: str | None) -> str:
    """Return the Link header: the resource's own IRI, and its other forms (RFC 8288)."""
    here = quote("/" + path, safe=PATH_SAFE)
    forms = {"html": HTML, **GRAPH_TYPES}
    links = [
        f'<{quote(iri, safe=PATH_SAFE + "#%?")}>; rel="canonical"',
        *(
            f'<{in_release(f"{here}.{form}", release)}>; rel="alternate"; type="{kind}"'
            for form, kind in forms.items()
        ),
    ]
    return ", ".join(links)
