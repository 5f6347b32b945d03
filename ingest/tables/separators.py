"""The sign between the cells of a text, which its header tells."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

SEPARATORS = (",", ";", "\t")


def cells_of(line: str, separator: str) -> list[str]:
    """Return the cells of a line by itself."""
    return next(csv.reader([line], delimiter=separator), [])


def separator_of(line: str) -> str:
    """Return what stands between the cells of a line: the sign with the best `counts_of` them.

    Of equals, the comma.

    >>> separator_of("Region;Jobs, women, total"), separator_of("Region, Jobs")
    (';', ',')
    """
    return max(SEPARATORS, key=lambda sign: counts_of(cells_of(line, sign)))


def counts_of(cells: Sequence[str]) -> tuple[int, int]:
    """Return how many cells are whole, and how many there are.

    A cell that begins with a space or has a quote in it may be a piece of a name with commas.
    """
    return sum(not (cell.startswith(" ") or '"' in cell) for cell in cells), len(cells)
