"""Joins out of core: DuckDB keeps both sides, on disk as soon as they pass its bound of memory."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from vises.errors import Unavailable, sentence
from vises.ingest.rml.columns import DATATYPE
from vises.ingest.rml.compiler import compile_join, join_keys
from vises.ingest.rml.errors import MappingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from vises.ingest.rml.compiler import Row, RowMapper
    from vises.ingest.rml.model import Join
    from vises.ingest.rml.model import Mapping as RmlMapping

MOST_MEMORY = "128MB"
MOST_JOINED = 50_000_000
"""How many rows one join may give."""

_CHUNK = 20_000


@dataclass(frozen=True)
class Side:
    """A table of one side of a join: in each row `lead` cells say which row it is, then `width`."""

    table: str
    lead: int
    width: int


@dataclass(frozen=True)
class PreparedJoin:
    """A join of the used columns of two sources.

    `keys` are where its conditions stand in those of the child and of the parent, `mapper` makes
    the quads of two rows; `place` is for messages.
    """

    join: Join
    keys: Sequence[tuple[int, int]]
    mapper: RowMapper
    place: str


def used_columns(mapping: RmlMapping, source: str, columns: Sequence[str]) -> dict[str, int]:
    """Return the columns of a source that a mapping refers to, and where they stand."""
    used = mapping.columns(source)
    return {
        column: position
        for position, column in enumerate(columns)
        if column in used or column.removesuffix(DATATYPE) in used
    }


def prepare_join(
    mapping: RmlMapping, join: Join, columns: Mapping[str, Sequence[str]], base_iri: str
) -> PreparedJoin:
    """Compile a join; `columns` are those of each source.

    Raises `MappingError` where a column is not there or is there twice.
    """
    sources = (join.child.source, join.parent.source)
    child, parent = (columns[name] for name in sources)
    used = [list(used_columns(mapping, name, columns[name])) for name in sources]
    keys = [
        (used[0].index(child[mine]), used[1].index(parent[other]))
        for mine, other in join_keys(mapping, join, child, parent)
    ]
    mapper = compile_join(mapping, join, *used, base_iri=base_iri)
    return PreparedJoin(join, keys, mapper, f"{mapping.place}, line {join.reference.line}")


@dataclass
class Joiner:
    """A database for the sides of joins; `most` is how many rows one join may give."""

    _database: DuckDBPyConnection
    most: int
    _tables: int = 0

    def load(self, lead: int, width: int, rows: Iterable[Row]) -> Side:
        """Put rows of so many cells into a table, behind `lead` ones that say which row it is."""
        import pyarrow as pa  # noqa: PLC0415 (0.1 s to import)

        name = f"t{self._tables}"
        self._tables += 1
        columns = [f"c{position}" for position in range(lead + width)]
        self._database.execute(
            f"CREATE TABLE {name} ({', '.join(f'{c} VARCHAR' for c in columns)})"
        )
        read = iter(rows)
        while chunk := list(islice(read, _CHUNK)):
            cells = [pa.array(column, pa.string()) for column in zip(*chunk, strict=True)]
            self._database.register("chunk", pa.table(cells, names=columns))
            self._database.execute(f"INSERT INTO {name} SELECT * FROM chunk")  # noqa: S608
            self._database.unregister("chunk")
        return Side(name, lead, width)

    def join(
        self, child: Side, parent: Side, conditions: Sequence[tuple[int, int]], place: str
    ) -> Iterator[tuple[Row, Row, Row]]:
        """Give each row of the child with each row of the parent that is equal where they say.

        Of two rows there are what says which they are, and the cells of both. `conditions` are
        positions among the cells of the child and of the parent; an empty cell equals nothing.
        Raises `MappingError` at `place` where there would be more rows than allowed.
        """
        keys = [(child.lead + mine, parent.lead + other) for mine, other in conditions]
        where = " AND ".join(f"c.c{mine} = p.c{other} AND c.c{mine} <> ''" for mine, other in keys)
        self._refuse_explosion(child.table, parent.table, keys, place)
        found = self._database.execute(
            f"SELECT c.*, p.* FROM {child.table} c JOIN {parent.table} p ON {where}"  # noqa: S608
        )
        first, second = child.lead, child.lead + child.width
        third = second + parent.lead
        while rows := found.fetchmany(_CHUNK):
            for row in rows:
                yield row[:first], row[second:third], (*row[first:second], *row[third:])

    def _refuse_explosion(
        self, child: str, parent: str, conditions: Sequence[tuple[int, int]], place: str
    ) -> None:
        """Count what a join would give, from how often each key stands on either side."""
        sides = [
            f"(SELECT {', '.join(f'c{p} AS k{n}' for n, p in enumerate(positions))}, count(*) AS n"  # noqa: S608
            f" FROM {table} GROUP BY ALL)"
            for table, positions in zip((child, parent), zip(*conditions, strict=True), strict=True)
        ]
        keys = [f"k{number}" for number in range(len(conditions))]
        filled = " AND ".join(f"{key} <> ''" for key in keys)
        (count,) = self._database.execute(
            f"SELECT coalesce(sum(c.n::DOUBLE * p.n), 0) FROM {sides[0]} c JOIN {sides[1]} p"  # noqa: S608
            f" USING ({', '.join(keys)}) WHERE {filled}"
        ).fetchone() or (0,)
        if count > self.most:
            raise MappingError(
                sentence(
                    "join-explodes",
                    "The join gives {count:,} rows, more than {most:,}: what it compares says"
                    " little about which rows belong together.",
                    count=round(count),
                    most=self.most,
                ),
                place=place,
                remedy=sentence(
                    "join-on-key",
                    "Join on a column that identifies a row of the parent, or add a condition.",
                ),
            )


@contextmanager
def joiner(folder: Path, most: int = MOST_JOINED) -> Iterator[Joiner]:
    """Open a database that spills into a folder, which is removed by whoever made it.

    Raises `Unavailable` where the disk has no room for what does not fit into memory.
    """
    import duckdb  # noqa: PLC0415 (0.1 s to import)

    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": MOST_MEMORY,
        "temp_directory": str(folder / "spill"),
        "threads": "1",
        "preserve_insertion_order": "false",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    try:
        with duckdb.connect(":memory:", config=settings) as database:
            database.execute("SET enable_progress_bar = false")  # it writes on standard output
            yield Joiner(database, most)
    except (
        duckdb.IOException,
        duckdb.OutOfMemoryException,
        duckdb.TransactionException,  # a write that fails while it commits
    ) as error:
        raise Unavailable(
            f"The join could not be made: {str(error).splitlines()[0].rstrip('.')}.",
            place=str(folder),
            remedy="Free some space on this disk.",
        ) from None
