"""Which graphs a query is evaluated on (SPARQL 1.1 Query Language, section 13).

Where graphs are hidden, the dataset is handed to the engine as a list without them, which goes
before what the query says itself. So a query cannot reach a hidden graph, whatever its text is;
what must be read from the text, the graphs of FROM and FROM NAMED, decides only which of the others
it sees. ``GRAPH ?g {}`` lists all that a dataset names, also what is not in the store; these graphs
are left out here as hidden ones are, so that nobody can tell the two apart.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from vises.errors import sentence
from vises.store.engine import BindingError, DatasetUnclear, QueryRequest
from vises.store.keywords import parse_error, uses_keyword
from vises.store.syntax import syntax_error

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pyoxigraph import Store


_FROM = re.compile(r"\bFROM\s*(<[^<>\s]*>|(?!NAMED\b)[^\s<{]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Dataset:
    """The dataset as pyoxigraph takes it: None leaves it to the query's text and to `union`."""

    union: bool
    default: Sequence[NamedNode] | None = None
    named: Sequence[NamedNode] | None = None


def dataset_of(store: Store, request: QueryRequest) -> Dataset:
    """Return the dataset of a request.

    Raises `BindingError` for a graph whose name is no IRI, and, where graphs are hidden,
    `QuerySyntaxError` and `DatasetUnclear`.
    """
    named = bool(request.default_graphs or request.named_graphs)
    if request.hidden_graphs:
        return _without(store, request, named=named)
    if named:
        return _of(request.default_graphs, request.named_graphs)
    if not uses_keyword(request.query, "FROM"):
        return Dataset(union=True)
    if _may_repeat(request.query):
        return _from_clauses(request.query, request.base_iri)
    return Dataset(union=False)


def iri_of(text: str) -> NamedNode:
    """Return the IRI that a text is. Raises `BindingError`."""
    try:
        return NamedNode(text)
    except ValueError as error:
        raise BindingError(
            sentence(
                "not-absolute",
                "{text!r} is not an absolute IRI: {error}.",
                text=text,
                error=str(error),
            ),
            remedy=sentence("give-absolute", "Give an absolute IRI, percent-encoded."),
        ) from error


def _of(default: Iterable[str], named: Iterable[str]) -> Dataset:
    """Return the dataset of some graphs; one that is named twice is one (section 13.2.1)."""
    once = [[*dict.fromkeys(map(iri_of, graphs))] for graphs in (default, named)]
    return Dataset(union=False, default=once[0], named=once[1])


def _may_repeat(query: str) -> bool:
    """Tell whether two FROM clauses of a query look the same: the engine would count both."""
    graphs = _FROM.findall(query)
    return len(set(graphs)) < len(graphs)


def _without(store: Store, request: QueryRequest, *, named: bool) -> Dataset:
    hidden = frozenset(map(iri_of, request.hidden_graphs))
    if named:
        whole = _of(request.default_graphs, request.named_graphs)
    elif uses_keyword(request.query, "FROM"):
        whole = _from_clauses(request.query, request.base_iri)
    else:
        graphs = [graph for graph in store.named_graphs() if isinstance(graph, NamedNode)]
        whole = Dataset(union=False, default=graphs, named=graphs)
    return Dataset(
        union=False,
        default=[graph for graph in whole.default or () if graph not in hidden],
        named=[
            graph
            for graph in whole.named or ()
            if graph not in hidden and store.contains_named_graph(graph)
        ],
    )


def _from_clauses(query: str, base_iri: str | None) -> Dataset:
    """Return the graphs of FROM and of FROM NAMED, as rdflib's parser reads them.

    It does not read everything that the engine does; what it cannot read raises `DatasetUnclear`.
    """
    error = parse_error(query, base_iri)
    if error is not None:
        raise syntax_error(query, str(error))
    from rdflib.plugins.sparql import prepareQuery  # noqa: PLC0415 (slow, and seldom needed)

    logging.getLogger("rdflib.term").setLevel(logging.CRITICAL)
    try:
        clauses = prepareQuery(query, base=base_iri).algebra.datasetClause or ()
        return _of(
            [str(clause.default) for clause in clauses if clause.default],
            [str(clause.named) for clause in clauses if clause.named],
        )
    except Exception as problem:  # whatever rdflib's parser and its translation raise
        raise DatasetUnclear(
            sentence("from-unread", "The graphs after FROM cannot be read from this query."),
            remedy=sentence(
                "name-by-parameters",
                "Name the graphs with the parameters default-graph-uri and named-graph-uri.",
            ),
        ) from problem
