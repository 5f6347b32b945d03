"""A graph as Parquet tables, one for each class, with a data dictionary.

The dictionary is a Data Package (version 2): a resource for each table, whose fields have the IRI
of their property, what it is called and what it means.
"""

from __future__ import annotations

import json
from contextlib import ExitStack
from itertools import groupby
from typing import TYPE_CHECKING, Self

import pyarrow as pa
import pyarrow.parquet as pq

from vises.store.dumps.columns import IRI, Survey, classes_of, grouped, text_of
from vises.store.dumps.labels import local_name, meanings, titles
from vises.store.dumps.output import described
from vises.store.dumps.triples import quads_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from pyoxigraph import BlankNode, NamedNode, Quad

    from vises.store.canonical import Term
    from vises.store.dumps.columns import Column, Key
    from vises.store.dumps.output import DumpFile

PARQUET = "application/vnd.apache.parquet"
DICTIONARY = "tables.json"
DATA_PACKAGE = "https://datapackage.org/standard/data-package/"
_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"

_BATCH = 5_000
"""How many rows of a class are held at once; they are a row group."""

_MOST_CLASSES = 500
"""A graph with more classes than this gets no tables: each is an open file."""

_MOST_LETTERS = 100
"""Of the name of a class in that of its file: file systems take 255 bytes."""

_FIELDS = {"boolean", "date", "integer", "string"}


def write_tables(dataset: str, lines: Path, folder: Path) -> Iterator[DumpFile]:
    """Write the tables of a graph and their dictionary; yield what is said of each file.

    `lines` is the graph as sorted N-Quads, which is read twice. Raises `OSError`.
    """
    survey = Survey()
    for _, thing in things(lines):
        survey.note(thing)
    tables = survey.tables()
    if not 0 < len(tables) <= _MOST_CLASSES:
        return
    forms = _forms(list(tables))
    with ExitStack() as open_files:
        writers = {
            name: open_files.enter_context(_Table(folder / forms[name], columns))
            for name, columns in tables.items()
        }
        for node, thing in things(lines):
            for name in classes_of(thing):
                writers[name].add(node, thing)
    for name, form in forms.items():
        yield described(folder / form, PARQUET, about=name)
    dictionary = folder / DICTIONARY
    resources = [_resource(dataset, forms[n], n, tables[n], survey.rows[n]) for n in tables]
    package = {"$schema": _PROFILE, "name": dataset, "resources": resources}
    dictionary.write_text(json.dumps(package, ensure_ascii=False, indent=1) + "\n", "utf-8")
    yield described(dictionary, "application/json", conforms_to=DATA_PACKAGE)


def things(lines: Path) -> Iterator[tuple[NamedNode | BlankNode, dict[Key, list[Term]]]]:
    """Yield each thing of sorted N-Quads with its values, one thing in memory at a time."""
    for node, quads in groupby(quads_of(lines), lambda quad: quad.subject):
        yield node, grouped(_values(quads))


def _values(quads: Iterator[Quad]) -> Iterator[tuple[NamedNode, Term]]:
    return ((quad.predicate, quad.object) for quad in quads)


def _forms(classes: Sequence[str]) -> Mapping[str, str]:
    """Return the form of each table: the local name of its class, numbered where two share it."""
    forms: dict[str, str] = {}
    taken: set[str] = set()
    for name in classes:
        safe = "".join(c for c in local_name(name) if c.isascii() and c.isalnum()) or "class"
        number = 1
        form = safe = safe[:_MOST_LETTERS]
        while form.casefold() in taken:
            number += 1
            form = f"{safe}-{number}"
        taken.add(form.casefold())
        forms[name] = f"{form}.parquet"
    return forms


class _Table:
    """Writes the rows of one class, some thousands at a time."""

    def __init__(self, path: Path, columns: Sequence[Column]) -> None:
        self._columns = columns
        fields = [pa.field(IRI, pa.string(), nullable=False)]
        fields += [pa.field(c.name, c.arrow) for c in columns]
        self._schema = pa.schema(fields)
        self._path = path
        self._rows: list[list[object]] = []

    def __enter__(self) -> Self:
        self._writer = pq.ParquetWriter(
            self._path, self._schema, compression="zstd", version="2.6", store_schema=False
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._flush()
        self._writer.close()

    def add(self, node: NamedNode | BlankNode, thing: Mapping[Key, Sequence[Term]]) -> None:
        row: list[object] = [text_of(node)]
        for column in self._columns:
            values = [column.cell(v) for v in thing.get((column.property, column.language), ())]
            if column.several:
                row.append(values or None)
            else:
                row.append(values[0] if values else None)
        self._rows.append(row)
        if len(self._rows) >= _BATCH:
            self._flush()

    def _flush(self) -> None:
        if self._rows:
            columns = zip(*self._rows, strict=True)
            arrays = [
                pa.array(values, field.type)
                for values, field in zip(columns, self._schema, strict=True)
            ]
            self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))
            self._rows = []


def _resource(
    dataset: str, form: str, name: str, columns: Sequence[Column], rows: int
) -> dict[str, object]:
    return {
        "name": form.removesuffix(".parquet").lower(),
        "type": "table",
        "path": f"{dataset}.{form}",
        "format": "parquet",
        "mediatype": PARQUET,
        "rdfType": name,
        "titles": dict(titles(name)),
        "descriptions": dict(meanings(name)),
        "rows": rows,
        "schema": {"primaryKey": IRI, "fields": [_KEY, *map(_field, columns)]},
    }


_KEY: dict[str, object] = {"name": IRI, "type": "string", "constraints": {"required": True}}


def _field(column: Column) -> dict[str, object]:
    kind = {"decimal": "number", "double": "number"}.get(column.kind, column.kind)
    said: dict[str, object] = {
        "name": column.name,
        "type": "array" if column.several else kind if kind in _FIELDS | {"number"} else "string",
        "rdfType": column.property,
        "titles": dict(titles(column.property)),
        "descriptions": dict(meanings(column.property)),
    }
    if column.several:
        item = {"type": kind if kind in _FIELDS | {"number"} else "string"}
        said["arrayItem"] = item | ({"format": "uri"} if column.kind == "iri" else {})
    elif column.kind == "iri":
        said["format"] = "uri"
    if column.language:
        said["language"] = column.language
    return said
