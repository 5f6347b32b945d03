"""Tables of every kind as rows of text: columns by name, each row with its place."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

from vises.errors import sentence
from vises.ingest.files import Kind
from vises.ingest.rules import Refusal
from vises.ingest.tables.delimited import delimited_at, open_delimited
from vises.ingest.tables.features import open_features
from vises.ingest.tables.objects import open_objects
from vises.ingest.tables.parquet import open_parquet
from vises.ingest.tables.table import BadTable, empty
from vises.ingest.tables.workbook import open_sheet
from vises.progress import SILENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from vises.ingest.files import InputFile
    from vises.ingest.tables.table import Table
    from vises.progress import Progress

_READERS: Mapping[Kind, Callable[[InputFile, Progress], AbstractContextManager[Table]]] = {
    Kind.DELIMITED: open_delimited,
    Kind.WORKBOOK: open_sheet,
    Kind.PARQUET: open_parquet,
    Kind.OBJECTS: open_objects,
    Kind.FEATURES: open_features,
}


def opened(file: InputFile, progress: Progress) -> AbstractContextManager[Table]:
    """Open a table with its layout, else with the reader of its kind. Raises `BadTable`."""
    return (file.layout.open if file.layout else _READERS[file.kind])(file, progress)


def header(file: InputFile) -> tuple[str, ...]:
    """Return the column names of a table.

    Raises `BadTable` for an empty file, a blank first line, a name that comes twice (whatever its
    case), and for a file that is not of the kind that it seems to be; `NotUtf8`.
    """
    with opened(file, SILENCE) as table:
        names = tuple(name.strip() for name in table.names)
        if not any(names):
            filled = (place for place, row in table.rows if any(map(str.strip, row)))
            raise _nameless(file, next(filled, None))
    folded = [name.lower() for name in names]
    twice = sorted({name for name in folded if name and folded.count(name) > 1})
    if twice:
        raise BadTable(
            sentence("column-twice", "The column {name!r} comes twice.", name=twice[0]),
            place=f"{file.place}, line 1",
            remedy=sentence("rename-column", "Remove or rename one of the two columns."),
        )
    return names


def _nameless(file: InputFile, start: int | None) -> BadTable:
    """Return the error for a file without names, whose first line with something is `start`."""
    if start is None:
        return empty(file.place)
    return BadTable(
        sentence(
            "first-line-blank",
            "The first line is blank; what the file holds begins in line {start}.",
            start=start,
        ),
        place=f"{file.place}, line 1",
        remedy=sentence(
            "delete-above",
            "Delete the lines above the column names, which must stand in the first line.",
        ),
    )


def rows(
    file: InputFile, wanted: Sequence[str], progress: Progress
) -> Iterator[tuple[int, tuple[str, ...] | Refusal]]:
    """Yield each row's place (`Table`) and its cells in the order of the `wanted` columns.

    A column that the file does not have gives empty cells. A row that has more or fewer cells than
    the header gives a `Refusal` instead. Cells that were corrected (`InputFile.corrections`) are
    given as they are now, whatever was wrong with their row. Raises `BadTable` where the file
    cannot be read to its end, `NotUtf8` where it is not UTF-8, and what `header` does.
    """
    found = _rows(file, wanted, progress)
    return _corrected(found, wanted, file.corrections) if file.corrections else found


def rows_at(
    file: InputFile, wanted: Sequence[str], places: Collection[int]
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield what `rows` does for some places, but for rows that have no cells.

    A text is not taken apart but where a row is wanted. Raises as `rows` does.
    """
    in_full = file.layout or file.kind is not Kind.DELIMITED
    found = rows(file, wanted, SILENCE) if in_full else _at(file, wanted, places)
    for place, row in found:
        if place in places and not isinstance(row, Refusal):
            yield place, row


def _at(
    file: InputFile, wanted: Sequence[str], places: Collection[int]
) -> Iterator[tuple[int, tuple[str, ...] | Refusal]]:
    names = [name.lower() for name in header(file)]
    project = _projection(names, wanted)
    found = (
        (place, project(cells) if len(cells) == len(names) else Refusal("cells", "", "", ""))
        for place, cells in delimited_at(file, places)
    )
    return _corrected(found, wanted, file.corrections)


def _rows(
    file: InputFile, wanted: Sequence[str], progress: Progress
) -> Iterator[tuple[int, tuple[str, ...] | Refusal]]:
    header(file)  # it refuses names that come twice
    in_part = file.kind is Kind.PARQUET and not file.layout
    with open_parquet(file, progress, wanted) if in_part else opened(file, progress) as table:
        yield from projected(table.rows, table.names, wanted)


def projected(
    found: Iterable[tuple[int, list[str] | Refusal]], names: Sequence[str], wanted: Sequence[str]
) -> Iterator[tuple[int, tuple[str, ...] | Refusal]]:
    """Yield rows with the cells of the `wanted` columns alone, as `rows` does.

    `names` is the header of the rows that were `found`.
    """
    width = len(names)
    project = _projection([name.strip().lower() for name in names], wanted)
    for place, cells in found:
        if isinstance(cells, Refusal):
            yield place, cells
        elif len(cells) == width:
            yield place, project(cells)
        else:
            yield place, Refusal("cells", "", str(len(cells)), str(width))


def _corrected(
    rows: Iterator[tuple[int, tuple[str, ...] | Refusal]],
    wanted: Sequence[str],
    corrections: Mapping[int, Mapping[str, str]],
) -> Iterator[tuple[int, tuple[str, ...] | Refusal]]:
    for place, cells in rows:
        if (changed := corrections.get(place)) is None:
            yield place, cells
            continue
        before = [""] * len(wanted) if isinstance(cells, Refusal) else cells
        pairs = zip(wanted, before, strict=True)
        yield place, tuple(changed.get(name, cell) for name, cell in pairs)


def _projection(
    names: Sequence[str], wanted: Sequence[str]
) -> Callable[[list[str]], tuple[str, ...]]:
    """Return the function that picks the wanted cells, empty ones for those that are absent."""
    positions = [names.index(w.lower()) if w.lower() in names else len(names) for w in wanted]
    pick = operator.itemgetter(*positions)
    if len(positions) == 1:
        return lambda cells: (pick([*cells, ""]),)
    if len(names) not in positions:
        return pick
    return lambda cells: pick([*cells, ""])
