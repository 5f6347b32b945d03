"""Series over time: parts that do not compare are not joined, and each break is marked."""

from __future__ import annotations

from dataclasses import replace
from string import ascii_uppercase
from typing import TYPE_CHECKING, Any

from vises.service.charts.library import XY
from vises.service.charts.model import Line
from vises.service.charts.picture import FONT, heights, options, picture

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from vises.service.charts.model import Break, LineChart, Value

SIGNS = ascii_uppercase
"""What marks the breaks of a picture, in their order; the words are beside it."""

MOST_PLACES = 60
"""How many places a picture has, the last ones; the table has them all."""

_HEIGHT = 220
_MOST_LABELS = 8
_ABOVE = 1.3
"""The top of the axis, as a multiple of the highest value: room for what stands above points."""


class _Lines(XY):  # type: ignore[misc]  # pygal is not typed
    """Points, and lines between those of a part; values stand beside their points."""

    def __init__(self, breaks: Sequence[Break], **kwargs: object) -> None:
        self._breaks = breaks
        self._written = 0
        super().__init__(**kwargs)

    def _plot(self) -> None:
        for sign, at in zip(SIGNS, self._breaks, strict=False):
            x = self.view.x(at.at - 0.5)
            path = f"M{x:f} 0.000000 v{self.view.height:f}"
            self.svg.node(self.nodes["plot"], "path", d=path, class_="break")
            text = self.svg.node(self.nodes["plot"], "text", x=x, y=-6.0, class_="break")
            text.text = sign
        super()._plot()

    def line(self, serie: Any, *, rescale: bool = False) -> None:  # noqa: ANN401
        """Draw a series; the values of every second one stand under its points."""
        self._written = serie.index
        super().line(serie, rescale)

    def _static_value(  # noqa: PLR0913, PLR0917 (as pygal has it)
        self,
        serie_node: object,
        value: str,
        x: float,
        y: float,
        metadata: object,
        align_text: str = "left",  # noqa: ARG002
        classes: str | None = None,
    ) -> None:
        if not value:
            return
        at, half = x - FONT, len(value) * FONT * 0.3
        anchor = "start" if at < half else "end" if at > self.view.width - half else "middle"
        height = y if self._written % 2 else y - 2 * FONT
        super()._static_value(serie_node, value, at, height, metadata, anchor, classes)


def line_chart(chart: LineChart) -> Markup:
    """Return lines as SVG, from zero on; a part of one point is a point.

    There has to be a point. The first and the last of each part have their values beside them.
    """
    chart = _last_places(chart)
    graph = _Lines(
        inner_breaks(chart),
        **options(_HEIGHT),
        margin_top=18,
        margin_left=12,
        margin_right=12,
        xrange=_range(chart.places),
        range=heights((p.value.value for line in chart.lines for p in line.points), _ABOVE),
        x_labels=_labels(chart.places),
        truncate_label=-1,
        show_y_labels=False,
        show_x_guides=False,
        dots_size=4,
        allow_interruptions=True,
        x_value_formatter=str,
    )
    for line in chart.lines:
        graph.add("", _points(line))
    return picture(graph, chart)


def _last_places(chart: LineChart) -> LineChart:
    """Return a chart with no more places than a picture has."""
    if len(chart.places) <= MOST_PLACES:
        return chart
    first = chart.places[-MOST_PLACES]
    lines = [
        Line(
            line.name, [kept for part in line.parts if (kept := [p for p in part if p.at >= first])]
        )
        for line in chart.lines
    ]
    return replace(chart, lines=lines)


def inner_breaks(chart: LineChart) -> Sequence[Break]:
    """Return the breaks that a picture shows: those between its first and its last place."""
    return [b for b in chart.breaks if chart.places[0] < b.at <= chart.places[-1]]


def _points(line: Line) -> list[dict[str, object]]:
    """Return the points of all parts, with a place without a value between two of them."""
    found: list[dict[str, object]] = []
    for part in line.parts:
        if found:
            found.append({"value": (part[0].at, None)})
        for place, point in enumerate(part):
            written = place in {0, len(part) - 1}
            found.append(_told(point.at, point.value, written=written))
    return found


def _told(at: int, value: Value, *, written: bool) -> dict[str, object]:
    label = value.shown if written else ""
    return {"value": (at, value.value), "formatter": lambda _: label}


def _range(places: Sequence[int]) -> tuple[int, int]:
    """Return the ends of the axis; a single place stands in the middle."""
    return (places[0], places[-1]) if len(places) > 1 else (places[0] - 1, places[0] + 1)


def _labels(places: Sequence[int]) -> list[int]:
    """Return the places that are written under the axis: the first, the last, and some between."""
    step = -(-len(places) // _MOST_LABELS)
    return list(places[::-1][::step])[::-1]
