"""Answering a query from a store; runs in a query process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import IO, TYPE_CHECKING

from pyoxigraph import (
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

from vises.errors import sentence
from vises.namespaces import PREFIXES
from vises.store.dataset import dataset_of
from vises.store.engine import (
    ARROW,
    GRAPH_TYPES,
    PARQUET,
    RESULT_SET,
    RESULTS_TYPES,
    SOLUTIONS_TYPES,
    XLSX,
    BindingError,
    FederationRefused,
    NotAcceptable,
    QueryFailed,
    QueryRequest,
    UnknownFunction,
)
from vises.store.federation.clauses import WayOut, redirected
from vises.store.federation.path import services
from vises.store.keywords import uses_keyword
from vises.store.resultset import write_result_set
from vises.store.syntax import syntax_error

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyoxigraph import Quad

    from vises.errors import Sentence
    from vises.store.canonical import Term

NO_GRAPH_FORM = sentence(
    "graph-in-no-form", "The answer is a graph, and the request takes none of its forms."
)
NO_BOOLEAN_FORM = sentence(
    "boolean-in-no-form", "The answer is a boolean, and the request takes none of its forms."
)
NO_TABLE_FORM = sentence(
    "table-in-no-form", "The answer is a table, and the request takes none of its forms."
)
_NO_TRIPLE_TERMS = "JSON-LD does not support RDF 1.2"
_NO_FUNCTION = "The custom function "

Write = Callable[[IO[bytes]], object]


def evaluate(
    store: Store, request: QueryRequest, way_out: WayOut | None = None
) -> tuple[str, Write]:
    """Return the media type of the answer and the function that writes it to a binary file.

    SERVICE clauses go by `way_out`; without one they are refused. Both may take long. Raises
    `QuerySyntaxError`, `FederationRefused`, `BindingError`, `DatasetUnclear`, `NotAcceptable` and
    `QueryFailed`; the function raises what pyoxigraph does (`OSError`, `RuntimeError`).
    """
    return _result(_query(store, request, way_out), request)


def _query(
    store: Store, request: QueryRequest, way_out: WayOut | None
) -> QuerySolutions | QueryTriples | QueryBoolean:
    query = _with_way_out(request, way_out)
    dataset = dataset_of(store, request)
    try:
        return store.query(
            query,
            base_iri=request.base_iri,
            use_default_graph_as_union=dataset.union,
            default_graph=None if dataset.default is None else [*dataset.default],
            named_graphs=None if dataset.named is None else [*dataset.named],
            substitutions=bound_terms(request.bindings) or None,
        )
    except SyntaxError as error:
        raise syntax_error(request.query, str(error)) from None
    except RuntimeError as error:
        if "SELECT projection" in str(error):
            raise no_such_variable(request.bindings) from error
        if str(error).startswith(_NO_FUNCTION):
            raise UnknownFunction(
                f"{error}.",
                remedy=sentence(
                    "known-functions",
                    "Call the functions of SPARQL 1.1 (sections 17.4 and 17.5) by their names.",
                ),
            ) from error
        raise _failed(error) from error
    except (OSError, ValueError) as error:
        raise _failed(error) from error


def _with_way_out(request: QueryRequest, way_out: WayOut | None) -> str:
    """Return the query as the engine evaluates it. Raises `FederationRefused`."""
    if way_out is None:
        refuse_federation(request.query)
        return request.query
    return redirected(request.query, way_out, len(services(request.federation_path)))


def refuse_federation(query: str) -> None:
    """Raise `FederationRefused` where a query calls another endpoint."""
    if uses_keyword(query, "SERVICE"):
        raise FederationRefused(
            sentence("query-calls", "The query calls another endpoint with SERVICE."),
            remedy=sentence(
                "ask-or-list",
                "Ask the other endpoint yourself and bring its values along with VALUES, or "
                "have the operator list it in the file of VISES_PARTNERS.",
            ),
        )


def no_such_variable(bindings: Mapping[str, str]) -> BindingError:
    """Return the error for a value that no variable of the projection can take."""
    return BindingError(
        sentence(
            "not-returned",
            "The query does not return a variable of {names}.",
            names=", ".join(bindings),
        ),
        remedy=sentence("bind-returned", "Give values only to variables that the query returns."),
    )


def bound_terms(bindings: Mapping[str, str]) -> dict[Variable, Term]:
    """Return what the variables are bound to. Raises `BindingError`."""
    return {_variable(name): _term(name, value) for name, value in bindings.items()}


def _variable(name: str) -> Variable:
    try:
        return Variable(name)
    except ValueError as error:
        raise BindingError(
            sentence("no-variable", "{name!r} cannot be a variable.", name=name),
            remedy=sentence("bare-name", "Give its name without ? or $."),
        ) from error


def _term(name: str, text: str) -> Term:
    """Return the one RDF term that a text in N-Triples syntax holds."""
    try:
        quads = list(parse(f"<x:s> <x:p> {text} .", RdfFormat.N_TRIPLES))
    except SyntaxError as error:
        raise BindingError(
            sentence(
                "no-term",
                "The value of {name} is not a term in N-Triples syntax: {why}.",
                name=name,
                why=error.msg,
            ),
            place=f"variable {name}",
            remedy=sentence("write-term", 'Write <iri>, "text", "text"@fr or "1"^^<datatype>.'),
        ) from error
    if len(quads) != 1:
        raise BindingError(
            sentence("more-than-a-term", "The value of {name} is more than a term.", name=name),
            place=f"variable {name}",
        )
    value: Term = quads[0].object
    return value


def _result(
    result: QuerySolutions | QueryTriples | QueryBoolean, request: QueryRequest
) -> tuple[str, Write]:
    if isinstance(result, QueryTriples):
        media_type = acceptable(request.graph_type, GRAPH_TYPES, NO_GRAPH_FORM)
        form = rdf_format(media_type)
        return media_type, lambda output: write_graph(result, form, output, PREFIXES)
    boolean = isinstance(result, QueryBoolean)
    refused = NO_BOOLEAN_FORM if boolean else NO_TABLE_FORM
    possible = RESULTS_TYPES if boolean else SOLUTIONS_TYPES
    media_type = acceptable(request.results_type, possible, refused, RESULTS_TYPES)
    return media_type, results_writer(result, media_type)


def write_graph(
    statements: Iterable[Triple] | Iterable[Quad],
    form: RdfFormat,
    output: IO[bytes] | None = None,
    prefixes: dict[str, str] | None = None,
) -> bytes | None:
    """Write statements in a form of RDF to a file, or return them as bytes where none is given.

    Raises `NotAcceptable` where the form cannot say them: JSON-LD 1.1 has no triple terms.
    """
    try:
        return serialize(statements, output, form, prefixes=prefixes)
    except OSError as error:
        if not str(error).startswith(_NO_TRIPLE_TERMS):
            raise
        raise NotAcceptable(
            sentence(
                "no-triple-terms", "The answer has triple terms (RDF 1.2), which JSON-LD has not."
            ),
            remedy=sentence(
                "accept-one-of",
                "Accept one of {forms}.",
                forms=", ".join(each for each in GRAPH_TYPES if each != form.media_type),
            ),
        ) from None


def results_writer(result: QuerySolutions | QueryBoolean, media_type: str) -> Write:
    """Return what writes the answer of SELECT or ASK in one of `SOLUTIONS_TYPES`."""
    if media_type in {ARROW, PARQUET}:
        from vises.store.tabular import write_table  # noqa: PLC0415 (it brings pyarrow)

        return lambda output: write_table(result, output, media_type)
    if isinstance(result, QuerySolutions) and media_type == XLSX:
        from vises.store.spreadsheet import write_workbook  # noqa: PLC0415 (it brings xlsxwriter)

        return lambda output: write_workbook(result, output)
    if isinstance(result, QuerySolutions) and media_type == RESULT_SET:
        return lambda output: write_result_set(result, output)
    form = QueryResultsFormat.from_media_type(media_type)
    assert form is not None
    return lambda output: result.serialize(output, form)


def acceptable(
    wanted: str | None, possible: tuple[str, ...], refused: Sentence, told: tuple[str, ...] = ()
) -> str:
    """Return the media type of an answer. Raises `NotAcceptable` where the client takes none.

    The error says `refused`, and names those that were `told`, where not all that are possible can
    be asked for.
    """
    if wanted in possible:
        return wanted
    raise NotAcceptable(
        refused,
        remedy=sentence(
            "accept-one-of", "Accept one of {forms}.", forms=", ".join(told or possible)
        ),
    )


def rdf_format(media_type: str) -> RdfFormat:
    """Return pyoxigraph's name of one of `GRAPH_TYPES`."""
    form = RdfFormat.from_media_type(media_type)
    assert form is not None
    return form


def names_graphs(form: RdfFormat) -> bool:
    """Tell whether what is written in a form says in which graph each statement is.

    TriG and N-Quads do. JSON-LD could, but who reads it as one graph would find that one empty.
    """
    return form in {RdfFormat.TRIG, RdfFormat.N_QUADS}


def _failed(error: Exception) -> QueryFailed:
    return QueryFailed(
        f"{str(error).rstrip('.')}.",
        remedy=sentence("change-query", "Change the query, or tell the operator of the service."),
    )
