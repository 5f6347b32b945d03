"""A data graph as validation reads it: node by node, each reading done once.

It is the union of the graphs of a store, with two differences. Statements of the change stand as
they came, not as the store rewrote them (`forms`), because a store makes "01"^^xsd:integer "1" and
xsd:int xsd:integer; what was published before stands as the store has it. And there may be `more`
statements, which are read but not stored.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import chain
from typing import TYPE_CHECKING, Protocol

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from vises.namespaces import term
from vises.validation.incremental.readings import TYPE
from vises.validation.reachable import reachable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from vises.validation.incremental.readings import Outgoing, Readings
    from vises.validation.validator import Resource, Term

    Forms = Mapping[Triple, Sequence[Term]]

SUBCLASS = term("rdfs:subClassOf")


class Described(Protocol):
    """All that is said of some nodes."""

    def get(self, node: Resource) -> Outgoing | None:
        """Return what is said of a node, by predicate; None where it is none of these."""


class View:
    """Statements by subject, and by predicate and object."""

    def __init__(
        self,
        readings: Readings,
        forms: Forms | None = None,
        *,
        more: Iterable[Triple] = (),
        described: Described | None = None,
        most: int | None = None,
    ) -> None:
        """Look at what is read of a store.

        `forms` has the values as they were written by the statement that the store made of them;
        `described` has all that is said of some subjects, and goes before the store. Where `most`
        is given, `incoming` raises `TooMany` for more subjects.
        """
        self._readings = readings
        self._forms = forms or {}
        self._described: Described = {} if described is None else described
        self._most = most
        self._more_of: defaultdict[Term, list[tuple[NamedNode, Term]]] = defaultdict(list)
        self._more_to: defaultdict[tuple[NamedNode, Term], list[Resource]] = defaultdict(list)
        for triple in more:
            self._more_of[triple.subject].append((triple.predicate, triple.object))
            self._more_to[triple.predicate, triple.object].append(triple.subject)
        self._outgoing: dict[Term, Outgoing] = {}
        self._incoming: dict[tuple[NamedNode, Term], Sequence[Resource]] = {}
        self._above: dict[Term, AbstractSet[Term]] = {}
        self._classes: dict[Term, AbstractSet[Term]] = {}

    def outgoing(self, node: Term) -> Outgoing:
        """Return the values of a node by predicate, some perhaps twice; a literal has none."""
        if not isinstance(node, NamedNode | BlankNode):
            return {}
        found = self._described.get(node) or self._outgoing.get(node)
        if found is None:
            found = self._outgoing[node] = self._read(node)
        return found

    def values(self, node: Term, predicate: NamedNode) -> Sequence[Term]:
        """Return the values of a property of a node, some perhaps twice."""
        return self.outgoing(node).get(predicate, ())

    def types(self, node: Term) -> Sequence[Term]:
        """Return the types of a node, without reading what else is said of it."""
        if not isinstance(node, NamedNode | BlankNode):
            return ()
        outgoing = self._described.get(node) or self._outgoing.get(node)
        if outgoing is not None:
            return outgoing.get(TYPE, ())
        more = [value for predicate, value in self._more_of.get(node, ()) if predicate == TYPE]
        return [*self._readings.types(node), *more] if more else self._readings.types(node)

    def incoming(self, predicate: NamedNode, node: Term) -> Sequence[Resource]:
        """Return the subjects that have a node as the value of a property. Raises `TooMany`."""
        key = predicate, node
        found = self._incoming.get(key)
        if found is None:
            found = self._subjects(predicate, node)
            if self._forms and isinstance(node, Literal):
                found = [s for s in found if node in self.values(s, predicate)]
            self._incoming[key] = found
        return found

    def is_value(self, predicate: NamedNode, node: Term) -> bool:
        """Tell whether a node is a value of a property, however many subjects have it."""
        subjects = chain(
            self._more_to.get((predicate, node), ()), self._readings.each_subject(predicate, node)
        )
        if self._forms and isinstance(node, Literal):
            return any(node in self.values(subject, predicate) for subject in subjects)
        return next(subjects, None) is not None

    def classes(self, node: Term) -> AbstractSet[Term]:
        """Return the classes of a node, with those above them (SHACL, section 1.1, SHACL type)."""
        found = self._classes.get(node)
        if found is None:
            found = self._classes[node] = frozenset().union(*map(self.above, self.types(node)))
        return found

    def above(self, cls: Term) -> AbstractSet[Term]:
        """Return a class and the classes above it."""
        found = self._above.get(cls)
        if found is None:
            found = self._above[cls] = reachable([cls], lambda c: self.values(c, SUBCLASS))
        return found

    def below(self, cls: Term) -> set[Term]:
        """Return a class and the classes below it."""
        return reachable([cls], lambda c: self.incoming(SUBCLASS, c))

    def spellings(self, node: Term, predicates: Iterable[NamedNode]) -> set[Term]:
        """Return a node in all ways in which it is written as the value of some properties."""
        found = {node}
        if self._forms and isinstance(node, Literal):
            for predicate in predicates:
                for subject in self._subjects(predicate, node):
                    found.update(self._forms.get(Triple(subject, predicate, node), ()))
        return found

    def _subjects(self, predicate: NamedNode, node: Term) -> list[Resource]:
        read = self._readings.subjects(predicate, node, self._most)
        return [*dict.fromkeys(chain(read, self._more_to.get((predicate, node), ())))]

    def _read(self, node: Resource) -> Outgoing:
        read = self._readings.outgoing(node)
        more = self._more_of.get(node)
        if not (more or self._forms):
            return read
        found = {
            predicate: [form for value in values for form in self._written(node, predicate, value)]
            for predicate, values in read.items()
        }
        for predicate, value in more or ():
            found.setdefault(predicate, []).append(value)
        return found

    def _written(self, node: Resource, predicate: NamedNode, value: Term) -> Sequence[Term]:
        if self._forms and isinstance(value, Literal) and isinstance(node, NamedNode | BlankNode):
            return self._forms.get(Triple(node, predicate, value)) or (value,)
        return (value,)
