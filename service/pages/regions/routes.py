"""The addresses of the index of regions and of all figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter
from pyoxigraph import NamedNode
from starlette.requests import Request  # noqa: TC002 (FastAPI reads the annotations)

from vises.service.pages.regions import overview
from vises.service.pages.regions.atlas import atlas
from vises.service.pages.subject import Laid

if TYPE_CHECKING:
    from starlette.responses import Response

    from vises.service.pages.standing import Standing
    from vises.service.pages.visit import Visit


def regions_router(standing: Standing) -> APIRouter:
    """Return the routes of `/regions` and `/figures`."""

    async def regions(request: Request) -> Response:
        return await standing.of_state(request, lay_out_regions)

    async def figures(request: Request) -> Response:
        return await standing.of_state(request, lay_out_figures)

    async def lay_out_regions(visit: Visit) -> Laid:
        found, counts = await atlas(visit), await overview.figure_counts(visit)
        speaker = await standing.speaker(visit, ())
        index = overview.region_index(found, counts, speaker)
        return Laid("regions.html", {"index": index})

    async def lay_out_figures(visit: Visit) -> Laid:
        rows = await visit.graph.select("figures")
        named = {row[key] for row in rows for key in overview.NAMED_IN_FIGURES if key in row}
        speaker = await standing.speaker(visit, (t for t in named if isinstance(t, NamedNode)))
        return Laid("figures.html", {"page": overview.figure_page(rows, speaker)})

    routes = APIRouter()
    methods = ["GET", "HEAD"]
    routes.add_api_route("/regions", regions, methods=methods, response_model=None)
    routes.add_api_route("/figures", figures, methods=methods, response_model=None)
    return routes
