"""Judging pairs of a unit and a focus node, each with the neighbourhood that it reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, Triple

from vises.validation.incremental.footprint import START
from vises.validation.incremental.spelling import canonical
from vises.validation.incremental.units import LIST
from vises.validation.incremental.view import SUBCLASS, TYPE
from vises.validation.syntax import n_triples

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pyoxigraph import Store

    from vises.validation.incremental.plan import Plan
    from vises.validation.incremental.units import Root, Unit
    from vises.validation.incremental.view import View
    from vises.validation.report import Result
    from vises.validation.validator import Term

    Pair = tuple[Unit, Term]

TOGETHER = 1000
"""How many pairs the engine judges at once."""

Key = tuple[str, str]
"""A pair as it is kept: the digest of the unit, and the focus node in N-Triples."""


@dataclass
class Judged:
    """The results of pairs, of each that was judged; `complete` unless counting stopped."""

    results: dict[Key, list[Result]] = field(default_factory=dict)
    complete: bool = True

    def take(self, other: Judged) -> None:
        """Take in the results of other pairs."""
        self.results |= other.results
        self.complete = self.complete and other.complete


def key_of(pair: Pair) -> Key:
    """Return a pair as it is kept."""
    return pair[0].digest, canonical(str(pair[1]))


def judge(plan: Plan, view: View, pairs: Iterable[Pair]) -> Judged:
    """Judge pairs, none of them of an opaque unit; one whose node is no target has no results.

    Where a unit is deep each of its pairs is judged alone, so that its results are known for its
    own.
    """
    judged = Judged()
    together: list[Pair] = []
    for pair in pairs:
        if pair[0].deep:
            judged.take(_judge(plan, view, [pair]))
        else:
            together.append(pair)
    if together:
        judged.take(_judge(plan, view, together))
    return judged


def judge_whole_graph(plan: Plan, view: View, store: Store, units: Iterable[Unit]) -> Judged:
    """Judge opaque units, on the whole data graph in memory; pairs without results are left out."""
    judged = Judged()
    digests = {unit.digest for unit in units}
    if plan.whole_graph is None or not digests:
        return judged
    subjects = dict.fromkeys(quad.subject for quad in store)
    triples = (
        Triple(subject, predicate, value)
        for subject in subjects
        for predicate, values in view.outgoing(subject).items()
        for value in values
    )
    report = plan.whole_graph.validate(n_triples(triples))
    judged.complete = report.complete
    for result in report.results:
        unit = plan.by_source[result.shape]
        if unit.digest in digests:
            key = unit.digest, canonical(result.focus)
            judged.results.setdefault(key, []).append(result)
    return judged


def _judge(plan: Plan, view: View, pairs: Sequence[Pair]) -> Judged:
    judged = Judged({key_of(pair): [] for pair in pairs})
    triples: set[Triple] = set()
    listed: list[Triple] = []
    for unit, node in pairs:
        for root in unit.roots:
            for written in view.spellings(node, root.objects):
                if is_target(view, root, written):
                    gather(view, root, written, triples)
                    listed.append(Triple(LIST, root.listed, written))
    if not listed:
        return judged
    report = plan.engine.validate(n_triples(chain(triples, listed)))
    judged.complete = report.complete
    alone = key_of(pairs[0]) if pairs[0][0].deep else None
    for result in report.results:
        key = alone or (plan.by_source[result.shape].digest, canonical(result.focus))
        judged.results[key].append(result)
    return judged


def is_target(view: View, root: Root, node: Term) -> bool:
    """Tell whether a node is a focus node of a shape."""
    targets = root.targets
    return (
        node in targets["node"]
        or not targets["class"].isdisjoint(view.classes(node))
        or not targets["subjects"].isdisjoint(view.outgoing(node))
        or any(view.incoming(predicate, node) for predicate in root.objects)
    )


def gather(view: View, root: Root, node: Term, into: set[Triple]) -> None:
    """Add all that a shape reads of the data when it is evaluated on a node."""
    leaving, classes = root.footprint.leaving, root.footprint.classes
    seen = {(node, START)}
    waiting = [(node, START)]
    while waiting:
        here, state = waiting.pop()
        if state in classes:
            into.update(_typing(view, here))
        for step in leaving.get(state, ()):
            for triple, there in _taken(view, here, step.predicate, inverse=step.inverse):
                into.add(triple)
                place = there, step.target
                if place not in seen:
                    seen.add(place)
                    waiting.append(place)


def _taken(
    view: View, node: Term, predicate: NamedNode | None, *, inverse: bool
) -> Iterator[tuple[Triple, Term]]:
    """Yield the statements that a step reads, and where each leads."""
    if inverse:
        assert predicate is not None
        for subject in view.incoming(predicate, node):
            yield Triple(subject, predicate, node), subject
        return
    outgoing = view.outgoing(node)
    for taken in outgoing if predicate is None else (predicate,):
        for value in outgoing.get(taken, ()):
            yield Triple(node, taken, value), value  # type: ignore[arg-type]


def _typing(view: View, node: Term) -> Iterator[Triple]:
    """Yield the types of a node, and the classes above them."""
    seen: set[Term] = set()
    waiting = list(view.values(node, TYPE))
    for cls in waiting:
        yield Triple(node, TYPE, cls)  # type: ignore[arg-type]
    while waiting:
        cls = waiting.pop()
        if cls not in seen:
            seen.add(cls)
            for higher in view.values(cls, SUBCLASS):
                yield Triple(cls, SUBCLASS, higher)  # type: ignore[arg-type]
                waiting.append(higher)
