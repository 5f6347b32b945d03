"""The home page: where each kind of visitor begins, and what the release holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import APIRouter
from pyoxigraph import NamedNode
from starlette.requests import Request  # noqa: TC002 (FastAPI reads the annotations)

from vises.namespaces import term
from vises.service.pages.regions.atlas import atlas
from vises.service.pages.regions.overview import figure_counts
from vises.service.pages.regions.tiles import Marks, tile_map
from vises.service.pages.subject import Laid
from vises.service.pages.values import written_day
from vises.service.public import origin_of
from vises.service.questions import questions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.responses import Response

    from vises.service.pages.facts import ClassCount
    from vises.service.pages.maker import PageMaker
    from vises.service.pages.visit import Visit
    from vises.service.texts import Texts

LISTS = {
    term(name).value: (address, key)
    for name, address, key in (
        ("vises:Enterprise", "/search?kind=enterprise", "home.of-enterprises"),
        ("vises:Indicator", "/indicators", "home.of-indicators"),
        ("vises:IndicatorResult", "/indicators", "home.of-results"),
        ("vises:QualitativeAccount", "/ontology#QualitativeAccount", "home.of-accounts"),
        ("vises:RegionalFigure", "/figures", "home.of-figures"),
        ("vises:Region", "/regions", "home.of-regions"),
        ("vises:Trial", "/method/vises#trials", "home.of-trials"),
        ("vises:Publication", "/search?kind=publication", "home.of-publications"),
    )
}
"""The classes that the page counts, with where their things are listed and what to call many."""

ASKED_FIRST = ("S2", "S9", "E2", "I1", "M2", "S5")
"""The questions that the page shows; the catalogue has all."""

MAP_LEVEL = 1


@dataclass(frozen=True)
class ClassLine:
    """What there are many of, how many, and how many of them are made up; `list` has them."""

    name: str
    things: int
    fictitious: int
    list: str


def class_lines(counts: Iterable[ClassCount], words: Texts) -> list[ClassLine]:
    """Return the classes of `LISTS` that have things, in its order."""
    found = {c.iri: c for c in counts}
    return [
        ClassLine(words(key), found[iri].things, found[iri].fictitious, address)
        for iri, (address, key) in LISTS.items()
        if iri in found
    ]


def home_router(maker: PageMaker) -> APIRouter:
    """Return the route of the home page."""

    async def home(request: Request) -> Response:
        return await maker.of_state(request, lay_out)

    async def lay_out(visit: Visit) -> Laid:
        counts = await maker.keeper.classes(visit.graph)
        example = await _example(visit)
        speaker = await maker.speaker(visit, {example} if example else set())
        marks = Marks(figures=await figure_counts(visit))
        release = visit.reading.release
        return Laid(
            "home.html",
            {
                "release": release,
                "day": written_day(release.created.date(), speaker.words),
                "origin": origin_of(visit.request),
                "statements": sum(visit.reading.counts.values()),
                "datasets": len(visit.facts.datasets),
                "classes": class_lines(counts, speaker.words),
                "fictitious": visit.facts.fictitious,
                "questions": [questions()[q] for q in ASKED_FIRST if q in questions()],
                "example": speaker.thing(example.value) if example else None,
                "map": tile_map(MAP_LEVEL, await atlas(visit), speaker, marks),
            },
        )

    routes = APIRouter()
    routes.add_api_route("/", home, methods=["GET", "HEAD"], response_model=None)
    return routes


async def _example(visit: Visit) -> NamedNode | None:
    """Return an enterprise that shows much: one that follows the method."""
    rows = await visit.graph.select("example-enterprise")
    found = rows[0]["enterprise"] if rows else None
    return found if isinstance(found, NamedNode) else None
