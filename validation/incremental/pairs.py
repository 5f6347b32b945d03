"""Judging pairs of a unit and a focus node, each with the neighbourhood that it reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, NamedNode, Triple

from vises.validation.incremental.footprint import START
from vises.validation.incremental.spelling import canonical
from vises.validation.incremental.units import LIST
from vises.validation.incremental.view import SUBCLASS, TYPE
from vises.validation.syntax import n_triples

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

    from pyoxigraph import Store

    from vises.validation.incremental.plan import Plan
    from vises.validation.incremental.units import Root, Unit
    from vises.validation.incremental.view import View
    from vises.validation.report import Result
    from vises.validation.validator import Term

    Pair = tuple[Unit, Term]

TOGETHER = 1000
"""How many pairs the engine judges at once."""


@dataclass(frozen=True)
class Given:
    """N-Triples that the engine gets in any case, with all that is said of `subjects`."""

    data: bytes = b""
    subjects: Container[Term] = ()


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


def judge(plan: Plan, view: View, pairs: Iterable[Pair], given: Given | None = None) -> Judged:
    """Judge pairs, none of them of an opaque unit; one whose node is no target has no results.

    Where a unit is deep each of its pairs is judged alone, so that its results are known for its
    own. `given` spares the gathering of what the engine gets in any case.
    """
    judged = Judged()
    together: list[Pair] = []
    for pair in pairs:
        if pair[0].deep:
            judged.take(_judge(plan, view, [pair], Given()))
        else:
            together.append(pair)
    if together:
        judged.take(_judge(plan, view, together, given or Given()))
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


def _judge(plan: Plan, view: View, pairs: Sequence[Pair], given: Given) -> Judged:
    judged = Judged({key_of(pair): [] for pair in pairs})
    triples: set[Triple] = set()
    listed: list[Triple] = []
    for unit, node in pairs:
        for root in unit.roots:
            for written in view.spellings(node, root.objects):
                if is_target(view, root, written):
                    gather(view, root, written, triples, given.subjects)
                    listed.append(Triple(LIST, root.listed, written))
    if not listed:
        return judged
    beside = n_triples(chain(triples, listed))
    report = plan.engine.validate(given.data + beside if given.data else beside)
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


def gather(
    view: View, root: Root, node: Term, into: set[Triple], given: Container[Term] = ()
) -> None:
    """Add all that a shape reads of the data when it is evaluated on a node.

    What is said of subjects that are `given` is left out.
    """
    footprint = root.footprint
    seen = {(node, START)}
    waiting = [(node, START)]
    while waiting:
        here, state = waiting.pop()
        there = here in given
        if state in footprint.classes:
            into.update(_typing(view, here, given))
        for step in footprint.leaving.get(state, ()):
            live = step.target in footprint.live
            if step.inverse:
                assert step.predicate is not None
                subjects = view.incoming(step.predicate, here)
                into.update(Triple(s, step.predicate, here) for s in subjects if s not in given)
                values: Sequence[Term] = subjects
            elif there and not live:
                continue
            else:
                values = _values(view, here, step.predicate, into, add=not there)
            if live:
                new = {(value, step.target) for value in values} - seen
                seen |= new
                waiting += new


def _values(
    view: View, node: Term, predicate: NamedNode | None, into: set[Triple], *, add: bool
) -> Sequence[Term]:
    """Return the values of a property, or of all, and add the statements."""
    outgoing = view.outgoing(node)
    if not outgoing:
        return ()
    assert isinstance(node, NamedNode | BlankNode)
    if predicate is not None:
        values = outgoing.get(predicate, ())
        if add:
            into.update(Triple(node, predicate, value) for value in values)
        return values
    if add:
        into.update(Triple(node, p, value) for p, values in outgoing.items() for value in values)
    return [value for values in outgoing.values() for value in values]


def _typing(view: View, node: Term, given: Container[Term]) -> Iterator[Triple]:
    """Yield the types of a node, and the classes above them."""
    seen: set[Term] = set()
    waiting = list(view.types(node))
    if node not in given:
        yield from _statements(node, TYPE, waiting)
    while waiting:
        cls = waiting.pop()
        if cls not in seen:
            seen.add(cls)
            higher = view.values(cls, SUBCLASS)
            yield from _statements(cls, SUBCLASS, higher)
            waiting += higher


def _statements(node: Term, predicate: NamedNode, values: Iterable[Term]) -> Iterator[Triple]:
    """Yield the statements with some values; a literal, which has none, can have no values."""
    for value in values:
        assert isinstance(node, NamedNode | BlankNode)
        yield Triple(node, predicate, value)
