"""Two regions side by side: within one perimeter where there is one, else with what differs."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP
from typing import TYPE_CHECKING

from vises.namespaces import term
from vises.service.charts.model import Group, GroupedChart
from vises.service.pages.regions.series import Series, all_series, chart_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from decimal import Decimal

    from vises.service.pages.mentions import Speaker
    from vises.service.pages.regions.figures import Figure, People

MOST_YEARS = 6
"""How many years of a series are compared, the latest ones."""

WORK = tuple(
    term(name).value
    for name in ("vises:jobCount", "vises:employeeCount", "vises:fullTimeEquivalents")
)
"""The measures that are divided by the inhabitants."""

_INHABITANTS = 100_000


@dataclass(frozen=True)
class Side:
    """What one region brings to a comparison."""

    figures: Sequence[Figure]


@dataclass(frozen=True)
class Shared:
    """A series that both regions have: the same measure and perimeter, year by year."""

    perimeter: str
    years: Sequence[tuple[str, Figure, Figure]]

    @property
    def periods(self) -> Sequence[str]:
        """The years that are compared."""
        return [period for period, *_ in self.years]


@dataclass(frozen=True)
class Apart:
    """Figures of one measure that do not compare: other perimeters, or no year in common."""

    one: Sequence[Figure]
    other: Sequence[Figure]
    same_perimeter: bool


@dataclass(frozen=True)
class Compared:
    """What two regions have of one measure."""

    measure: str
    shared: Sequence[Shared]
    apart: Apart | None


def compare(one: Side, other: Side) -> list[Compared]:
    """Return what two regions have of each measure that both have, what compares first."""
    ours, theirs = _by_measure(one.figures), _by_measure(other.figures)
    found = [_compared(m, ours[m], theirs[m]) for m in ours if m in theirs]
    return sorted(found, key=lambda c: not c.shared)


def _by_measure(figures: Iterable[Figure]) -> dict[str, dict[str, Series]]:
    found: dict[str, dict[str, Series]] = {}
    for series in all_series(f for f in figures if f.standing):
        found.setdefault(series.measure, {})[series.perimeter] = series
    return found


def _compared(measure: str, ours: Mapping[str, Series], theirs: Mapping[str, Series]) -> Compared:
    common = [p for p in ours if p in theirs]
    shared = [Shared(p, _common_years(ours[p], theirs[p])) for p in common]
    shared = [s for s in shared if s.years]
    if shared:
        return Compared(measure, shared, None)
    pick = common or list(ours)
    other = common or list(theirs)
    apart = Apart(
        [ours[p].figures[0] for p in pick], [theirs[p].figures[0] for p in other], bool(common)
    )
    return Compared(measure, (), apart)


def _common_years(ours: Series, theirs: Series) -> list[tuple[str, Figure, Figure]]:
    """Return the latest periods that both have; one with several values, with each of them."""
    here, there = _by_period(ours), _by_period(theirs)
    both = [period for period in here if period in there]
    return [
        (period, one, other)
        for period in both[:MOST_YEARS]
        for one in here[period].values()
        for other in there[period].values()
    ]


def _by_period(series: Series) -> dict[str, dict[Decimal, Figure]]:
    found: dict[str, dict[Decimal, Figure]] = {}
    for f in series.figures:
        found.setdefault(f.period, {}).setdefault(f.value, f)
    return found


def comparison_chart(
    measure: str, shared: Shared, names: Sequence[str], speaker: Speaker
) -> GroupedChart:
    """Return the picture of a series that both regions have, the earliest year first."""
    groups = [
        Group(period, [chart_value(one, speaker), chart_value(other, speaker)])
        for period, one, other in reversed(shared.years)
    ]
    invented = any(one.fictitious or other.fictitious for _, one, other in shared.years)
    title = speaker.marked(speaker.thing(shared.perimeter).name.text, invented=invented)
    return GroupedChart(title, speaker.thing(measure).name.text, list(names), groups)


@dataclass(frozen=True)
class PerHead:
    """Jobs for 100 000 inhabitants: a published figure divided by those of the area and year."""

    figure: Figure
    people: People
    value: int


def per_head(figures: Iterable[Figure], people: Iterable[People]) -> list[PerHead]:
    """Return what can be divided, the latest year of each measure and perimeter.

    Where publications contradict each other on it, or on the inhabitants, that is the number of
    each.
    """
    held: dict[str, dict[int, People]] = {}
    for p in people:
        held.setdefault(p.period, {}).setdefault(p.number, p)
    latest: dict[tuple[str, str], dict[Decimal, Figure]] = {}
    for f in figures:
        if f.measure in WORK and not f.parts and f.standing and not f.derived and f.period in held:
            known = latest.setdefault((f.measure, f.perimeter), {})
            if all(other.period == f.period for other in known.values()):
                known.setdefault(f.value, f)
    return [
        PerHead(f, there, _rounded(_INHABITANTS * f.value / there.number))
        for known in latest.values()
        for f in known.values()
        for there in held[f.period].values()
    ]


def _rounded(value: Decimal) -> int:
    """Return the whole number next to a value, of a half the larger one, as question S9 has it."""
    return int(value.to_integral_value(ROUND_HALF_UP))
