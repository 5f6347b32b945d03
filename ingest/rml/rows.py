"""The rows behind a logical source: files of any kind that can be read as a table or as JSON."""

from __future__ import annotations

import glob
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from vises.ingest.files import InputMissing, Kind
from vises.ingest.finding import find
from vises.ingest.rml.model import Formulation
from vises.ingest.rml.records import Records
from vises.ingest.tables import header, rows
from vises.ingest.tables.table import BadTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from vises.ingest.files import InputFile
    from vises.ingest.rml.compiler import Row
    from vises.ingest.rml.errors import DataError
    from vises.ingest.rml.model import LogicalSource, Mapping
    from vises.ingest.rules import Refusal
    from vises.progress import Progress

_WILDCARDS = frozenset("*?[")


class Placed(NamedTuple):
    """A row, or why it is none, with the file that it stands in and its line or number there."""

    file: str
    line: int
    cells: Row | Refusal | DataError

    @property
    def place(self) -> str:
        """File and line, as messages name them."""
        return f"{self.file}, line {self.line}"


@dataclass(frozen=True)
class Rows:
    """The columns of a logical source, and its rows, which can be read several times."""

    columns: tuple[str, ...]
    read: Callable[[], Iterator[Placed]]


def files_of(source: LogicalSource, folder: Path, mapping_folder: Path) -> list[Path]:
    """Return the files that a logical source names: one, or all that fit its wildcards, by name.

    A relative path starts from `folder`, or from `mapping_folder` where the mapping says so.
    Raises `InputMissing` where there is none.
    """
    start = mapping_folder if source.from_mapping else folder
    path = start / source.path
    if path.exists() or not _WILDCARDS & set(source.path):
        return [path]
    found = glob.glob(str(Path(glob.escape(str(start))) / source.path), recursive=True)  # noqa: PTH207 (the pattern may be absolute)
    if not found:
        raise InputMissing(
            "No file fits this name.",
            place=str(path),
            remedy="Check the name; * stands for any characters, ** for any folders.",
        )
    return [Path(each) for each in sorted(found)]


def open_rows(
    mapping: Mapping, source: LogicalSource, paths: Sequence[Path], progress: Progress
) -> Rows:
    """Return the rows of a logical source out of files, folders, zips or workbooks.

    Raises `InputMissing`, `BadZip`, and `BadTable` where a file is of another kind than the
    reference formulation wants, or lacks a column that the mapping uses and the first one has.
    """
    files = find(paths)
    used = mapping.columns(source.name)
    if source.formulation is Formulation.JSON_PATH:
        _demand_json(files)
        records = Records(source, sorted(used), tuple(mapping.used_together(source.name)))
        return Rows(
            records.columns,
            lambda: _placed(files, lambda file: records.rows(file, progress)),
        )
    names = header(files[0])
    for file in files[1:]:
        absent = sorted(used.intersection(names).difference(header(file)))
        if absent:
            raise BadTable(
                f"The column {absent[0]!r} is missing, which {files[0].name} has.",
                place=file.place,
                remedy="Give each source files of one layout.",
            )
    return Rows(names, lambda: _placed(files, lambda file: rows(file, names, progress)))


def _placed(
    files: Iterable[InputFile],
    read: Callable[[InputFile], Iterator[tuple[int, Row | Refusal]]]
    | Callable[[InputFile], Iterator[tuple[int, Row | DataError]]],
) -> Iterator[Placed]:
    for file in files:
        for line, cells in read(file):
            yield Placed(file.place, line, cells)


def _demand_json(files: Iterable[InputFile]) -> None:
    for file in files:
        if file.kind not in {Kind.OBJECTS, Kind.FEATURES}:
            raise BadTable(
                "The mapping reads it as JSON, and its name does not end like a file of JSON.",
                place=file.place,
                remedy="Name it .json, .jsonl or .ndjson, or map it as rml:CSV.",
            )
