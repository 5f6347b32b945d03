"""Compile a mapping for one source, or for a join: from a row of cells to lines of N-Quads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, cast

from vises.ingest.rml.codegen import NAME, join_program, row_program
from vises.ingest.rml.columns import Columns
from vises.ingest.rml.errors import MappingError, reads, reads_not

if TYPE_CHECKING:
    from vises.ingest.rml.model import Join, Mapping

Row = Sequence[str]


class RowMapper:
    """A compiled mapping for the rows of one source; `code` is the generated Python source.

    It can be pickled, and compiles itself again on the other side.
    """

    def __init__(self, code: str) -> None:
        """Compile the source."""
        self.code = code
        self._function: Callable[[Row], str] = _compile(code)

    def __call__(self, row: Row) -> str:
        r"""Return the row's triples and quads as N-Quads, each line ended by ``\n``.

        `row` has one string per column, empty where there is no value. Lines may be given twice,
        and are all N-Triples where the mapping names no graph. Raises `DataError` where a value
        cannot become a term, or the row has another number of cells than the header.
        """
        return self._function(row)

    def __reduce__(self) -> tuple[type[RowMapper], tuple[str]]:
        """Travel to another process as source."""
        return RowMapper, (self.code,)


def compile_mapping(
    mapping: Mapping,
    source: str,
    columns: Sequence[str],
    *,
    base_iri: str,
) -> RowMapper:
    """Compile all triples maps over one source, but for what joins make (see `compile_join`).

    `source` is a name out of `mapping.sources`, `columns` the header of the file, `base_iri` what
    relative IRIs made from rows are put behind. Raises `MappingError` where the source or a column
    is not there or a column that is used is there twice.
    """
    if source not in mapping.sources:
        raise MappingError(reads_not(source), place=mapping.place, remedy=reads(mapping.sources))
    return RowMapper(row_program(mapping, source, columns, base_iri))


def compile_join(
    mapping: Mapping,
    join: Join,
    columns: Sequence[str],
    parent_columns: Sequence[str],
    *,
    base_iri: str,
) -> RowMapper:
    """Compile what one join makes, for rows of the child's cells followed by the parent's.

    It makes a quad of every two rows that the functions of both sources took.

    Raises `MappingError` where a column is not there or is there twice.
    """
    return RowMapper(join_program(mapping, join, columns, parent_columns, base_iri))


def join_keys(
    mapping: Mapping, join: Join, columns: Sequence[str], parent_columns: Sequence[str]
) -> list[tuple[int, int]]:
    """Return where the columns that a join compares stand in the child and in the parent.

    Raises `MappingError` where a column is not there or is there twice.
    """
    child, parent = (
        Columns(names, source=each.logical_source, place=mapping.place)
        for names, each in ((columns, join.child), (parent_columns, join.parent))
    )
    line = join.reference.line
    return [
        (child.position(each.child, line), parent.position(each.parent, line))
        for each in join.reference.conditions
    ]


def _compile(code: str) -> Callable[[Row], str]:
    """Return the function of generated code; only text that `codegen` escaped is in it."""
    namespace: dict[str, Any] = {}
    exec(compile(code, f"<{NAME}>", "exec"), namespace)  # noqa: S102 (our own, see codegen)
    return cast("Callable[[Row], str]", namespace[NAME])
