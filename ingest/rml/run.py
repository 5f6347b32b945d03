"""A whole mapping over its sources: all rows, then all joins, as N-Quads."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from vises.ingest.rml.columns import DATATYPE
from vises.ingest.rml.compiler import compile_join, compile_mapping, join_keys
from vises.ingest.rml.errors import DataError
from vises.ingest.rml.joining import MOST_JOINED, Joiner, joiner
from vises.ingest.rules import Refusal, explain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from vises.ingest.rml.compiler import Row, RowMapper
    from vises.ingest.rml.model import Join
    from vises.ingest.rml.model import Mapping as RmlMapping
    from vises.ingest.rml.rows import Placed, Rows


@dataclass(frozen=True)
class Problem:
    """A row that could not be mapped: where it stands, and why, in a sentence."""

    place: str
    reason: str


@dataclass(frozen=True)
class Run:
    """A mapping and the rows of each of its sources, by the source's name.

    `base_iri` is what relative IRIs made from rows are put behind, `folder` an empty folder for
    joins to work in, `most_rows` how many rows of each source are read (None: all), `most_joined`
    how many rows one join may give.
    """

    mapping: RmlMapping
    sources: Mapping[str, Rows]
    base_iri: str
    folder: Path
    most_rows: int | None = None
    most_joined: int = MOST_JOINED

    def quads(self) -> Iterator[str | Problem]:
        """Give lines of N-Quads, some of them twice perhaps, and the rows that made none.

        Everything is compiled first, so a `MappingError` for a column comes before any line; one
        for a join that gives too much comes when it is reached. Raises what reading the rows does.
        """
        mappers = {name: self._mapper(name) for name in self.sources}
        joins = [self._prepared(join) for name in self.sources for join in self.mapping.joins(name)]
        for name, mapper in mappers.items():
            for placed in self._rows(name):
                yield from _mapped(mapper, placed.place, placed.cells)
        if joins:
            with joiner(self.folder, self.most_joined) as database:
                tables: dict[str, str] = {}
                for each in joins:
                    yield from self._joined(each, database, tables)

    def _mapper(self, name: str) -> RowMapper:
        return compile_mapping(
            self.mapping,
            name,
            self.sources[name].columns,
            base_iri=self.base_iri,
            without_joins=True,
        )

    def _rows(self, name: str) -> Iterator[Placed]:
        return islice(self.sources[name].read(), self.most_rows)

    def _used(self, name: str) -> dict[str, int]:
        """Return the columns of a source that the mapping refers to, and where they stand."""
        used = self.mapping.columns(name)
        return {
            column: position
            for position, column in enumerate(self.sources[name].columns)
            if column in used or column.removesuffix(DATATYPE) in used
        }

    def _prepared(self, join: Join) -> _Prepared:
        names = [self.sources[each.source].columns for each in (join.child, join.parent)]
        used = [list(self._used(each.source)) for each in (join.child, join.parent)]
        keys = [
            (used[0].index(names[0][child]), used[1].index(names[1][parent]))
            for child, parent in join_keys(self.mapping, join, *names)
        ]
        mapper = compile_join(self.mapping, join, *used, base_iri=self.base_iri)
        return _Prepared(join, keys, mapper)

    def _joined(
        self, prepared: _Prepared, database: Joiner, tables: dict[str, str]
    ) -> Iterator[str | Problem]:
        join = prepared.join
        for name in (join.child.source, join.parent.source):
            if name not in tables:
                tables[name] = database.load(1 + len(self._used(name)), self._table(name))
        place = f"{self.mapping.place}, line {join.reference.line}"
        keys = [(child + 1, parent + 1) for child, parent in prepared.keys]
        parents = 1 + len(self._used(join.child.source))
        for row in database.join(
            tables[join.child.source], tables[join.parent.source], keys, place
        ):
            yield from _mapped(prepared.mapper, row[0], (*row[1:parents], *row[parents + 1 :]))

    def _table(self, name: str) -> Iterator[Row]:
        """Give the used cells of the rows of a source, each behind its place."""
        positions = tuple(self._used(name).values())
        for placed in self._rows(name):
            if not isinstance(placed.cells, Refusal | DataError):
                cells = placed.cells
                yield (placed.place, *(cells[position] for position in positions))


@dataclass(frozen=True)
class _Prepared:
    """A join, where its keys stand in the used columns of both sides, and its compiled function."""

    join: Join
    keys: list[tuple[int, int]]
    mapper: RowMapper


def _mapped(
    mapper: RowMapper, place: str, cells: Row | Refusal | DataError
) -> Iterator[str | Problem]:
    if isinstance(cells, Refusal):
        yield Problem(place, explain(cells, "en"))
    elif isinstance(cells, DataError):
        yield Problem(place, cells.detail)
    else:
        try:
            yield mapper(cells)
        except DataError as error:
            yield Problem(place, error.detail)
