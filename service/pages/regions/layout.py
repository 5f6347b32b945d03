"""Where regions stand in the schematic map, and which of them meet at the border.

The places are in service/static/nuts.json, from which the query page draws its map as well. The
borders in it are those on land between France and Belgium, region by region, level by level.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from vises.service.assets import STATIC

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NO_REGION = "."


@dataclass(frozen=True)
class Layout:
    """Rows of codes by NUTS level, from north to south, and the codes that meet at the border."""

    rows: Mapping[int, Sequence[Sequence[str]]]
    across: Mapping[str, Sequence[str]]

    def columns(self, level: int) -> int:
        """Return the width of the map of a level, in tiles."""
        return max(len(row) for row in self.rows[level])


@cache
def layout() -> Layout:
    """Return the layout of the package."""
    read = json.loads((STATIC / "nuts.json").read_text("utf-8"))
    rows = {int(level): [row.split() for row in found] for level, found in read["rows"].items()}
    across: dict[str, list[str]] = {}
    for pair in read["borders"]:
        one, other = pair.split()
        across.setdefault(one, []).append(other)
        across.setdefault(other, []).append(one)
    return Layout(rows, across)
