"""The addresses of the pages: the home page, the figures, and every resource."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from fastapi import APIRouter
from pyoxigraph import NamedNode
from starlette.requests import Request  # noqa: TC002 (FastAPI reads the annotations)
from starlette.responses import Response

from vises.namespaces import term
from vises.service import render
from vises.service.conditional import etag, is_fresh
from vises.service.examples import PATH as EXAMPLES
from vises.service.examples import sparql_examples
from vises.service.formats import GRAPH_TYPES, HTML, content_type, graph_type
from vises.service.graph import Graph
from vises.service.language import language
from vises.service.negotiation import best_media_type
from vises.service.pages import home, resource
from vises.service.pages.compose import compose
from vises.service.pages.values import written_day
from vises.service.pages.vocabulary import compose_vocabulary
from vises.service.questions import questions_here
from vises.service.texts import texts
from vises.store.engine import NotAcceptable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from pyoxigraph import Quad

    from vises.service.pages.facts import Facts, FactsKeeper
    from vises.service.pages.mentions import Speaker
    from vises.service.site import Site
    from vises.store.releases import Release

VARY = "Accept, Accept-Language, Cookie"
FIGURE = term("vises:RegionalFigure")
_PATH_SAFE = "/:@!$&'()*+,;=~"
_ANY_ORIGIN = {"Access-Control-Allow-Origin": "*"}


@dataclass(frozen=True)
class Visit:
    """One request for a page, and the release that answers it."""

    request: Request
    release: Release
    graph: Graph
    facts: Facts


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
        routes.add_api_route("/", self.home, methods=methods)
        routes.add_api_route("/figures", self.figures, methods=methods)
        routes.add_api_route(EXAMPLES, self.examples, methods=methods)
        routes.add_api_route("/{path:path}", self.resource, methods=methods)
        return routes

    async def home(self, request: Request) -> Response:
        """Return the home page."""
        visit = await self._visit(request)

        async def make(headers: dict[str, str]) -> Response:
            release, datasets = visit.release, visit.facts.datasets
            counts = await self._keeper.classes(visit.graph)
            speaker = await self._speaker(visit, home.named_by(datasets, counts))
            context = {
                "release": release,
                "day": written_day(release.created.date(), speaker.words),
                "origin": str(request.base_url).rstrip("/"),
                "statements": sum(release.counts.values()),
                "classes": home.class_lines(counts, speaker),
                "datasets": home.dataset_lines(datasets, speaker),
                "fictitious": visit.facts.fictitious,
                "questions": questions_here(),
            }
            return render.page(request, "home.html", context, headers=headers)

        return await _fresh_or(visit, HTML, make)

    async def figures(self, request: Request) -> Response:
        """Return the page of regional figures."""
        visit = await self._visit(request)

        async def make(headers: dict[str, str]) -> Response:
            rows = await visit.graph.select("figures")
            named = {row[key] for row in rows for key in home.NAMED_IN_FIGURES if key in row}
            speaker = await self._speaker(visit, (t for t in named if isinstance(t, NamedNode)))
            context = {"areas": home.areas(rows, speaker)}
            return render.page(request, "figures.html", context, headers=headers)

        return await _fresh_or(visit, HTML, make)

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
        headers = {"Content-Type": content_type(media_type), "Vary": "Accept", **_ANY_ORIGIN}
        return Response(body, headers=headers)

    async def resource(self, request: Request, path: str) -> Response:
        """Return the page or the RDF of the resource whose IRI ends with `path`."""
        visit = await self._visit(request)
        path, media_type = _form(request, path)

        async def make(headers: dict[str, str]) -> Response:
            addresses = self._site.addresses
            iri, quads = await resource.quads_about(visit.graph, addresses, path)
            headers |= _links(iri.value, path)
            if media_type != HTML:
                headers |= {"Content-Type": content_type(media_type), **_ANY_ORIGIN}
                return Response(resource.rdf(quads, media_type), headers=headers)
            template, context = await self._page(visit, iri, quads)
            context["alternates"] = {form: f"/{path}.{form}" for form in GRAPH_TYPES}
            return render.page(request, template, context, headers=headers)

        return await _fresh_or(visit, media_type, make)

    async def _page(
        self, visit: Visit, iri: NamedNode, quads: Sequence[Quad]
    ) -> tuple[str, dict[str, object]]:
        """Return the template of a resource's page and what it lays out."""
        if iri.value in resource.VOCABULARIES:
            speaker = await self._speaker(visit, resource.named_in(quads))
            return "vocabulary.html", {"vocabulary": compose_vocabulary(iri, quads, speaker)}
        found = await resource.description(visit.graph, iri, quads)
        speaker = await self._speaker(visit, found.mentioned())
        return "resource.html", {"page": compose(found, speaker)}

    async def _visit(self, request: Request) -> Visit:
        release = self._site.release()
        graph = Graph(self._site.engine, release.id)
        return Visit(request, release, graph, await self._keeper.facts(graph, release))

    async def _speaker(self, visit: Visit, mentioned: Iterable[NamedNode]) -> Speaker:
        return await resource.speaker(
            visit.graph,
            mentioned,
            words=texts(language(visit.request)),
            outline=visit.facts.outline,
            addresses=self._site.addresses,
        )


async def _fresh_or(
    visit: Visit, media_type: str, make: Callable[[dict[str, str]], Awaitable[Response]]
) -> Response:
    """Answer 304 to a client that has this answer already, else make it."""
    request, release = visit.request, visit.release
    tag = etag(release.id, media_type, language(request), request.url.path)
    headers = {
        "ETag": tag,
        "Cache-Control": "no-cache",
        "Vary": VARY,
        "X-Release": release.id,
    }
    switching = "lang" in request.query_params
    if not switching and is_fresh(request.headers.get("if-none-match"), tag):
        return Response(status_code=304, headers=headers)
    return await make(headers)


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


def _links(iri: str, path: str) -> dict[str, str]:
    """Return the Link header: the resource's own IRI, and its other forms (RFC 8288)."""
    here = quote("/" + path, safe=_PATH_SAFE)
    forms = {"html": HTML, **GRAPH_TYPES}
    links = [
        f'<{quote(iri, safe=_PATH_SAFE + "#%?")}>; rel="canonical"',
        *(f'<{here}.{form}>; rel="alternate"; type="{kind}"' for form, kind in forms.items()),
    ]
    return {"Link": ", ".join(links)}
