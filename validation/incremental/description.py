"""A shapes graph as a place to look things up in."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from pyoxigraph import Literal

from vises.namespaces import term
from vises.validation.reachable import reachable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pyoxigraph import NamedNode, Quad

    from vises.validation.validator import Resource, Term

TARGETS = {
    "class": term("sh:targetClass"),
    "node": term("sh:targetNode"),
    "subjects": term("sh:targetSubjectsOf"),
    "objects": term("sh:targetObjectsOf"),
}
"""The predicates of targets (SHACL, section 2.1.3), by what is kept of them."""

REFERRING = tuple(map(term, ("sh:property", "sh:node", "sh:not", "sh:qualifiedValueShape")))
"""The parameters whose values are shapes, which value nodes are judged by."""

LISTING = tuple(map(term, ("sh:and", "sh:or", "sh:xone")))
"""Those whose values are lists of such shapes."""

_TYPE, _SUBCLASS = term("rdf:type"), term("rdfs:subClassOf")
_CLASS = term("rdfs:Class")
_SHAPES = frozenset({term("sh:NodeShape"), term("sh:PropertyShape")})
_PARAMETER, _PATH = term("sh:parameter"), term("sh:path")
_PROPERTY, _DISJOINT = term("sh:property"), term("sh:qualifiedValueShapesDisjoint")


class Description:
    """The statements of a shapes graph, by subject and predicate."""

    def __init__(self, statements: Iterable[Quad]) -> None:
        """Index them."""
        self.statements = tuple(statements)
        self._values: defaultdict[Term, defaultdict[NamedNode, list[Term]]] = defaultdict(
            lambda: defaultdict(list)
        )
        self._sources: defaultdict[tuple[NamedNode, Term], list[Resource]] = defaultdict(list)
        self._statements_of: defaultdict[Term, list[Quad]] = defaultdict(list)
        for statement in self.statements:
            self._statements_of[statement.subject].append(statement)
        for subject, predicate, value, _ in self.statements:
            self._values[subject][predicate].append(value)
            self._sources[predicate, value].append(subject)

    def about(self, node: Term) -> Mapping[NamedNode, list[Term]]:
        """Return what is said of a node, by predicate."""
        return self._values.get(node, {})

    def values(self, node: Term, predicate: NamedNode) -> list[Term]:
        """Return the values of a property."""
        return self.about(node).get(predicate, [])

    def sources(self, predicate: NamedNode, value: Term) -> list[Resource]:
        """Return the subjects that have a value."""
        return self._sources.get((predicate, value), [])

    def members(self, head: Term) -> Iterator[Term]:
        """Yield the members of a list (RDF Schema, section 5.2)."""
        seen: set[Term] = set()
        while head not in seen and (first := self.values(head, term("rdf:first"))):
            seen.add(head)
            yield first[0]
            head = next(iter(self.values(head, term("rdf:rest"))), term("rdf:nil"))

    def inner(self, shape: Term) -> Iterator[Term]:
        """Yield the shapes that a shape refers to by `REFERRING` and `LISTING`."""
        for predicate in REFERRING:
            yield from self.values(shape, predicate)
        for predicate in LISTING:
            for head in self.values(shape, predicate):
                yield from self.members(head)

    def roots(self) -> list[Resource]:
        """Return the shapes that have targets, in a fixed order."""
        found = {s.subject for s in self.statements if s.predicate in TARGETS.values()}
        found |= {s.subject for s in self.statements if self.implicit_class(s.subject)}
        return sorted(found, key=str)

    def implicit_class(self, node: Term) -> bool:
        """Tell whether a shape is a class, whose instances it targets (section 2.1.3.3)."""
        types = self.values(node, _TYPE)
        return not _SHAPES.isdisjoint(types) and any(self._is_class(t) for t in types)

    def parameters(self) -> Mapping[Term, Resource]:
        """Return the components of the shapes graph itself (section 6.2), by their parameters."""
        return {
            path: statement.subject
            for statement in self.statements
            if statement.predicate == _PARAMETER
            for path in self.values(statement.object, _PATH)
        }

    def closure(self, node: Term) -> set[Quad]:
        """Return all that is said of a node and of whatever it leads to in the shapes graph.

        A property shape that is disjoint with its siblings (section 4.7.3) leads to the shapes that
        have it.
        """

        def following(here: Term) -> Iterator[Term]:
            yield from (statement.object for statement in self._statements_of.get(here, ()))
            if is_true(self.values(here, _DISJOINT)):
                yield from self.sources(_PROPERTY, here)

        nodes = reachable([node], following)
        return {statement for n in nodes for statement in self._statements_of.get(n, ())}

    def _is_class(self, cls: Term) -> bool:
        return _CLASS in reachable([cls], lambda c: self.values(c, _SUBCLASS))


def is_true(values: Iterable[Term]) -> bool:
    """Tell whether one of the values may be true: engines differ on what else than ``true`` is."""
    return any(isinstance(v, Literal) and v.value in {"true", "1"} for v in values)
