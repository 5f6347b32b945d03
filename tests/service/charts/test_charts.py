"""Charts: what is drawn, what is left out, and what a hostile label does to a picture."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, localcontext
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from vises.service.charts.bars import MOST_BARS, bar_chart, grouped_bar_chart
from vises.service.charts.histogram import bin_ends, histogram
from vises.service.charts.lines import MOST_PLACES, line_chart
from vises.service.charts.model import (
    AnyChart,
    Bar,
    Bin,
    Break,
    Chart,
    Distribution,
    Group,
    GroupedChart,
    Line,
    LineChart,
    Point,
    Value,
)

Draw = Callable[[AnyChart], str]
SMALL = 5_000


def point(at: int, value: float) -> Point:
    return Point(at, Value(value, f"{value:,}"))


BARS = Chart(
    "Share",
    "per cent",
    [Bar("Aisne", 11.1, "11.1%"), Bar("Nord", 10.4, "10.4%", marked=True), Bar("Oise", 0, "0%")],
)
GROUPS = GroupedChart(
    "Enterprises",
    "number",
    ["Wallonia", "Brussels"],
    [
        Group("2017", [Value(6681, "6,681"), Value(4698, "4,698")]),
        Group("2018", [Value(6735, "6,735"), None]),
    ],
)
LINES = LineChart(
    "Jobs",
    "number",
    [
        Line("Survey", [[point(2013, 10), point(2015, 11)], [point(2017, 20), point(2018, 21)]]),
        Line("Register", [[point(2018, 15)]]),
    ],
    [Break(2016, "change of source"), Break(2030, "after everything")],
)
SPREAD = Distribution(
    "Hours",
    "hours",
    [Bin(0, 10, 3, "0", "10", "3"), Bin(10, 20, 1, "10", "20", "1", marked=True)],
)
ALL = [
    pytest.param(bar_chart, BARS, id="bars"),
    pytest.param(grouped_bar_chart, GROUPS, id="groups"),
    pytest.param(line_chart, LINES, id="lines"),
    pytest.param(histogram, SPREAD, id="histogram"),
]


def tree(svg: str) -> ET.Element:
    return ET.fromstring(svg)


def texts(svg: str) -> list[str]:
    return [e.text or "" for e in tree(svg).iter("text")]


@pytest.mark.parametrize(("draw", "chart"), ALL)
def test_a_picture_obeys_the_policy_and_is_small(draw: Draw, chart: AnyChart) -> None:
    svg = draw(chart)
    assert not re.search(r"<style|<script|style=|\son\w+=|https?:|<!--", svg)
    assert len(svg) < SMALL
    assert draw(chart) == svg, "the same content has the same bytes"


@pytest.mark.parametrize(("draw", "chart"), ALL)
def test_a_picture_has_a_name_and_a_description(draw: Draw, chart: AnyChart) -> None:
    root = tree(draw(chart))
    assert root.get("role") == "img"
    named = {e.get("id"): e.text or "" for e in root if e.tag in {"title", "desc"}}
    assert named[root.get("aria-labelledby")] == chart.title
    assert all(told in named[root.get("aria-describedby")] for told in chart.told)


def test_bars_keep_their_order_and_show_their_values() -> None:
    root = tree(bar_chart(BARS))
    rects = sorted(root.iter("rect"), key=lambda e: float(e.get("y", "")))
    widths = [float(e.get("width", "0")) for e in rects]
    assert widths[0] / widths[1] == pytest.approx(11.1 / 10.4, rel=0.01)
    assert [e.get("class") for e in rects] == [None, "marked", None]
    assert {"Aisne", "Nord", "11.1%", "10.4%", "0%"} <= set(texts(bar_chart(BARS)))


def test_a_second_series_has_a_pattern() -> None:
    root = tree(grouped_bar_chart(GROUPS))
    filled = [e.get("fill") for e in root.iter("rect") if e.get("class") is None]
    patterns = {f"url(#{e.get('id')})" for e in root.iter("pattern")}
    assert sorted(filled, key=str) == sorted([None, None, *patterns], key=str)


def test_no_line_crosses_a_break() -> None:
    root = tree(line_chart(LINES))
    paths = [e.get("d", "") for e in root.iter("path") if "nofill" in e.get("class", "")]
    assert len(paths) == 2
    assert len(list(root.iter("circle"))) == 5
    marks = [e for e in root.iter("path") if e.get("class") == "break"]
    assert len(marks) == 1, "a break after the last place is not drawn"
    at = float(re.match(r"M([\d.]+)", marks[0].get("d", ""))[1])  # type: ignore[index]
    ends = [float(x) for path in paths for x in re.findall(r"([\d.]+) [\d.]+", path)]
    assert max(ends[:2]) < at < min(ends[2:])


def test_one_point_is_a_picture() -> None:
    svg = line_chart(LineChart("Jobs", "number", [Line("Survey", [[point(2013, 6111)]])]))
    assert "6,111" in texts(svg)


def test_lines_begin_at_zero() -> None:
    root = tree(line_chart(LineChart("J", "n", [Line("S", [[point(1, 100), point(2, 50)]])])))
    axis = next(e for e in root.iter("path") if "guide" in e.get("class", ""))
    height = float(axis.get("d", "").rpartition("v")[2])
    first, second = (float(e.get("cy", "")) for e in root.iter("circle"))
    assert (height - first) / (height - second) == pytest.approx(2, rel=0.05)


@pytest.mark.parametrize(
    "label",
    [
        "<script>alert(1)</script>",
        "\u202eevil\u202c",
        "a\x00b\x1b",
        "\ud800",
        "x" * 10_000,
        "",
        "]]>",
    ],
    ids=["markup", "bidi", "controls", "surrogate", "long", "empty", "cdata"],
)
def test_hostile_labels(label: str) -> None:
    for svg in (
        bar_chart(Chart(label, label, [Bar(label, 1, label)])),
        grouped_bar_chart(GroupedChart("t", "u", [label], [Group(label, [Value(1, label)])])),
        line_chart(LineChart(label, "u", [Line(label, [[Point(1, Value(1, label))]])])),
    ):
        svg.encode()
        assert "<script" not in svg
        tree(svg)


@pytest.mark.parametrize("value", [0.0, -5.0, 1e15, 1e-9])
def test_extreme_values(value: float) -> None:
    tree(bar_chart(Chart("t", "u", [Bar("a", value, "v"), Bar("b", 1, "w")])))
    tree(bar_chart(Chart("t", "u", [Bar("a", value, "v")])))
    tree(line_chart(LineChart("t", "u", [Line("s", [[point(1, value), point(2, value)]])])))


def test_a_picture_of_very_many_stays_small() -> None:
    bars = [Bar(f"Region {n}", n, str(n)) for n in range(100_000)]
    svg = bar_chart(Chart("t", "u", bars))
    assert len(list(tree(svg).iter("rect"))) == MOST_BARS
    assert len(svg) < 3 * SMALL
    years = [point(n, n) for n in range(5_000)]
    drawn = line_chart(LineChart("t", "u", [Line("s", [years]), Line("o", [years[:5]])]))
    assert len(list(tree(drawn).iter("circle"))) == MOST_PLACES
    assert len(drawn) < 3 * SMALL


@pytest.mark.parametrize(
    ("values", "first", "last", "width"),
    [
        ("3 7 18", "2", "20", "2"),
        ("5 5", "5", "6", "1"),
        ("0 1200", "0", "1300", "100"),
        ("0.3 0.5 1", "0.3", "1.1", "0.1"),
        ("-0.5 0.1 1", "-0.6", "1.2", "0.2"),
        ("-7 -7", "-7", "-6", "1"),
        (f"1e30 1{'0' * 29}1", "1e30", f"1{'0' * 29}1.1", "0.1"),
        (f"{'9' * 100} -{'9' * 100}", "-1e100", "1e100", "2e99"),
    ],
)
def test_intervals_hold_every_value(values: str, first: str, last: str, width: str) -> None:
    numbers = [Decimal(value) for value in values.split()]
    ends = bin_ends(numbers)
    assert [ends[0], ends[-1]] == [Decimal(first), Decimal(last)]
    assert ends[0] <= min(numbers)
    assert ends[-1] > max(numbers)
    with localcontext(prec=200):
        assert {after - before for before, after in pairwise(ends)} == {Decimal(width)}
    assert len(ends) < 16
