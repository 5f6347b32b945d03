"""The comparison of two regions as a page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vises.service.pages.labels import LABEL_PROPERTIES, Name, best_label
from vises.service.pages.regions.comparison import Side, compare, comparison_chart

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pyoxigraph import Literal

    from vises.service.charts.model import GroupedChart
    from vises.service.pages.model import Mention
    from vises.service.pages.regions.breaks import SeriesBreak
    from vises.service.pages.regions.comparison import Apart, Compared
    from vises.service.pages.regions.gathering import RegionFacts
    from vises.service.pages.regions.telling import Cell, PerHeadCell, Teller


@dataclass(frozen=True)
class SharedView:
    """A series that both regions have, with its picture; `breaks` lie between its years.

    `scope` is what to heed of the perimeter: it may not delimit in the same way everywhere.
    """

    perimeter: Mention
    scope: Name | None
    chart: GroupedChart
    breaks: Sequence[Mention]


@dataclass(frozen=True)
class ApartView:
    """Figures that do not compare."""

    one: Sequence[Cell]
    other: Sequence[Cell]
    same_perimeter: bool


@dataclass(frozen=True)
class ComparedView:
    """What two regions have of one measure."""

    measure: Mention
    shared: Sequence[SharedView]
    apart: ApartView | None


@dataclass(frozen=True)
class Comparison:
    """Two regions side by side: their names, measures, and jobs for 100 000 inhabitants."""

    one: Mention
    other: Mention
    measures: Sequence[ComparedView]
    per_head: Sequence[tuple[Mention, PerHeadCell]]


def comparison(
    ours: RegionFacts, theirs: RegionFacts, scoped: Mapping[str, Sequence[Literal]], teller: Teller
) -> Comparison:
    """Return what two regions have in common, and what they have of one measure that differs.

    `scoped` are the notes on the scope of perimeters.
    """
    one, other = teller.region(ours.iri), teller.region(theirs.iri)
    breaks = list({b.iri: b for b in (*ours.breaks, *theirs.breaks)}.values())
    found = compare(Side(ours.figures), Side(theirs.figures))
    names = [one.name.text, other.name.text]
    heads = [(one, head) for head in teller.per_head(ours.figures, ours.people)]
    heads += [(other, head) for head in teller.per_head(theirs.figures, theirs.people)]
    views = [_view(c, names, breaks, scoped, teller) for c in found]
    return Comparison(one, other, views, heads)


def _view(
    found: Compared,
    names: Sequence[str],
    breaks: Sequence[SeriesBreak],
    scoped: Mapping[str, Sequence[Literal]],
    teller: Teller,
) -> ComparedView:
    shared = [
        SharedView(
            teller.speaker.thing(s.perimeter),
            best_label(
                ((LABEL_PROPERTIES[0], note) for note in scoped.get(s.perimeter, ())),
                teller.speaker.words.language,
            ),
            comparison_chart(found.measure, s, names, teller.speaker),
            [
                teller.break_(b).reason
                for b in breaks
                if b.is_of(s.perimeter, found.measure) and _between(b, s.periods)
            ],
        )
        for s in found.shared
    ]
    apart = _apart(found.apart, teller) if found.apart else None
    return ComparedView(teller.speaker.thing(found.measure), shared, apart)


def _apart(found: Apart, teller: Teller) -> ApartView:
    one, other = ([teller.cell(f) for f in side] for side in (found.one, found.other))
    return ApartView(one, other, found.same_perimeter)


def _between(b: SeriesBreak, periods: Sequence[str]) -> bool:
    return b.parts_series and min(periods)[:4] < str(b.year) <= max(periods)[:4]
