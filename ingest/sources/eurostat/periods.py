"""Periods of SDMX: years, and the months, days, weeks and other parts of them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from vises.ingest.checks import YEARS
from vises.ingest.contract import bounds
from vises.ingest.rules import Refusal

if TYPE_CHECKING:
    from vises.ingest.contract import Row

_YEAR, _MONTH, _DAY = 4, 7, 10
"""How many characters they have."""


def misdated(period: str) -> Refusal | None:
    """Refuse a period of a year that is none, and a day or week that its year does not have."""
    if not YEARS[0] <= period[:_YEAR] <= YEARS[1]:
        return Refusal("range", "time", period, bounds(*YEARS))
    is_week = "W" in period
    if is_week or len(period) == _DAY:
        try:
            date.fromisoformat(period)
        except ValueError:
            return Refusal("date", "time", period, "2005-W11" if is_week else "2005-03-14")
    return None


def columns_of(period: str) -> Row:
    """Return a period in the column of its datatype: year, month, day, or part of a year."""
    columns = ["", "", "", ""]
    lengths = (_YEAR, _MONTH, _DAY)
    dated = period.replace("-", "").isdecimal() and len(period) in lengths
    columns[lengths.index(len(period)) if dated else len(lengths)] = period
    return tuple(columns)
