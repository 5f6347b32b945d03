"""The addresses of the releases: the list, its feed, each release and what changed in it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from fastapi import APIRouter
from pyoxigraph import RdfFormat, parse
from starlette.requests import Request  # noqa: TC002 (FastAPI reads the annotations)
from starlette.responses import RedirectResponse, Response, StreamingResponse

from vises.errors import sentence
from vises.namespaces import Iris
from vises.service.formats import GRAPH_TYPES, HTML, content_type
from vises.service.headers import ANY_ORIGIN
from vises.service.iris import PAGE, in_release
from vises.service.judging.page import report_page
from vises.service.judging.work import FORMS
from vises.service.language import language
from vises.service.negotiation import best_media_type
from vises.service.numbers import page_number
from vises.service.pages.maker import tagged
from vises.service.pages.subject import Laid
from vises.service.problems import NoSuchPage
from vises.service.public import origin_of, with_query
from vises.service.rdf import written
from vises.service.releases.changed import MOST_LINES, operations_of, patch_lines
from vises.service.releases.feed import MEDIA_TYPE, feed
from vises.service.releases.judged import report_pieces, summary_of
from vises.service.releases.page import entities, mentioned, told
from vises.service.releases.view import line, seen, tags_of
from vises.service.sentences import report_closed
from vises.service.texts import texts
from vises.service.wellknown.signposts import Signpost
from vises.store.activity import release_description
from vises.store.patch import read_patch
from vises.store.update.workplace import room

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vises.service.access.rights import Rights
    from vises.service.judging.page import ReportPage
    from vises.service.pages.maker import PageMaker
    from vises.service.pages.visit import Visit
    from vises.service.releases.view import Line
    from vises.store.difference import Operation
    from vises.store.releases import Release

PER_PAGE = 50
PATCH = "application/rdf-patch"
WITH = "with"
"""The parameter that names the release to compare with."""


def releases_router(maker: PageMaker) -> APIRouter:
    """Return the routes of the releases."""
    pages = ReleasePages(maker)
    routes = APIRouter()
    methods = ["GET", "HEAD"]
    routes.add_api_route("/releases", pages.index, methods=methods)
    routes.add_api_route("/releases.atom", pages.feed, methods=methods)
    routes.add_api_route("/releases/{name}", pages.release, methods=methods)
    routes.add_api_route("/releases/{name}/change.rdfp", pages.change, methods=methods)
    routes.add_api_route("/releases/{name}/report", pages.judged, methods=methods)
    routes.add_api_route("/releases/{name}/report.{form}", pages.report, methods=methods)
    routes.add_api_route("/release/{name}", pages.thing, methods=methods)
    return routes


class ReleasePages:
    """Answers the requests for releases. Each method raises `UnknownRelease`."""

    def __init__(self, maker: PageMaker) -> None:
        """Take what makes pages."""
        self._maker = maker
        self._store = maker.site.releases

    async def index(self, request: Request) -> Response:
        """Return a page of the list. Raises `PageMalformed` and `NoSuchPage`."""
        number = page_number(request)

        async def lay_out(visit: Visit) -> Laid:
            ids, lines = await asyncio.to_thread(self._lines, visit.reading.rights, number)
            pages = max(1, -(-len(ids) // PER_PAGE))
            if number > pages:
                raise NoSuchPage(
                    sentence(
                        "no-such-list-page",
                        "The list of releases has no page {number}.",
                        number=number,
                    ),
                    place="parameter page",
                    remedy=sentence(
                        "last-page",
                        "The last one is {address}.",
                        address=f"/releases?page={pages}",
                    ),
                )
            return Laid("releases.html", {"lines": lines, "page": number, "pages": pages})

        return await self._maker.of_moment(request, lay_out)

    async def feed(self, request: Request) -> Response:
        """Return the last releases as an Atom feed. Raises `NothingPublished`."""
        site = self._maker.site
        rights = site.access.of(request.scope)
        site.release()
        _, lines = await asyncio.to_thread(self._lines, rights, 1)
        origin = origin_of(request)
        body = feed(lines, origin, site.settings.base_iri, texts(language(request)))
        headers = {**rights.headers("no-cache", "Accept-Language"), **ANY_ORIGIN}
        return tagged(request, Response(body, headers=headers, media_type=MEDIA_TYPE))

    async def release(self, request: Request, name: str) -> Response:
        """Return the page of a release, its RDF, or the way to it from a tag.

        Raises `NoCommonHistory`.
        """
        stem, ending = _parted(name)
        if ending in GRAPH_TYPES:
            return self._description(request, stem, GRAPH_TYPES[ending])
        release = self._store.resolve(stem)
        if release.id != name:
            return RedirectResponse(with_query(f"/releases/{release.id}", request), 302)
        before = self._before(request, release)

        async def lay_out(visit: Visit) -> Laid:
            rights = visit.reading.rights
            found = await told(self._store, release, before, rights)
            speaker = await self._maker.speaker(visit, mentioned(found))
            context: dict[str, object] = {
                "told": found,
                "judged": None if rights.hidden else await self._judged(request, release),
                "entities": entities(found.changed, speaker),
                "speaker": speaker,
                "most_lines": MOST_LINES,
                "origin": origin_of(request),
                "alternates": {form: f"/releases/{name}.{form}" for form in GRAPH_TYPES},
                "others": self._others(release, before),
                "state": lambda address: in_release(address, release.id),
            }
            return Laid("release.html", context)

        response = await self._maker.of_moment(request, lay_out)
        response.headers["Link"] = ", ".join(map(str, self._signposts(release)))
        return response

    async def change(self, request: Request, name: str) -> Response:
        """Return the change that led to a release, or from another one, as an RDF Patch."""
        rights = self._maker.site.access.of(request.scope)
        release = self._store.resolve(name)
        before = self._before(request, release)
        names = {"id": release.id, "prev": before.id if before else None}
        operations = self._operations(release, before)
        headers = self._kept(rights) | {
            "Content-Disposition": f'attachment; filename="{release.id}.rdfp"'
        }
        pieces = patch_lines(operations, names, rights.hidden)
        return StreamingResponse(pieces, headers=headers, media_type=PATCH)

    async def judged(self, request: Request, name: str) -> Response:
        """Return the page of what validation said of a release: what to fix, with examples.

        Raises as `report` does.
        """
        release = self._reported(request, name)

        async def lay_out(visit: Visit) -> Laid:  # noqa: ARG001 (it shows the release alone)
            context: dict[str, object] = {
                "release": release.id,
                "report": await self._judged(request, release),
                "downloads": {form: f"/releases/{release.id}/report.{form}" for form in FORMS},
            }
            return Laid("release_report.html", context)

        return await self._maker.of_moment(request, lay_out)

    async def report(self, request: Request, name: str, form: str) -> Response:
        """Return the validation report of a release, in Turtle, JSON-LD or JSON.

        Raises `NoSuchPage` where there is no such form, or where the report may tell more than the
        request may read.
        """
        release = self._reported(request, name)
        if form not in FORMS:
            raise NoSuchPage(
                sentence("no-such-form", "A report has no form {form}.", form=repr(form[:20])),
                place=request.url.path,
                remedy=sentence("forms-are", "Its forms are {forms}.", forms=", ".join(FORMS)),
            )
        headers = self._kept(self._maker.site.access.of(request.scope))
        pieces = self._pieces(release, FORMS[form])
        return StreamingResponse(pieces, headers=headers, media_type=content_type(FORMS[form]))

    def _pieces(self, release: Release, media_type: str) -> Iterator[bytes]:
        with room(self._maker.site.settings.data) as place:
            yield from report_pieces(self._store, release, media_type, place)

    def _reported(self, request: Request, name: str) -> Release:
        """Return the release whose report is asked for."""
        release = self._store.resolve(name)
        if self._maker.site.access.of(request.scope).hidden:
            raise report_closed(NoSuchPage, request.url.path)
        return release

    async def _judged(self, request: Request, release: Release) -> ReportPage | None:
        """Return what validation said; None where that is too much to read it for a page."""
        text = await asyncio.to_thread(summary_of, self._store, release)
        words = texts(language(request))
        return None if text is None else await report_page(text, request, self._maker, words)

    async def thing(self, request: Request, name: str) -> Response:
        """Return the way from the IRI of a release to its page or its RDF (303).

        With the ending of a form behind it the IRI is the address of that form, as of any thing.
        """
        stem, ending = _parted(name)
        if ending in GRAPH_TYPES:
            return self._description(request, stem, GRAPH_TYPES[ending])
        release = self._store.resolve(stem)
        offers = [HTML] if ending else [HTML, *GRAPH_TYPES.values()]
        wanted = best_media_type(request.headers.get("accept"), offers) or HTML
        endings = {media_type: f".{ending}" for ending, media_type in GRAPH_TYPES.items()}
        target = f"/releases/{release.id}{endings.get(wanted, '')}"
        return RedirectResponse(target, 303, {"Vary": "Accept", **ANY_ORIGIN})

    def _signposts(self, release: Release) -> list[Signpost]:
        """Return what leads programs on from the page of a release (FAIR Signposting)."""
        iri = Iris(self._maker.site.settings.base_iri).of(f"release/{release.id}").value
        return [
            Signpost("cite-as", iri),
            Signpost("type", "https://schema.org/AboutPage"),
            Signpost("type", "https://schema.org/Dataset"),
            *(
                Signpost("describedby", f"/releases/{release.id}.{form}", media_type)
                for form, media_type in GRAPH_TYPES.items()
            ),
            Signpost("describedby", f"/release/{release.id}/CITATION.cff", "application/yaml"),
            Signpost("item", f"/releases/{release.id}/change.rdfp", PATCH),
        ]

    def _lines(self, rights: Rights, page: int) -> tuple[Sequence[str], list[Line]]:
        ids, tags = self._store.ids(), tags_of(self._store)
        records = [self._store.get(i) for i in ids[(page - 1) * PER_PAGE : page * PER_PAGE]]
        return ids, [line(r, rights, self._store, tags.get(r.id, ())) for r in records]

    def _before(self, request: Request, release: Release) -> Release | None:
        """Return the release to compare with: the one that is named, else the parent."""
        named = request.query_params.get(WITH)
        if named:
            return self._store.resolve(named)
        there = release.parent is not None and release.parent in self._store.ids()
        return self._store.get(release.parent) if there and release.parent else None

    def _others(self, release: Release, before: Release | None) -> list[str]:
        """Return the releases that one may be compared with: the last ones, and the chosen one."""
        ids = [i for i in self._store.ids() if i != release.id][:PER_PAGE]
        return ids if before is None or before.id in ids else [*ids, before.id]

    def _operations(self, release: Release, before: Release | None) -> Iterator[Operation]:
        if before is None or before.id == release.parent:
            return read_patch(self._store.change(release.id))
        return operations_of(self._store.differences(before.id, release.id))

    def _description(self, request: Request, name: str, media_type: str) -> Response:
        rights = self._maker.site.access.of(request.scope)
        iris = Iris(self._maker.site.settings.base_iri)
        turtle = release_description(seen(self._store.resolve(name), rights), iris)
        triples = [q.triple for q in parse(turtle, format=RdfFormat.TURTLE)]
        headers = self._kept(rights) | {"Content-Type": content_type(media_type)}
        return Response(written(triples, media_type), headers=headers)

    def _kept(self, rights: Rights) -> dict[str, str]:
        return {**rights.headers("no-cache"), **ANY_ORIGIN}


def _parted(name: str) -> tuple[str, str]:
    """Return the name of a release, and the ending of a form that stands behind it, if any."""
    stem, _, ending = name.rpartition(".")
    return (stem, ending) if ending in {PAGE, *GRAPH_TYPES} else (name, "")
