"""The figures of a region as tables: by measure, then by perimeter, each row with its source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vises.service.pages.regions.disagreement import disagreements
from vises.service.pages.regions.series import all_series, line_chart

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vises.service.charts.model import LineChart
    from vises.service.pages.model import Mention
    from vises.service.pages.regions.breaks import SeriesBreak
    from vises.service.pages.regions.disagreement import Disagreement
    from vises.service.pages.regions.figures import Figure
    from vises.service.pages.regions.series import Series
    from vises.service.pages.regions.telling import Cell, Teller

MOST_SERIES = 16
MOST_ROWS = 10
"""How many series a page shows, and how many figures of each: the latest ones."""


@dataclass(frozen=True)
class SeriesTable:
    """The figures of one perimeter, with their picture where there are several years."""

    perimeter: Mention
    chart: LineChart | None
    rows: Sequence[Cell]
    left_out: int

    @property
    def source(self) -> Mention | None:
        """The publication of all figures, None where they are of several."""
        found = {cell.source for cell in self.rows}
        return found.pop() if len(found) == 1 else None

    @property
    def remarked(self) -> bool:
        """Whether there is a remark about any figure."""
        return any(cell.remarked for cell in self.rows)


@dataclass(frozen=True)
class SideBySide:
    """Figures that differ, and why (see `Disagreement`)."""

    period: str
    cells: Sequence[Cell]
    why: str
    left_out: int


@dataclass(frozen=True)
class MeasureTable:
    """What is published of one measure."""

    measure: Mention
    series: Sequence[SeriesTable]
    differing: Sequence[SideBySide]


@dataclass(frozen=True)
class Tables:
    """All measures; `left_out` is how many series are not shown."""

    measures: Sequence[MeasureTable]
    left_out: int


def tables(
    figures: Iterable[Figure], breaks: Sequence[SeriesBreak], teller: Teller, name: str | None
) -> Tables:
    """Return the figures of a region in tables.

    `name` is that of the region, for the pictures; None for none.
    """
    held = list(figures)
    series = all_series(held)
    shown, left_out = series[:MOST_SERIES], max(0, len(series) - MOST_SERIES)
    by_measure: dict[str, list[Series]] = {}
    for s in shown:
        by_measure.setdefault(s.measure, []).append(s)
    return Tables(
        [
            MeasureTable(
                teller.speaker.thing(measure),
                [_series(s, breaks, teller, name) for s in found],
                [
                    _side_by_side(d, teller)
                    for d in disagreements(f for f in held if f.measure == measure)[:MOST_ROWS]
                ],
            )
            for measure, found in by_measure.items()
        ],
        left_out,
    )


def _series(
    series: Series, breaks: Sequence[SeriesBreak], teller: Teller, name: str | None
) -> SeriesTable:
    rows = series.figures[:MOST_ROWS]
    return SeriesTable(
        teller.speaker.thing(series.perimeter),
        line_chart(series, breaks, name, teller.speaker) if name else None,
        [teller.cell(f) for f in rows],
        len(series.figures) - len(rows),
    )


def _side_by_side(found: Disagreement, teller: Teller) -> SideBySide:
    cells = [teller.cell(f) for f in found.figures]
    return SideBySide(found.period, cells, found.why, found.left_out)
