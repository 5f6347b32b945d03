"""The first rows of an answer, for a page that shows them without a script."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

from pyoxigraph import (
    Literal,
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    RdfFormat,
    Triple,
    parse,
    parse_query_results,
)

from vises.errors import sentence
from vises.namespaces import compact
from vises.service.formats import GRAPH_TYPES, RESULT_TYPES
from vises.service.pages.labels import Name
from vises.service.pages.model import Mention
from vises.store.engine import QueryFailed

if TYPE_CHECKING:
    from collections.abc import Callable

    from vises.service.graph import Term
    from vises.service.iris import Addresses
    from vises.store.engine import Answer

MOST_ROWS = 1000
MOST_BYTES = 1 << 22
"""How much of an answer a page reads; a single row can be as large as the memory of a worker."""

RESULTS = RESULT_TYPES["tsv"]
GRAPH = GRAPH_TYPES["nt"]


@dataclass(frozen=True)
class Table:
    """The first rows of an answer.

    `cut` says that there are more, `truth` is the answer of ASK, `graph` says that the rows are
    statements.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Mention | None, ...], ...]
    cut: bool = False
    truth: bool | None = None
    graph: bool = False


@dataclass(frozen=True)
class Terms:
    """The first rows of an answer as RDF terms; the fields are those of `Table`."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Term | None, ...], ...]
    cut: bool = False
    truth: bool | None = None
    graph: bool = False

    def named(self) -> set[NamedNode]:
        """Return the IRIs in the rows."""
        return {term for row in self.rows for term in row if isinstance(term, NamedNode)}

    def shown(self, cell: Callable[[Term], Mention]) -> Table:
        """Return the table whose cells `cell` makes."""
        rows = tuple(tuple(None if t is None else cell(t) for t in row) for row in self.rows)
        return Table(self.columns, rows, self.cut, self.truth, self.graph)


async def first_rows(answer: Answer, addresses: Addresses) -> Table:
    """Return the first rows of an answer as a query writes them. Raises what `first_terms` does."""
    terms = await first_terms(answer, MOST_ROWS, MOST_BYTES)
    return terms.shown(lambda term: _cell(term, addresses))


async def first_terms(answer: Answer, most: int, most_bytes: int) -> Terms:
    """Read an answer in `RESULTS` or `GRAPH`, both one row to a line, as far as it is shown.

    That is `most` rows, or as many whole ones as `most_bytes` hold.
    Raises `QueryFailed` where a term nests deeper than it can be read back.
    """
    header = 1 if answer.media_type == RESULTS else 0
    lines, whole = await _lines(answer, header + most, most_bytes)
    try:
        return _terms(answer, b"".join(lines), cut=not whole)
    except SyntaxError:
        raise QueryFailed(
            sentence("term-unshown", "The answer has a term that the page cannot show."),
            remedy=sentence("ask-for-data", "Ask for it in a data format."),
        ) from None


def _terms(answer: Answer, body: bytes, *, cut: bool) -> Terms:
    if answer.media_type == GRAPH:
        triples = [q.triple for q in parse(body, format=RdfFormat.N_TRIPLES)]
        rows = tuple(tuple(t) for t in triples)
        return Terms(("subject", "predicate", "object"), rows, cut, graph=True)
    results = parse_query_results(BytesIO(body), format=QueryResultsFormat.TSV)
    if isinstance(results, QueryBoolean):
        return Terms((), (), truth=bool(results))
    columns = tuple(v.value for v in results.variables)
    return Terms(columns, tuple(tuple(solution) for solution in results), cut)


async def _lines(answer: Answer, most: int, most_bytes: int) -> tuple[list[bytes], bool]:
    """Return the first lines and whether they are all, and stop the work on the others."""
    held = bytearray()
    whole = True
    try:
        async for chunk in answer.chunks:
            held += chunk
            if held.count(b"\n") > most or len(held) > most_bytes:
                whole = False
                break
    finally:
        await answer.aclose()
    lines = bytes(held[:most_bytes]).split(b"\n")
    if not whole or not lines[-1]:
        lines.pop()
    return [line + b"\n" for line in lines[:most]], whole


def _cell(term: Term, addresses: Addresses) -> Mention:
    if isinstance(term, NamedNode):
        name = Name(compact(term.value).removeprefix(addresses.base))
        href = addresses.href(term.value)
        return Mention(name, href, external=not addresses.is_ours(term.value))
    if isinstance(term, Literal):
        return Mention(Name(term.value, term.language))
    return Mention(Name(str(term) if isinstance(term, Triple) else f"_:{term.value}"))
