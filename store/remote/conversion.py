"""From an engine's answer to ours: the same terms, in the form that the client wants."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, cast

from pyoxigraph import (
    Literal,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    parse,
    parse_query_results,
)

from vises.errors import sentence
from vises.namespaces import PREFIXES
from vises.store.engine import QueryFailed
from vises.store.evaluation import rdf_format, results_writer, write_graph
from vises.store.xmloutput import output_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from vises.store.remote.transfer import Transfer

GRAPHS = ("application/n-triples", "text/turtle")
"""The media types that a constructed graph is asked in."""

_VIRTUOSO_TRUTH = "__ASK_RETVAL"
_TRUTH = {"1": b"true", "0": b"false", "true": b"true", "false": b"false"}


def conversion(form: str, theirs: str, ours: str) -> Callable[[Transfer], None]:
    """Return what reads an answer in one media type from a transfer and writes it in another.

    `form` is that of `Asked`. The function raises `SyntaxError` for what is not whole or cannot be
    read, `QueryFailed` for an answer of another form, and `NotAcceptable` for what our form cannot
    say.
    """
    if form == "graph":
        return lambda transfer: _graph(transfer, theirs, ours)
    return lambda transfer: _results(transfer, form, theirs, ours)


def _results(transfer: Transfer, form: str, theirs: str, ours: str) -> None:
    results = _parsed(transfer, theirs)
    if form == "boolean" and isinstance(results, QuerySolutions):
        results = _truth(results)
    if isinstance(results, QueryBoolean) is not (form == "boolean"):
        raise QueryFailed(
            sentence("another-form", "The engine's answer is of another form than the query.")
        )
    results_writer(results, ours)(_output(transfer, ours))


def _parsed(transfer: Transfer, theirs: str) -> QuerySolutions | QueryBoolean:
    form = QueryResultsFormat.from_media_type(theirs)
    assert form is not None
    return parse_query_results(cast("IO[bytes]", transfer), format=form)


def _truth(results: QuerySolutions) -> QuerySolutions | QueryBoolean:
    """Return the boolean that Virtuoso writes as a table of one cell, or of none for false."""
    if [variable.value for variable in results.variables] != [_VIRTUOSO_TRUTH]:
        return results
    truth = b"false"
    for solution in results:
        cell = solution[_VIRTUOSO_TRUTH]
        truth = _TRUTH.get(cell.value if isinstance(cell, Literal) else "", b"unknown")
    document = b'{"head":{},"boolean":' + truth + b"}"
    return parse_query_results(document, format=QueryResultsFormat.JSON)


def _graph(transfer: Transfer, theirs: str, ours: str) -> None:
    source = RdfFormat.from_media_type(theirs)
    assert source is not None
    triples = (quad.triple for quad in parse(cast("IO[bytes]", transfer), format=source))
    write_graph(triples, rdf_format(ours), _output(transfer, ours), PREFIXES)


def _output(transfer: Transfer, ours: str) -> IO[bytes]:
    return output_of(ours, cast("IO[bytes]", transfer))
