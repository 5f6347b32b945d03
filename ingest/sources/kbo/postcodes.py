"""Belgian postcodes and the provinces (NUTS 2) that they lie in."""

from __future__ import annotations

from bisect import bisect_right

PROVINCES = (
    (1000, "BE10"),
    (1300, "BE31"),
    (1500, "BE24"),
    (2000, "BE21"),
    (3000, "BE24"),
    (3500, "BE22"),
    (4000, "BE33"),
    (5000, "BE35"),
    (6000, "BE32"),
    (6600, "BE34"),
    (7000, "BE32"),
    (8000, "BE25"),
    (9000, "BE23"),
)
"""The first postcode of each range, with the NUTS code of its province."""

POSTCODE_LENGTH = 4
_STARTS = [start for start, _ in PROVINCES]


def province(postcode: str) -> str:
    """Return the NUTS 2 code for a Belgian postcode, or nothing where it is none.

    >>> province("7370"), province("1730"), province("59000")
    ('BE32', 'BE24', '')
    """
    if len(postcode) != POSTCODE_LENGTH or not (postcode.isascii() and postcode.isdigit()):
        return ""
    position = bisect_right(_STARTS, int(postcode))
    return PROVINCES[position - 1][1] if position else ""
