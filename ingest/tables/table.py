"""What every kind of table gives: its column names, and its rows with their place."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from vises.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vises.ingest.rules import Refusal

LONGEST_CELL = 1 << 20
"""How many characters a cell may have."""


class BadTable(BadInput):
    """A file is not a table that can be read to its end."""

    kind = "bad-table"
    title = "The table cannot be read"


class Table(NamedTuple):
    """A table that is open: the names as the file has them, and the rows.

    A row is its place (a line of a text file, a row of a sheet, the number of an object) and its
    cells as text, empty where there is no value; or why it has no such cells.
    """

    names: Sequence[str]
    rows: Iterator[tuple[int, list[str] | Refusal]]
