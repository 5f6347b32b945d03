"""The functions that service/templates/charts.html calls, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vises.service.charts.bars import bar_chart, grouped_bar_chart
from vises.service.charts.histogram import histogram
from vises.service.charts.lines import SIGNS, inner_breaks, line_chart

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vises.service.charts.model import Break


def signed(breaks: Sequence[Break]) -> list[tuple[str, Break]]:
    """Return breaks with the letters that mark them in the picture."""
    return list(zip(SIGNS, breaks, strict=False))


PICTURES: Mapping[str, object] = {
    function.__name__: function
    for function in (bar_chart, grouped_bar_chart, line_chart, histogram, inner_breaks, signed)
}
