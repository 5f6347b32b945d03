"""The figures of the regions that an enterprise is in, beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vises.service.pages.kinds.enterprise.claims import counted
from vises.service.pages.kinds.enterprise.figures import MOST_SHOWN
from vises.service.pages.telling import unit_of
from vises.service.pages.values import unsettled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyoxigraph import NamedNode

    from vises.service.pages.kinds.enterprise.gathering import Gathered
    from vises.service.pages.model import Mention, Value
    from vises.service.pages.telling import Telling
    from vises.service.pages.things import Thing


@dataclass(frozen=True)
class Row:
    """The latest figure of a measure under a rule, of the narrowest region that has one.

    `counts` says whether that rule counts the enterprise in, None where no claim applies it;
    `sector` is what the figure is limited to; `unsettled` is `estimated`, `provisional` or None.
    """

    region: Mention | None
    measure: Mention
    sector: Mention | None
    year: str
    value: Value
    perimeter: Mention | None
    counts: bool | None
    source: Mention | None
    unsettled: str | None
    fictitious: bool


def figures_of(gathered: Gathered, telling: Telling) -> tuple[Row, ...]:
    """Return the figures around, those under rules that count the enterprise in first.

    Where publications give different numbers for one region and year, all of them are there.
    """
    rules = counted(gathered)
    rows = [_row(thing, rules, telling) for thing in gathered.figures.things]
    return tuple(sorted(rows, key=_order)[:MOST_SHOWN])


def _row(thing: Thing, rules: Mapping[NamedNode, bool], telling: Telling) -> Row:
    measure, perimeter = thing.thing("qb:measureType"), thing.thing("vises:perimeter")
    said = thing.said.get(measure.value, ()) if measure else ()
    value = next((value for value, _ in said), None)
    shown = telling.measured(value, unit_of(thing, "sdmx-attribute:unitMeasure"))
    return Row(
        region=telling.mention(thing, "sdmx-dimension:refArea"),
        measure=telling.speaker.thing(measure.value if measure else ""),
        sector=telling.mention(thing, "vises:sector"),
        year=thing.text("sdmx-dimension:refPeriod"),
        value=telling.cited(thing, telling.linked(thing, shown)),
        perimeter=telling.mention(thing, "vises:perimeter"),
        counts=rules.get(perimeter) if perimeter else None,
        source=telling.mention(thing, "vises:publication"),
        unsettled=unsettled(thing.value("sdmx-attribute:obsStatus")),
        fictitious=thing.fictitious,
    )


def _order(row: Row) -> tuple[int, str, str, str, str]:
    rank = {True: 0, None: 1, False: 2}[row.counts]
    named = (row.perimeter, row.sector, row.source)
    perimeter, sector, source = (m.name.text.casefold() if m else "" for m in named)
    return rank, perimeter, row.measure.name.text, sector, source
