"""What a chart shows: values with their labels and with the text that a reader sees of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_TOLD = 12
"""How many values the description of a picture tells; the table beside it has them all."""

MOST_DIGITS = 100
"""How many digits before its point a number in a picture has at most.

No quantity has so many; from some 300 on, what draws pictures reckons with infinity.
"""


@dataclass(frozen=True)
class Bar:
    """One bar: its label, its value, the value as it is written, and whether it stands out.

    `href` is where the label of the table leads, `note` what the table adds to the value.
    """

    label: str
    value: float
    shown: str
    marked: bool = False
    href: str | None = None
    note: str = ""


@dataclass(frozen=True)
class Chart:
    """Bars of one measure; `unit` names what is measured, with its unit."""

    title: str
    unit: str
    bars: Sequence[Bar]

    @property
    def told(self) -> Sequence[str]:
        """The values in words."""
        return [f"{bar.label}: {bar.shown}" for bar in self.bars]


@dataclass(frozen=True)
class Value:
    """A value of a group or of a line, and how it is written."""

    value: float
    shown: str
    href: str | None = None
    note: str = ""


@dataclass(frozen=True)
class Group:
    """Values of one thing, one for each series; None where a series has none."""

    label: str
    values: Sequence[Value | None]


@dataclass(frozen=True)
class GroupedChart:
    """Bars in groups: what is compared within each group is told apart by the series."""

    title: str
    unit: str
    series: Sequence[str]
    groups: Sequence[Group]

    @property
    def told(self) -> Sequence[str]:
        """The values in words."""
        return [
            f"{group.label}, {name}: {value.shown}"
            for group in self.groups
            for name, value in zip(self.series, group.values, strict=True)
            if value
        ]


@dataclass(frozen=True)
class Point:
    """A value at a place of the axis, most often a year."""

    at: int
    value: Value


@dataclass(frozen=True)
class Line:
    """A series in parts that are not joined: each part compares within itself alone."""

    name: str
    parts: Sequence[Sequence[Point]]

    @property
    def points(self) -> Sequence[Point]:
        """The points of all parts."""
        return [point for part in self.parts for point in part]


@dataclass(frozen=True)
class Break:
    """Where series stop comparing: `at` is the first place after it, `label` says why."""

    at: int
    label: str
    href: str | None = None


@dataclass(frozen=True)
class LineChart:
    """Series over time, with the breaks that no line crosses."""

    title: str
    unit: str
    lines: Sequence[Line]
    breaks: Sequence[Break] = ()

    @cached_property
    def places(self) -> Sequence[int]:
        """The places that have a value, in order."""
        return sorted({point.at for line in self.lines for point in line.points})

    @property
    def told(self) -> Sequence[str]:
        """The values in words."""
        return [
            f"{line.name}, {point.at}: {point.value.shown}"
            for line in self.lines
            for point in line.points
        ]


@dataclass(frozen=True)
class Bin:
    """How many things have a value from `start` up to `end`; `marked` where the one of the page is.

    `from_` and `to` are how its ends are written, `shown` the number of things.
    """

    start: float
    end: float
    count: int
    from_: str
    to: str
    shown: str
    marked: bool = False


@dataclass(frozen=True)
class Distribution:
    """How the values of a measure are spread; `unit` names the measure, with its unit."""

    title: str
    unit: str
    bins: Sequence[Bin]

    @property
    def told(self) -> Sequence[str]:
        """The numbers in words."""
        return [f"{b.from_} … {b.to}: {b.shown}" for b in self.bins]


AnyChart = Chart | GroupedChart | LineChart | Distribution


def description(chart: AnyChart) -> str:
    """Return what a picture says to whoever does not see it: its unit and its first values."""
    told = list(chart.told)
    more = "; …" if len(told) > MOST_TOLD else ""
    return f"{chart.unit}. " + "; ".join(told[:MOST_TOLD]) + more


def identity(chart: AnyChart) -> str:
    """Return a name for a picture within its page, the same for the same content."""
    return "c" + sha256(repr(chart).encode()).hexdigest()[:6]
