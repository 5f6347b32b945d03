"""Answering /catalog: a page for people, RDF for harvesters, part by part."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import APIRouter
from starlette.requests import Request  # noqa: TC002 (FastAPI reads the annotations)
from starlette.responses import Response

from vises.errors import sentence
from vises.service.catalogue.description import Catalogue, statements
from vises.service.catalogue.entries import Entries, entries
from vises.service.catalogue.frame import PATH, Frame
from vises.service.catalogue.page import lines, mentioned
from vises.service.catalogue.paging import PER_PAGE, Paging
from vises.service.catalogue.terms import NAMESPACES
from vises.service.citation import page_citation
from vises.service.formats import GRAPH_ALIASES, GRAPH_TYPES, HTML, content_type
from vises.service.headers import ANY_ORIGIN
from vises.service.inbox.partner import standards_met
from vises.service.iris import in_release
from vises.service.negotiation import best_media_type, unacceptable
from vises.service.numbers import page_number
from vises.service.pages.maker import page, tagged
from vises.service.pages.visit import memento_links, state_headers, to_memento
from vises.service.public import origin_of
from vises.service.rdf import written
from vises.service.releases.view import tags_of
from vises.service.resources.endpoint import BeyondEnd

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vises.service.catalogue.entries import Entry
    from vises.service.dumps.endpoint import Dump, Dumps
    from vises.service.pages.maker import PageMaker
    from vises.service.pages.visit import Visit
    from vises.service.void.keeper import PartitionsKeeper
    from vises.store.releases import Release

_WAIT_SECONDS = 5.0
"""How long a request waits for the partitions: those of a small release are there by then."""

_ENDINGS = {media_type: ending for ending, media_type in GRAPH_TYPES.items()}
_OFFERS = [*GRAPH_TYPES.values(), HTML, *GRAPH_ALIASES]
"""Turtle comes first, for harvesters that name no form; a browser names HTML."""


@dataclass(frozen=True)
class _Series:
    """The releases that can be cited, newest first, and when the first of all came."""

    members: Sequence[Release]
    tags: Mapping[str, Sequence[str]]
    first: Release

    def member(self, place: int) -> tuple[Release, Release | None, Sequence[str]]:
        release = self.members[place]
        before = self.members[place + 1] if place + 1 < len(self.members) else None
        return release, before, self.tags.get(release.id, ())


class CatalogueRoutes:
    """Answers the requests for the catalogue.

    Each raises `PageMalformed`, `BeyondEnd`, `PartitionsUnready`, and what naming a release does.
    """

    def __init__(self, maker: PageMaker, partitions: PartitionsKeeper, dumps: Dumps) -> None:
        """Take what makes pages, what counts classes, and the files."""
        self._maker = maker
        self._partitions = partitions
        self._dumps = dumps

    def router(self) -> APIRouter:
        """Return the routes: negotiated, and one for each form."""
        routes = APIRouter()
        methods = ["GET", "HEAD"]
        routes.add_api_route(PATH, self.negotiated, methods=methods)
        for path in (f"{PATH}.html", *(f"{PATH}.{ending}" for ending in GRAPH_TYPES)):
            routes.add_api_route(path, self.of_form, methods=methods)
        return routes

    async def negotiated(self, request: Request) -> Response:
        """Return the form that the request prefers. Raises `NotAcceptable`."""
        found = best_media_type(request.headers.get("accept"), _OFFERS)
        if found is None:
            raise unacceptable([HTML, *GRAPH_TYPES.values()])
        return await self._answer(request, GRAPH_ALIASES.get(found, found), "Accept")

    async def of_form(self, request: Request) -> Response:
        """Return the form that the address names."""
        ending = request.url.path.rpartition(".")[2]
        return await self._answer(request, GRAPH_TYPES.get(ending, HTML))

    async def _answer(self, request: Request, media_type: str, *vary: str) -> Response:
        number = page_number(request)
        visit = await self._maker.visit(request)
        site, reading = self._maker.site, visit.reading
        headers = _headers(visit, [*vary, *(["Accept-Language"] if media_type == HTML else [])])
        past = await to_memento(request, reading, site, headers.get("Vary", ""))
        if past is not None:
            return past
        described = await self._described(visit, number, _ENDINGS.get(media_type, "html"))
        links = [f'<{a}>; rel="{_RELATIONS[r]}"' for r, a in described.paging.neighbours.items()]
        links.append(f'<{described.frame.document}>; rel="canonical"')
        links += await memento_links(request, reading, site, lasting=False)
        headers["Link"] = ", ".join(links)
        if media_type == HTML:
            return await self._page(visit, described, headers)
        body = await asyncio.to_thread(_written, described, media_type)
        headers |= {**ANY_ORIGIN, "Content-Type": content_type(media_type)}
        return tagged(request, Response(body, headers=headers))

    async def _page(
        self, visit: Visit, described: Catalogue, headers: Mapping[str, str]
    ) -> Response:
        speaker = await self._maker.speaker(visit, mentioned(described))
        context: dict[str, object] = {
            "lines": lines(described, speaker),
            "paging": described.paging,
            "forms": {e: described.frame.here(f"{PATH}.{e}") for e in GRAPH_TYPES},
            "cited": page_citation(visit, speaker.words("catalogue.title"), PATH),
        }
        return tagged(visit.request, page(visit, "catalogue.html", context, headers))

    async def _described(self, visit: Visit, number: int, ending: str) -> Catalogue:
        """Return a page of the catalogue."""
        reading = visit.reading
        found = await self._entries(visit)
        series = await asyncio.to_thread(self._series, reading.release)
        total = len(found.all) + len(series.members)
        pages = max(1, -(-total // PER_PAGE))
        if number > pages:
            raise BeyondEnd(
                sentence("no-catalogue-page", "The catalogue has no page {page}.", page=number),
                place="parameter page",
                remedy=sentence(
                    "last-page", "The last one is {address}.", address=f"{PATH}?page={pages}"
                ),
            )
        places = range((number - 1) * PER_PAGE, min(number * PER_PAGE, total))
        datasets = [found.all[p] for p in places if p < len(found.all)]
        members = [series.member(p - len(found.all)) for p in places if p >= len(found.all)]
        frame = await asyncio.to_thread(self._frame, visit, found)
        listed = await asyncio.to_thread(self._with_files, datasets, reading.release)
        document = in_release(f"{frame.document}.{ending}", reading.chosen)
        return Catalogue(
            frame=frame,
            entries=listed,
            releases=members,
            paging=Paging(number, pages, total, document),
            began=series.first.created,
            changed=reading.release.created,
        )

    async def _entries(self, visit: Visit) -> Entries:
        release = visit.reading.release
        parts = await self._partitions.partitions(release, _WAIT_SECONDS)

        async def gather() -> Entries:
            return await entries(visit.graph, visit.reading, parts, self._maker.site.releases)

        found: Entries = await visit.facts.kept.get("catalogue", gather)
        return found

    def _with_files(
        self, datasets: Sequence[Entry], release: Release
    ) -> list[tuple[Entry, Sequence[Dump]]]:
        return [(entry, self._dumps.of(release, entry.iri.value)) for entry in datasets]

    def _series(self, release: Release) -> _Series:
        """Return the current release and those with a tag, as far as they can still be read."""
        store = self._maker.site.releases
        tags, ids = tags_of(store), store.ids()
        members = [
            store.get(name)
            for name in ids
            if (name in tags or name == release.id)
            and int(name) <= int(release.id)
            and not store.is_pruned(name)
        ]
        return _Series(members, tags, store.get(ids[-1]))

    def _frame(self, visit: Visit, found: Entries) -> Frame:
        settings = self._maker.site.settings
        reading = visit.reading
        return Frame(
            origin=origin_of(visit.request),
            base=settings.base_iri,
            release=reading.chosen,
            release_id=reading.release.id,
            publisher_name=settings.publisher,
            publisher_kind=settings.publisher_type,
            contact_address=settings.contact,
            spatial=found.spatial,
            period=found.period,
            entries=found.all,
            standards=standards_met(self._maker.site, reading.release),
            closed=self._maker.site.access.rights(None).hidden,
        )


_RELATIONS = {"first": "first", "last": "last", "previous": "prev", "next": "next"}


def _written(described: Catalogue, media_type: str) -> bytes:
    """Return a page as RDF; a tenth of a second of work, so not in the thread that serves."""
    return written(statements(described), media_type, NAMESPACES)


def _headers(visit: Visit, varying: Sequence[str]) -> dict[str, str]:
    """Return the headers of an answer; the moment decides at a TimeGate (RFC 7089, 2.1.2)."""
    reading = visit.reading
    moment = ["Accept-Datetime"] if reading.chosen is None else []
    return {**reading.rights.headers("no-cache", *varying, *moment), **state_headers(reading)}
