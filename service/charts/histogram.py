"""How the values of a measure are spread: a bar for each interval, as wide as it is."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal, localcontext
from typing import TYPE_CHECKING

from vises.service.charts.library import Histogram
from vises.service.charts.model import MOST_DIGITS
from vises.service.charts.picture import heights, options, picture

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from vises.service.charts.model import Bin, Distribution

_HEIGHT = 200
_ABOVE = 1.18
_MOST_BINS = 12
_MOST_LABELS = 6
_NICE = tuple(map(Decimal, ("1", "2", "2.5", "5", "10")))
_DIGITS = 2 * MOST_DIGITS
"""Of the ends of intervals: those of the largest number, and as many after it."""


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


def bin_ends(values: Sequence[Decimal]) -> list[Decimal]:
    """Return the ends of intervals of one width that hold all values, at round numbers.

    The last one ends above the greatest value.

    >>> [str(end) for end in bin_ends([Decimal("0.3"), Decimal("0.5"), Decimal(1)])]
    ['0.3', '0.4', '0.5', '0.6', '0.7', '0.8', '0.9', '1', '1.1']
    >>> bin_ends([Decimal(5), Decimal(5)])
    [Decimal('5'), Decimal('6')]
    """
    least, most = min(values), max(values)
    with localcontext(prec=_DIGITS):
        width = _width((most - least) / _MOST_BINS)
        first, last = (_whole(value / width) for value in (least, most))
        number = int(last - first) + 1
        return [((first + n) * width).normalize() for n in range(number + 1)]


def _width(at_least: Decimal) -> Decimal:
    if at_least <= 0:
        return Decimal(1)
    scale = Decimal(1).scaleb(at_least.adjusted())
    return next(n * scale for n in _NICE if n * scale >= at_least)


def _whole(value: Decimal) -> Decimal:
    return value.to_integral_value(ROUND_FLOOR)


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
