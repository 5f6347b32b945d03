"""How the values that enterprises report for an indicator are spread, where enough report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import Literal, NamedNode

from vises.namespaces import PREFIXES
from vises.service.charts.histogram import bin_ends
from vises.service.charts.model import Bin, Distribution
from vises.service.pages.labels import is_true
from vises.service.pages.values import exact, number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from decimal import Decimal

    from vises.service.graph import Row, Term
    from vises.service.pages.telling import Telling

LEAST = 5
"""How many enterprises a distribution needs: the least number of peers of question I6.

With fewer of them a bar is one enterprise, and the picture would pass for that of a whole field.
"""

_ATTESTED = NamedNode(f"{PREFIXES['code']}report-status/attested")

MOST_VALUES = 5000
"""How many values are read for a distribution; the page says where there are more."""


class Period(NamedTuple):
    """The first and the last day of what results cover."""

    end: str
    start: str


@dataclass(frozen=True)
class Spread:
    """A distribution: of which period and how many enterprises, with its quartiles and picture."""

    period: str
    enterprises: str
    lower: str
    median: str
    upper: str
    chart: Distribution


@dataclass(frozen=True)
class Reported:
    """How many enterprises report, and the distribution of the last period with enough of them.

    Attested results alone are in the distribution, as in question I6 and in published sums; as in
    I6, each enterprise is in it once, and one that attests two different values is not. `cut` says
    that more values were reported than were read.
    """

    enterprises: int
    spread: Spread | None
    cut: bool


def reported(rows: Sequence[Row], unit: str | None, name: str, telling: Telling) -> Reported:
    """Return what the solutions of queries/pages/indicator-values.rq come to.

    `unit` is the IRI of the unit, `name` what the indicator is called.
    """
    kept = rows[:MOST_VALUES]
    attested = [row for row in kept if row["status"] == _ATTESTED]
    by_period = _by_period(attested)
    enough = [period for period, values in by_period.items() if len(values) >= LEAST]
    spread = None
    if enough:
        last = max(enough)
        invented = any(
            "fictitious" in row and is_true(row["fictitious"])
            for row in attested
            if _period(row) == last
        )
        values = sorted(by_period[last].values())
        spread = _spread(last, values, unit, name, telling, invented=invented)
    everybody = {row["enterprise"] for row in kept}
    return Reported(len(everybody), spread, cut=len(rows) > MOST_VALUES)


def _by_period(rows: Iterable[Row]) -> Mapping[Period, Mapping[Term, Decimal]]:
    """Return the value of each enterprise for a period, of those that have one and no other."""
    found: dict[Period, dict[Term, set[Decimal]]] = {}
    for row in rows:
        value = exact(row["value"])
        if value is not None:
            found.setdefault(_period(row), {}).setdefault(row["enterprise"], set()).add(value)
    return {
        period: {one: value for one, (value, *others) in values.items() if not others}
        for period, values in found.items()
    }


def _period(row: Row) -> Period:
    return Period(_text(row["end"]), _text(row["start"]))


def _spread(  # noqa: PLR0913
    period: Period,
    values: Sequence[Decimal],
    unit: str | None,
    name: str,
    telling: Telling,
    *,
    invented: bool,
) -> Spread:
    words = telling.speaker.words
    after = telling.speaker.unit(unit) if unit else ""

    def shown(value: Decimal) -> str:
        return number(f"{value:f}", words) + after

    lower, median, upper = (shown(_quantile(values, quarter)) for quarter in (1, 2, 3))
    span = telling.span(*(_date(day) for day in (period.start, period.end)))
    people = number(str(len(values)), words)
    title = telling.speaker.marked(
        words("indicator.spread-title", period=span, n=people), invented=invented
    )
    return Spread(
        span,
        people,
        lower,
        median,
        upper,
        _chart(values, title, name + (f" ({after.strip()})" if after else ""), telling),
    )


def _chart(values: Sequence[Decimal], title: str, unit: str, telling: Telling) -> Distribution:
    words = telling.speaker.words
    ends = bin_ends(values)
    counts = [0] * (len(ends) - 1)
    for value in values:
        counts[sum(1 for end in ends[1:-1] if value >= end)] += 1
    written = [number(f"{end:f}", words) for end in ends]
    at = [float(end) for end in ends]
    return Distribution(
        title,
        unit,
        [
            Bin(at[n], at[n + 1], count, written[n], written[n + 1], number(str(count), words))
            for n, count in enumerate(counts)
        ],
    )


def _quantile(values: Sequence[Decimal], quarter: int) -> Decimal:
    """Return a quartile of sorted values: definition 2 of Hyndman and Fan, as question I6 has it.

    Between two ranks it is their mean.
    """
    place, between = divmod(len(values) * quarter, 4)
    if between:
        return values[place]
    return ((values[place - 1] + values[place]) / 2).normalize()


def _text(value: Term) -> str:
    return value.value if isinstance(value, Literal) else ""


def _date(day: str) -> Literal:
    return Literal(day, datatype=NamedNode("http://www.w3.org/2001/XMLSchema#date"))
