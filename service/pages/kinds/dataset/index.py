"""The list of all datasets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import APIRouter
from starlette.requests import Request  # noqa: TC002 (FastAPI reads the annotations)
from starlette.responses import Response  # noqa: TC002

from vises.service import render
from vises.service.citation import page_citation
from vises.service.formats import HTML
from vises.service.pages.home import DatasetLine, dataset_lines, named_by
from vises.service.pages.visit import answered

if TYPE_CHECKING:
    from vises.service.pages.mentions import Speaker
    from vises.service.pages.model import Mention
    from vises.service.pages.reception import Reception
    from vises.service.pages.visit import Visit

PATH = "/datasets"


@dataclass(frozen=True)
class Dated:
    """A dataset in the list, and when its content last changed."""

    line: DatasetLine
    modified: Mention | None


class Datasets:
    """Answers the requests for the list."""

    def __init__(self, reception: Reception) -> None:
        """Take what receives visits."""
        self._reception = reception

    def router(self) -> APIRouter:
        """Return the route."""
        routes = APIRouter()
        routes.add_api_route(PATH, self.page, methods=["GET", "HEAD"])
        return routes

    async def page(self, request: Request) -> Response:
        """Return the list."""
        visit = await self._reception.visit(request)

        async def make(headers: dict[str, str]) -> Response:
            speaker = await self._reception.speaker(visit, named_by(visit.facts.datasets, ()))
            context = {
                "datasets": _dated(visit, speaker),
                "statements": sum(visit.reading.counts.values()),
                "fictitious": visit.facts.fictitious,
                "cited": page_citation(visit, speaker.words("dataset.all"), PATH),
            }
            return render.page(
                request, "datasets.html", context, reading=visit.reading, headers=headers
            )

        return await answered(visit, self._reception.site, HTML, make)


def _dated(visit: Visit, speaker: Speaker) -> list[Dated]:
    datasets = visit.facts.datasets
    found = [
        Dated(line, speaker.value(dataset.modified) if dataset.modified else None)
        for dataset, line in zip(datasets, dataset_lines(datasets, speaker), strict=True)
    ]
    return sorted(found, key=lambda d: d.line.mention.name.text.casefold())
