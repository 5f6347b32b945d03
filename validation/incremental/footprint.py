"""What of a data graph a shape reads, as a finite automaton that walks from the focus node.

The states are places that the evaluation of the shape can be at, of which `START` is the focus
node; a step leads from a node at one state along a predicate, forwards or backwards, to nodes at
another. Whatever a shape reads lies on such a walk, so the same automaton gives the neighbourhood
that a focus node must be judged with (walking forwards) and the focus nodes that a changed
statement concerns (walking backwards).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from pyoxigraph import NamedNode

from vises.namespaces import PREFIXES, term
from vises.validation.incremental.description import LISTING, REFERRING, is_true
from vises.validation.incremental.path import (
    Alternative,
    Chain,
    Inverse,
    Opaque,
    Repeated,
    path_of,
)
from vises.validation.reachable import reachable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from vises.validation.incremental.description import Description
    from vises.validation.incremental.path import Path
    from vises.validation.validator import Term

_K = TypeVar("_K")
_V = TypeVar("_V")

START = 0

_PATH, _PROPERTY, _QUALIFIED = map(term, ("sh:path", "sh:property", "sh:qualifiedValueShape"))
_PAIRS = frozenset(map(term, ("sh:equals", "sh:disjoint", "sh:lessThan", "sh:lessThanOrEquals")))
_OTHERS = frozenset(
    term(f"sh:{name}")
    for name in (
        *("path", "class", "closed", "sparql", "qualifiedValueShapesDisjoint", "datatype"),
        *("nodeKind", "minCount", "maxCount", "minInclusive", "maxInclusive", "minExclusive"),
        *("maxExclusive", "minLength", "maxLength", "pattern", "flags", "languageIn", "in"),
        *("uniqueLang", "hasValue", "qualifiedMinCount", "qualifiedMaxCount", "severity"),
        *("ignoredProperties", "message", "name", "description", "group", "order"),
        *("defaultValue", "deactivated", "targetClass", "targetNode", "targetSubjectsOf"),
        *("targetObjectsOf", "declare", "prefixes", "shapesGraph"),
    )
)
_KNOWN = _PAIRS.union(REFERRING, LISTING, _OTHERS)
"""The terms of SHACL on a shape whose reading is known; any other makes it opaque."""


@dataclass(frozen=True)
class Step:
    """From nodes at one state to nodes at another; without a predicate along any, forwards."""

    source: int
    predicate: NamedNode | None
    inverse: bool
    target: int


@dataclass(frozen=True)
class Footprint:
    """What a shape reads: the steps, and the classes that nodes at a state are asked for.

    `opaque` says why no automaton bounds what the shape reads; it is None where this one does.
    """

    steps: frozenset[Step]
    classes: Mapping[int, frozenset[Term]]
    opaque: str | None = None

    @cached_property
    def leaving(self) -> Mapping[int, Sequence[Step]]:
        """The steps by the state that they start at."""
        return grouped((step.source, step) for step in self.steps)

    @cached_property
    def live(self) -> AbstractSet[int]:
        """The states at which something is read."""
        return self.leaving.keys() | self.classes.keys()

    @cached_property
    def reaching(self) -> Mapping[int, Sequence[Step]]:
        """The steps by the state that they lead to."""
        return grouped((step.target, step) for step in self.steps)


def grouped(pairs: Iterable[tuple[_K, _V]]) -> Mapping[_K, Sequence[_V]]:
    """Return the second parts of pairs by their first ones."""
    found: defaultdict[_K, list[_V]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return dict(found)


def footprint(description: Description, shape: Term) -> Footprint:
    """Derive the footprint of a shape."""
    builder = _Builder(description)
    try:
        builder.shape(shape, START, ())
    except Opaque as reason:
        return Footprint(frozenset(), {}, str(reason))
    return builder.finished()


class _Builder:
    """An automaton that grows; states may be joined by steps that read nothing (`_empty`)."""

    def __init__(self, description: Description) -> None:
        self._description = description
        self._parameters = description.parameters()
        self._states = 1
        self._steps: set[Step] = set()
        self._empty: defaultdict[int, set[int]] = defaultdict(set)
        self._classes: defaultdict[int, set[Term]] = defaultdict(set)
        self._done: set[tuple[Term, int]] = set()

    def shape(self, node: Term, state: int, around: tuple[Term, ...]) -> None:
        """Add what a shape reads that is evaluated on nodes at a state. Raises `Opaque`."""
        if node in around:
            raise Opaque(f"{node} refers to itself")
        if (node, state) in self._done:
            return
        self._done.add((node, state))
        about = self._description.about(node)
        self._refuse_unknown(about)
        end = state
        for path in about.get(_PATH, ()):
            end = self._state()
            self._path(path_of(self._description, path), state, end)
        for inner in self._inner(node, about):
            self.shape(inner, end, (*around, node))
        self._classes[end].update(about.get(term("sh:class"), ()))
        for predicate in _PAIRS & about.keys():
            for other in about[predicate]:
                self._path(path_of(self._description, other), state, self._state())
        if is_true(about.get(term("sh:closed"), ())):
            # SHACL, section 4.8.1, says value nodes; shacl 0.3.4 looks at the focus node.
            for place in {state, end}:
                self._steps.add(Step(place, None, inverse=False, target=self._state()))
        for query in about.get(term("sh:sparql"), ()):
            self._query(query, about.get(_PATH, []), state)

    def finished(self) -> Footprint:
        """Return the automaton without its empty steps."""
        reached = {
            state: reachable([state], lambda source: self._empty.get(source, ()))
            for state in range(self._states)
        }
        steps = {
            Step(state, step.predicate, step.inverse, step.target)
            for state, others in reached.items()
            for step in self._steps
            if step.source in others
        }
        classes = {
            state: frozenset(cls for other in others for cls in self._classes.get(other, ()))
            for state, others in reached.items()
        }
        return Footprint(frozenset(steps), {s: c for s, c in classes.items() if c})

    def _refuse_unknown(self, about: Mapping[NamedNode, list[Term]]) -> None:
        for predicate in about:
            if predicate in self._parameters:
                raise Opaque(f"{self._parameters[predicate]} is a component of its own")
            if predicate.value.startswith(PREFIXES["sh"]) and predicate not in _KNOWN:
                raise Opaque(f"what {predicate} reads is not known")

    def _inner(self, node: Term, about: Mapping[NamedNode, list[Term]]) -> Iterable[Term]:
        """Yield the shapes that a shape evaluates on its value nodes."""
        yield from self._description.inner(node)
        if is_true(about.get(term("sh:qualifiedValueShapesDisjoint"), ())):
            for parent in self._description.sources(_PROPERTY, node):
                for sibling in self._description.values(parent, _PROPERTY):
                    yield from self._description.values(sibling, _QUALIFIED)

    def _query(self, query: Term, paths: list[Term], state: int) -> None:
        """Add what a SPARQL constraint (section 5.2) reads. Raises `Opaque`."""
        from vises.validation.incremental.queries import (  # noqa: PLC0415 (it takes 30 MiB)
            THIS,
            patterns,
        )

        states = {THIS: state}
        for pattern in patterns(self._description, query, paths):
            for end in (pattern.subject, pattern.value):
                if end is not None and end not in states:
                    states[end] = self._state()
            here = self._state() if pattern.subject is None else states[pattern.subject]
            there = self._state() if pattern.value is None else states[pattern.value]
            if pattern.subject is not None:
                self._path(pattern.path, here, there)
            if pattern.value is not None:
                self._path(pattern.path, there, here, backwards=True)

    def _path(self, path: Path, source: int, target: int, *, backwards: bool = False) -> None:
        """Join two states by a property path."""
        match path:
            case NamedNode():
                self._steps.add(Step(source, path, backwards, target))
            case Inverse(inner):
                self._path(inner, source, target, backwards=not backwards)
            case Alternative(paths):
                for member in paths:
                    self._path(member, source, target, backwards=backwards)
            case Chain(paths):
                for member in paths[::-1] if backwards else paths:
                    between = self._state()
                    self._path(member, source, between, backwards=backwards)
                    source = between
                self._empty[source].add(target)
            case Repeated(inner, none, many):
                before, after = self._state(), self._state()
                self._empty[source].add(before)
                self._path(inner, before, after, backwards=backwards)
                self._empty[after].add(target)
                if many:
                    self._empty[after].add(before)
                if none:
                    self._empty[source].add(target)

    def _state(self) -> int:
        self._states += 1
        return self._states - 1
