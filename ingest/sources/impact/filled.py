"""Workbooks that were made from the template: headers in three languages, codes with labels."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vises.ingest.files import InputFile, Kind
from vises.ingest.finding import find
from vises.ingest.rules import Refusal
from vises.ingest.sources.impact.texts import DASH, column_of, sheet_of
from vises.ingest.tables.table import Table
from vises.ingest.tables.workbook import open_sheet
from vises.progress import SILENCE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from vises.progress import Progress

TEXTS = {"text", "method"}
"""Columns whose cells are words, not codes."""


@dataclass(frozen=True)
class FilledLayout:
    """A sheet whose header is in any language of the template; `titles` are by column."""

    titles: Mapping[str, str]
    view = ""
    described_by = ()
    places_are_unique = True

    @contextmanager
    def open(self, file: InputFile, progress: Progress) -> Iterator[Table]:
        """Open the sheet with the columns of the contract; of `code \u2013 label` take the code."""
        with open_sheet(file, progress) as sheet:
            names = [column_of(name) for name in sheet.names]
            words = [name in TEXTS for name in names]
            yield Table(names, (_row(row, words) for row in sheet.rows))

    def title(self, column: str) -> str:
        """Return the header of a column."""
        return self.titles.get(column, column)


def find_filled(paths: Sequence[Path]) -> list[InputFile]:
    """Find tables as `find` does; of a workbook with sheets of the template, those alone."""
    found = find(paths)
    kept = []
    for file in found:
        beside = [f for f in found if f.path == file.path and f.kind is Kind.WORKBOOK]
        if file.kind is not Kind.WORKBOOK:
            kept.append(replace(file, exact=True))
        elif sheet_of(file.stem) or not any(sheet_of(f.stem) for f in beside):
            with open_sheet(file, SILENCE) as sheet:
                titles = {column_of(name): name for name in sheet.names}
            kept.append(replace(file, layout=FilledLayout(titles), exact=True))
    return kept


def _row(
    row: tuple[int, list[str] | Refusal], words: Sequence[bool]
) -> tuple[int, list[str] | Refusal]:
    place, cells = row
    if isinstance(cells, Refusal) or len(cells) != len(words):
        return place, cells
    read = zip(cells, words, strict=True)
    return place, [cell if word else cell.partition(DASH)[0].strip() for cell, word in read]
