"""The addresses of every resource, of its TimeMap, and of the examples."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from fastapi import APIRouter
from pyoxigraph import NamedNode
from starlette.requests import Request  # noqa: TC002 (FastAPI reads the annotations)
from starlette.responses import RedirectResponse, Response

from vises.namespaces import term
from vises.service import render
from vises.service.conditional import etag, is_fresh
from vises.service.examples import PATH as EXAMPLES
from vises.service.examples import sparql_examples
from vises.service.formats import (
    GRAPH_ALIASES,
    GRAPH_TYPES,
    HTML,
    content_type,
    graph_type,
    wants_html,
)
from vises.service.headers import ANY_ORIGIN
from vises.service.iris import raw_path
from vises.service.language import chosen_language
from vises.service.memento import LINK_FORMAT, TIMEMAP, Mementos
from vises.service.negotiation import best_media_type, unacceptable
from vises.service.pages import resource
from vises.service.pages.kinds.registry import lay_out
from vises.service.pages.maker import page, tagged
from vises.service.pages.subject import Subject
from vises.service.pages.visit import Visit, answered
from vises.service.public import origin_of, with_query
from vises.service.questions import questions, unknown_question
from vises.service.resources.asked import Asked, read_asked
from vises.service.resources.documents import is_document, see_other, under_whole_name
from vises.service.resources.endpoint import beyond_end
from vises.service.resources.links import Links
from vises.service.resources.profiles import ALTERNATES, PROFILES
from vises.service.resources.views import profile_descriptions
from vises.service.wellknown.signposts import LINKSET, MEDIA_TYPE, Signpost, linkset
from vises.store.about import MOST_INCOMING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from vises.service.pages.maker import PageMaker
    from vises.service.pages.resource import About
    from vises.service.questions import Question
    from vises.service.resources.missing import Missing

_SIGNPOSTS = {
    term("dcterms:creator"): "author",
    term("dcterms:license"): "license",
    term("dcterms:publisher"): "author",
}
"""The relations of FAIR Signposting that statements about a thing stand for."""

_MOST_SIGNPOSTS = 10


class Pages:
    """Answers the requests for pages and for the RDF of resources."""

    def __init__(self, maker: PageMaker, missing: Missing) -> None:
        """Take what makes pages, and what tells what is gone."""
        self._site = maker.site
        self._maker = maker
        self._missing = missing

    def router(self) -> APIRouter:
        """Return the routes; the one for resources takes every path that no other one took."""
        routes = APIRouter()
        methods = ["GET", "HEAD"]
        routes.add_api_route(EXAMPLES, self.examples, methods=methods)
        routes.add_api_route(EXAMPLES + "/{name}", self.example, methods=methods)
        routes.add_api_route("/profiles", self.profiles, methods=methods)
        routes.add_api_route(TIMEMAP + "/{path:path}", self.timemap, methods=methods)
        routes.add_api_route(LINKSET + "/{path:path}", self.linkset, methods=methods)
        routes.add_api_route("/{path:path}", self.resource, methods=methods)
        return routes

    async def examples(self, request: Request) -> Response:
        """Return the questions as RDF, as SIB's endpoints give theirs. Raises `NotAcceptable`."""
        return _examples(request, questions().values())

    async def example(self, request: Request, name: str) -> Response:
        """Return one question as RDF, or the way to its page.

        Raises `UnknownQuestion` and `NotAcceptable`.
        """
        found = questions().get(name)
        if found is None:
            raise unknown_question(name, request.url.path)
        if wants_html(request.headers.get("accept")):
            headers = {"Vary": "Accept", **ANY_ORIGIN}
            return RedirectResponse(with_query(f"/questions/{found.id}", request), 303, headers)
        return _examples(request, [found])

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

    async def profiles(self, request: Request) -> Response:
        """Return the profiles that descriptions come in, as a page or in RDF."""
        media_type = best_media_type(
            request.headers.get("accept"), [HTML, *GRAPH_TYPES.values(), *GRAPH_ALIASES]
        )
        if media_type is None or media_type == HTML:
            return render.page(request, "profiles.html", _profiles_page(request))
        media_type = GRAPH_ALIASES.get(media_type, media_type)
        body = profile_descriptions(PROFILES, media_type)
        headers = {"Content-Type": content_type(media_type), "Vary": "Accept", **ANY_ORIGIN}
        return Response(body, headers=headers)

    async def resource(self, request: Request) -> Response:
        """Return the page about the resource whose IRI ends with the path, or the way to it."""
        asked = read_asked(request)
        visit = await self._maker.visit(request)

        async def make(headers: dict[str, str]) -> Response:
            addresses = self._maker.addresses(visit)
            found = await resource.about(visit.graph, addresses, asked.path, asked.part)
            if found is None:
                reading = visit.reading
                way = await under_whole_name(request, asked, visit.graph, addresses, reading)
                if way is not None:
                    return way
                raise await self._missing.error(request, visit.reading, asked.path)
            if not asked.ending and not is_document(found.described):
                return see_other(request, asked, found.described, visit.reading)
            if asked.part > 1 and not found.described.incoming:
                raise beyond_end(asked)
            headers["Content-Profile"] = asked.profile.content_profile
            links = Links(asked, found.described, visit.reading.chosen, chosen_language(request))
            signposts = [*links.signposts(_signposts(visit, found)), *links.linkset()]
            signposts += islice(_items(visit, found), _MOST_SIGNPOSTS)
            headers["Link"] = ", ".join([*links.listed(), *map(str, signposts)])
            if asked.profile == ALTERNATES:
                return page(visit, "alternates.html", _alternates(found, links), headers)
            subject = Subject(visit, addresses, found.iri, found.quads, found.described)
            template, context = await lay_out(subject)
            context["alternates"] = {form: links.address(form) for form in GRAPH_TYPES}
            context["other_forms"] = links.address("html", ALTERNATES)
            context["parts"] = Parts(
                asked.part,
                asked.part - 1,
                asked.part + 1 if found.described.more else 0,
                links.numbered,
            )
            return page(visit, template, context, headers)

        iris = self._maker.addresses(visit).candidates(asked.path)
        files = sum(len(visit.facts.files(iri.value)) for iri in iris)
        variant = f"{asked.profile.token} {files}"
        return await answered(visit, HTML, make, variant, by_profile=True)

    async def linkset(self, request: Request) -> Response:
        """Return the signposts of a page as a document (RFC 9264).

        Raises `NoSuchPage` where there is no such page.
        """
        visit = await self._maker.visit(request)
        addresses = self._maker.addresses(visit)
        path = raw_path(request.scope).removeprefix(LINKSET.removeprefix("/") + "/")
        found = await resource.about(visit.graph, addresses, path)
        if found is None:
            raise await self._missing.error(request, visit.reading, path)
        asked = Asked(path, "html", HTML)
        links = Links(asked, found.described, visit.reading.chosen)
        signposts = [*links.signposts(_signposts(visit, found)), *_items(visit, found)]
        mementos = Mementos.of(request, "")
        body = linkset(links.address("html"), signposts, mementos.absolute)
        headers = {
            **visit.reading.rights.headers("no-cache"),
            "X-Release": visit.reading.release.id,
            **ANY_ORIGIN,
        }
        return tagged(request, Response(body, headers=headers, media_type=MEDIA_TYPE))


