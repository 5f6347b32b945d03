"""Quads with variables in them: the templates of DELETE and INSERT (section 3.1.3).

The engine reads them: each variable is replaced by an IRI that no one can guess, and the result is
inserted as data into an empty store in memory.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, Store, Triple

from vises.errors import sentence
from vises.store.update.parsing import CORRECT_UPDATE, parsed, part_unread
from vises.store.update.request import GraphNeeded, UpdateSyntaxError
from vises.store.update.syntax import TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vises.store.canonical import Term


class Template:
    """A template: the quads that it makes of a solution."""

    def __init__(self, prologue: str, quads: str, base_iri: str, graph: NamedNode | None) -> None:
        """Read quads in braces; those outside any GRAPH are in `graph`.

        Raises `GraphNeeded` where there are such and `graph` is None, and `UpdateSyntaxError`.
        """
        self._mark = f"urn:variable:{secrets.token_hex(16)}:"
        store = _inserted(prologue, self._without_variables(quads), base_iri)
        self._quads = [_in_graph(quad, graph) for quad in store]

    def quads(self, solution: Mapping[str, Term]) -> Iterator[Quad]:
        """Yield the quads of a solution; blank nodes of the template are new ones each time.

        A quad with a variable that has no value, or one that cannot stand in its place, is left
        out.
        """
        blanks: dict[BlankNode, BlankNode] = {}
        for quad in self._quads:
            graph = self._filled(quad.graph_name, solution, blanks)
            triple = self._triple(quad.triple, solution, blanks)
            if triple is not None and isinstance(graph, NamedNode):
                yield Quad(triple.subject, triple.predicate, triple.object, graph)

    def _triple(
        self, triple: Triple, solution: Mapping[str, Term], blanks: dict[BlankNode, BlankNode]
    ) -> Triple | None:
        subject = self._filled(triple.subject, solution, blanks)
        predicate = self._filled(triple.predicate, solution, blanks)
        target = self._filled(triple.object, solution, blanks)
        if not isinstance(subject, NamedNode | BlankNode) or not isinstance(predicate, NamedNode):
            return None
        return None if target is None else Triple(subject, predicate, target)

    def _filled(
        self,
        term: Term | DefaultGraph,
        solution: Mapping[str, Term],
        blanks: dict[BlankNode, BlankNode],
    ) -> Term | None:
        if isinstance(term, NamedNode) and term.value.startswith(self._mark):
            return solution.get(term.value.removeprefix(self._mark))
        if isinstance(term, BlankNode):
            return blanks.setdefault(term, BlankNode())
        if isinstance(term, Triple):
            return self._triple(term, solution, blanks)
        assert not isinstance(term, DefaultGraph)
        return term

    def _without_variables(self, quads: str) -> str:
        return "".join(
            f"<{self._mark}{match[0][1:]}>" if match.lastgroup == "variable" else match[0]
            for match in TOKEN.finditer(quads)
        )


def resolved(prologue: str, written: str, base_iri: str) -> NamedNode:
    """Return the IRI that is written as ``<...>`` or as a prefixed name."""
    found = _inserted(prologue, f"{{ <urn:x> <urn:x> {written} }}", base_iri)
    iri = next(iter(found)).object
    assert isinstance(iri, NamedNode)
    return iri


def _inserted(prologue: str, quads: str, base_iri: str) -> Store:
    """Return a store with quads in braces; the text is parsed anew before, as one operation."""
    text = f"{prologue}\nINSERT DATA {quads}"
    if len(parsed(text, base_iri)) != 1:
        raise UpdateSyntaxError(
            sentence("part-of-update", "A part of the update cannot be read."),
            remedy=CORRECT_UPDATE,
        )
    store = Store()
    try:
        store.update(text, base_iri=base_iri)
    except SyntaxError as error:
        raise part_unread(error) from error
    return store


def _in_graph(quad: Quad, graph: NamedNode | None) -> Quad:
    if not isinstance(quad.graph_name, DefaultGraph):
        return quad
    if graph is None:
        raise graph_needed()
    return Quad(quad.subject, quad.predicate, quad.object, graph)


def graph_needed() -> GraphNeeded:
    """Return the error for what would be written to the default graph."""
    return GraphNeeded(
        sentence(
            "update-default",
            "The update writes to the default graph, which is the union of the named ones.",
        ),
        remedy=sentence(
            "name-in-update",
            "Put the statements into GRAPH <...> {{ }}, begin with WITH <...>, or name the graph "
            "in the parameters insert-graph-uri and remove-graph-uri.",
        ),
    )
