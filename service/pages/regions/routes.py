"""The addresses of the index of regions and of all figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter
from pyoxigraph import NamedNode
from starlette.requests import Request  # noqa: TC002 (FastAPI reads the annotations)
from starlette.responses import Response

from vises.service.formats import HTML, RESULT_TYPES
from vises.service.language import language
from vises.service.pages.regions import overview, shapes
from vises.service.pages.regions.atlas import atlas
from vises.service.pages.subject import Laid
from vises.service.pages.visit import answered

if TYPE_CHECKING:
    from vises.service.pages.maker import PageMaker
    from vises.service.pages.regions.atlas import Atlas, Region
    from vises.service.pages.visit import Visit


def regions_router(maker: PageMaker) -> APIRouter:
    """Return the routes of `/regions` and `/figures`."""
    pages = RegionPages(maker)
    routes = APIRouter()
    methods = ["GET", "HEAD"]
    routes.add_api_route("/regions", pages.regions, methods=methods)
    routes.add_api_route("/figures", pages.figures, methods=methods)
    routes.add_api_route(shapes.MAP, pages.drawn, methods=methods)
    routes.add_api_route(shapes.SHAPES, pages.shapes, methods=methods)
    return routes


class RegionPages:
    """Answers the requests for the index of regions, its map, and all figures."""

    def __init__(self, maker: PageMaker) -> None:
        """Take what makes pages."""
        self._maker = maker

    async def regions(self, request: Request) -> Response:
        """Return the index of regions."""
        return await self._maker.of_state(request, self._lay_out_regions)

    async def figures(self, request: Request) -> Response:
        """Return all figures."""
        return await self._maker.of_state(request, self._lay_out_figures)

    async def drawn(self, request: Request) -> Response:
        """Return the map. Raises `NoSuchRegion`."""
        response = await self._maker.of_state(request, self._lay_out_map)
        response.headers["Content-Security-Policy"] = shapes.POLICY
        return response

    async def shapes(self, request: Request) -> Response:
        """Return the shapes that the map draws. Raises `NoSuchRegion`."""
        visit = await self._maker.visit(request)
        found = await atlas(visit)
        regions = shapes.around(_asked(request, found), found)
        chosen = language(request)
        names = {r.iri: found.name(r.iri, chosen).text for r in regions}

        async def make(headers: dict[str, str]) -> Response:
            body = await shapes.shapes_json(visit, regions, names)
            headers["Content-Language"] = chosen
            return Response(body, headers=headers, media_type=RESULT_TYPES["json"])

        return await answered(visit, HTML, make)

    async def _lay_out_map(self, visit: Visit) -> Laid:
        found, known = await atlas(visit), await shapes.has_shapes(visit)
        region = _asked(visit.request, found)
        speaker = await self._maker.speaker(visit, ())
        words, addresses = speaker.words.language, speaker.addresses
        return Laid(
            "regionmap.html",
            {
                "known": known,
                "region": found.mention(region.iri, words, addresses) if region else None,
                "regions": [
                    found.mention(r.iri, words, addresses) for r in shapes.around(region, found)
                ],
                "drawing": shapes.drawing(region, speaker),
            },
        )

    async def _lay_out_regions(self, visit: Visit) -> Laid:
        found, counts = await atlas(visit), await overview.figure_counts(visit)
        speaker = await self._maker.speaker(visit, ())
        index = overview.region_index(found, counts, speaker)
        return Laid("regions.html", {"index": index})

    async def _lay_out_figures(self, visit: Visit) -> Laid:
        rows, counts = await visit.graph.select("figures"), await overview.figure_counts(visit)
        named = {row[key] for row in rows for key in overview.NAMED_IN_FIGURES if key in row}
        speaker = await self._maker.speaker(visit, (t for t in named if isinstance(t, NamedNode)))
        return Laid("figures.html", {"page": overview.figure_page(rows, counts, speaker)})


def _asked(request: Request, found: Atlas) -> Region | None:
    """Return the region that a map is about. Raises `NoSuchRegion`."""
    code = request.query_params.get(shapes.OF)
    return shapes.region_of(code, shapes.OF, found) if code else None
