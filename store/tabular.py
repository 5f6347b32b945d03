"""Solutions as columns: the Arrow IPC stream and Parquet, written row group by row group.

Each variable ``x`` becomes five columns, which no variable can have the names of:

- ``x``: the IRI, the label of the blank node, or the lexical form, as SPARQL's CSV has it;
- ``x.type``: ``uri``, ``bnode``, ``literal`` or ``triple``; ``x.datatype`` and ``x.lang``: as in
  the SPARQL 1.1 Query Results JSON Format (section 3.2.2), so that plain strings have neither;
- ``x.number``: the value of a literal of a numeric type as a double, else null.

They are flat and of fixed types, because a stream cannot know what types are still to come and
because every reader of either format (pandas, Polars, DuckDB, R) takes them as they are. An unbound
variable is null in all five. The answer of ASK is one row with the column ``boolean``.

Importing this brings pyarrow (0.1 s, 190 MiB of address space, 40 MiB of memory), so it is imported
where such a table is asked for.
"""

from __future__ import annotations

import math
from time import monotonic
from typing import IO, TYPE_CHECKING, Protocol

import pyarrow as pa
from pyarrow.parquet import ParquetWriter
from pyoxigraph import BlankNode, Literal, NamedNode, QueryBoolean, QuerySolutions

from vises.errors import sentence
from vises.store.engine import ARROW, NotAcceptable
from vises.store.lexical import NUMBER, tag_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vises.store.canonical import Term

BATCH_ROWS = 10_000
"""How many rows are held as Python objects at most."""

GROUP_ROWS = 100_000
"""How many rows a row group of Parquet has: about what DuckDB and others read at a time."""

_BATCH_SECONDS = 0.5
"""After how long a batch of Arrow leaves, though it is not full; Parquet has row groups."""

_XSD = "http://www.w3.org/2001/XMLSchema#"
_STRING = _XSD + "string"
_NUMERIC = frozenset(
    _XSD + name
    for name in (
        *("decimal", "double", "float", "integer", "long", "int", "short", "byte"),
        *("nonNegativeInteger", "positiveInteger", "nonPositiveInteger", "negativeInteger"),
        *("unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte"),
    )
)
Cells = tuple[str | None, str | None, str | None, str | None, float | None]

_UNBOUND: Cells = (None, None, None, None, None)


def write_table(results: QuerySolutions | QueryBoolean, output: IO[bytes], media_type: str) -> None:
    """Write the answer of SELECT or ASK as an Arrow IPC stream or as Parquet.

    Memory stays the same however many rows there are. Raises `NotAcceptable` where the solutions
    have no variable, since a table needs a column, and what reading the solutions raises.
    """
    if isinstance(results, QueryBoolean):
        schema = pa.schema([pa.field("boolean", pa.bool_(), nullable=False)])
        batches = iter([pa.record_batch([[bool(results)]], schema=schema)])
    else:
        names = [variable.value for variable in results.variables]
        if not names:
            raise NotAcceptable(
                sentence(
                    "table-without-variable",
                    "The solutions have no variable, and a table needs a column.",
                ),
                remedy=sentence("name-variable", "Name a variable after SELECT, or accept JSON."),
            )
        schema = _schema(names)
        seconds = _BATCH_SECONDS if media_type == ARROW else math.inf
        batches = _batches(results, schema, seconds)
    write = _write_stream if media_type == ARROW else _write_parquet
    write(batches, schema, output)


def _schema(names: Sequence[str]) -> pa.Schema:
    text, number = pa.string(), pa.float64()
    return pa.schema(
        [
            pa.field(name + suffix, kind)
            for name in names
            for suffix, kind in (
                ("", text),
                (".type", text),
                (".datatype", text),
                (".lang", text),
                (".number", number),
            )
        ]
    )


def _batches(
    solutions: QuerySolutions, schema: pa.Schema, seconds: float
) -> Iterator[pa.RecordBatch]:
    rows: list[tuple[Cells, ...]] = []
    since = monotonic()
    for solution in solutions:
        rows.append(tuple(_cells(term) for term in solution))
        if len(rows) >= BATCH_ROWS or monotonic() - since > seconds:
            yield _batch(rows, schema)
            rows.clear()
            since = monotonic()
    if rows:
        yield _batch(rows, schema)


def _batch(
    rows: Sequence[tuple[Cells, ...]],
    schema: pa.Schema,
) -> pa.RecordBatch:
    columns = (
        column for variable in zip(*rows, strict=True) for column in zip(*variable, strict=True)
    )
    arrays = [pa.array(c, field.type) for c, field in zip(columns, schema, strict=True)]
    return pa.record_batch(arrays, schema=schema)


def _cells(term: Term | None) -> Cells:
    """Return what the five columns of a variable hold for a term."""
    if term is None:
        return _UNBOUND
    if isinstance(term, Literal):
        return _literal_cells(term)
    if isinstance(term, NamedNode):
        return term.value, "uri", None, None, None
    if isinstance(term, BlankNode):
        return term.value, "bnode", None, None, None
    return str(term), "triple", None, None, None


def _literal_cells(literal: Literal) -> Cells:
    value, tag = literal.value, tag_of(literal)
    if tag is not None:
        return value, "literal", None, tag, None
    datatype = literal.datatype.value
    if datatype == _STRING:
        return value, "literal", None, None, None
    numeric = datatype in _NUMERIC and NUMBER.fullmatch(value)
    return value, "literal", datatype, None, float(value) if numeric else None


def _write_stream(
    batches: Iterator[pa.RecordBatch],
    schema: pa.Schema,
    output: IO[bytes],
) -> None:
    with pa.ipc.new_stream(_Sink(output), schema) as writer:
        for batch in batches:
            writer.write_batch(batch)


def _write_parquet(
    batches: Iterator[pa.RecordBatch],
    schema: pa.Schema,
    output: IO[bytes],
) -> None:
    group: list[pa.RecordBatch] = []
    with ParquetWriter(_Sink(output), schema, compression="zstd") as writer:
        for batch in batches:
            group.append(batch)
            if sum(b.num_rows for b in group) >= GROUP_ROWS:
                writer.write_table(pa.Table.from_batches(group, schema))
                group.clear()
        if group:
            writer.write_table(pa.Table.from_batches(group, schema))


class _Output(Protocol):
    def write(self, data: bytes, /) -> int: ...


class _Sink:
    """The rest of a file, which pyarrow asks for, around what takes bytes."""

    closed = False

    def __init__(self, output: _Output) -> None:
        self._output = output

    def write(self, data: bytes) -> int:
        return self._output.write(bytes(data))

    def flush(self) -> None:
        """Do nothing: the output sends when it thinks fit."""

    def close(self) -> None:
        """Do nothing: the output has an owner."""
