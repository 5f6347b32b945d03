"""Validation reports for those who may not read all that was judged.

A change is judged with everything that is published, closed graphs too, so results may repeat what
these say: who calls a closed thing by a class of its own choice would be told which of its values
are wrong.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, NamedNode, RdfFormat, parse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyoxigraph import Literal, Store, Triple

    from vises.validation.report import Report, Result

    Term = NamedNode | BlankNode | Literal | Triple

_STEP = re.compile(r"<[^>]*>")
"""A path of one step from the focus node, by which a value is one of its own."""


def readable_part(report: Report, store: Store, hidden: Iterable[str]) -> Report:
    """Return a report without the results that may tell of hidden graphs, as `store` has them.

    A result does if its focus node stands in one, or its value is described there; where the value
    was reached by more than a step from the focus node, if it stands there at all. A report that
    lacks some is not complete, and has a note of how many it lacks.
    """
    seen = _Hidden(store, [NamedNode(graph) for graph in hidden])
    kept = tuple(result for result in report.results if not seen.is_told_by(result))
    lacking = len(report.results) - len(kept)
    if not lacking:
        return report
    note = f"Results left out, since they may tell of closed datasets: {lacking:,}."
    return replace(report, results=kept, complete=False, notes=(*report.notes, note))


class _Hidden:
    """What stands in hidden graphs."""

    def __init__(self, store: Store, graphs: list[NamedNode]) -> None:
        self._store = store
        self._graphs = graphs

    def is_told_by(self, result: Result) -> bool:
        if self._has(_term(result.focus)):
            return True
        if result.value is None:
            return False
        value = _term(result.value)
        far = result.path is None or not _STEP.fullmatch(result.path)
        return self._has(value) if far else self._describes(value)

    def _has(self, term: Term) -> bool:
        found = (self._store.quads_for_pattern(None, None, term, graph) for graph in self._graphs)
        return self._describes(term) or any(map(_any, found))

    def _describes(self, term: Term) -> bool:
        if not isinstance(term, NamedNode | BlankNode):
            return False
        found = (self._store.quads_for_pattern(term, None, None, graph) for graph in self._graphs)
        return any(map(_any, found))


def _any(found: Iterable[object]) -> bool:
    return next(iter(found), None) is not None


def _term(text: str) -> Term:
    """Return the term that a text in N-Triples syntax is."""
    (quad,) = parse(f"<x:s> <x:p> {text} .", RdfFormat.N_TRIPLES)
    term: Term = quad.object
    return term
