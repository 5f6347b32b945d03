"""The cells of a row as variables of the generated code."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from vises.ingest.rml.errors import MappingError
from vises.ingest.rml.fstrings import Variable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vises.ingest.rml.model import Mapping


class Columns:
    """The columns of a source; it notes which forms of them the code asks for.

    Each column has its value (`c3`), its value as it stands in a literal (`c3_text`), and as a
    template puts it into an IRI (`c3_iri`).
    """

    def __init__(self, names: Sequence[str], *, mapping: Mapping, source: str) -> None:
        """Take the header of a source; raise `MappingError` where it is empty."""
        if not names:
            raise MappingError(f"{source!r} has no columns.", place=mapping.place)
        self._names = tuple(names)
        self._place = mapping.place
        self._source = source
        self._values: set[int] = set()
        self._texts: set[int] = set()
        self._safe: set[int] = set()

    def value(self, column: str, line: int) -> Variable:
        """Return the variable of a column's value.

        Raises `MappingError` where the header has no such column, or more than one.
        """
        return Variable(f"c{self._index(column, line)}")

    def text(self, column: str, line: int) -> Variable:
        """Return the variable of a column's value, escaped for a literal."""
        index = self._index(column, line)
        self._texts.add(index)
        return Variable(f"c{index}_text")

    def safe(self, column: str, line: int) -> Variable:
        """Return the variable of a column's value, percent-encoded for an IRI."""
        index = self._index(column, line)
        self._safe.add(index)
        return Variable(f"c{index}_iri")

    def prelude(self) -> list[str]:
        """Return the statements that set all variables asked for from `row`."""
        lines = [
            f"columns = {self._names!r}",
            f"if len(row) != {len(self._names)}:",
            "    raise wrong_width(row, columns)",
        ]
        for index in sorted(self._values):
            cell, column = f"c{index}", repr(self._names[index])
            lines.append(f"{cell} = row[{index}]  # {column}")
            if index in self._safe:
                lines.append(
                    f"{cell}_iri = {cell} if {cell}.isalnum() or not {cell}"
                    f" else iri_safe({cell}, {column})"
                )
            if index in self._texts:
                lines.append(
                    f"{cell}_text = {cell} if {cell}.isprintable() and '\"' not in {cell}"
                    f" and '\\\\' not in {cell} else escape({cell}, {column})"
                )
        return lines

    def _index(self, column: str, line: int) -> int:
        count = self._names.count(column)
        if count != 1:
            place = f"{self._place}, line {line}"
            if count:
                raise MappingError(
                    f"{self._source!r} has {count} columns named {column!r}.",
                    place=place,
                    remedy="Give each column of the file a name of its own.",
                )
            raise MappingError(
                f"{self._source!r} has no column {column!r}.",
                place=place,
                remedy=self._hint(column),
            )
        index = self._names.index(column)
        self._values.add(index)
        return index

    def _hint(self, column: str) -> str:
        folded = {name.casefold(): name for name in self._names}
        nearest = difflib.get_close_matches(column.casefold(), folded, n=3, cutoff=0.5)
        if nearest:
            return f"Nearest: {', '.join(repr(folded[name]) for name in nearest)}."
        return f"It has: {', '.join(map(repr, self._names))}."
