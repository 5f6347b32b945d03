"""What enterprises report together for indicators, and what of it is withheld."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby, islice
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from vises.service.pages.things import Found, Thing
from vises.service.pages.values import number, span
from vises.service.pages.withholding import origins_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vises.service.graph import Row
    from vises.service.pages.mentions import Speaker
    from vises.service.pages.model import Mention
    from vises.service.pages.visit import Visit
    from vises.service.pages.withholding import Origins

MOST_SUMS = 200
"""How many sums a page shows; question S10 has them all."""

_NAMED = ("indicator", "area", "family", "publication", "rule")


@dataclass(frozen=True)
class SumLine:
    """A sum, or the rule that withholds it: then it has neither value nor number of enterprises.

    `area` is None on the page of a region, where it is that region.
    """

    area: Mention | None
    period: str
    family: Mention
    value: Mention | None
    enterprises: str
    rule: Mention | None
    source: Mention


@dataclass(frozen=True)
class IndicatorSum:
    """The sum of one indicator in a region."""

    indicator: Mention
    line: SumLine


@dataclass(frozen=True)
class PeriodSums:
    """The sums of one period from one source, by region and family."""

    period: str
    source: Mention
    lines: Sequence[SumLine]


@dataclass(frozen=True)
class Sums:
    """The solutions of one of the queries of sums; `cut`: there are more of them."""

    rows: Sequence[Row]
    cut: bool
    origins: Origins

    def mentioned(self) -> set[NamedNode]:
        """Return the IRIs that their table names."""
        found = (row.get(key) for row in self.rows for key in _NAMED)
        return {*self.origins.readable, *(v for v in found if isinstance(v, NamedNode))}

    def cells(self) -> Found:
        """Return the cells themselves, without what is said of them."""
        found = (row["cell"] for row in self.rows)
        things = [Thing(cell, {}) for cell in found if isinstance(cell, NamedNode)]
        return Found(things, self.cut)

    def latest(self, speaker: Speaker) -> list[IndicatorSum]:
        """Return the sums of the latest period of each indicator, for the page of a region."""
        return [
            IndicatorSum(speaker.thing(indicator), _line(row, speaker))
            for indicator, rows in groupby(self.rows, lambda row: _text(row, "indicator"))
            for _, latest in islice(groupby(rows, lambda row: (row["start"], row["end"])), 1)
            for row in latest
        ]

    def by_period(self, speaker: Speaker) -> list[PeriodSums]:
        """Return the sums of an indicator by period, as its page shows them."""
        lines = [_line(row, speaker) for row in self.rows]
        return [
            PeriodSums(period, source, list(found))
            for (period, source), found in groupby(lines, lambda line: (line.period, line.source))
        ]


async def sums_of(visit: Visit, query: str, iris: Iterable[str]) -> Sums:
    """Return the sums that a query of queries/pages finds for regions or for an indicator."""
    rows = await visit.graph.select(query, resources=[NamedNode(iri) for iri in iris])
    return Sums(rows[:MOST_SUMS], len(rows) > MOST_SUMS, await origins_of(visit, rows))


def _line(row: Row, speaker: Speaker) -> SumLine:
    total, rule, area = row.get("sum"), row.get("rule"), row.get("area")
    return SumLine(
        speaker.thing(area.value) if isinstance(area, NamedNode) else None,
        span(row["start"], row["end"], speaker.words),
        speaker.thing(_text(row, "family")),
        speaker.value(total, _text(row, "unit")) if total is not None else None,
        number(_text(row, "enterprises"), speaker.words),
        speaker.thing(rule.value) if isinstance(rule, NamedNode) else None,
        speaker.thing(_text(row, "publication")),
    )


def _text(row: Row, key: str) -> str:
    value = row.get(key)
    return value.value if isinstance(value, NamedNode | Literal) else ""
