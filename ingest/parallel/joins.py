"""Joins of a batch: what rows of two tables make together, once each was mapped by itself.

The sides are put into DuckDB by the process that asks, which keeps them on disk where they are
large; a batch that is gone on with joins anew.
"""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from vises.errors import sentence
from vises.ingest.parallel.left import lines_file, rows_to_join
from vises.ingest.parallel.mapping import NO_STATEMENT
from vises.ingest.parallel.triples import MadeFile, digest_of, triples_path, triples_written
from vises.ingest.parallel.whole import write_whole
from vises.ingest.rml.joining import joiner, prepare_join, used_columns

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from vises.ingest.parallel.mapping import Plan
    from vises.ingest.parallel.reading import Judged
    from vises.ingest.rml import Mapping as RmlMapping
    from vises.ingest.rml.compiler import Row
    from vises.ingest.rml.joining import Joiner, PreparedJoin, Side
    from vises.progress import Progress

_ROWS_AT_ONCE = 50_000
"""Of how many joined rows a file of triples is made."""

_LEAD = 3
"""A row of a side begins with its file, its line, and its number among those without statements."""


@dataclass(frozen=True)
class Joined:
    """A file of triples that rows of `judged` made with others; `name` is that of its lines."""

    judged: Judged
    name: str
    made: MadeFile


@dataclass(frozen=True)
class Joins:
    """The joins of a mapping; `columns` are those of each source."""

    mapping: RmlMapping
    columns: Mapping[str, Sequence[str]]
    prepared: tuple[PreparedJoin, ...]

    @classmethod
    def of(cls, mapping: RmlMapping, columns: Mapping[str, Sequence[str]], base_iri: str) -> Joins:
        """Compile them. Raises `MappingError`."""
        joins = [join for source in columns for join in mapping.joins(source)]
        prepared = (prepare_join(mapping, join, columns, base_iri) for join in joins)
        return cls(mapping, columns, tuple(prepared))

    def used(self, source: str) -> tuple[int, ...] | None:
        """Return where the cells stand that they use of rows of a source; None: of none."""
        sides = {side for each in self.prepared for side in _sides(each)}
        if source not in sides:
            return None
        return tuple(used_columns(self.mapping, source, self.columns[source]).values())

    def made(self, judged: Sequence[Judged], plan: Plan, progress: Progress) -> Iterator[Joined]:
        """Join the rows that were mapped; yield files of triples.

        A row that made no statement by itself is published where it does in a join, and is counted
        so. Raises `MappingError` where a join gives too many rows, and `Unavailable` where the disk
        is full.
        """
        if not self.prepared:
            return
        progress.start(sentence("step-joining-rows", "joining rows"), None)
        with (
            TemporaryDirectory(dir=plan.folder) as folder,
            joiner(Path(folder)) as database,
        ):
            tables = {
                source: _Table([one for one in judged if one.part.source == source], plan.folder)
                for source in self.columns
            }
            for number, each in enumerate(self.prepared):
                yield from self._join(number, each, tables, database, plan)
        for table in tables.values():
            table.count()

    def _join(
        self,
        number: int,
        prepared: PreparedJoin,
        tables: Mapping[str, _Table],
        database: Joiner,
        plan: Plan,
    ) -> Iterator[Joined]:
        child, parent = (tables[source] for source in _sides(prepared))
        left, right = (
            tables[source].side(database, len(self.used(source) or ()))
            for source in _sides(prepared)
        )
        outputs = [
            _Output(one, f"join-{number}-{position}", plan)
            for position, one in enumerate(child.judged)
        ]
        for mine, other, cells in database.join(left, right, prepared.keys, prepared.place):
            text = prepared.mapper(cells)
            if not text:
                continue
            child.speaks(mine)
            parent.speaks(other)
            output = outputs[int(mine[0])]
            output.add(int(mine[1]), text)
            if len(output.texts) == _ROWS_AT_ONCE:
                yield output.written()
        yield from (output.written() for output in outputs if output.texts)


@dataclass
class _Table:
    """The rows of the files of a source that were mapped."""

    judged: Sequence[Judged]
    folder: Path
    _side: Side | None = None
    _silent: list[bytearray] = field(default_factory=list)

    def side(self, database: Joiner, width: int) -> Side:
        """Return the table in the database, which is filled when it is first asked for."""
        if self._side is None:
            self._side = database.load(_LEAD, width, self._rows())
        return self._side

    def speaks(self, lead: Row) -> None:
        """Note that a row made a statement with another one."""
        file, _, silent = lead
        if silent:
            self._silent[int(file)][int(silent)] = 1

    def count(self) -> None:
        """Count the rows as published that made statements in joins alone."""
        for one, silent in zip(self.judged, self._silent, strict=False):
            tally, found = one.tally, sum(silent)
            tally.published += found
            tally.out_of_scope[NO_STATEMENT.reason] -= found
            tally.out_of_scope += Counter()

    def _rows(self) -> Iterator[Row]:
        for number, one in enumerate(self.judged):
            silent = bytearray()
            self._silent.append(silent)
            for name, before in one.pieces:
                for block in rows_to_join(self.folder, name):
                    for line, spoke, cells in block:
                        place = "" if spoke else str(len(silent))
                        if not spoke:
                            silent.append(0)
                        yield (str(number), str(before + line), place, *cells)


@dataclass
class _Output:
    """The statements that the rows of one file make in one join, until they are written."""

    judged: Judged
    stem: str
    plan: Plan
    texts: list[str] = field(default_factory=list)
    _lines: array[int] = field(default_factory=lambda: array("I"))
    _files: int = 0

    def add(self, line: int, text: str) -> None:
        """Take the statements of a row."""
        self.texts.append(text)
        self._lines.append(line)
        self._lines.append(text.count("\n"))

    def written(self) -> Joined:
        """Write a file of what was taken, and begin anew."""
        plan, name = self.plan, f"{self.stem}-{self._files}"
        path = triples_path(plan.target, name, plan.graph)
        with triples_written(path, plan.graph) as write:
            write("".join(self.texts).encode())
        write_whole(lines_file(plan.folder, name), self._lines.tobytes())
        made = MadeFile(path, sum(self._lines[1::2]), digest_of(path, plan.graph))
        self.texts.clear()
        del self._lines[:]
        self._files += 1
        return Joined(self.judged, name, made)


def _sides(prepared: PreparedJoin) -> tuple[str, str]:
    """Return the sources of the child and of the parent."""
    return prepared.join.child.source, prepared.join.parent.source