def _examples(request: Request, asked: Iterable[Question]) -> Response:
    """Return some questions as RDF. Raises `NotAcceptable`."""
    media_type = graph_type(request.headers.get("accept"))
    if media_type is None:
        raise unacceptable(GRAPH_TYPES.values())
    origin = origin_of(request)
    body = sparql_examples(origin + EXAMPLES, f"{origin}/sparql", media_type, asked)
    headers = {
        "Cache-Control": "no-cache",
        "Content-Type": content_type(media_type),
        "Vary": "Accept",
        **ANY_ORIGIN,
    }
    return tagged(request, Response(body, headers=headers))


def _profiles_page(request: Request) -> dict[str, object]:
    return {"profiles": PROFILES, "origin": origin_of(request)}


def _signposts(visit: Visit, about: About) -> Iterable[tuple[str, str]]:
    """Return the licences of a thing and of the datasets that speak of it, and its makers.

    Each once, and not more than a header should have.
    """
    graphs = {q.graph_name.value for q in about.quads if isinstance(q.graph_name, NamedNode)}
    licences = {licence for d in visit.facts.datasets if d.iri in graphs for licence in d.licences}
    found = [("license", licence) for licence in sorted(licences)]
    found += [
        (word, quad.object.value)
        for quad in about.quads
        if (word := _SIGNPOSTS.get(quad.predicate))
        and quad.subject == about.iri
        and isinstance(quad.object, NamedNode)
    ]
    return islice(dict.fromkeys(found), _MOST_SIGNPOSTS)


def _items(visit: Visit, about: About) -> Iterator[Signpost]:
    """Yield the files of a dataset, which are its content; a dcat:distribution describes one."""
    for dump in visit.facts.files(about.iri.value):
        address = f"/dumps/{visit.reading.release.id}/{dump.name}"
        yield Signpost("item", address, dump.file.sent_as)


def _alternates(found: About, links: Links) -> dict[str, object]:
    """Return what the page about the representations of a thing shows."""
    return {"iri": found.iri.value, "page": links.address("html"), "forms": list(links.forms())}


@dataclass(frozen=True)
class Parts:
    """The part of what refers to a thing on a page; 0 where none is before or after it."""

    number: int
    previous: int
    next: int
    address: Callable[[int], str]
    size: int = MOST_INCOMING

    def at(self, number: int) -> str:
        """Return the address of the page with another part."""
        return self.address(number)
