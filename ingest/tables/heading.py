"""The line of the column names, where it is not the first one: for messages, never to read by."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from vises.ingest.rules import Refusal
from vises.ingest.tables import opened
from vises.ingest.tables.separators import SEPARATORS
from vises.progress import SILENCE

if TYPE_CHECKING:
    from collections.abc import Collection

    from vises.ingest.files import InputFile

LOOKED_AT = 30
"""Among how many rows below the first line the names are looked for."""

ENOUGH = 2
"""How many of the names that are wanted a row must have to be taken for the column names."""

_BETWEEN = re.compile("[" + "".join(SEPARATORS) + "]")


def line_of_names(file: InputFile, wanted: Collection[str]) -> int | None:
    """Return the line below the first one that has `wanted` names of columns; None if none has.

    A title in the first line may have another sign between its cells than the table below it.
    Raises what reading the file raises.
    """
    names = {name.lower() for name in wanted}
    with opened(file, SILENCE) as table:
        for place, cells in islice(table.rows, LOOKED_AT):
            if isinstance(cells, Refusal):
                continue
            parts = _BETWEEN.split(SEPARATORS[0].join(cells))
            if len(names.intersection(part.strip().lower() for part in parts)) >= ENOUGH:
                return place
    return None
