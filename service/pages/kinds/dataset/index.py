"""The list of all datasets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import APIRouter
from pyoxigraph import NamedNode
from starlette.requests import Request  # noqa: TC002 (FastAPI reads the annotations)
from starlette.responses import Response  # noqa: TC002

from vises.service.citation import page_citation
from vises.service.pages.labels import Name, best_label
from vises.service.pages.model import Mention
from vises.service.pages.subject import Laid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vises.service.pages.facts import Dataset
    from vises.service.pages.maker import PageMaker
    from vises.service.pages.mentions import Speaker
    from vises.service.pages.visit import Visit

PATH = "/datasets"


@dataclass(frozen=True)
class Line:
    """A dataset in the list; `modified` is when its content last changed."""

    mention: Mention
    description: Name | None
    statements: int
    publisher: Mention | None
    licences: Sequence[Mention]
    modified: Mention | None
    fictitious: bool


class Datasets:
    """Answers the requests for the list."""

    def __init__(self, maker: PageMaker) -> None:
        """Take what makes pages."""
        self._maker = maker

    def router(self) -> APIRouter:
        """Return the route."""
        routes = APIRouter()
        routes.add_api_route(PATH, self.page, methods=["GET", "HEAD"])
        return routes

    async def page(self, request: Request) -> Response:
        """Return the list."""

        async def lay_out(visit: Visit) -> Laid:
            datasets = visit.facts.datasets
            publishers = {NamedNode(d.publisher) for d in datasets if d.publisher}
            speaker = await self._maker.speaker(visit, publishers)
            lines = [_line(dataset, speaker) for dataset in datasets]
            context = {
                "datasets": sorted(lines, key=lambda line: line.mention.name.text.casefold()),
                "statements": sum(visit.reading.counts.values()),
                "fictitious": visit.facts.fictitious,
                "cited": page_citation(visit, speaker.words("dataset.all"), PATH),
            }
            return Laid("datasets.html", context)

        return await self._maker.of_state(request, lay_out)


def _line(dataset: Dataset, speaker: Speaker) -> Line:
    language = speaker.words.language
    title = best_label(dataset.titles, language) or speaker.unnamed(dataset.iri)
    return Line(
        mention=Mention(title, speaker.addresses.href(dataset.iri)),
        description=best_label(dataset.descriptions, language),
        statements=dataset.statements,
        publisher=speaker.thing(dataset.publisher) if dataset.publisher else None,
        licences=[speaker.thing(licence) for licence in dataset.licences],
        modified=speaker.value(dataset.modified) if dataset.modified else None,
        fictitious=dataset.fictitious,
    )
