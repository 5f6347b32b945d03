"""The cells of a row, and what functions make of them, as variables of the generated code."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from pyoxigraph import DefaultGraph

from vises.errors import sentence
from vises.ingest.rml.errors import MappingError
from vises.ingest.rml.fstrings import Variable, fstring
from vises.ingest.rml.model import (
    Call,
    Constant,
    Expression,
    Formulation,
    Reference,
    Template,
    references,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vises.errors import Sentence
    from vises.ingest.rml.model import LogicalSource

DATATYPE = "^^"
"""What the name of the column with the datatypes of a typed one ends with; no path does."""


class Columns:
    """The columns of a source; it notes which forms of them the code asks for.

    Each column has its value (`c3`), its value as it stands in a literal (`c3_text`), and as a
    template puts it into an IRI (`c3_iri`); each call of a function has the first two (`c_f0`).
    In a row that two tables were joined to, those of the second start at `offset` and with `p`.
    """

    def __init__(
        self,
        names: Sequence[str],
        *,
        source: LogicalSource,
        place: str,
        prefix: str = "c",
        offset: int = 0,
    ) -> None:
        """Take the header of a source; raise `MappingError` where that of a table is empty."""
        if not names and source.formulation is Formulation.CSV:
            raise MappingError(
                sentence("source-no-columns", "{source!r} has no columns.", source=source.name),
                place=place,
            )
        self.source = source
        self.names = tuple(names)
        self._place = place
        self._prefix = prefix
        self._offset = offset
        self._values: set[int] = set()
        self._calls: dict[Call, tuple[Variable, str]] = {}
        self._texts: set[str] = set()
        self._safe: set[str] = set()

    @property
    def has_calls(self) -> bool:
        """Whether the code calls functions of the registry."""
        return bool(self._calls)

    def value(self, column: str, line: int) -> Variable:
        """Return the variable of a column's value.

        Raises `MappingError` where the header has no such column, or more than one.
        """
        index = self.position(column, line)
        self._values.add(index)
        return Variable(f"{self._prefix}{index}")

    def position(self, column: str, line: int) -> int:
        """Return where a column stands in the header; raises what `value` does."""
        count = self.names.count(column)
        if count != 1:
            place = f"{self._place}, line {line}"
            if count:
                raise MappingError(
                    sentence(
                        "columns-alike",
                        "{source!r} has {count} columns named {column!r}.",
                        source=self.source.name,
                        count=count,
                        column=column,
                    ),
                    place=place,
                    remedy=sentence(
                        "name-columns-apart", "Give each column of the file a name of its own."
                    ),
                )
            raise MappingError(
                sentence(
                    "source-lacks-column",
                    "{source!r} has no column {column!r}.",
                    source=self.source.name,
                    column=column,
                ),
                place=place,
                remedy=self._hint(column),
            )
        return self.names.index(column)

    def text(self, column: str, line: int) -> Variable:
        """Return the variable of a column's value, escaped for a literal."""
        return self._form(self._texts, self.value(column, line), "text")

    def safe(self, column: str, line: int) -> Variable:
        """Return the variable of a column's value, percent-encoded for an IRI."""
        return self._form(self._safe, self.value(column, line), "iri")

    def datatype(self, column: str, line: int) -> Variable | None:
        """Return the variable of what follows a literal of a typed source; None for the others."""
        return self.value(column + DATATYPE, line) if self.source.typed else None

    def call(self, call: Call, line: int) -> Variable:
        """Return the variable of what a function returns."""
        if call not in self._calls:
            code = self._call_code(call, line)
            variable = Variable(f"{self._prefix}_f{len(self._calls)}")
            self._calls[call] = variable, code
        return self._calls[call][0]

    def call_text(self, call: Call, line: int) -> Variable:
        """Return the variable of what a function returns, escaped for a literal."""
        return self._form(self._texts, self.call(call, line), "text")

    def prelude(self) -> list[str]:
        """Return the statements that set all variables asked for from `row`."""
        lines: list[str] = []
        for index in sorted(self._values):
            name, column = f"{self._prefix}{index}", repr(self.names[index])
            lines.append(f"{name} = row[{index + self._offset}]  # {column}")
            lines += self._forms(name, column)
        for call, (variable, code) in self._calls.items():
            lines.append(f"{variable.name} = {code}")
            lines += self._forms(variable.name, repr(", ".join(references(call))))
        return lines

    def _form(self, forms: set[str], variable: Variable, suffix: str) -> Variable:
        forms.add(variable.name)
        return Variable(f"{variable.name}_{suffix}")

    def _forms(self, name: str, column: str) -> Iterator[str]:
        if name in self._safe:
            yield (
                f"{name}_iri = {name} if {name}.isalnum() or not {name}"
                f" else iri_safe({name}, {column})"
            )
        if name in self._texts:
            yield (
                f"{name}_text = {name} if {name}.isprintable() and '\"' not in {name}"
                f" and '\\\\' not in {name} else escape({name}, {column})"
            )

    def _call_code(self, call: Call, line: int) -> str:
        function = call.function
        arguments = [self._argument(each, line) for each in call.arguments]
        name = f"functions.{function.implementation.__name__}"
        if function.may_fail:
            columns = ", ".join(dict.fromkeys(references(call)))
            code = f"functions.checked({', '.join([repr(columns), name, *arguments])})"
        else:
            code = f"{name}({', '.join(arguments)})"
        given = zip(call.arguments, arguments, strict=True)
        needs = [argument for each, argument in given if not isinstance(each, Constant)]
        if function.strict and needs:
            code += f" if {' and '.join(dict.fromkeys(needs))} else ''"
        return code

    def _argument(self, expression: Expression, line: int) -> str:
        match expression:
            case Constant(term):
                return repr("" if isinstance(term, DefaultGraph) else term.value)
            case Reference(column):
                return self.value(column, line).name
            case Call():
                return self.call(expression, line).name
            case Template(parts):
                values = [
                    part if isinstance(part, str) else self.value(part.column, line)
                    for part in parts
                ]
                text = fstring(values)
                needs = [part.name for part in values if isinstance(part, Variable)]
                return f"({text} if {' and '.join(needs)} else '')" if needs else text

    def _hint(self, column: str) -> Sentence:
        folded = {name.casefold(): name for name in self.names}
        nearest = difflib.get_close_matches(column.casefold(), folded, n=3, cutoff=0.5)
        if nearest:
            names = ", ".join(repr(folded[name]) for name in nearest)
            return sentence("nearest", "Nearest: {names}.", names=names)
        return sentence("it-has", "It has: {names}.", names=", ".join(map(repr, self.names)))
