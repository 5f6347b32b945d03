"""Bars, and bars in groups: each label stands above its bars, so that it may be long."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from vises.service.charts.library import Box, HorizontalBar
from vises.service.charts.model import Chart, GroupedChart, Value
from vises.service.charts.picture import FONT, WIDTH, heights, options, picture

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

MOST_BARS = 30
"""How many bars or groups a picture has; the table has them all."""

_THICK = 15
_GAP = 12
"""On each side of a group; with that of its neighbour it holds a label."""

_MARGIN = 4
_LABEL_CHARACTERS = 58
"""Of a label in a picture; the table has the rest."""

_CHARACTER = 0.62
"""The width of a character, as a part of the size of the font."""

_MOST_TAKEN = 0.7

Cell = tuple[Value, str] | None
"""A value and the class of its bar."""


class _Bars(HorizontalBar):  # type: ignore[misc]  # pygal is not typed
    """Bars of a fixed thickness."""

    _serie_margin = 0.03

    def __init__(self, beside: int, **kwargs: object) -> None:
        self._series_margin = _GAP / _slot(beside)
        super().__init__(**kwargs)


def bar_chart(chart: Chart) -> Markup:
    """Return bars as SVG, in the order given; the marked ones stand out."""
    bars = chart.bars[:MOST_BARS]
    cells = [(Value(bar.value, bar.shown), "rect marked" if bar.marked else "rect") for bar in bars]
    return _drawn(chart, [bar.label for bar in bars], [cells])


def grouped_bar_chart(chart: GroupedChart) -> Markup:
    """Return bars in groups as SVG, each series in a colour and a pattern of its own."""
    groups = chart.groups[:MOST_BARS]
    rows = [[v and (v, "rect") for v in group.values] for group in groups]
    columns = [list(column) for column in zip(*rows, strict=True)]
    return _drawn(chart, [group.label for group in groups], columns)


def _slot(beside: int) -> int:
    return _THICK * beside + 2 * _GAP


def _drawn(
    chart: Chart | GroupedChart, labels: Sequence[str], series: Sequence[Sequence[Cell]]
) -> Markup:
    slot = _slot(len(series))
    graph = _Bars(
        len(series),
        **options(slot * len(labels) + 3 * _MARGIN),
        margin_top=2 * _MARGIN,
        show_x_labels=False,
        show_y_labels=False,
        print_values_position="top",
        range=_ends(series),
    )
    for column in series:
        graph.add("", [cell and _told(*cell) for cell in reversed(column)])

    def add_labels(root: ET.Element) -> None:
        held = ET.SubElement(root, "g", {"class": "labels"})
        for place, label in enumerate(labels):
            y = 2 * _MARGIN + _placed(slot * place + _GAP, slot * len(labels)) - 5
            text = ET.SubElement(held, "text", {"x": str(2 * _MARGIN), "y": str(y)})
            text.text = _shortened(label)

    return picture(graph, chart, add_labels)


def _placed(y: float, height: float) -> float:
    """Return where pygal draws what is at a height of the plot: it leaves a margin at both ends."""
    margin: float = Box.margin
    return (y + margin * height) / (1 + 2 * margin)


def _told(value: Value, css: str) -> dict[str, object]:
    return {"value": value.value, "formatter": lambda _: value.shown, "node": {"class": css}}


def _ends(series: Sequence[Sequence[Cell]]) -> tuple[float, float]:
    """Return the ends of the axis, so that the value beside the longest bar still has room."""
    cells = [cell[0] for column in series for cell in column if cell]
    longest = max((len(cell.shown) for cell in cells), default=0)
    taken = (longest + 2) * FONT * _CHARACTER / (WIDTH - 2 * _MARGIN)
    return heights((cell.value for cell in cells), 1 / (1 - min(_MOST_TAKEN, taken)))


def _shortened(label: str) -> str:
    if len(label) <= _LABEL_CHARACTERS:
        return label
    return label[: _LABEL_CHARACTERS - 1].rstrip() + "…"
