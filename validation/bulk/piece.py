"""Judging one piece: all that is said of its subjects, and what this refers to, from the store."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from vises.validation.incremental.pairs import Given, Judged, judge_found
from vises.validation.incremental.readings import TYPE, Readings
from vises.validation.incremental.view import View
from vises.validation.syntax import read
from vises.validation.usage import usage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from pyoxigraph import Store, Triple

    from vises.validation.bulk.grouping import Piece
    from vises.validation.incremental.plan import Plan
    from vises.validation.incremental.units import Unit
    from vises.validation.incremental.view import Forms
    from vises.validation.validator import Resource, Term


@dataclass(frozen=True)
class JudgedPiece:
    """The pairs of a piece that have results, and a description of the terms that it uses."""

    judged: Judged
    used: frozenset[Triple] = field(default_factory=frozenset)


def judge_piece(plan: Plan, store: Store, piece: Piece, forms: Forms) -> JudgedPiece:
    """Judge the focus nodes of a piece: its subjects, and what shapes target as their objects.

    Values stand as they are written in the piece; those of other subjects as the store has them,
    or as `forms` says. Raises `RdfSyntaxError`, `OSError`, and what the engine raises.
    """
    data = piece.read()
    described: defaultdict[Resource, defaultdict[NamedNode, list[Term]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for quad in read(data, place=str(piece.path)):
        described[quad.subject][quad.predicate].append(quad.object)
    view = View(Readings(store), forms, described=described)
    asked = _asked(plan, view, described)
    judged = judge_found(plan, view, asked, Given(data + b"\n", described))
    return JudgedPiece(judged, frozenset(_used(described)))


def _used(described: Mapping[Resource, Mapping[NamedNode, list[Term]]]) -> Iterator[Triple]:
    """Yield the description of what a piece uses; see `vises.validation.usage`."""
    properties = {predicate for outgoing in described.values() for predicate in outgoing}
    classes = {cls for outgoing in described.values() for cls in outgoing.get(TYPE, ())}
    values: set[Term] = set()
    for outgoing in described.values():
        for some in outgoing.values():
            values.update(some)
    referred = {value for value in values if isinstance(value, NamedNode)} - classes
    return usage(properties, classes, referred)


def _asked(
    plan: Plan, view: View, described: Mapping[Resource, Mapping[NamedNode, list[Term]]]
) -> Mapping[Unit, AbstractSet[Term]]:
    """Return the units that may target a node, with such nodes.

    Which they are depends on types and properties alone, so nodes are first put together by these.
    """
    alike: defaultdict[tuple[tuple[Term, ...], tuple[NamedNode, ...]], list[Resource]] = (
        defaultdict(list)
    )
    for node, outgoing in described.items():
        alike[tuple(outgoing.get(TYPE, ())), tuple(outgoing)].append(node)
    asked: defaultdict[Unit, set[Term]] = defaultdict(set)
    for (_, predicates), nodes in alike.items():
        targeting = [plan.targeting("class", cls) for cls in view.classes(nodes[0])]
        targeting += [plan.targeting("subjects", predicate) for predicate in predicates]
        for unit, _ in chain.from_iterable(targeting):
            asked[unit].update(nodes)
        for predicate in predicates:
            for unit, _ in plan.targeting("objects", predicate):
                for node in nodes:
                    asked[unit].update(described[node][predicate])
    return {unit: nodes for unit, nodes in asked.items() if not unit.opaque}
