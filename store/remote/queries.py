"""What is sent to a remote engine for a request: a query that was parsed here first, and a dataset.

Nothing is put together from what a user typed: values are RDF terms that were read and written
again, and they stand in a VALUES clause after the query (SPARQL 1.1 Query Language, section 10.2).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Triple

from vises.errors import sentence
from vises.store.dataset import iri_of
from vises.store.engine import (
    GRAPH_TYPES,
    SOLUTIONS_TYPES,
    BindingError,
    QueryFailed,
    QueryRequest,
)
from vises.store.evaluation import (
    NO_BOOLEAN_FORM,
    NO_GRAPH_FORM,
    NO_TABLE_FORM,
    acceptable,
    bound_terms,
    no_such_variable,
    refuse_federation,
)
from vises.store.keywords import kind_of, parse_error, returns_variable, unescaped, uses_keyword
from vises.store.syntax import syntax_error

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NO_GRAPH = "urn:vises:no-graph"
"""The name of a graph that no engine holds: a dataset without graphs cannot be asked for."""

MOST_CHARACTERS = 4096
MOST_STEPS = 64
"""How long a query may be, and how many brackets and slashes it may have, to be parsed in the
process of the service. The worst of them takes a second (measured); the stack of Oxigraph's parser
lasts for twice as many characters.
"""

_IRI = re.compile(r"<[^<>\s]*>")
_INSIDE = ("bif:", "sql:")


class RemoteDeclined(QueryFailed):
    """The query is right, and this engine does not take it, or not so that it can be trusted."""

    kind = "remote-declined"
    title = "The remote engine does not take the query"


@dataclass(frozen=True)
class Asked:
    """A query as it goes out, and the media type of our answer.

    `form` is ``graph``, ``boolean`` or ``table``. The fields are those of the SPARQL 1.1 Protocol,
    section 2.1.
    """

    fields: Mapping[str, str | list[str]]
    form: str
    media_type: str


def prepare(request: QueryRequest, graphs: Iterable[str]) -> Asked:
    """Return what to send for a request to a release that has these graphs.

    Raises `QuerySyntaxError`, `FederationRefused`, `BindingError`, `NotAcceptable` as the embedded
    engine does, and `RemoteDeclined`, also for every request from which graphs are hidden.
    """
    if request.hidden_graphs:
        raise RemoteDeclined(
            "Graphs are closed to this request, and only the embedded engine leaves them out.",
            remedy="Ask the operator of the service.",
        )
    error = parse_error(request.query)
    if error is not None:
        raise syntax_error(request.query, str(error))
    refuse_federation(request.query)
    _refuse_inside(request.query)
    query = _with_values(request.query, request.bindings)
    form = kind_of(request.query)
    if form == "graph":
        media_type = acceptable(request.graph_type, GRAPH_TYPES, NO_GRAPH_FORM)
    else:
        refused = NO_BOOLEAN_FORM if form == "boolean" else NO_TABLE_FORM
        media_type = acceptable(request.results_type, SOLUTIONS_TYPES, refused)
    return Asked(_graphs_of(request, graphs) | {"query": query}, form, media_type)


def accepts(query: str) -> bool:
    """Return whether every engine has to answer a query in the same way.

    Not so those that name their own graphs with FROM (what GRAPH then means differs), and DESCRIBE,
    whose answer each engine chooses (SPARQL 1.1 Query Language, section 16.4). What is refused or
    cannot be read is not accepted either; nor is what is too large or nested to be read here.
    """
    if not _small(query) or parse_error(query) is not None or _reaches_inside(query):
        return False
    return not any(uses_keyword(query, word) for word in ("SERVICE", "FROM", "DESCRIBE"))


def _small(query: str) -> bool:
    """Return whether the parser reads a query at once, and with little of the stack.

    The service asks in its own process, which a stack overflow would end (docs/upstream.md).
    """
    text = unescaped(query)
    steps = _IRI.sub("", text)
    return len(text) <= MOST_CHARACTERS and sum(map(steps.count, "([{/")) <= MOST_STEPS


def _graphs_of(request: QueryRequest, graphs: Iterable[str]) -> dict[str, str | list[str]]:
    """Return the dataset: always a whole one, as engines keep graphs of their own beside ours."""
    if request.default_graphs or request.named_graphs:
        default = [iri_of(graph).value for graph in request.default_graphs]
        named = [iri_of(graph).value for graph in request.named_graphs]
        return _dataset(default, named)
    if uses_keyword(request.query, "FROM"):
        return {}
    names = list(graphs)
    return _dataset(names, names)


def _dataset(default: Iterable[str], named: Iterable[str]) -> dict[str, str | list[str]]:
    return {
        "default-graph-uri": list(default) or [NO_GRAPH],
        "named-graph-uri": list(named) or [NO_GRAPH],
    }


def _with_values(query: str, bindings: Mapping[str, str]) -> str:
    if not bindings:
        return query
    terms = bound_terms(bindings)
    if any(isinstance(term, BlankNode | Triple) for term in terms.values()):
        raise BindingError(
            sentence("not-handed", "A blank node or a triple cannot be handed to another engine."),
            remedy=sentence("give-iri-or-literal", "Give an IRI or a literal."),
        )
    if not all(returns_variable(query, variable.value) for variable in terms):
        raise no_such_variable(bindings)
    names, values = " ".join(map(str, terms)), " ".join(map(str, terms.values()))
    whole = f"{query}\nVALUES ({names}) {{ ({values}) }}"
    if parse_error(whole) is not None:
        raise RemoteDeclined(
            "The query ends with VALUES of its own, so values cannot be handed over.",
            remedy="Put its VALUES into the WHERE clause.",
        )
    return whole


def _reaches_inside(query: str) -> bool:
    """Whether a query may name what Virtuoso takes for functions of its own (``bif:``, ``sql:``).

    They can be called by IRI, whatever prefix stands for it, so the text alone decides.
    """
    text = unescaped(query).lower()
    return any(scheme in text for scheme in _INSIDE)


def _refuse_inside(query: str) -> None:
    if _reaches_inside(query):
        raise RemoteDeclined(
            "The query has bif: or sql:, by which an engine can be made to call functions of its "
            "own.",
            remedy="Use the functions of SPARQL 1.1.",
        )
