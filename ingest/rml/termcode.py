"""From a term map to the code that makes its term."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import DefaultGraph

from vises.ingest.rml.encoding import escape
from vises.ingest.rml.fstrings import Part, Variable, fstring
from vises.ingest.rml.model import Call, Constant, Reference, Template, TermMap, TermType

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vises.ingest.rml.columns import Columns

_AUTHORITY_ENDS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?:(?!//)|//[^/?#]*[/?#])")
"""The beginning of an absolute IRI that percent-encoded text behind it cannot make invalid."""


@dataclass(frozen=True)
class TermCode:
    """How a term is made: `parts` give its text, once the rest is done.

    `needs` are the variables that may not be empty, `before` the statements that come first.
    """

    parts: tuple[Part, ...]
    needs: tuple[str, ...] = ()
    before: tuple[str, ...] = ()


class TermCoder:
    """Writes the code of term maps over the same row; a checked term gets a variable (`t0`)."""

    def __init__(self, columns: Columns, base_iri: str, numbers: Iterator[int]) -> None:
        """Take the row's columns, the base in front of relative IRIs, and the next numbers."""
        self._columns = columns
        self._base_iri = base_iri
        self._numbers = numbers

    def term(self, term_map: TermMap) -> TermCode:  # noqa: PLR0911 (a case for each type)
        """Return the code of a term map; raises `MappingError` where a column is not there."""
        expression, line = term_map.expression, term_map.line
        if isinstance(expression, Constant):
            if isinstance(expression.term, DefaultGraph):
                return TermCode(())
            return TermCode((str(expression.term),))
        if isinstance(expression, Call):
            return self._returned(term_map, expression)
        template = expression.parts if isinstance(expression, Template) else (expression,)
        needs = tuple(
            dict.fromkeys(self._columns.value(column, line).name for column in term_map.columns)
        )
        match term_map.term_type:
            case TermType.LITERAL:
                return TermCode(self._literal(term_map, template), needs)
            case TermType.BLANK_NODE:
                parts = [
                    part if isinstance(part, str) else self._columns.value(part.column, line)
                    for part in template
                ]
                return self._checked(f"blank_node({fstring(parts)})", needs)
            case TermType.IRI if isinstance(expression, Reference):
                value = self._columns.value(expression.column, line).name
                return self._iri(value, term_map, needs)
            case TermType.IRI:
                return self._template_iri(term_map, template, needs)

    def _returned(self, term_map: TermMap, call: Call) -> TermCode:
        """Return the code of a term that is what a function returns."""
        value = self._columns.call(call, term_map.line).name
        match term_map.term_type:
            case TermType.LITERAL:
                text = self._columns.call_text(call, term_map.line)
                return TermCode(('"', text, f'"{_suffix(term_map)}'), (value,))
            case TermType.BLANK_NODE:
                return self._checked(f"blank_node({value})", (value,))
            case TermType.IRI:
                return self._iri(value, term_map, (value,))

    def _literal(self, term_map: TermMap, template: Iterable[str | Reference]) -> tuple[Part, ...]:
        parts: list[Part] = [
            escape(part, "")
            if isinstance(part, str)
            else self._columns.text(part.column, term_map.line)
            for part in template
        ]
        suffix: Part = _suffix(term_map)
        if not suffix and isinstance(term_map.expression, Reference):
            column = term_map.expression.column
            suffix = self._columns.datatype(column, term_map.line) or ""
        return ('"', *parts, '"', suffix)

    def _template_iri(
        self, term_map: TermMap, template: tuple[str | Reference, ...], needs: tuple[str, ...]
    ) -> TermCode:
        if not any(":" in part for part in template if isinstance(part, str)):
            template = (self._base_iri, *template)
        parts = tuple(
            part if isinstance(part, str) else self._columns.safe(part.column, term_map.line)
            for part in template
        )
        if _AUTHORITY_ENDS.match(_start(template)):
            return TermCode(("<", *parts, ">"), needs)
        return self._iri(fstring(parts), term_map, needs)

    def _iri(self, value: str, term_map: TermMap, needs: tuple[str, ...]) -> TermCode:
        columns = ", ".join(dict.fromkeys(term_map.columns))
        return self._checked(f"iri({value}, {self._base_iri!r}, {columns!r})", needs)

    def _checked(self, call: str, needs: tuple[str, ...]) -> TermCode:
        variable = Variable(f"t{next(self._numbers)}")
        return TermCode((variable,), needs, (f"{variable.name} = {call}",))


def _suffix(term_map: TermMap) -> str:
    """Return what follows the text of a literal: its language or datatype."""
    if term_map.language:
        return f"@{term_map.language}"
    return f"^^<{term_map.datatype}>" if term_map.datatype else ""


def _start(template: tuple[str | Reference, ...]) -> str:
    """Return the fixed text before the first reference."""
    start = ""
    for part in template:
        if isinstance(part, Reference):
            break
        start += part
    return start
