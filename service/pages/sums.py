"""What the enterprises of a region report together for indicators, and what of it is withheld."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from vises.service.pages.values import number

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vises.service.graph import Row
    from vises.service.pages.mentions import Speaker
    from vises.service.pages.model import Mention
    from vises.service.pages.visit import Visit

MOST_SUMS = 200
"""How many sums a page shows; question S10 has them all."""

_NAMED = ("indicator", "family", "publication", "rule")


@dataclass(frozen=True)
class SumLine:
    """A sum, or the rule that withholds it: then it has neither value nor number of enterprises."""

    period: str
    family: Mention
    value: Mention | None
    enterprises: str
    rule: Mention | None
    source: Mention


@dataclass(frozen=True)
class IndicatorSums:
    """The sums of one indicator, the latest period first."""

    indicator: Mention
    lines: Sequence[SumLine]


@dataclass(frozen=True)
class Sums:
    """The solutions of queries/pages/region-sums.rq; `cut`: there are more of them."""

    rows: Sequence[Row]
    cut: bool

    def mentioned(self) -> set[NamedNode]:
        """Return the IRIs that their table names."""
        found = (row.get(key) for row in self.rows for key in _NAMED)
        return {value for value in found if isinstance(value, NamedNode)}

    def told(self, speaker: Speaker) -> list[IndicatorSums]:
        """Return the sums by indicator, as the page shows them."""
        by_indicator = groupby(self.rows, lambda row: _text(row, "indicator"))
        return [
            IndicatorSums(speaker.thing(indicator), [_line(row, speaker) for row in rows])
            for indicator, rows in by_indicator
        ]


async def sums_of(visit: Visit, codes: Iterable[str]) -> Sums:
    """Return the sums of a region under all its codes."""
    rows = await visit.graph.select("region-sums", resources=[NamedNode(code) for code in codes])
    return Sums(rows[:MOST_SUMS], len(rows) > MOST_SUMS)


def _line(row: Row, speaker: Speaker) -> SumLine:
    total, rule = row.get("sum"), row.get("rule")
    start, end = (speaker.value(row[key]).name.text for key in ("start", "end"))
    return SumLine(
        speaker.words("telling.between", start=start, end=end),
        speaker.thing(_text(row, "family")),
        speaker.value(total, _text(row, "unit")) if total is not None else None,
        number(_text(row, "enterprises"), speaker.words),
        speaker.thing(rule.value) if isinstance(rule, NamedNode) else None,
        speaker.thing(_text(row, "publication")),
    )


def _text(row: Row, key: str) -> str:
    value = row.get(key)
    return value.value if isinstance(value, NamedNode | Literal) else ""
