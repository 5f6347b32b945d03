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
from vises.service.texts import texts

if TYPE_CHECKING:
    from vises.service.pages.regions.atlas import Atlas, Region
    from vises.service.pages.standing import Standing
    from vises.service.pages.visit import Visit


def regions_router(standing: Standing) -> APIRouter:
    """Return the routes of `/regions` and `/figures`."""

    async def regions(request: Request) -> Response:
        return await standing.of_state(request, lay_out_regions)

    async def figures(request: Request) -> Response:
        return await standing.of_state(request, lay_out_figures)

    async def drawn(request: Request) -> Response:
        response = await standing.of_state(request, lay_out_map)
        response.headers["Content-Security-Policy"] = shapes.POLICY
        return response

    async def rows(request: Request) -> Response:
        visit = await standing.reception.visit(request)
        found = await atlas(visit)
        regions = shapes.around(_asked(request, found), found)
        language_of = texts(language(request)).language
        names = {r.iri: found.name(r.iri, language_of).text for r in regions}

        async def make(headers: dict[str, str]) -> Response:
            body = await shapes.shapes_json(visit, regions, names)
            headers["Content-Language"] = language_of
            return Response(body, headers=headers, media_type=RESULT_TYPES["json"])

        return await answered(visit, standing.site, HTML, make)

    async def lay_out_map(visit: Visit) -> Laid:
        found, known = await atlas(visit), await shapes.has_shapes(visit)
        region = _asked(visit.request, found)
        speaker = await standing.speaker(visit, ())
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

    async def lay_out_regions(visit: Visit) -> Laid:
        found, counts = await atlas(visit), await overview.figure_counts(visit)
        speaker = await standing.speaker(visit, ())
        index = overview.region_index(found, counts, speaker)
        return Laid("regions.html", {"index": index})

    async def lay_out_figures(visit: Visit) -> Laid:
        rows, counts = await visit.graph.select("figures"), await overview.figure_counts(visit)
        named = {row[key] for row in rows for key in overview.NAMED_IN_FIGURES if key in row}
        speaker = await standing.speaker(visit, (t for t in named if isinstance(t, NamedNode)))
        return Laid("figures.html", {"page": overview.figure_page(rows, counts, speaker)})

    routes = APIRouter()
    methods = ["GET", "HEAD"]
    routes.add_api_route("/regions", regions, methods=methods, response_model=None)
    routes.add_api_route("/figures", figures, methods=methods, response_model=None)
    routes.add_api_route(shapes.MAP, drawn, methods=methods, response_model=None)
    routes.add_api_route(shapes.SHAPES, rows, methods=methods, response_model=None)
    return routes


def _asked(request: Request, found: Atlas) -> Region | None:
    """Return the region that a map is about. Raises `NoSuchRegion`."""
    code = request.query_params.get(shapes.OF)
    return shapes.region_of(code, shapes.OF, found) if code else None
