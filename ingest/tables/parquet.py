"""Parquet tables, a batch of rows at a time."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from vises.errors import sentence
from vises.ingest.files import DOWNLOAD_AGAIN
from vises.ingest.tables.cells import writer
from vises.ingest.tables.table import BadTable, Table
from vises.progress import SILENCE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from pyarrow import Array
    from pyarrow.parquet import ParquetFile

    from vises.ingest.files import InputFile
    from vises.ingest.rules import Refusal
    from vises.progress import Progress

_BATCH = 4096


@contextmanager
def open_parquet(
    file: InputFile, progress: Progress, wanted: Collection[str] | None = None
) -> Iterator[Table]:
    """Open a Parquet file; the place of a row is its number. Raises `BadTable`.

    Only the columns that are `wanted`, whatever their case, are read; all where it is None.
    """
    with _opened(file, progress) as table:
        names = _names(table, wanted)
        yield Table(names, _rows(file, table, range(table.num_row_groups), names))


@contextmanager
def open_row_groups(
    file: InputFile, start: int, stop: int, wanted: Collection[str]
) -> Iterator[Table]:
    """Open a part of a Parquet file: the `wanted` columns of its row groups `start` to `stop`.

    Raises `BadTable`.
    """
    with _opened(file, SILENCE) as table:
        names = _names(table, wanted)
        yield Table(names, _rows(file, table, range(start, stop), names))


def row_group_sizes(file: InputFile) -> tuple[tuple[int, int], ...]:
    """Return the number of rows and of bytes of each row group. Raises `BadTable`."""
    with _opened(file, SILENCE) as table:
        groups = [table.metadata.row_group(number) for number in range(table.num_row_groups)]
        return tuple((group.num_rows, group.total_byte_size) for group in groups)


@contextmanager
def _opened(file: InputFile, progress: Progress) -> Iterator[ParquetFile]:
    from pyarrow.parquet import ParquetFile  # noqa: PLC0415 (0.1 s to import)

    with file.open(progress) as stream:
        with _reading(file):
            table = ParquetFile(stream)
        yield table


@contextmanager
def _reading(file: InputFile) -> Iterator[None]:
    """Raise `BadTable` for what goes wrong with the file, or has no place in Python's calendar."""
    from pyarrow import ArrowException  # noqa: PLC0415 (0.1 s to import)

    try:
        yield
    except (ArrowException, OSError, ValueError, OverflowError) as error:
        raise BadTable(
            sentence(
                "parquet-unread",
                "It is no Parquet file that can be read to its end: {why}.",
                why=str(error).rstrip("."),
            ),
            place=file.place,
            remedy=DOWNLOAD_AGAIN,
        ) from error


def _names(table: ParquetFile, wanted: Collection[str] | None) -> list[str]:
    """Return the columns to read: those wanted, at least one, as rows are counted by it."""
    names: list[str] = table.schema_arrow.names
    if wanted is None:
        return names
    folded = {name.lower() for name in wanted}
    return [name for name in names if name.strip().lower() in folded] or names[:1]


def _rows(
    file: InputFile, table: ParquetFile, groups: range, names: list[str]
) -> Iterator[tuple[int, list[str] | Refusal]]:
    text = writer(file)
    number = sum(table.metadata.row_group(group).num_rows for group in range(groups.start))
    with _reading(file):
        for batch in table.iter_batches(batch_size=_BATCH, row_groups=list(groups), columns=names):
            columns = [_values(batch.column(name)) for name in names]
            for values in zip(*columns, strict=True):
                number += 1
                yield number, [text(value) for value in values]


def _values(column: Array) -> list[object]:
    """Return the values of a column; those of 32 bits with the digits that they have.

    So 0.1 is 0.1, where Python's conversion to 64 bits makes 0.10000000149011612 of it.
    """
    from pyarrow import float64, string, types  # noqa: PLC0415 (0.1 s to import)

    if types.is_float32(column.type):
        column = column.cast(string()).cast(float64())
    found: list[object] = column.to_pylist()
    return found
