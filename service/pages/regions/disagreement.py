"""Where publications give different numbers of one area, measure and year, and what may be why."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vises.service.pages.regions.figures import Figure

REVISION = "revision"
PERIMETERS = "perimeters"
CONTRADICTION = "contradiction"

MOST_FIGURES = 8
"""How many figures of one year are set side by side."""


@dataclass(frozen=True)
class Disagreement:
    """Figures of one measure and period that differ, and the least that explains each pair.

    `why` is `CONTRADICTION` where two of them have the same perimeter and neither revises the
    other, `REVISION` where all that differ within a perimeter do, `PERIMETERS` where only those of
    different perimeters differ.
    """

    period: str
    figures: Sequence[Figure]
    why: str
    left_out: int


def disagreements(figures: Iterable[Figure]) -> list[Disagreement]:
    """Return the disagreements among figures of one measure, the latest first.

    Counts that were derived from registers are not published figures and take no part.
    """
    by_period: dict[str, list[Figure]] = {}
    for f in figures:
        if not f.parts and not f.derived:
            by_period.setdefault(f.period, []).append(f)
    found = []
    for period, held in sorted(by_period.items(), reverse=True):
        shown = sorted(held, key=lambda f: (f.perimeter, f.value))[:MOST_FIGURES]
        if len({f.value for f in shown}) > 1:
            found.append(Disagreement(period, shown, _why(shown), len(held) - len(shown)))
    return found


def _why(figures: Sequence[Figure]) -> str:
    within = [
        (one, other)
        for one, other in combinations(figures, 2)
        if one.perimeter == other.perimeter and one.value != other.value
    ]
    if not within:
        return PERIMETERS
    revised = (_revises(one, other) or _revises(other, one) for one, other in within)
    return REVISION if all(revised) else CONTRADICTION


def _revises(one: Figure, other: Figure) -> bool:
    return one.revises == other.iri or other.revision == one.iri
