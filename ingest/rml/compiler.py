"""Compile a mapping for one source: from a row of cells to lines of N-Quads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from vises.ingest.rml.codegen import Join, parent_program, row_program
from vises.ingest.rml.errors import MappingError

if TYPE_CHECKING:
    from vises.ingest.rml.model import Mapping as RmlMapping

Parents = Mapping[tuple[str, ...], tuple[str, ...]]
Row = Sequence[str]


class Table(NamedTuple):
    """The header and the rows of a source that others are joined to; it is held in memory."""

    columns: Sequence[str]
    rows: Iterable[Row]


class RowMapper:
    """A compiled mapping for the rows of one source.

    `code` is the generated Python source; `joins` holds the tables that it looks parents up in,
    by their name there. It can be pickled, and compiles itself again on the other side.
    """

    def __init__(self, code: str, joins: Mapping[str, Parents]) -> None:
        """Compile the source."""
        self.code = code
        self._joins = dict(joins)
        self._function: Callable[[Row], str] = _compile(code, "row_to_quads", self._joins)

    def __call__(self, row: Row) -> str:
        r"""Return the row's triples and quads as N-Quads, each line ended by ``\n``.

        `row` has one string per column, empty where there is no value. Lines may be given twice,
        and are all N-Triples where the mapping names no graph. Raises `DataError` where a value
        cannot become a term, or the row has another number of cells than the header.
        """
        return self._function(row)

    def __reduce__(self) -> tuple[type[RowMapper], tuple[str, Mapping[str, Parents]]]:
        """Travel to another process as source."""
        return RowMapper, (self.code, self._joins)


def compile_mapping(
    mapping: RmlMapping,
    source: str,
    columns: Sequence[str],
    *,
    base_iri: str,
    parents: Mapping[str, Table] | None = None,
) -> RowMapper:
    """Compile all triples maps over one source.

    `source` is a name out of `mapping.sources`, `columns` the header of the file, `base_iri` what
    relative IRIs made from rows are put behind, `parents` the sources that `mapping.parents`
    names, for joins. Raises `MappingError` where the source or a column is not there or a column
    that is used is there twice, and `DataError` for a row of a parent that makes no subject.
    """
    if source not in mapping.sources:
        raise MappingError(
            f"No triples map reads {source!r}.",
            place=mapping.place,
            remedy=f"The mapping reads {', '.join(map(repr, sorted(mapping.sources)))}.",
        )
    program = row_program(mapping, source, columns, base_iri)
    tables = {join.name: _index(mapping, join, (parents or {}), base_iri) for join in program.joins}
    return RowMapper(program.code, tables)


def _index(mapping: RmlMapping, join: Join, tables: Mapping[str, Table], base_iri: str) -> Parents:
    """Return the subjects of a parent's rows by the values that rows are joined on."""
    source = join.parent.source
    if source not in tables:
        raise MappingError(
            f"A join needs the rows of {source!r}.",
            place=f"{mapping.place}, line {join.line}",
            remedy="Give that file as well; joins hold it in memory.",
        )
    table = tables[source]
    code = parent_program(mapping, join, table.columns, base_iri)
    row_to_parent = _compile(code, "row_to_parent", {})
    found: dict[tuple[str, ...], list[str]] = {}
    for row in table.rows:
        if parent := row_to_parent(row):
            key, subject = parent
            found.setdefault(key, []).append(subject)
    return {key: tuple(dict.fromkeys(subjects)) for key, subjects in found.items()}


def _compile(code: str, name: str, names: Mapping[str, object]) -> Callable[[Row], Any]:
    """Return a function of generated code; only text that `codegen` escaped is in it."""
    namespace = dict(names)
    exec(compile(code, f"<{name}>", "exec"), namespace)  # noqa: S102 (our own code, see codegen)
    return cast("Callable[[Row], Any]", namespace[name])
