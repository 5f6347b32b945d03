"""How the values of a measure are spread: a bar for each interval, as wide as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vises.service.charts.library import Histogram
from vises.service.charts.picture import heights, options, picture

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from vises.service.charts.model import Bin, Distribution

_HEIGHT = 200
_ABOVE = 1.18
_MOST_BINS = 12
_MOST_LABELS = 6
_NICE = (1, 2, 2.5, 5, 10)


def histogram(chart: Distribution) -> Markup:
    """Return a distribution as SVG; marked intervals stand out. There has to be an interval."""
    graph = Histogram(
        **options(_HEIGHT),
        margin_left=14,
        margin_right=14,
        show_y_labels=False,
        show_x_guides=False,
        print_values_position="top",
        range=heights((b.count for b in chart.bins), _ABOVE),
        x_labels=_labels(chart.bins),
        truncate_label=-1,
    )
    graph.add("", [_told(b) for b in chart.bins])
    return picture(graph, chart)


def bin_ends(values: Sequence[float]) -> list[float]:
    """Return the ends of intervals of one width that hold all values, at round numbers.

    >>> bin_ends([3, 7, 18])
    [2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0, 16.0, 18.0, 20.0]
    >>> bin_ends([5, 5])
    [5.0, 6.0]
    """
    least, most = min(values), max(values)
    width = _width((most - least) / _MOST_BINS)
    first = least // width
    number = int(most // width - first) + 1
    return [(first + n) * width for n in range(number + 1)]


def _width(at_least: float) -> float:
    if at_least <= 0:
        return 1.0
    scale = 1.0
    while at_least / scale >= _NICE[-1]:
        scale *= 10
    while at_least / scale < _NICE[0]:
        scale /= 10
    return next(n * scale for n in _NICE if n * scale >= at_least)


def _told(b: Bin) -> dict[str, object]:
    css = "rect marked" if b.marked else "rect"
    shown = b.shown if b.count else ""
    return {
        "value": (b.count, b.start, b.end),
        "formatter": lambda _: shown,
        "node": {"class": css},
    }


def _labels(bins: Sequence[Bin]) -> list[dict[str, object]]:
    """Return where the axis is labelled: at each end of an interval, while there are few."""
    ends = [(b.start, b.from_) for b in bins] + [(bins[-1].end, bins[-1].to)]
    step = -(-len(ends) // _MOST_LABELS)
    return [{"value": at, "label": label} for at, label in ends[::step]]
