"""A Turtle document as statements by subject, each with the line it stands on."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from vises.errors import sentence
from vises.ingest.rml.errors import MappingError
from vises.namespaces import term

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

STRING = term("xsd:string")

Node = NamedNode | BlankNode
Value = NamedNode | BlankNode | Literal | Triple


@dataclass(frozen=True)
class Statement:
    """A property and a value of some subject, and the line on which the value ends."""

    predicate: str
    value: Value
    line: int


@dataclass(frozen=True)
class Document:
    """What a Turtle file says, in its order; `place` names the file."""

    place: str
    statements: Mapping[Node, tuple[Statement, ...]]

    def error(self, line: int, detail: str, remedy: str | None = None) -> MappingError:
        """Return the error for something that stands on a line of this document."""
        return MappingError(detail, place=f"{self.place}, line {line}", remedy=remedy)


def show(value: Value) -> str:
    """Return a value as a message names it; the labels of blank nodes mean nothing to a reader."""
    return "[]" if isinstance(value, BlankNode) else str(value)


def read_document(
    turtle: bytes, *, base_iri: str, place: str, made_from: Sequence[int] | None = None
) -> Document:
    """Parse Turtle; relative IRIs are resolved against `base_iri` unless the file has its own base.

    `made_from` has, for each line of generated Turtle, the line of `place` that is behind it.
    Raises `MappingError` with the line and column where the syntax is wrong.
    """
    lines = _Lines(turtle)
    found: dict[Node, list[Statement]] = {}
    try:
        for quad in parse(lines, format=RdfFormat.TURTLE, base_iri=base_iri):
            assert isinstance(quad.subject, Node)
            line = lines.line_of(quad.object)
            line = made_from[line - 1] if made_from else line
            statement = Statement(quad.predicate.value, quad.object, line)
            found.setdefault(quad.subject, []).append(statement)
    except SyntaxError as error:
        raise MappingError(
            sentence("not-turtle", "The mapping is not valid Turtle: {why}.", why=error.msg),
            place=f"{place}, line {error.lineno}, column {error.offset}",
        ) from None
    return Document(place, {subject: tuple(each) for subject, each in found.items()})


class _Lines(io.BytesIO):
    """Bytes handed out one line at a time, so that the parser is at most one line ahead."""

    _line = 0
    _text = b""
    _line_of_text = 0
    _line_before = 0
    _at_start = True

    def read(self, size: int | None = -1) -> bytes:
        chunk = self.readline(size)
        if self._at_start and chunk:
            self._line += 1
            text = chunk.strip()
            if text and not text.startswith(b"#"):
                self._line_before, self._line_of_text = self._line_of_text, self._line
                self._text = text
        self._at_start = chunk.endswith(b"\n")
        return chunk

    def line_of(self, value: Value) -> int:
        """Return where a value that was just parsed ends.

        A string may go on with a language or a datatype, so the parser reads what follows it first.
        """
        is_string = isinstance(value, Literal) and value.datatype == STRING
        waited = is_string and self._text.startswith((b";", b",", b".", b"]"))
        return self._line_before if waited else self._line
