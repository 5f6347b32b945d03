"""What the engine is asked of a piece: focus nodes by their words, and what they read elsewhere."""

from __future__ import annotations

from collections import defaultdict
from itertools import chain
from typing import TYPE_CHECKING

from vises.validation.bulk.statements import TYPE_WORD
from vises.validation.incremental.footprint import START
from vises.validation.incremental.pairs import Given, add_classes, add_subjects, gather
from vises.validation.targets import LIST

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pyoxigraph import Triple

    from vises.validation.bulk.statements import Statements
    from vises.validation.incremental.footprint import Step
    from vises.validation.incremental.units import Root
    from vises.validation.incremental.view import View
    from vises.validation.validator import Term


def asking(statements: Statements, view: View, focus: Mapping[Root, Sequence[bytes]]) -> Given:
    """Return the piece with the lists of focus nodes of shapes, and all that these read elsewhere.

    The shapes are of units whose focus nodes a description tells, and come with all of them, so
    those with the same targets share a list. Raises `RdfSyntaxError`.
    """
    triples: set[Triple] = set()
    listed = {}
    for root, nodes in focus.items():
        beyond = _Walk(statements, view, root, triples).beyond(nodes)
        gather(view, root, beyond, triples, statements)
        listed[root.listed_alike] = nodes
    lists = [
        b"%b %b %b .\n" % (str(LIST).encode(), str(predicate).encode(), node)
        for predicate, nodes in listed.items()
        for node in nodes
    ]
    return Given(statements.data + b"\n", statements, tuple(lists), triples)


class _Walk:
    """The walk of a shape over what a piece says (`footprint`), by words."""

    def __init__(
        self, statements: Statements, view: View, root: Root, triples: set[Triple]
    ) -> None:
        self._statements = statements
        self._view = view
        self._footprint = root.footprint
        self._triples = triples
        self._seen: defaultdict[int, set[bytes]] = defaultdict(set)
        self._waiting: defaultdict[int, set[bytes]] = defaultdict(set)
        self._beyond: defaultdict[int, set[Term]] = defaultdict(set)

    def beyond(self, nodes: Iterable[bytes]) -> dict[int, set[Term]]:
        """Walk from focus nodes; return where it leaves the piece, by state.

        Classes, and statements with subjects elsewhere, are added to the triples.
        """
        self._waiting[START].update(nodes)
        while self._waiting:
            state, reached = self._waiting.popitem()
            reached -= self._seen[state]
            if reached:
                self._seen[state] |= reached
                self._leave(state, reached)
        return self._beyond

    def _leave(self, state: int, nodes: set[bytes]) -> None:
        statements = self._statements
        if state in self._footprint.classes:
            types: set[bytes] = set()
            statements.values(nodes, {TYPE_WORD: types})
            add_classes(self._view, map(statements.term, types), self._triples)
        steps = [
            step
            for step in self._footprint.leaving.get(state, ())
            if step.inverse or step.target in self._footprint.live
        ]
        forward: dict[bytes, set[bytes]] = {
            str(step.predicate).encode(): set()
            for step in steps
            if not step.inverse and step.predicate is not None
        }
        if forward:
            statements.values(nodes, forward)
        for step in steps:
            if step.inverse:
                self._go_back(step, nodes)
            elif step.predicate is not None:
                self._reach(step.target, forward[str(step.predicate).encode()])
            else:
                said = chain.from_iterable(statements.said[node] for node in nodes)
                self._reach(step.target, (value for _, value in said))

    def _reach(self, state: int, words: Iterable[bytes]) -> None:
        for word in words:
            if word in self._statements.said:
                self._waiting[state].add(word)
            else:
                self._beyond[state].add(self._statements.term(word))

    def _go_back(self, step: Step, nodes: Iterable[bytes]) -> None:
        """Go along a step against its direction: subjects are known by the store alone."""
        terms = map(self._statements.term, nodes)
        subjects = add_subjects(self._view, terms, step, self._triples, self._statements)
        if step.target in self._footprint.live:
            self._beyond[step.target] |= subjects
