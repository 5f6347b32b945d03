"""What enterprises report for indicators, as a release has it, ready to be summed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from vises.ingest.derived.reading import CountedTwice, local, rows, within
from vises.ingest.disclosure.table import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from pyoxigraph import NamedNode, Store

    from vises.ingest.disclosure.hierarchy import Hierarchy

ADDITIVE = frozenset(
    {
        *("NUM", "HR", "DAY", "EUR", "CCY_EUR", "GM", "KiloGM", "TONNE", "TON_Metric", "L"),
        *("M", "KiloM", "M2", "HA", "M3", "J", "KiloW-HR", "MegaW-HR"),
    }
)
"""Units of QUDT in which the values of several enterprises add up; per cents and ratios do not."""

UNIT = "http://qudt.org/vocab/unit/"
VARIABLES = ("result", "indicator", "unit", "start", "end", "enterprise", "area", "family", "value")


class Topic(NamedTuple):
    """What is summed: an indicator and its unit (IRIs), over a period (xsd:date)."""

    indicator: str
    unit: str
    start: str
    end: str


@dataclass(frozen=True)
class Series:
    """The results of one indicator over one period: a record for each enterprise."""

    topic: Topic
    records: Sequence[Record]


class Unsummed(NamedTuple):
    """An indicator (IRI) that is left out, and why."""

    indicator: str
    why: str


class _Reported(NamedTuple):
    """A result (IRI), and what the enterprise that it is about adds by it."""

    result: str
    record: Record


def reported(
    store: Store, graphs: Iterable[NamedNode], areas: Hierarchy, level: int
) -> tuple[Sequence[Series], Sequence[Unsummed]]:
    """Return the attested results of some datasets by indicator and period, and what is left out.

    Left out are indicators whose unit is none of `ADDITIVE`, and those with a negative value: the
    rule of dominance means nothing for them. An enterprise without an area is in no sum; one
    whose legal form is of no family is in the totals of families alone. Raises `CountedTwice` where
    an enterprise has two results for the same time, or two places.
    """
    found: dict[Topic, dict[str, _Reported]] = defaultdict(dict)
    for graph in graphs:
        for row in rows(store, "results", VARIABLES, register=graph):
            result, indicator, unit, start, end, enterprise, area, family, value = row
            topic = Topic(indicator, unit, start, end)
            values = (within(area, areas, level), family)
            one = _Reported(result, Record(enterprise, values, Fraction(value)))
            before = found[topic].setdefault(enterprise, one)
            if before != one:
                raise CountedTwice(
                    f"For {local(indicator)}, {start} to {end}, it has {_words(before)} and"
                    f" {_words(one)}.",
                    place=enterprise,
                    remedy="Withdraw one result, or give it one region and one legal form.",
                )
    left_out = dict(sorted(_left_out(found)))
    series = [
        Series(topic, [one.record for _, one in sorted(reports.items())])
        for topic, reports in sorted(found.items())
        if topic.indicator not in left_out
    ]
    return series, [Unsummed(*one) for one in left_out.items()]


def overlapping(series: Sequence[Series]) -> Iterator[tuple[Topic, Topic]]:
    """Yield the topics of one indicator whose periods have a day in common, two by two."""
    for one, other in combinations([each.topic for each in series], 2):
        same = one.indicator == other.indicator
        if same and one.start <= other.end and other.start <= one.end:
            yield one, other


def _left_out(found: Mapping[Topic, Mapping[str, _Reported]]) -> Iterable[tuple[str, str]]:
    for topic, reports in found.items():
        unit = topic.unit.removeprefix(UNIT)
        if unit not in ADDITIVE:
            yield topic.indicator, f"values in {unit} do not add up"
        elif any(one.record.amount < 0 for one in reports.values()):
            yield topic.indicator, "a value is negative"


def _words(one: _Reported) -> str:
    area, family = map(local, one.record.values)
    return f"{float(one.record.amount):g} as {family} in {area} ({one.result})"
