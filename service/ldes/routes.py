"""Answering /ldes: the stream of all datasets, /ldes/DATASET, and /ldes/DATASET/PAGE."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import APIRouter
from pyoxigraph import NamedNode
from starlette.requests import Request  # noqa: TC002 (FastAPI reads the annotations)
from starlette.responses import Response

from vises.errors import sentence
from vises.service.conditional import etag, is_fresh
from vises.service.formats import GRAPH_ALIASES, GRAPH_TYPES, HTML, content_type
from vises.service.headers import ANY_ORIGIN
from vises.service.ldes.description import PATH, Places, page, root, whole
from vises.service.ldes.errors import missing, no_such_stream, unready
from vises.service.ldes.writing import page_bytes, root_bytes
from vises.service.negotiation import best_media_type, unacceptable
from vises.service.pages.subject import Laid
from vises.service.problems import NoSuchPage
from vises.service.public import origin_of
from vises.service.sentences import no_page_number
from vises.service.site import FOR_EVER
from vises.store.streams.build import built, streams_folder
from vises.store.streams.pages import StreamFolder, names
from vises.store.streams.terms import StreamIris

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vises.service.ldes.keeper import StreamsKeeper
    from vises.service.pages.maker import PageMaker
    from vises.service.pages.model import Mention
    from vises.service.pages.visit import Visit
    from vises.store.streams.pages import Index

_ROOT_OFFERS = [*GRAPH_TYPES.values(), *GRAPH_ALIASES]
_PAGE_OFFERS = [GRAPH_TYPES["trig"], *_ROOT_OFFERS]
"""TriG comes first on pages, for clients that name no form: its members have graphs."""

_NUMBER = re.compile(r"[1-9][0-9]{0,8}")


@dataclass(frozen=True)
class Row:
    """A stream as the page for people lists it."""

    mention: Mention
    address: str
    pages: int
    start: str
    skipped: bool


class StreamRoutes:
    """Answers the requests for streams, which have what everyone may read and nothing else.

    Each raises `NotAcceptable`, `StreamUnready` and `StreamDamaged`.
    """

    def __init__(self, maker: PageMaker, keeper: StreamsKeeper) -> None:
        """Take what makes pages for people, and what has the streams made."""
        self._maker = maker
        self._site = maker.site
        self._keeper = keeper
        self._folder = streams_folder(maker.site.settings.data)

    def router(self) -> APIRouter:
        """Return the routes."""
        routes = APIRouter()
        methods = ["GET", "HEAD"]
        routes.add_api_route(PATH, self.all, methods=methods)
        routes.add_api_route(f"{PATH}/{{name}}", self.stream, methods=methods)
        routes.add_api_route(f"{PATH}/{{name}}/{{number}}", self.page, methods=methods)
        return routes

    async def all(self, request: Request) -> Response:
        """Return the root of the stream of all datasets, or the page for people."""
        accept = request.headers.get("accept")
        if best_media_type(accept, [*_ROOT_OFFERS, HTML]) == HTML:
            return await self._for_people(request)
        media_type = _media_type(accept, _ROOT_OFFERS)
        release_id, indexes = await self._streams()
        said = whole(self._places(request), indexes, release_id)
        body = await asyncio.to_thread(root_bytes, said, media_type)
        return self._answer(request, body, media_type, lasting=False)

    async def stream(self, request: Request, name: str) -> Response:
        """Return the root of the stream of a dataset. Raises `NoSuchStream`."""
        media_type = _media_type(request.headers.get("accept"), _ROOT_OFFERS)
        await self._keeper.ready()
        index = await self._index(name)
        said = root(self._places(request), index, index.built)
        body = await asyncio.to_thread(root_bytes, said, media_type)
        return self._answer(request, body, media_type, lasting=False)

    async def page(self, request: Request, name: str, number: str) -> Response:
        """Return a page. Raises `NoSuchStream`, `NoSuchPage`, `BeyondEnd`, `PageGone`."""
        media_type = _media_type(request.headers.get("accept"), _PAGE_OFFERS)
        if not _NUMBER.fullmatch(number):
            raise NoSuchPage(
                no_page_number(number),
                place=f"{PATH}/{name[:100]}",
                remedy=sentence(
                    "begin-at", "Begin at {address}, which leads to every page.", address=PATH
                ),
            )
        found = await asyncio.to_thread(self._kept, request, name, int(number), media_type)
        if found is None or not found.lasting:
            await self._keeper.ready()
            found = await asyncio.to_thread(self._kept, request, name, int(number), media_type)
        if found is None:
            raise missing(await self._index(name), int(number))
        return self._answer(request, found.body, media_type, lasting=found.lasting)

    def _kept(self, request: Request, name: str, number: int, media_type: str) -> _Made | None:
        """Return a page as it is on disk, None where it is not there."""
        index = self._read(name)
        listed = index.page(number) if index else None
        if index is None or listed is None:
            return None
        try:
            content = StreamFolder(self._folder / name).read(listed)
        except FileNotFoundError:  # it got members since the index was read
            return self._kept(request, name, number, media_type)
        said = page(self._places(request), index, listed, content)
        return _Made(page_bytes(said, content, media_type), index.immutable(number))

    def _read(self, name: str) -> Index | None:
        """Return the index of a stream that is open to everyone, None where there is none."""
        if name not in names(self._folder):
            return None
        index = StreamFolder(self._folder / name).index()
        return index if index and index.graph not in self._closed else None

    @property
    def _closed(self) -> frozenset[str]:
        return self._site.access.rights(None).hidden

    async def _index(self, name: str) -> Index:
        index = await asyncio.to_thread(self._read, name)
        if index is not None:
            return index
        if built(self._site.settings.data) is None:
            raise unready(failed=self._keeper.failed)
        raise no_such_stream(name)

    async def _streams(self) -> tuple[str, Sequence[Index]]:
        """Return the streams, and the release that all of them reach."""
        await self._keeper.ready()
        marked = built(self._site.settings.data)
        if marked is None:
            raise unready(failed=self._keeper.failed)
        release_id: str = json.loads(marked)[0]
        return release_id, await asyncio.to_thread(self._indexes)

    def _indexes(self) -> Sequence[Index]:
        found = (self._read(name) for name in names(self._folder))
        return [index for index in found if index is not None and index.built]

    def _places(self, request: Request) -> Places:
        return Places(origin_of(request), self._site.settings.base_iri)

    def _answer(self, request: Request, body: bytes, media_type: str, *, lasting: bool) -> Response:
        rights = self._site.access.rights(None)
        tag = etag(hashlib.sha256(body).hexdigest(), media_type)
        headers = {
            **ANY_ORIGIN,
            "Cache-Control": rights.cache_control(FOR_EVER if lasting else "no-cache"),
            "Content-Type": content_type(media_type),
            "ETag": tag,
            "Vary": "Accept",
        }
        if is_fresh(request.headers.get("if-none-match"), tag):
            return Response(status_code=304, headers=headers)
        return Response(body, headers=headers)

    async def _for_people(self, request: Request) -> Response:
        release_id, indexes = await self._streams()

        async def lay_out(visit: Visit) -> Laid:
            graphs = [NamedNode(index.graph) for index in indexes]
            speaker = await self._maker.speaker(visit, graphs)
            rows = [
                Row(
                    mention=speaker.thing(index.graph),
                    address=f"{PATH}/{self._name(index)}",
                    pages=len(index.pages),
                    start=index.started,
                    skipped=index.skipped,
                )
                for index in indexes
            ]
            origin = origin_of(request)
            context: dict[str, object] = {
                "rows": rows,
                "release": release_id,
                "address": origin + PATH,
            }
            return Laid("ldes.html", context)

        return await self._maker.of_moment(request, lay_out)

    def _name(self, index: Index) -> str:
        return StreamIris(self._site.settings.base_iri, index.graph).name


@dataclass(frozen=True)
class _Made:
    """A page in some format, and whether it stays as it is."""

    body: bytes
    lasting: bool


def _media_type(accept: str | None, offers: Sequence[str]) -> str:
    found = best_media_type(accept, offers)
    if found is None:
        raise unacceptable(GRAPH_TYPES.values())
    return GRAPH_ALIASES.get(found, found)
