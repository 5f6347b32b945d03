"""The addresses of the pages: the home page, the figures, and every resource."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from fastapi import APIRouter, Request
from pyoxigraph import NamedNode
from starlette.responses import Response

from vises.namespaces import term
from vises.service import render
from vises.service.conditional import etag, is_fresh
from vises.service.formats import GRAPH_TYPES, HTML, content_type
from vises.service.graph import Graph
from vises.service.language import language
from vises.service.negotiation import best_media_type
from vises.service.pages import home, resource
from vises.service.pages.compose import compose
from vises.service.pages.values import written_day
from vises.service.pages.vocabulary import compose_vocabulary
from vises.service.questions import questions
from vises.service.texts import texts
from vises.store.engine import NotAcceptable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from vises.service.pages.facts import Facts, FactsKeeper
    from vises.service.pages.mentions import Speaker
    from vises.service.site import Site
    from vises.store.releases import Release

VARY = "Accept, Accept-Language, Cookie"
FIGURES = term("vises:RegionalFigure")


@dataclass(frozen=True)
class Visit:
    """One request for a page: who asks, and the release that answers."""

    request: Request
    release: Release
    graph: Graph
    facts: Facts

    def headers(self, tag: str) -> dict[str, str]:
        """Return the caching headers of an answer from this release."""
        return {
            "ETag": tag,
            "Cache-Control": "no-cache",
            "Vary": VARY,
            "X-Release": self.release.id,
        }


def router(site: Site, keeper: FactsKeeper) -> APIRouter:
    """Return the routes of the pages."""
    routes = APIRouter()

    async def begin(request: Request) -> Visit:
        release = site.release()
        graph = Graph(site.engine, release.id)
        return Visit(request, release, graph, await keeper.facts(graph, release))

    async def speaker(visit: Visit, mentioned: set[NamedNode]) -> Speaker:
        return await resource.speaker(
            visit.graph,
            mentioned,
            words=texts(language(visit.request)),
            outline=visit.facts.outline,
            addresses=site.addresses,
        )

    @routes.api_route("/", methods=["GET", "HEAD"])
    async def home_page(request: Request) -> Response:
        visit = await begin(request)

        async def make(headers: dict[str, str]) -> Response:
            counts = await keeper.classes(visit.graph)
            names = await speaker(visit, home.named_by(visit.facts.datasets, counts))
            context = {
                "release": visit.release,
                "day": written_day(visit.release.created.date(), names.words),
                "origin": str(visit.request.base_url).rstrip("/"),
                "statements": sum(visit.release.counts.values()),
                "classes": home.class_lines(counts, names),
                "datasets": home.dataset_lines(visit.facts.datasets, names),
                "fictitious": visit.facts.fictitious,
                "questions": questions().values(),
            }
            return render.page(visit.request, "home.html", context, headers=headers)

        return await _fresh_or(visit, HTML, make)

    @routes.api_route("/figures", methods=["GET", "HEAD"])
    async def figures_page(request: Request) -> Response:
        visit = await begin(request)

        async def make(headers: dict[str, str]) -> Response:
            rows = await visit.graph.select("figures")
            terms = {row[key] for row in rows for key in home.MENTIONED_IN_FIGURES if key in row}
            names = await speaker(visit, {t for t in terms if isinstance(t, NamedNode)})
            context = {"areas": home.areas(rows, names), "kind": names.thing(FIGURES.value)}
            return render.page(visit.request, "figures.html", context, headers=headers)

        return await _fresh_or(visit, HTML, make)

    @routes.api_route("/{path:path}", methods=["GET", "HEAD"])
    async def resource_page(request: Request, path: str) -> Response:
        visit = await begin(request)
        path, media_type = _form(request, path)

        async def make(headers: dict[str, str]) -> Response:
            iri, quads = await resource.quads_about(visit.graph, site.addresses, path)
            headers |= _links(iri.value, path)
            if media_type != HTML:
                body = resource.rdf(quads, media_type)
                headers |= {"Content-Type": content_type(media_type), **_ANY_ORIGIN}
                return Response(body, headers=headers)
            alternates = {name: f"/{path}.{name}" for name in GRAPH_TYPES}
            if iri.value in resource.VOCABULARIES:
                mentioned = {
                    t for q in quads for t in (*q.triple, q.graph_name) if isinstance(t, NamedNode)
                }
                names = await speaker(visit, mentioned)
                context = {"vocabulary": compose_vocabulary(iri, quads, names)}
                template = "vocabulary.html"
            else:
                found = await resource.description(visit.graph, iri, quads)
                context = {"page": compose(found, await speaker(visit, found.mentioned()))}
                template = "resource.html"
            shown = {**context, "alternates": alternates}
            return render.page(visit.request, template, shown, headers=headers)

        return await _fresh_or(visit, media_type, make)

    return routes


_ANY_ORIGIN = {"Access-Control-Allow-Origin": "*"}


async def _fresh_or(
    visit: Visit, media_type: str, make: Callable[[dict[str, str]], Awaitable[Response]]
) -> Response:
    """Answer 304 to a client that has this answer already, else make it."""
    tag = etag(visit.release.id, media_type, language(visit.request), visit.request.url.path)
    headers = visit.headers(tag)
    switching = "lang" in visit.request.query_params
    if not switching and is_fresh(visit.request.headers.get("if-none-match"), tag):
        return Response(status_code=304, headers=headers)
    return await make(headers)


def _form(request: Request, path: str) -> tuple[str, str]:
    """Return the path without the extension that asks for a form, and the media type to give.

    Raises `NotAcceptable`.
    """
    stem, dot, extension = path.rpartition(".")
    if dot and (extension == "html" or extension in GRAPH_TYPES):
        return stem, GRAPH_TYPES.get(extension, HTML)
    offers = [HTML, *GRAPH_TYPES.values()]
    found = best_media_type(request.headers.get("accept"), offers)
    if found is None:
        raise NotAcceptable(
            "This resource has no form that the request accepts.",
            place="header Accept",
            remedy=f"Accept one of {', '.join(offers)}.",
        )
    return path, found


def _links(iri: str, path: str) -> dict[str, str]:
    """Return the Link header: the resource's own IRI, and its other forms (RFC 8288)."""
    here = quote("/" + path, safe="/:@!$&'()*+,;=~")
    forms = {"html": HTML, **GRAPH_TYPES}
    links = [f'<{here}.{ext}>; rel="alternate"; type="{kind}"' for ext, kind in forms.items()]
    links.insert(0, f'<{quote(iri, safe="/:@!$&()*+,;=~#%?")}>; rel="canonical"')
    return {"Link": ", ".join(links)}
