"""Judging pairs of a unit and a focus node, each with the neighbourhood that it reads."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from vises.validation.incremental.footprint import START
from vises.validation.incremental.readings import TYPE
from vises.validation.incremental.spelling import canonical
from vises.validation.incremental.view import SUBCLASS
from vises.validation.syntax import n_triples
from vises.validation.targets import LIST

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from pyoxigraph import Store

    from vises.validation.incremental.footprint import Step
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
    """N-Triples that the engine gets in any case, with all that is said of `subjects`.

    `lists` has focus nodes that it is asked for in any case, and `triples` what these read.
    """

    data: bytes = b""
    subjects: Container[Term] = ()
    lists: Sequence[bytes] = ()
    triples: AbstractSet[Triple] = frozenset()


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
    """Judge pairs, none of them of an opaque unit; one whose node is no target has no results."""
    asked: defaultdict[Unit, list[Term]] = defaultdict(list)
    for unit, node in pairs:
        asked[unit].append(node)
    judged = Judged({key_of((unit, node)): [] for unit, nodes in asked.items() for node in nodes})
    judged.take(judge_found(plan, view, asked))
    return judged


def judge_found(
    plan: Plan, view: View, asked: Mapping[Unit, Collection[Term]], given: Given | None = None
) -> Judged:
    """Judge units on nodes as `judge` does pairs; those without results are left out.

    Where a unit is deep each of its nodes is judged alone, so that its results are known for its
    own. `given` spares the gathering of what the engine gets in any case.
    """
    judged = Judged()
    for unit, nodes in asked.items():
        if unit.deep:
            for node in nodes:
                judged.take(_judge(plan, view, {unit: [node]}, Given()))
    together = {unit: nodes for unit, nodes in asked.items() if not unit.deep}
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


def _judge(plan: Plan, view: View, asked: Mapping[Unit, Collection[Term]], given: Given) -> Judged:
    """Judge units on nodes; one that is deep comes with one node, and alone."""
    judged = Judged()
    triples = set(given.triples)
    listed = list(given.lists)
    for unit, nodes in asked.items():
        for root in unit.roots:
            focus = {
                written
                for node in nodes
                for written in _spellings(view, root, node)
                if is_target(view, root, written)
            }
            gather(view, root, {START: focus}, triples, given.subjects)
            before = f"{LIST} {root.listed} "
            listed += [f"{before}{node} .\n".encode() for node in focus]
    if not listed:
        return judged
    report = plan.engine.validate(b"".join((given.data, n_triples(triples), *listed)))
    judged.complete = report.complete
    alone = next(
        (key_of((u, node)) for u, nodes in asked.items() if u.deep for node in nodes), None
    )
    for result in report.results:
        key = alone or (plan.by_source[result.shape].digest, canonical(result.focus))
        judged.results.setdefault(key, []).append(result)
    return judged


def _spellings(view: View, root: Root, node: Term) -> Iterable[Term]:
    return view.spellings(node, root.objects) if isinstance(node, Literal) else (node,)


def is_target(view: View, root: Root, node: Term) -> bool:
    """Tell whether a node is a focus node of a shape."""
    classes, subjects = root.targets["class"], root.targets["subjects"]
    return (
        node in root.targets["node"]
        or (len(classes) > 0 and not classes.isdisjoint(view.classes(node)))
        or (len(subjects) > 0 and not subjects.isdisjoint(view.outgoing(node)))
        or any(view.is_value(predicate, node) for predicate in root.objects)
    )


def gather(
    view: View,
    root: Root,
    starts: Mapping[int, set[Term]],
    into: set[Triple],
    given: Container[Term] = (),
) -> None:
    """Add all that a shape reads of the data once its evaluation is at some nodes, by its state.

    What is said of subjects that are `given` is left out. All nodes that an evaluation can be at
    with one state are taken together.
    """
    footprint = root.footprint
    seen: defaultdict[int, set[Term]] = defaultdict(set)
    waiting = {state: set(nodes) for state, nodes in starts.items()}
    while waiting:
        state, nodes = waiting.popitem()
        nodes -= seen[state]
        if not nodes:
            continue
        seen[state] |= nodes
        if state in footprint.classes:
            _add_typing(view, nodes, into, given)
        steps = footprint.leaving.get(state, ())
        beyond = [node for node in nodes if node not in given] if steps else []
        for step in steps:
            live = step.target in footprint.live
            if step.inverse:
                reached = add_subjects(view, nodes, step, into, given)
            else:
                reached = _add_values(view, beyond, step.predicate, into)
                if live and len(beyond) < len(nodes):
                    reached |= _values(view, nodes, step.predicate)
            if live:
                waiting.setdefault(step.target, set()).update(reached)


def add_subjects(
    view: View, nodes: Iterable[Term], step: Step, into: set[Triple], given: Container[Term]
) -> set[Term]:
    """Add the statements that have nodes as the values of a property; return their subjects."""
    predicate = step.predicate
    found: set[Term] = set()
    assert predicate is not None
    for node in nodes:
        subjects = view.incoming(predicate, node)
        into.update(Triple(s, predicate, node) for s in subjects if s not in given)
        found.update(subjects)
    return found


def _add_values(
    view: View, nodes: Iterable[Term], predicate: NamedNode | None, into: set[Triple]
) -> set[Term]:
    """Add the statements with the values of a property of nodes, or of all; return the values."""
    found: set[Term] = set()
    for node in nodes:
        outgoing = view.outgoing(node)
        for each in outgoing if predicate is None else (predicate,):
            values = outgoing.get(each, ())
            into.update(_statements(node, each, values))
            found.update(values)
    return found


def _values(view: View, nodes: Iterable[Term], predicate: NamedNode | None) -> set[Term]:
    """Return the values of a property of nodes, or of all."""
    if predicate is not None:
        return {value for node in nodes for value in view.outgoing(node).get(predicate, ())}
    return {value for node in nodes for values in view.outgoing(node).values() for value in values}


def _add_typing(
    view: View, nodes: Iterable[Term], into: set[Triple], given: Container[Term]
) -> None:
    """Add the types of nodes, and the classes above them."""
    classes: set[Term] = set()
    for node in nodes:
        types = view.types(node)
        classes.update(types)
        if node not in given:
            into.update(_statements(node, TYPE, types))
    add_classes(view, classes, into)


def add_classes(view: View, some: Iterable[Term], into: set[Triple]) -> None:
    """Add the classes above some."""
    for cls in {above for each in some for above in view.above(each)}:
        into.update(_statements(cls, SUBCLASS, view.values(cls, SUBCLASS)))


def _statements(node: Term, predicate: NamedNode, values: Iterable[Term]) -> Iterator[Triple]:
    """Yield the statements with some values; a literal, which has none, can have no values."""
    for value in values:
        assert isinstance(node, NamedNode | BlankNode)
        yield Triple(node, predicate, value)
