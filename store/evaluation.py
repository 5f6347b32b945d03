"""Answering a request from a store; runs in a query process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import IO

from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Triple,
    Variable,
    parse,
    serialize,
)

from vises.namespaces import PREFIXES, term
from vises.store.engine import (
    GRAPH_TYPES,
    RESULTS_TYPES,
    BindingError,
    DescribeRequest,
    FederationRefused,
    NotAcceptable,
    QueryFailed,
    QueryRequest,
)
from vises.store.keywords import uses_keyword
from vises.store.syntax import syntax_error

MOST_INCOMING = 200
"""How many quads with the IRI as object a description has."""

_OWNED = {term("adms:identifier"), term("cv:registeredAddress")}

Write = Callable[[IO[bytes]], None]


def evaluate(store: Store, request: QueryRequest | DescribeRequest) -> tuple[str, Write]:
    """Return the media type of the answer and the function that writes it to a binary file.

    Both may take long. Raises `QuerySyntaxError`, `FederationRefused`, `BindingError`,
    `NotAcceptable` and `QueryFailed`; the function raises what pyoxigraph does (`OSError`,
    `RuntimeError`).
    """
    if isinstance(request, DescribeRequest):
        return _description(store, request)
    return _result(_query(store, request), request)


def _query(store: Store, request: QueryRequest) -> QuerySolutions | QueryTriples | QueryBoolean:
    if uses_keyword(request.query, "SERVICE") and _parses_with(request.query):
        raise FederationRefused(
            "The query calls another endpoint with SERVICE.",
            remedy="Ask the other endpoint yourself and bring its values along with VALUES.",
        )
    dataset = bool(request.default_graphs or request.named_graphs)
    try:
        return store.query(
            request.query,
            use_default_graph_as_union=not dataset and not uses_keyword(request.query, "FROM"),
            default_graph=[*map(_iri, request.default_graphs)] if dataset else None,
            named_graphs=[*map(_iri, request.named_graphs)] if dataset else None,
            substitutions=_bound(request.bindings) or None,
        )
    except SyntaxError as error:
        raise syntax_error(request.query, str(error)) from None
    except (OSError, RuntimeError, ValueError) as error:
        raise _failed(error) from error
