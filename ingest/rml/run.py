"""A whole mapping over its sources: all rows, then all joins, as N-Quads."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from vises.ingest.rml.compiler import compile_mapping
from vises.ingest.rml.errors import DataError
from vises.ingest.rml.joining import MOST_JOINED, Joiner, joiner, prepare_join, used_columns
from vises.ingest.rules import Refusal, explain

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Mapping
    from pathlib import Path

    from vises.ingest.rml.compiler import Row, RowMapper
    from vises.ingest.rml.joining import PreparedJoin, Side
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
        columns = {name: rows.columns for name, rows in self.sources.items()}
        joins = [
            prepare_join(self.mapping, join, columns, self.base_iri)
            for name in self.sources
            for join in self.mapping.joins(name)
        ]
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
        )

    def _rows(self, name: str) -> Iterator[Placed]:
        return islice(self.sources[name].read(), self.most_rows)

    def _used(self, name: str) -> dict[str, int]:
        """Return the columns of a source that the mapping refers to, and where they stand."""
        return used_columns(self.mapping, name, self.sources[name].columns)

    def _joined(self, prepared: PreparedJoin, sound: _Sound) -> Iterator[str]:
        names = (prepared.join.child.source, prepared.join.parent.source)
        child, parent = (sound.side(name, len(self._used(name))) for name in names)
        found = sound.database.join(child, parent, prepared.keys, prepared.place)
        yield from (prepared.mapper(cells) for _, _, cells in found)

    def _sound(self, name: str, refused: Container[int]) -> Iterator[Row]:
        """Give the used cells of the rows of a source that were not refused."""
        positions = tuple(self._used(name).values())
        for number, placed in enumerate(self._rows(name)):
            cells = placed.cells
            if number not in refused and not isinstance(cells, Refusal | DataError):
                yield tuple(cells[position] for position in positions)


@dataclass(frozen=True)
class _Sound:
    """The tables of sound rows that joins are made of, each loaded when it is first asked for."""

    database: Joiner
    read: Callable[[str], Iterator[Row]]
    loaded: dict[str, Side] = field(default_factory=dict)

    def side(self, name: str, width: int) -> Side:
        """Return the table of a source in the database."""
        if name not in self.loaded:
            self.loaded[name] = self.database.load(0, width, self.read(name))
        return self.loaded[name]


def _mapped(mapper: RowMapper, place: str, cells: Row | Refusal | DataError) -> str | Problem:
    if isinstance(cells, Refusal):
        return Problem(place, explain(cells, "en"))
    if isinstance(cells, DataError):
        return Problem(place, cells.detail)
    try:
        return mapper(cells)
    except DataError as error:
        return Problem(place, error.detail)
