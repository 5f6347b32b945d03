"""The rows of a batch mapped piece by piece, and the files of triples joined."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from vises.compressed import zstd
from vises.ingest.parallel.engine import in_order
from vises.ingest.parallel.tasks import Map, map_piece, rows_size

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from vises.ingest.contract import Row
    from vises.ingest.parallel.engine import Engine
    from vises.ingest.parallel.reading import Judged
    from vises.ingest.parallel.tasks import State
    from vises.ingest.rml import RowMapper
    from vises.progress import Progress

_CHUNK = 1 << 26
_READ_BYTES = 1 << 20


@dataclass(frozen=True)
class MadeFile:
    """A file of triples or quads: how many lines it has, and where it is compressed, its digest."""

    path: Path
    statements: int
    sha256: str


@dataclass(frozen=True)
class Plan:
    """How the rows of a batch are mapped; `Map` says what each of these is."""

    state: State
    constant: Row
    folder: Path
    target: Path
    graph: str | None

    def map(
        self, judged: Judged, mapper: RowMapper, engine: Engine, progress: Progress
    ) -> Iterator[MadeFile]:
        """Map the rows that are left of a file, and count them; yield the files of triples."""
        tally = judged.tally
        sizes = [rows_size(self.folder, name) for name, _ in judged.pieces]
        progress.start(f"mapping {tally.file}", sum(sizes))
        tasks = (
            Map(
                self.state,
                judged.part.name,
                mapper,
                self.constant,
                self.folder,
                self.target,
                name,
                self.graph,
            )
            for name, _ in judged.pieces
        )
        done = in_order(engine, map_piece, tasks)
        for size, (task, result) in zip(sizes, done, strict=True):
            tally.published += result.published
            tally.quarantined += result.refused
            tally.out_of_scope.update(result.outside)
            progress.advance(size)
            progress.count(0, result.published, result.refused)
            yield MadeFile(task.file, result.statements, result.sha256)


def join(paths: Sequence[Path], graph: str | None, target: Path, progress: Progress) -> None:
    """Write the triples of all files into one file of N-Triples; where they have a graph, without.

    Raises `OSError`.
    """
    with target.open("wb", buffering=0) as joined:
        for path in paths:
            if graph is None:
                _append(path, joined)
            else:
                for block in _triples(path, graph):
                    joined.write(block)
            progress.advance(path.stat().st_size)


def _append(path: Path, joined: BinaryIO) -> None:
    """Copy a file behind another one, within the kernel where that is possible."""
    with path.open("rb") as triples:
        if hasattr(os, "copy_file_range"):
            while os.copy_file_range(triples.fileno(), joined.fileno(), _CHUNK):
                pass
        else:
            shutil.copyfileobj(triples, joined)


def _triples(path: Path, graph: str) -> Iterator[bytes]:
    """Yield a part as N-Triples; a literal has no line feed, so the ends of lines are known."""
    ending = f" <{graph}> .\n".encode()
    with zstd.open(path, "rb") as quads:
        while lines := quads.readlines(_READ_BYTES):
            yield b"".join(lines).replace(ending, b" .\n")
