"""A whole mapping over its sources: all rows, then all joins, as N-Quads."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from vises.ingest.rml.columns import DATATYPE
from vises.ingest.rml.compiler import compile_join, compile_mapping, join_keys
from vises.ingest.rml.errors import DataError
from vises.ingest.rml.joining import MOST_JOINED, Joiner, joiner
from vises.ingest.rules import Refusal, explain

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Mapping
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

        A row of which some term cannot be made makes nothing, and nothing is joined to it.
        Everything is compiled first, so a `MappingError` for a column comes before any line; one
        for a join that gives too much comes when it is reached. Raises what reading the rows does.
        """
        mappers = {name: self._mapper(name) for name in self.sources}
        joins = [self._prepared(join) for name in self.sources for join in self.mapping.joins(name)]
        refused: dict[str, set[int]] = {name: set() for name in self.sources}
        for name, mapper in mappers.items():
            for number, placed in enumerate(self._rows(name)):
                made = _mapped(mapper, placed.place, placed.cells)
                if isinstance(made, Problem):
                    refused[name].add(number)
                yield made
        if joins:
            with joiner(self.folder, self.most_joined) as database:
                sound = _Sound(database, lambda name: self._sound(name, refused[name]))
                for each in joins:
                    yield from self._joined(each, sound)

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

    def _joined(self, prepared: _Prepared, sound: _Sound) -> Iterator[str | Problem]:
        child, parent = prepared.join.child.source, prepared.join.parent.source
        left, right = (sound.table(name, 1 + len(self._used(name))) for name in (child, parent))
        keys = [(mine + 1, other + 1) for mine, other in prepared.keys]
        place = f"{self.mapping.place}, line {prepared.join.reference.line}"
        parents = 1 + len(self._used(child))
        for row in sound.database.join(left, right, keys, place):
            cells = (*row[1:parents], *row[parents + 1 :])
            yield _mapped(prepared.mapper, row[0], cells)

    def _sound(self, name: str, refused: Container[int]) -> Iterator[Row]:
        """Give the used cells of the rows of a source that were not refused, behind their place."""
        positions = tuple(self._used(name).values())
        for number, placed in enumerate(self._rows(name)):
            cells = placed.cells
            if number not in refused and not isinstance(cells, Refusal | DataError):
                yield (placed.place, *(cells[position] for position in positions))


@dataclass(frozen=True)
class _Sound:
    """The tables of sound rows that joins are made of, each loaded when it is first asked for."""

    database: Joiner
    read: Callable[[str], Iterator[Row]]
    loaded: dict[str, str] = field(default_factory=dict)

    def table(self, name: str, width: int) -> str:
        """Return the table of a source in the database."""
        if name not in self.loaded:
            self.loaded[name] = self.database.load(width, self.read(name))
        return self.loaded[name]


@dataclass(frozen=True)
class _Prepared:
    """A join, where its keys stand in the used columns of both sides, and its compiled function."""

    join: Join
    keys: list[tuple[int, int]]
    mapper: RowMapper


def _mapped(mapper: RowMapper, place: str, cells: Row | Refusal | DataError) -> str | Problem:
    if isinstance(cells, Refusal):
        return Problem(place, explain(cells, "en"))
    if isinstance(cells, DataError):
        return Problem(place, cells.detail)
    try:
        return mapper(cells)
    except DataError as error:
        return Problem(place, error.detail)
