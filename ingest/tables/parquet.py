"""Parquet tables, a batch of rows at a time."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from vises.ingest.tables.cells import as_text
from vises.ingest.tables.table import BadTable, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyarrow.parquet import ParquetFile

    from vises.ingest.files import InputFile
    from vises.ingest.rules import Refusal
    from vises.progress import Progress

_BATCH = 4096


@contextmanager
def open_parquet(file: InputFile, progress: Progress) -> Iterator[Table]:
    """Open a Parquet file; the place of a row is its number. Raises `BadTable`."""
    from pyarrow import ArrowException  # noqa: PLC0415 (0.1 s to import)
    from pyarrow.parquet import ParquetFile  # noqa: PLC0415

    with file.open(progress) as stream:
        try:
            table = ParquetFile(stream)
            yield Table(table.schema_arrow.names, _rows(table))
        except (ArrowException, OSError, UnicodeDecodeError) as error:
            raise BadTable(
                f"It is no Parquet file that can be read to its end: {str(error).rstrip('.')}.",
                place=file.place,
                remedy="Download it again, and compare its size with the one that is stated.",
            ) from error


def _rows(table: ParquetFile) -> Iterator[tuple[int, list[str] | Refusal]]:
    number = 0
    for batch in table.iter_batches(batch_size=_BATCH):
        columns = [column.to_pylist() for column in batch.columns]
        for values in zip(*columns, strict=True):
            number += 1
            yield number, [as_text(value) for value in values]
