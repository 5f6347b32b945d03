"""Evaluating an update: the change that it makes of a release (SPARQL 1.1 Update, section 4).

The text of the update never reaches a function of the engine that could fetch or write: patterns
are asked as queries on the graphs that may be read, templates are read as data. LOAD and SERVICE
are refused before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, QuerySolutions

from vises.errors import sentence
from vises.store.dataset import iri_of
from vises.store.engine import QueryFailed
from vises.store.keywords import uses_keyword
from vises.store.update.parsing import federation_refused, parsed, part_unread
from vises.store.update.request import DatasetConflict, GraphState
from vises.store.update.state import State
from vises.store.update.syntax import Clear, Create, Data, Modify, Transfer
from vises.store.update.template import Template, graph_needed, resolved

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from pyoxigraph import Quad

    from vises.store.canonical import Term
    from vises.store.update.request import UpdateRequest
    from vises.store.update.syntax import Operation

_DEFAULT, _NAMED, _ALL = "DEFAULT", "NAMED", "ALL"


def evaluate_update(request: UpdateRequest, snapshot: Path, work: Path) -> State:
    """Evaluate an update on a snapshot; nothing outside the folder `work` is written.

    Raises `UpdateSyntaxError`, `LoadRefused`, `FederationRefused`, `DatasetConflict`,
    `GraphNeeded`, `GraphState`, `BindingError`, `UpdateTooLarge`, `QueryFailed`, and what
    pyoxigraph does (`OSError`, `RuntimeError`).
    """
    parts = read_update(request)
    state = State(snapshot, work, request.hidden_graphs)
    evaluation = _Evaluation(request, state)
    for part in parts:
        evaluation.perform(part)
    return state


def read_update(request: UpdateRequest) -> Sequence[Operation]:
    """Return the operations of an update.

    Raises `DatasetConflict`, and as `evaluate_update` does of a text.
    """
    parts = [part.operation for part in parsed(request.update, request.base_iri)]
    given = request.using_graphs or request.using_named_graphs
    if given and any(isinstance(p, Modify) and (p.using or p.graph) for p in parts):
        raise DatasetConflict(
            sentence(
                "using-twice",
                "The update has USING or WITH, and the request has using-graph-uri or "
                "using-named-graph-uri.",
            ),
            remedy=sentence("one-of-two", "Leave one of the two out."),
        )
    return parts


class _Evaluation:
    def __init__(self, request: UpdateRequest, state: State) -> None:
        self._request = request
        self._state = state
        self._insert = iri_of(request.insert_graph) if request.insert_graph else None
        self._remove = iri_of(request.remove_graph) if request.remove_graph else None

    def perform(self, part: Operation) -> None:
        match part:
            case Data():
                self._data(part)
            case Modify():
                self._modify(part)
            case Clear():
                self._clear(part)
            case Create():
                self._create(part)
            case Transfer():
                self._transfer(part)

    def _data(self, part: Data) -> None:
        graph = self._insert if part.insert else self._remove
        quads = [*self._template(part, part.quads, graph).quads({})]
        self._state.change([], quads) if part.insert else self._state.change(quads, [])

    def _modify(self, part: Modify) -> None:
        graph = self._named(part, part.graph) if part.graph else None
        delete = self._template(part, part.delete or "{}", graph or self._remove)
        insert = self._template(part, part.insert or "{}", graph or self._insert)
        removed: set[Quad] = set()
        added: set[Quad] = set()
        for solution in self._solutions(part, graph):
            removed.update(delete.quads(solution))
            added.update(insert.quads(solution))
        self._state.change(removed, added)

    def _solutions(self, part: Modify, graph: NamedNode | None) -> Iterator[Mapping[str, Term]]:
        query = f"{part.prologue}\nSELECT * WHERE {part.where}"
        if uses_keyword(query, "SERVICE"):
            raise federation_refused()
        default, named = self._dataset(part, graph)
        if named is None and default is not None and not uses_keyword(query, "GRAPH"):
            named = []
        everything = default is None or named is None
        self._state.read(None if everything else [*default, *named])  # type: ignore[misc]
        hidden = self._state.hidden
        if hidden and everything:
            readable = self._state.graphs()
            default = readable if default is None else default
            named = readable if named is None else named
        try:
            found = self._state.store.query(
                query,
                base_iri=self._request.base_iri,
                use_default_graph_as_union=default is None,
                default_graph=None if default is None else [g for g in default if g not in hidden],
                named_graphs=None if named is None else [g for g in named if g not in hidden],
            )
        except SyntaxError as error:
            raise part_unread(error) from error
        except (RuntimeError, ValueError) as error:
            raise QueryFailed(f"{str(error).rstrip('.')}.") from error
        assert isinstance(found, QuerySolutions)
        names = [variable.value for variable in found.variables]
        for solution in found:
            pairs = zip(names, solution, strict=True)
            yield {name: value for name, value in pairs if value is not None}

    def _dataset(
        self, part: Modify, graph: NamedNode | None
    ) -> tuple[list[NamedNode] | None, list[NamedNode] | None]:
        """Return the graphs of the default graph, and the named ones; None stands for all.

        USING goes before WITH (SPARQL 1.1 Update, section 3.1.3).
        """
        request = self._request
        if part.using:
            graphs = [(self._named(part, using.graph), using.named) for using in part.using]
            return [g for g, named in graphs if not named], [g for g, named in graphs if named]
        if request.using_graphs or request.using_named_graphs:
            return [*map(iri_of, request.using_graphs)], [*map(iri_of, request.using_named_graphs)]
        return ([graph] if graph else None), None

    def _clear(self, part: Clear) -> None:
        quads = [quad for graph in self._cleared(part) for quad in self._state.quads(graph)]
        self._state.change(quads, [])

    def _cleared(self, part: Clear) -> Sequence[NamedNode]:
        if part.target in {_NAMED, _ALL}:
            kept = {self._remove} if part.target == _NAMED else set()
            return [graph for graph in self._state.graphs() if graph not in kept]
        graph = self._graph(part, part.target, self._remove)
        if part.target != _DEFAULT and not part.silent:
            self._demand(graph)
        return [graph]

    def _create(self, part: Create) -> None:
        """Do nothing but look: a graph that holds nothing is not kept."""
        graph = self._named(part, part.graph)
        if not part.silent and self._state.quads(graph):
            raise GraphState(
                sentence("graph-there", "The graph <{graph}> is there already.", graph=graph.value),
                remedy=sentence("create-silent", "Use CREATE SILENT."),
            )

    def _transfer(self, part: Transfer) -> None:
        source = self._graph(part, part.source, self._remove)
        target = self._graph(part, part.target, self._insert)
        if part.source != _DEFAULT and not part.silent:
            self._demand(source)
        quads = self._state.quads(source)
        if source == target or (not quads and part.source != _DEFAULT):
            return
        copies = [_in(quad, target) for quad in quads]
        self._state.change([] if part.kind == "ADD" else self._state.quads(target), copies)
        if part.kind == "MOVE":
            self._state.change(quads, [])

    def _demand(self, graph: NamedNode) -> None:
        if not self._state.quads(graph):
            raise GraphState(
                sentence("no-such-graph", "There is no graph <{graph}>.", graph=graph.value),
                remedy=sentence(
                    "name-or-silent", "Correct its name, or write SILENT to go on without it."
                ),
            )

    def _graph(self, part: Operation, written: str, default: NamedNode | None) -> NamedNode:
        if written != _DEFAULT:
            return self._named(part, written)
        if default is None:
            raise graph_needed()
        return default

    def _named(self, part: Operation, written: str) -> NamedNode:
        return resolved(part.prologue, written, self._request.base_iri)

    def _template(self, part: Operation, quads: str, graph: NamedNode | None) -> Template:
        return Template(part.prologue, quads, self._request.base_iri, graph)


def _in(quad: Quad, graph: NamedNode) -> Quad:
    return type(quad)(quad.subject, quad.predicate, quad.object, graph)
