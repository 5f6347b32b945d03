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

from vises.namespaces import compact
from vises.service.formats import GRAPH_TYPES, RESULT_TYPES
from vises.service.pages.labels import Name
from vises.service.pages.model import Mention
from vises.store.engine import QueryFailed

if TYPE_CHECKING:
    from collections.abc import Iterable

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


async def first_rows(
    answer: Answer, addresses: Addresses, most: int = MOST_ROWS, most_bytes: int = MOST_BYTES
) -> Table:
    """Read an answer in `RESULTS` or `GRAPH`, both one row to a line, as far as it is shown.

    That is `most` rows, or as many whole ones as `most_bytes` hold.
    Raises `QueryFailed` where a term nests deeper than it can be read back.
    """
    header = 1 if answer.media_type == RESULTS else 0
    lines, whole = await _lines(answer, header + most, most_bytes)
    try:
        return _table(answer, b"".join(lines), addresses, cut=not whole)
    except SyntaxError:
        raise QueryFailed(
            "The answer has a term that the page cannot show.",
            remedy="Ask for it in a data format.",
        ) from None


def _table(answer: Answer, body: bytes, addresses: Addresses, *, cut: bool) -> Table:
    if answer.media_type == GRAPH:
        triples = [q.triple for q in parse(body, format=RdfFormat.N_TRIPLES)]
        rows = tuple(_row(t, addresses) for t in triples)
        return Table(("subject", "predicate", "object"), rows, cut, graph=True)
    results = parse_query_results(BytesIO(body), format=QueryResultsFormat.TSV)
    if isinstance(results, QueryBoolean):
        return Table((), (), truth=bool(results))
    columns = tuple(v.value for v in results.variables)
    return Table(columns, tuple(_row(s, addresses) for s in results), cut)


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
    lines = bytes(held).split(b"\n")
    if not whole or not lines[-1]:
        lines.pop()
    return [line + b"\n" for line in lines[:most]], whole


def _row(terms: Iterable[Term | None], addresses: Addresses) -> tuple[Mention | None, ...]:
    return tuple(_cell(term, addresses) if term is not None else None for term in terms)


def _cell(term: Term, addresses: Addresses) -> Mention:
    if isinstance(term, NamedNode):
        name = Name(compact(term.value).removeprefix(addresses.base))
        href = addresses.href(term.value)
        return Mention(name, href, external=not addresses.is_ours(term.value))
    if isinstance(term, Literal):
        return Mention(Name(term.value, term.language))
    return Mention(Name(str(term) if isinstance(term, Triple) else f"_:{term.value}"))
