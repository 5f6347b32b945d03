"""Things of the graph as JSON for programs, and as JSON-LD."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode

from vises.namespaces import PREFIXES
from vises.service.api.context import context
from vises.service.api.rows import plain
from vises.service.pages.labels import LABEL_PROPERTIES, TYPE, best_label
from vises.store.about import OWNED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from vises.service.api.context import Name
    from vises.service.api.rows import Json, Writer
    from vises.service.graph import Term
    from vises.service.pages.labels import Labels

Statements = dict[str, list["Term"]]
"""The values of a thing by the IRI of their property, each once."""

_XSD = PREFIXES["xsd"]
_STRING = _XSD + "string"
NAMELESS = {TYPE.value, *(prop.value for prop in OWNED)}
"""The properties whose values have no names to show: classes and parts."""


def grouped(rows: Iterable[tuple[Term, Term, Term]]) -> dict[Term, Statements]:
    """Return statements (subject, property, value) by subject, each once, in a fixed order."""
    found: dict[Term, dict[str, dict[Term, None]]] = {}
    for subject, prop, value in rows:
        assert isinstance(prop, NamedNode)
        found.setdefault(subject, {}).setdefault(prop.value, {})[value] = None
    return {
        subject: {prop: sorted(values, key=str) for prop, values in statements.items()}
        for subject, statements in found.items()
    }


def mentioned(statements: Iterable[Statements]) -> set[NamedNode]:
    """Return the IRIs that are values, but for classes and parts, which have no names to show."""
    return {
        value
        for found in statements
        for prop, values in found.items()
        if prop not in NAMELESS
        for value in values
        if isinstance(value, NamedNode)
    }


class Teller:
    """Tells of things in plain JSON: with the names of what they point to, in one language.

    `parts` are the things that are told inside those that have them: identifiers, addresses.
    """

    def __init__(self, writer: Writer, labels: Labels, parts: Mapping[Term, Statements]) -> None:
        """Take what writes terms, the names, and the parts."""
        self._writer = writer
        self._labels = labels
        self._parts = parts

    def told(
        self, node: Term, statements: Statements, wanted: Collection[str] = (), depth: int = 1
    ) -> dict[str, Json]:
        """Return a thing as an object: `id`, `href`, `label`, `type`, and its properties.

        `wanted` are the IRIs of those properties to tell (none: all).
        """
        found = self._thing(node, statements)
        types = [context().name(value.value).key for value in _iris(statements.get(TYPE.value, ()))]
        if types:
            found["type"] = types[0] if len(types) == 1 else [*types]
        for prop, values in sorted(statements.items()):
            if prop != TYPE.value and (not wanted or prop in wanted):
                found[context().name(prop).key] = self._values(values, depth)
        return found

    def _values(self, values: Sequence[Term], depth: int) -> Json:
        """Return texts in languages as an object by language, one value alone, others as a list."""
        tagged = {v.language: v.value for v in values if isinstance(v, Literal) and v.language}
        if len(tagged) == len(values):
            return {str(language): text for language, text in tagged.items()}
        shown = [self._value(value, depth) for value in values]
        return shown[0] if len(shown) == 1 else shown

    def _value(self, value: Term, depth: int) -> Json:
        if depth and value in self._parts:
            return self.told(value, self._parts[value], depth=depth - 1)
        if isinstance(value, NamedNode):
            return self._thing(value)
        return self._writer.value(value)

    def _thing(self, node: Term, statements: Statements | None = None) -> dict[str, Json]:
        if not isinstance(node, NamedNode):
            return {}
        own = best_label(_names(statements or {}), self._labels.language)
        label = own or self._labels.label(node.value)
        found = self._writer.thing(node.value)
        return found | {"label": label.text} if label else found


def _names(statements: Statements) -> Iterator[tuple[NamedNode, Literal]]:
    for prop in LABEL_PROPERTIES:
        for value in statements.get(prop.value, ()):
            if isinstance(value, Literal):
                yield prop, value


def json_ld(things: Mapping[Term, Statements], roots: Sequence[NamedNode]) -> dict[str, Json]:
    """Return things as JSON-LD that says what the statements say, with a context of its own."""
    used = {prop for statements in things.values() for prop in statements}
    classes = {v.value for s in things.values() for v in _iris(s.get(TYPE.value, ()))}
    own = {TYPE.value}
    document: dict[str, Json] = {"@context": context().of((used | classes) - own)}
    nodes: list[Json] = [_node(root, things, frozenset()) for root in roots]
    if len(nodes) == 1 and isinstance(nodes[0], dict):
        return document | nodes[0]
    return document | {"@graph": nodes}


def _node(node: Term, things: Mapping[Term, Statements], above: frozenset[Term]) -> dict[str, Json]:
    found: dict[str, Json] = {"id": _id(node)}
    for prop, values in sorted(things.get(node, {}).items()):
        name = context().name(prop)
        if prop == TYPE.value:
            types: list[Json] = [context().name(v.value).key for v in _iris(values)]
            found["type"] = types
        elif name.coerced == "@language" and _is_map(values):
            found[name.key] = _by_language(values)
        else:
            full = name.iri if name.coerced == "@language" else name.key
            told = [_told(v, name, things, above | {node}) for v in values]
            found[full] = told[0] if len(told) == 1 else told
    return found


def _told(
    value: Term, name: Name, things: Mapping[Term, Statements], above: frozenset[Term]
) -> Json:
    if not isinstance(value, Literal):
        if value in things and value not in above:
            return _node(value, things, above)
        return _id(value) if name.coerced == "@id" else {"id": _id(value)}
    return _literal(value, name)


def _literal(literal: Literal, name: Name) -> Json:
    """Return a literal: bare where its key or its type in JSON says what it is."""
    datatype = literal.datatype.value
    if literal.language:
        told: dict[str, Json] = {"@value": literal.value, "@language": literal.language}
        return told | {"@direction": d.value} if (d := literal.direction) else told
    bare = literal.value if datatype == _STRING else plain(literal)
    is_native = datatype == _STRING or not isinstance(bare, str | float)
    if name.coerced == datatype:
        return literal.value
    if name.coerced in {None, "@language"} and is_native:
        return bare
    return {"@value": literal.value} if datatype == _STRING else _typed(literal)


def _typed(literal: Literal) -> Json:
    return {"@value": literal.value, "@type": literal.datatype.value}


def _id(node: Term) -> str:
    return f"_:{node.value}" if isinstance(node, BlankNode) else str(getattr(node, "value", node))


def _is_map(values: Sequence[Term]) -> bool:
    return all(isinstance(v, Literal) and v.language and not v.direction for v in values)


def _by_language(values: Sequence[Term]) -> dict[str, Json]:
    found: dict[str, list[Json]] = {}
    for value in values:
        assert isinstance(value, Literal)
        found.setdefault(str(value.language), []).append(value.value)
    return {language: t[0] if len(t) == 1 else t for language, t in found.items()}


def _iris(values: Iterable[Term]) -> list[NamedNode]:
    return [value for value in values if isinstance(value, NamedNode)]
