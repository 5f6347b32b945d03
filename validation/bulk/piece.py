"""Judging one piece: all that is said of its subjects, and what this refers to, from the store."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from vises.validation.bulk.asking import asking
from vises.validation.bulk.statements import TYPE_WORD, Statements
from vises.validation.incremental.pairs import Judged, judge_found
from vises.validation.incremental.view import View
from vises.validation.usage import CODES, usage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyoxigraph import Triple

    from vises.validation.bulk.grouping import Piece
    from vises.validation.incremental.plan import Plan
    from vises.validation.incremental.readings import Readings
    from vises.validation.incremental.units import Root, Unit
    from vises.validation.incremental.view import Forms
    from vises.validation.validator import Term


@dataclass(frozen=True)
class JudgedPiece:
    """The pairs of a piece that have results, and a description of the terms that it uses."""

    judged: Judged
    used: frozenset[Triple] = field(default_factory=frozenset)


@dataclass
class _Asked:
    """The focus nodes of shapes by their words; where they have to be asked for, as terms."""

    known: defaultdict[Root, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    asked: defaultdict[Unit, set[Term]] = field(default_factory=lambda: defaultdict(set))


def judge_piece(plan: Plan, readings: Readings, piece: Piece, forms: Forms) -> JudgedPiece:
    """Judge the focus nodes of a piece: its subjects, and what shapes target as their objects.

    Values stand as they are written in the piece; those of other subjects as the store has them,
    or as `forms` says. The `readings` of one piece serve the next: pieces refer to the same codes.
    Raises `RdfSyntaxError`, `OSError`, and what the engine raises.
    """
    statements = Statements(piece.read(), str(piece.path))
    view = View(readings, forms, described=statements)
    found = _asked(plan, view, statements)
    judged = judge_found(plan, view, found.asked, asking(statements, view, found.known))
    return JudgedPiece(judged, frozenset(_used(statements)))


def _used(statements: Statements) -> Iterator[Triple]:
    """Yield the description of what a piece uses; see `vises.validation.usage`."""
    said = set(chain.from_iterable(statements.said.values()))
    properties = {predicate for predicate, _ in said}
    classes = {value for predicate, value in said if predicate == TYPE_WORD}
    code = CODES.encode()
    referred = {
        value
        for _, value in said
        if value.startswith(b"<") and code in value.lower() and value not in classes
    }
    nodes = ([*map(statements.term, words)] for words in (properties, classes, referred))
    yield from usage(*([n for n in some if isinstance(n, NamedNode)] for some in nodes))


def _asked(plan: Plan, view: View, statements: Statements) -> _Asked:
    """Return the shapes that may target a node, with such nodes.

    Which they are depends on types and properties alone, so nodes are first put together by these.
    """
    found = _Asked()
    for nodes in statements.alike():
        said = statements.said[nodes[0]]
        predicates = {statements.term(predicate) for predicate, _ in said}
        types = {statements.term(value) for predicate, value in said if predicate == TYPE_WORD}
        classes = frozenset().union(*map(view.above, types))
        targeting = [plan.targeting("class", cls) for cls in classes]
        targeting += [plan.targeting("subjects", predicate) for predicate in predicates]
        for unit, root in dict.fromkeys(chain.from_iterable(targeting)):
            if unit.opaque:
                continue
            if unit.is_told_by_description:
                found.known[root] += nodes
            else:
                found.asked[unit].update(map(statements.term, nodes))
        for predicate in predicates:
            units = [u for u, _ in plan.targeting("objects", predicate) if not u.opaque]
            if units:
                words: set[bytes] = set()
                statements.values(nodes, {str(predicate).encode(): words})
                values = [*map(statements.term, words)]
            for unit in units:
                found.asked[unit].update(values)
    return found
