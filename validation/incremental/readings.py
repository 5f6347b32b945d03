"""What the store says of a node, read once for all that is judged after a change.

Most of what a change is judged with is the same as for the change before: the ontology and the code
lists, which the store has to look up statement by statement. So what is said of nodes is remembered
from one change to the next, but for the subjects of the change, of which it may not be true.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from vises.namespaces import term

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from pyoxigraph import NamedNode, Store

    from vises.validation.validator import Resource, Term

    Outgoing = Mapping[NamedNode, Sequence[Term]]

TYPE = term("rdf:type")
MOST_REMEMBERED = 10_000
"""How many readings of a kind are remembered, of about 2 kB each; one more, and all are dropped."""

_K = TypeVar("_K")
_V = TypeVar("_V")


class TooMany(Exception):
    """A reading has more results than was allowed."""


@dataclass(frozen=True)
class Said:
    """What is said of nodes: all of it, by predicate, or the types alone."""

    outgoing: dict[Term, Outgoing] = field(default_factory=dict)
    types: dict[Term, Sequence[Term]] = field(default_factory=dict)


class Readings:
    """Statements of a store that does not change, by subject, and by predicate and object."""

    def __init__(
        self, store: Store, known: Said | None = None, changed: AbstractSet[Term] = frozenset()
    ) -> None:
        """Read a store; `known` has what it says of some nodes, none of them `changed`."""
        self.store = store
        self.changed = changed
        self.said = Said()
        self._known = known or Said()
        self._subjects: dict[tuple[NamedNode, Term], Sequence[Resource]] = {}

    def outgoing(self, node: Resource) -> Outgoing:
        """Return the values of a node by predicate, those of several graphs twice."""
        found = self._outgoing_known(node)
        if found is None:
            values: defaultdict[NamedNode, list[Term]] = defaultdict(list)
            for quad in self.store.quads_for_pattern(node, None, None, None):
                values[quad.predicate].append(quad.object)
            found = _noted(self.said.outgoing, node, dict(values))
        return found

    def types(self, node: Resource) -> Sequence[Term]:
        """Return the types of a node, without reading what else is said of it.

        What else is said of one that changed is asked for in any case.
        """
        outgoing = self.outgoing(node) if node in self.changed else self._outgoing_known(node)
        if outgoing is not None:
            return outgoing.get(TYPE, ())
        found = self._known.types.get(node)
        if found is None:
            found = self.said.types.get(node)
        if found is None:
            quads = self.store.quads_for_pattern(node, TYPE, None, None)
            found = _noted(self.said.types, node, [quad.object for quad in quads])
        return found

    def subjects(
        self, predicate: NamedNode, node: Term, most: int | None = None
    ) -> Sequence[Resource]:
        """Return the subjects that have a node as a value. Raises `TooMany` for `most` of them."""
        key = predicate, node
        found = self._subjects.get(key)
        if found is None:
            found = [*dict.fromkeys(islice(self.each_subject(predicate, node), most))]
            if most is None or len(found) < most:
                _noted(self._subjects, key, found)
        if most is not None and len(found) >= most:
            raise TooMany
        return found

    def each_subject(self, predicate: NamedNode, node: Term) -> Iterator[Resource]:
        """Yield the subjects that have a node as a value, read as far as they are asked for."""
        known = self._subjects.get((predicate, node))
        if known is not None:
            yield from known
            return
        for quad in self.store.quads_for_pattern(None, predicate, node, None):
            yield quad.subject

    def _outgoing_known(self, node: Resource) -> Outgoing | None:
        found = self._known.outgoing.get(node)
        return self.said.outgoing.get(node) if found is None else found


class Memory:
    """What is said of nodes in a state of the data, and in the one that came of it."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._states: AbstractSet[Hashable] = frozenset()
        self._said = Said()

    def readings(self, store: Store, parent: Hashable, changed: AbstractSet[Term]) -> Readings:
        """Begin to read a store that differs from a state in what is said of `changed` alone.

        Where the state is not known (`parent` is None), nothing that was read before holds.
        """
        if parent is None or parent not in self._states:
            self._said = Said()
        for node in changed:
            self._said.outgoing.pop(node, None)
            self._said.types.pop(node, None)
        self._states = frozenset({parent})
        return Readings(store, self._said, changed)

    def keep(self, readings: Readings, state: Hashable) -> None:
        """Remember what was read of the state that came of the one before."""
        for node, outgoing in readings.said.outgoing.items():
            if node not in readings.changed:
                _noted(self._said.outgoing, node, outgoing)
        for node, types in readings.said.types.items():
            if node not in readings.changed:
                _noted(self._said.types, node, types)
        self._states |= {state}


def _noted(readings: dict[_K, _V], key: _K, found: _V) -> _V:
    """Remember a reading; return it."""
    if len(readings) >= MOST_REMEMBERED:
        readings.clear()
    readings[key] = found
    return found
