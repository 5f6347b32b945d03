"""What tasks leave in the folder of a batch: rows, keys, lines, and the records of what is done."""

from __future__ import annotations

import json
import marshal
from array import array
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, BinaryIO

from vises.ingest.parallel.whole import write_whole
from vises.ingest.rules import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from _typeshed import DataclassInstance

    from vises.ingest.contract import Row
    from vises.ingest.parallel.memory import Keys

_SIZE_BYTES = 4


def kept_rows(folder: Path, name: str) -> Iterator[list[tuple[int, Row]]]:
    """Yield the rows that a `Select` left, many at a time, each with its line."""
    yield from _blocks(folder / f"{name}.rows")


def rows_size(folder: Path, name: str) -> int:
    """Return how many bytes those rows take."""
    return (folder / f"{name}.rows").stat().st_size


def rows_to_join(folder: Path, name: str) -> Iterator[list[tuple[int, bool, Row]]]:
    """Yield the rows that a `Map` left to be joined, many at a time.

    Each has its line, whether it made statements by itself, and the cells that joins use.
    """
    yield from _blocks(folder / f"{name}.joining")


def refused(folder: Path, name: str) -> list[tuple[int, Refusal, dict[str, str] | None]]:
    """Return the rows that a `Select` refused: line, reason, and cells as the quarantine has them.

    A row that has no such cells has None.
    """
    listed = marshal.loads((folder / f"{name}.refused").read_bytes())  # noqa: S302 (ours)
    return [(line, Refusal(*refusal), row) for line, *refusal, row in listed]


def refused_late(folder: Path, name: str) -> list[tuple[int, Refusal]]:
    """Return the rows that a `Map` refused: line and reason."""
    listed = marshal.loads((folder / f"{name}.refused-late").read_bytes())  # noqa: S302 (ours)
    return [(line, Refusal(*refusal)) for line, *refusal in listed]


def lines_mapped(folder: Path, name: str) -> tuple[array[int], array[int]]:
    """Return the lines of the rows that a `Map` published, and how many statements each made."""
    lines = array("I", lines_file(folder, name).read_bytes())
    return lines[::2], lines[1::2]


def lines_file(folder: Path, name: str) -> Path:
    """Return the file of what `lines_mapped` returns: each line followed by its number."""
    return folder / f"{name}.lines"


def keys_of(folder: Path, name: str) -> Keys:
    """Return the keys that a `Select` met."""
    keys: Keys = marshal.loads((folder / f"{name}.keys").read_bytes())  # noqa: S302 (ours)
    return keys


def write_block(target: BinaryIO, rows: Sequence[tuple[object, ...]]) -> None:
    """Write rows into a file of such blocks."""
    block = marshal.dumps(list(rows))
    target.write(len(block).to_bytes(_SIZE_BYTES))
    target.write(block)


def _blocks(path: Path) -> Iterator[list[Any]]:
    with path.open("rb") as stream:
        while size := stream.read(_SIZE_BYTES):
            block = stream.read(int.from_bytes(size))
            yield marshal.loads(block)  # noqa: S302 (a file of ours)


def done(record: Path, terms: str) -> dict[str, Any] | None:
    """Return the result that a record tells, on the same terms and with its files as they were."""
    if not record.exists():
        return None
    told: dict[str, Any] = json.loads(record.read_bytes() or b'{"terms": ""}')
    if told["terms"] != terms:
        return None
    for path, size in told["files"].items():
        file = record.parent / path
        if not file.exists() or file.stat().st_size != size:
            return None
    result: dict[str, Any] = told["result"]
    return result


def write_done(record: Path, terms: str, result: DataclassInstance, files: Sequence[Path]) -> None:
    """Write a record; a machine that lost power may have lost the files, which their size tells."""
    sizes = {str(path.absolute()): path.stat().st_size for path in files}
    told = {"terms": terms, "files": sizes, "result": asdict(result)}
    write_whole(record, json.dumps(told).encode())
