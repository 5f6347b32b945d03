"""From a change to the pairs of a unit and a focus node whose results it may have changed.

Both states count: what a shape read before the change, and what it reads now. So walks back to
focus nodes go over the statements of both, and a pair may have lost its target. What is found is
never too little; it may be too much, which costs time and changes no result.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vises.validation.incremental.footprint import START
from vises.validation.incremental.pairs import key_of
from vises.validation.incremental.readings import TYPE, TooMany
from vises.validation.incremental.view import SUBCLASS, View

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from collections.abc import Set as AbstractSet

    from pyoxigraph import Triple

    from vises.validation.incremental.pairs import Key, Pair
    from vises.validation.incremental.plan import Plan
    from vises.validation.incremental.readings import Readings
    from vises.validation.incremental.units import Root, Unit
    from vises.validation.validator import Term

    Place = tuple[Term, int]

MOST_VISITED = 20_000
"""How many nodes a walk back may come past; if more, all focus nodes of the shape are judged."""


@dataclass(frozen=True)
class Delta:
    """The triples that the union of all graphs lost and got; one on no side is in both states."""

    removed: AbstractSet[Triple]
    added: AbstractSet[Triple]


@dataclass(frozen=True)
class Concerned:
    """What a change concerns, by its keys: pairs, and units on all their focus nodes."""

    pairs: AbstractSet[Key] = frozenset()
    units: AbstractSet[str] = frozenset()

    def __contains__(self, key: Key) -> bool:
        """Tell whether a pair may have other results than before."""
        return key in self.pairs or key[0] in self.units


@dataclass
class Affected:
    """Pairs to judge, and units to judge on all their focus nodes, with the reason."""

    pairs: set[Pair] = field(default_factory=set)
    whole: dict[Unit, str] = field(default_factory=dict)

    def concerned(self) -> Concerned:
        """Return the same as results are kept.

        Opaque units are left out: every change concerns them, which says nothing of this one.
        """
        units = frozenset(unit.digest for unit in self.whole if not unit.opaque)
        return Concerned(frozenset(map(key_of, self.pairs)), units)


def affected(plan: Plan, after: Readings, delta: Delta, most: int = MOST_VISITED) -> Affected:
    """Find what a change concerns; `after` is the state after it."""
    finder = _Finder(plan, after, delta, most)
    finder.take_statements()
    finder.take_instances()
    finder.walk()
    found = finder.found
    found.whole |= {u: u.opaque for u in plan.units if u.opaque and (delta.removed or delta.added)}
    found.pairs = {pair for pair in found.pairs if pair[0] not in found.whole}
    return found


class _Finder:
    def __init__(self, plan: Plan, after: Readings, delta: Delta, most: int) -> None:
        self.found = Affected()
        self._plan = plan
        self._delta = delta
        self._most = most
        self._both = View(after, more=delta.removed, most=most)
        self._starts: defaultdict[Root, set[Place]] = defaultdict(set)

    def take_statements(self) -> None:
        """Find who has a changed statement as its target, or reads it."""
        for triple in (*self._delta.removed, *self._delta.added):
            subject, predicate, value = triple
            for unit, _ in self._plan.targeting("subjects", predicate):
                self.found.pairs.add((unit, subject))
            for unit, _ in self._plan.targeting("objects", predicate):
                self.found.pairs.add((unit, value))
            for _, root, step in self._plan.steps.get(predicate, ()):
                self._starts[root].add((value if step.inverse else subject, step.source))
            for _, root, step in self._plan.open_steps:
                self._starts[root].add((subject, step.source))

    def take_instances(self) -> None:
        """Find who has as its target, or asks for, a class that a node came into or left."""
        for node, classes in self._changed_classes().items():
            for cls in classes:
                for unit, _ in self._plan.targeting("class", cls):
                    self.found.pairs.add((unit, node))
                for _, root, state in self._plan.classes.get(cls, ()):
                    self._starts[root].add((node, state))

    def walk(self) -> None:
        """Walk back from what changed to the focus nodes that read it."""
        for root, starts in self._starts.items():
            unit = self._plan.unit_of[root]
            if unit not in self.found.whole:
                try:
                    self.found.pairs |= {(unit, node) for node in self._back(root, starts)}
                except TooMany:
                    self.found.whole[unit] = "the change concerns too many of its focus nodes"

    def _back(self, root: Root, starts: Iterable[Place]) -> set[Term]:
        """Return the focus nodes from which the shape reaches a place. Raises `TooMany`."""
        seen = set(starts)
        waiting = list(seen)
        while waiting:
            if len(seen) > self._most:
                raise TooMany
            node, state = waiting.pop()
            for step in root.footprint.reaching.get(state, ()):
                if step.predicate is None:
                    continue  # nothing is read beyond what an open step leads to
                before = (
                    self._both.values(node, step.predicate)
                    if step.inverse
                    else self._both.incoming(step.predicate, node)
                )
                new = {(other, step.source) for other in before} - seen
                seen |= new
                waiting += new
        return {node for node, state in seen if state == START}

    def _changed_classes(self) -> Mapping[Term, AbstractSet[Term]]:
        """Return the classes that each node came into or left, of those that matter."""
        matter = self._plan.instances_matter
        removed, added = (_types(side) for side in (self._delta.removed, self._delta.added))
        found: defaultdict[Term, set[Term]] = defaultdict(set)
        for node in removed.keys() | added.keys():
            there = set(self._both.values(node, TYPE))  # of both states
            before = self._closed(there - added[node]), there - removed[node]
            found[node] |= (before[0] ^ self._closed(before[1])) & matter
        for triple in (*self._delta.removed, *self._delta.added):
            if triple.predicate == SUBCLASS:
                self._take_subclass(triple, matter, found)
        return found

    def _closed(self, classes: Iterable[Term]) -> set[Term]:
        return {higher for cls in classes for higher in self._both.above(cls)}

    def _take_subclass(
        self, triple: Triple, matter: AbstractSet[Term], found: defaultdict[Term, set[Term]]
    ) -> None:
        """Take in a changed subclass, whose instances change their class with it."""
        classes = self._both.above(triple.object) & matter
        if not classes:
            return
        try:
            for cls in self._both.below(triple.subject):
                for node in self._both.incoming(TYPE, cls):
                    found[node] |= classes
        except TooMany:
            for cls in classes:
                users = [unit for unit, _ in self._plan.targeting("class", cls)]
                users += [unit for unit, _, _ in self._plan.classes.get(cls, ())]
                for unit in users:
                    self.found.whole[unit] = f"the classes below {cls} changed"


def _types(triples: Iterable[Triple]) -> defaultdict[Term, set[Term]]:
    found: defaultdict[Term, set[Term]] = defaultdict(set)
    for triple in triples:
        if triple.predicate == TYPE:
            found[triple.subject].add(triple.object)
    return found
