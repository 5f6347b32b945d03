"""Rows mapped to triples, piece by piece."""

from __future__ import annotations

import json
import marshal
from array import array
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from vises.errors import sentence
from vises.ingest.parallel.engine import in_order
from vises.ingest.parallel.left import (
    done,
    kept_rows,
    lines_file,
    rows_size,
    write_block,
    write_done,
)
from vises.ingest.parallel.memory import PieceMemory
from vises.ingest.parallel.state import State, begin
from vises.ingest.parallel.triples import MadeFile, digest_of, triples_path, triples_written
from vises.ingest.parallel.whole import whole, write_whole
from vises.ingest.rml import DataError
from vises.ingest.rules import Refusal
from vises.ingest.source import OutOfScope, Session

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from vises.ingest.contract import Row
    from vises.ingest.parallel.engine import Engine
    from vises.ingest.parallel.reading import Judged
    from vises.ingest.rml import RowMapper
    from vises.progress import Progress

NO_STATEMENT = OutOfScope("nothing that the mapping states")


@dataclass(frozen=True)
class Map:
    """The rows that a `Select` with the same name left, to be mapped.

    `constant` are the cells that every row of the batch has. Where `graph` is given, the outcome is
    N-Quads in it, compressed with Zstandard, in `target`; else N-Triples. `joining` are where the
    cells stand that joins use of rows of this part; None where there is no join.
    """

    state: State
    part: str
    mapper: RowMapper
    constant: Row
    folder: Path
    target: Path
    name: str
    graph: str | None = None
    joining: tuple[int, ...] | None = None

    @property
    def terms(self) -> str:
        """What decides on the outcome, beside what is the same for the whole batch."""
        return json.dumps([self.constant, self.graph])

    @property
    def file(self) -> Path:
        """The file of triples."""
        return triples_path(self.target, self.name, self.graph)


@dataclass(frozen=True)
class Mapped:
    """How rows were mapped: published, refused, and out of scope by reason.

    `statements` are the lines of its file, and `sha256` is the digest of that.
    """

    published: int = 0
    refused: int = 0
    outside: Mapping[str, int] = field(default_factory=dict)
    statements: int = 0
    sha256: str = ""


@dataclass(frozen=True)
class Plan:
    """How the rows of a batch are mapped; `Map` says what each of these is."""

    state: State
    constant: Row
    folder: Path
    target: Path
    graph: str | None

    def map(
        self,
        judged: Judged,
        mapper: RowMapper,
        joining: tuple[int, ...] | None,
        engine: Engine,
        progress: Progress,
    ) -> Iterator[MadeFile]:
        """Map the rows that are left of a file, and count them; yield the files of triples."""
        tally = judged.tally
        sizes = [rows_size(self.folder, name) for name, _ in judged.pieces]
        progress.start(sentence("step-mapping", "mapping {file}", file=tally.file), sum(sizes))
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
                joining,
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


def map_piece(task: Map) -> Mapped:
    """Write the triples of the rows of a piece.

    A row of which no RDF term can be made is refused.
    """
    record = task.folder / f"{task.name}.mapped"
    if found := done(record, task.terms):
        return Mapped(**found)
    result = _map(task)
    left = [
        task.file,
        task.folder / f"{task.name}.refused-late",
        lines_file(task.folder, task.name),
        *([] if task.joining is None else [_joining_file(task)]),
    ]
    write_done(record, task.terms, result, left)
    return result


def _joining_file(task: Map) -> Path:
    return task.folder / f"{task.name}.joining"


def _map(task: Map) -> Mapped:
    part = next(each for each in task.state.source.parts if each.name == task.part)
    session, _ = begin(task.state, part, PieceMemory(task.state.sets, {}))
    counts = _Counts()
    with triples_written(task.file, task.graph) as write, ExitStack() as stack:
        to_join = (
            stack.enter_context(whole(_joining_file(task))) if task.joining is not None else None
        )
        for block in kept_rows(task.folder, task.name):
            mapped = list(_mapped(task, session, block, counts))
            write(b"".join([lines for _, _, lines in mapped]))
            if to_join:
                _leave_to_join(task, mapped, to_join)
    write_whole(task.folder / f"{task.name}.refused-late", marshal.dumps(counts.refused))
    write_whole(lines_file(task.folder, task.name), counts.lines.tobytes())
    return Mapped(
        counts.published,
        len(counts.refused),
        dict(counts.outside),
        counts.statements,
        digest_of(task.file, task.graph),
    )


@dataclass
class _Counts:
    published: int = 0
    statements: int = 0
    outside: Counter[str] = field(default_factory=Counter)
    refused: list[tuple[object, ...]] = field(default_factory=list)
    lines: array[int] = field(default_factory=lambda: array("I"))

    def publish(self, line: int, triples: bytes) -> None:
        """Count the row of a line, and its statements."""
        statements = triples.count(b"\n")
        self.published += 1
        self.statements += statements
        self.lines.append(line)
        self.lines.append(statements)


def _mapped(
    task: Map, session: Session, block: Sequence[tuple[int, Row]], counts: _Counts
) -> Iterator[tuple[int, Row, bytes]]:
    """Yield the rows that are not refused nor out of scope, with their lines and statements.

    What a row makes is encoded at once: it is in the caches then, and is plain ASCII more often
    than what many rows make.
    """
    mapper, confirm, constant, part = task.mapper, session.confirm, task.constant, task.part
    for line, cells in block:
        row = confirm(part, cells)
        if isinstance(row, Refusal):
            counts.refused.append((line, *row))
            continue
        if isinstance(row, OutOfScope):
            counts.outside[row.reason] += 1
            continue
        whole_row = (*row, *constant)
        try:
            triples = mapper(whole_row).encode()
        except DataError as error:
            refusal = Refusal("term", error.column, "", error.expected)
            counts.refused.append((line, *refusal))
            continue
        if triples:
            counts.publish(line, triples)
        else:
            counts.outside[NO_STATEMENT.reason] += 1
        yield line, whole_row, triples


def _leave_to_join(task: Map, mapped: Sequence[tuple[int, Row, bytes]], target: BinaryIO) -> None:
    """Write down what joins need of rows: the cells that they use."""
    used = task.joining or ()
    rows = [(line, bool(made), tuple([row[n] for n in used])) for line, row, made in mapped]
    write_block(target, rows)
