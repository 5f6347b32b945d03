"""How an enterprise reports its results: a page, and the workbook to fill in."""

from __future__ import annotations

import asyncio
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import APIRouter
from pyoxigraph import NamedNode
from starlette.requests import Request  # noqa: TC002 (FastAPI reads the annotations)
from starlette.responses import Response

from vises.ingest.sources.impact.template import columns, write_template
from vises.languages import LANGUAGES
from vises.service.iris import in_release
from vises.service.language import language
from vises.service.pages.subject import Laid
from vises.service.pages.visit import answered
from vises.service.public import origin_of

if TYPE_CHECKING:
    from vises.service.pages.maker import PageMaker
    from vises.service.pages.visit import Visit

PATH = "/report"
WORKBOOK = f"{PATH}/impact.xlsx"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Reporting:
    """Answers the requests for the page and the workbook."""

    maker: PageMaker

    def router(self) -> APIRouter:
        """Return the routes."""
        routes = APIRouter()
        routes.add_api_route(PATH, self.page, methods=["GET", "HEAD"])
        routes.add_api_route(WORKBOOK, self.workbook, methods=["GET", "HEAD"])
        return routes

    async def page(self, request: Request) -> Response:
        """Return what is asked for, the workbook in each language, and where it goes."""
        contact = self.maker.site.settings.contact

        async def lay_out(visit: Visit) -> Laid:
            chosen = visit.reading.chosen
            context: dict[str, object] = {
                "contact": contact,
                "workbooks": {each: in_release(WORKBOOK, chosen, each) for each in LANGUAGES},
                "columns": columns(language(request)),
                "media_type": XLSX,
                "origin": origin_of(request),
            }
            return Laid("report.html", context)

        return await self.maker.of_state(request, lay_out, contact)

    async def workbook(self, request: Request) -> Response:
        """Return the workbook, with the indicators of the release to choose from."""
        visit = await self.maker.visit(request)

        async def make(headers: dict[str, str]) -> Response:
            chosen = language(request)
            indicators = await self._indicators(visit)
            body = io.BytesIO()
            created = visit.reading.release.created
            await asyncio.to_thread(write_template, body, chosen, indicators, created)
            headers |= {
                "Content-Type": XLSX,
                "Content-Disposition": f'attachment; filename="impact-{chosen}.xlsx"',
            }
            return Response(body.getvalue(), headers=headers)

        return await answered(visit, XLSX, make, by_language=True)

    async def _indicators(self, visit: Visit) -> list[tuple[str, str]]:
        """Return the last parts of the IRIs of our indicators with their names, in order."""
        prefix = f"{self.maker.site.settings.base_iri}indicator/"
        rows = await visit.graph.select("report-indicators")
        iris = [row["thing"] for row in rows if isinstance(row["thing"], NamedNode)]
        ours = [iri for iri in iris if iri.value.startswith(prefix)]
        speaker = await self.maker.speaker(visit, ours)
        return sorted(
            (iri.value.removeprefix(prefix), speaker.thing(iri.value).name.text) for iri in ours
        )
