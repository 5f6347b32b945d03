"""All regions and all figures on a page each: an index, bounded whatever the data hold."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from vises.service.pages.labels import is_true
from vises.service.pages.model import Mention
from vises.service.pages.regions.figures import ALL_FAMILIES
from vises.service.pages.regions.tiles import Marks, tile_map
from vises.service.pages.values import unsettled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vises.service.graph import Row
    from vises.service.pages.mentions import Speaker
    from vises.service.pages.regions.atlas import Atlas
    from vises.service.pages.regions.tiles import TileMap
    from vises.service.pages.visit import Visit

NAMED_IN_FIGURES = ("area", "measure", "perimeter", "family", "sector", "publication", "unit")
LEVELS = (1, 2, 3)

MOST_ROWS = 70
LEAST_ROWS = 3
"""How many figures the page has altogether, and how many a region has at least."""

MOST_AREAS = 60

_ALL = NamedNode(ALL_FAMILIES)


@dataclass(frozen=True)
class Figure:
    """One regional figure in a table row.

    `parts` are the family and the sector that it is limited to; `unsettled` is `estimated`,
    `provisional` or None; `replaced` is whether a revision took its place.
    """

    measure: Mention
    period: str
    value: Mention
    perimeter: Mention
    parts: Sequence[Mention]
    publication: Mention
    unsettled: str | None
    replaced: bool
    fictitious: bool


@dataclass(frozen=True)
class Area:
    """The figures of one region; `left_out` is how many are on its own page only."""

    anchor: str
    mention: Mention
    figures: Sequence[Figure]
    left_out: int


@dataclass(frozen=True)
class FigurePage:
    """The regions with their figures; `areas_left_out` is how many regions are not there."""

    areas: Sequence[Area]
    areas_left_out: int


def figure_page(rows: Sequence[Row], counts: Mapping[str, int], speaker: Speaker) -> FigurePage:
    """Return the figures of queries/pages/figures.rq by region, in the order of the rows.

    `counts` are those of `figure_counts`: there may be more figures than rows.
    """
    found: dict[str, list[Row]] = {}
    for row in rows:
        area = row["area"]
        if isinstance(area, NamedNode):
            found.setdefault(area.value, []).append(row)
    shown = list(found.items())[:MOST_AREAS]
    most = _most(shown)
    return FigurePage(
        [
            Area(
                iri.rpartition("/")[2],
                speaker.thing(iri),
                [_figure(row, speaker) for row in held[:most]],
                max(0, counts.get(iri, 0) - len(held[:most])),
            )
            for iri, held in shown
        ],
        len(counts.keys() - dict(shown).keys()),
    )


def _most(areas: Sequence[tuple[str, Sequence[Row]]]) -> int:
    """Return how many figures of each region the page has room for."""
    most = max((len(held) for _, held in areas), default=0)
    while most > LEAST_ROWS and sum(min(most, len(held)) for _, held in areas) > MOST_ROWS:
        most -= 1
    return most


def _figure(row: Row, speaker: Speaker) -> Figure:
    unit = row.get("unit")
    value = speaker.value(row["value"], unit.value if isinstance(unit, NamedNode) else None)
    figure, period = row["figure"], row["period"]
    assert isinstance(period, Literal)
    href = speaker.addresses.href(figure.value) if isinstance(figure, NamedNode) else None
    limits = [row[key] for key in ("family", "sector") if key in row]
    return Figure(
        measure=speaker.value(row["measure"]),
        period=period.value,
        value=Mention(value.name, href),
        perimeter=speaker.value(row["perimeter"]),
        parts=[speaker.value(limit) for limit in limits if limit != _ALL],
        publication=speaker.value(row["publication"]),
        unsettled=unsettled(row.get("status")),
        replaced=is_true(row["replaced"]),
        fictitious="fictitious" in row and is_true(row["fictitious"]),
    )


@dataclass(frozen=True)
class RegionLine:
    """A region in the list, and how many figures are published of it."""

    mention: Mention
    figures: int


@dataclass(frozen=True)
class RegionIndex:
    """The maps of the levels, and the regions that have figures, by code."""

    maps: Sequence[TileMap]
    regions: Sequence[RegionLine]
    left_out: int


async def figure_counts(visit: Visit) -> Mapping[str, int]:
    """Return how many figures each region has in the release, counted once for each."""

    async def count() -> Counter[str]:
        return Counter(
            {
                area.value: int(number.value)
                for row in await visit.graph.select("figure-counts")
                if isinstance(area := row.get("area"), NamedNode)
                and isinstance(number := row["figures"], Literal)
            }
        )

    found: Counter[str] = await visit.facts.kept.get("figure-counts", count)
    return found


def region_index(found: Atlas, counts: Mapping[str, int], speaker: Speaker) -> RegionIndex:
    """Return the index of regions."""
    marks = Marks(figures=counts)
    maps = [tile_map(level, found, speaker, marks) for level in LEVELS]
    with_figures = [r for r in found.regions.values() if counts.get(r.iri)]
    lines = [
        RegionLine(found.mention(r.iri, speaker.words.language, speaker.addresses), counts[r.iri])
        for r in with_figures[:MOST_ROWS]
    ]
    return RegionIndex([m for m in maps if m], lines, len(with_figures) - len(lines))
