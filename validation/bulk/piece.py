"""Judging one piece: all that is said of its subjects, and what this refers to, from the store."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from vises.validation.incremental.pairs import Given, Judged, judge_found
from vises.validation.incremental.view import TYPE, View
from vises.validation.syntax import read
from vises.validation.usage import usage

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pyoxigraph import Store, Triple

    from vises.validation.bulk.grouping import Piece
    from vises.validation.incremental.pairs import Pair
    from vises.validation.incremental.plan import Plan
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
    view = View(store, forms, described=described)
    pairs = set(_pairs(plan, view, described))
    judged = judge_found(plan, view, pairs, Given(data + b"\n", described))
    return JudgedPiece(judged, frozenset(_used(described)))


def _used(described: Mapping[Resource, Mapping[NamedNode, list[Term]]]) -> Iterator[Triple]:
    """Yield the description of what a piece uses; see `vises.validation.usage`."""
    properties = {predicate for outgoing in described.values() for predicate in outgoing}
    classes = {cls for outgoing in described.values() for cls in outgoing.get(TYPE, ())}
    values = {v for outgoing in described.values() for some in outgoing.values() for v in some}
    referred = {value for value in values if isinstance(value, NamedNode)} - classes
    return usage(properties, classes, referred)


def _pairs(
    plan: Plan, view: View, described: Mapping[Resource, Mapping[NamedNode, list[Term]]]
) -> Iterator[Pair]:
    subjects, objects = plan.values("subjects"), plan.values("objects")
    bounded = {unit for unit in plan.units if not unit.opaque}
    for node, outgoing in described.items():
        targeting = [plan.targeting("class", cls) for cls in view.classes(node)]
        targeting += [plan.targeting("subjects", p) for p in outgoing.keys() & subjects]
        for found in targeting:
            yield from ((unit, node) for unit, _ in found if unit in bounded)
        for predicate in outgoing.keys() & objects:
            for unit, _ in plan.targeting("objects", predicate):
                if unit in bounded:
                    yield from ((unit, value) for value in outgoing[predicate])
