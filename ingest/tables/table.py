"""What every kind of table gives: its column names, and its rows with their place."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from vises.errors import BadInput, sentence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vises.ingest.rules import Refusal

LONGEST_CELL = 1 << 20
"""How many characters a cell may have."""

EXPORT_AGAIN = sentence("export-again", "Download or export it again.")
SAVE_AGAIN = sentence(
    "save-again", "Open it in a spreadsheet program and save it again as .xlsx, or as CSV."
)


class BadTable(BadInput):
    """A file is not a table that can be read to its end."""

    kind = "bad-table"
    title = "The table cannot be read"


def empty(place: str) -> BadTable:
    """Return the error for a file in which nothing is."""
    return BadTable(sentence("file-empty", "The file is empty."), place=place, remedy=EXPORT_AGAIN)


class Table(NamedTuple):
    """A table that is open: the names as the file has them, and the rows.

    A row is its place (a line of a text file, a row of a sheet, the number of an object) and its
    cells as text, empty where there is no value; or why it has no such cells.
    """

    names: Sequence[str]
    rows: Iterator[tuple[int, list[str] | Refusal]]
