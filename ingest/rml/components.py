"""The parts of a mapping: nodes whose properties are all known, each looked at or complained of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from vises.errors import sentence
from vises.ingest.rml import vocabulary
from vises.ingest.rml.document import STRING, Document, Node, Statement, Value, show
from vises.ingest.rml.errors import supported
from vises.namespaces import term

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from vises.ingest.rml.errors import MappingError

_TYPE = term("rdf:type").value


@dataclass(frozen=True)
class Component:
    """One part of a mapping, such as a subject map; `line` is where it begins."""

    document: Document
    kind: str
    line: int
    properties: Mapping[str, tuple[Statement, ...]]

    def all(self, *names: str) -> tuple[Statement, ...]:
        """Return the statements with these properties, by their local names."""
        return tuple(each for name in names for each in self.properties.get(name, ()))

    def optional(self, *names: str) -> Statement | None:
        """Return the one statement with one of these properties, or None; raise if several."""
        found = self.all(*names)
        if len(found) > 1:
            line = max(each.line for each in found)
            raise self.document.error(
                line,
                sentence(
                    "part-has-several",
                    "The {part} may have at most one {names}; here it has {count}.",
                    part=self.kind,
                    names=_either(names),
                    count=len(found),
                ),
            )
        return found[0] if found else None

    def one(self, *names: str) -> Statement:
        """Return the one statement with one of these properties; raise if none or several."""
        found = self.optional(*names)
        if found is None:
            raise self.lacks(*names)
        return found

    def text(self, statement: Statement) -> str:
        """Return the value of a statement, which must be a plain string with something in it."""
        value = statement.value
        if not isinstance(value, Literal) or value.datatype != STRING or not value.value:
            raise self.document.error(
                statement.line,
                sentence(
                    "plain-string",
                    "<{property}> needs a plain string, not {value}.",
                    property=statement.predicate,
                    value=show(value),
                ),
            )
        return value.value

    def lacks(self, *names: str) -> MappingError:
        """Return the error for a part that has none of these properties."""
        return self.error(
            sentence(
                "part-lacks", "The {part} has no {names}.", part=self.kind, names=_either(names)
            )
        )

    def error(self, detail: str, remedy: str | None = None) -> MappingError:
        """Return the error for this part as a whole."""
        return self.document.error(self.line, detail, remedy)


@dataclass(frozen=True)
class Components:
    """Opens the parts of a document, and remembers which were opened."""

    document: Document
    _opened: set[Value] = field(default_factory=set)

    def open(self, node: Value, kind: str, allowed: Collection[str], *, line: int) -> Component:
        """Return a node as a part of that kind, with the properties that such a part may have.

        Raises `MappingError` for a property or class that is not known or not allowed there, and
        at `line` where there is no such node.
        """
        statements = self.document.statements.get(node, ()) if isinstance(node, Node) else ()
        if not statements:
            raise self.document.error(
                line,
                sentence(
                    "part-undescribed",
                    "The {part} is {value}, which is not described here.",
                    part=kind,
                    value=show(node),
                ),
            )
        self._opened.add(node)
        properties: dict[str, list[Statement]] = {}
        for statement in statements:
            name = self._name(statement, kind, allowed)
            if name:
                properties.setdefault(name, []).append(statement)
        return Component(
            self.document,
            kind,
            min(statement.line for statement in statements),
            {name: tuple(each) for name, each in properties.items()},
        )

    def constant(self, owner: Component, statement: Statement, name: str) -> Statement:
        """Return the statement with a constant, in its short form (`name`) or in its long one."""
        if statement in owner.all(name):
            return statement
        return self.open(statement.value, f"{name} map", {"constant"}, line=statement.line).one(
            "constant"
        )

    def refuse_unopened(self) -> None:
        """Raise `MappingError` if some part of a mapping was not reached: it would be ignored."""
        for subject, statements in self.document.statements.items():
            for statement in statements:
                if subject not in self._opened and _is_mapping(statement):
                    raise self.document.error(
                        statement.line,
                        sentence(
                            "part-unreached",
                            "<{property}> stands on {value}, which no triples map leads to.",
                            property=statement.predicate,
                            value=show(subject),
                        ),
                    )

    def _name(self, statement: Statement, kind: str, allowed: Collection[str]) -> str | None:
        iri = statement.predicate
        name = vocabulary.PROPERTIES.get(iri)
        if name in allowed:
            return name
        if iri == _TYPE and isinstance(statement.value, NamedNode):
            iri = statement.value.value
            if iri in vocabulary.CLASSES or not iri.startswith(vocabulary.MAPPING_NAMESPACES):
                return None
        elif iri.startswith(vocabulary.DOCUMENTATION_NAMESPACES):
            return None
        raise self.document.error(
            statement.line,
            sentence(
                "unsupported-on", "<{iri}> is not supported on the {part}.", iri=iri, part=kind
            ),
            supported(sorted(allowed)),
        )


def _is_mapping(statement: Statement) -> bool:
    iri = statement.predicate
    if iri == _TYPE and isinstance(statement.value, NamedNode):
        iri = statement.value.value
    return iri.startswith(vocabulary.MAPPING_NAMESPACES)


def _either(names: tuple[str, ...]) -> str:
    return " / ".join(names)
