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

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vises.service.graph import Term
    from vises.service.iris import Addresses
    from vises.store.engine import Answer

MOST_ROWS = 1000
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


async def first_rows(answer: Answer, addresses: Addresses) -> Table:
    """Read an answer in `RESULTS` or `GRAPH`, both one row to a line, as far as it is shown."""
    header = 1 if answer.media_type == RESULTS else 0
    lines = await _lines(answer, header + MOST_ROWS + 1)
    cut = len(lines) > header + MOST_ROWS
    body = b"".join(lines[: header + MOST_ROWS])
    if answer.media_type == GRAPH:
        triples = [q.triple for q in parse(body, format=RdfFormat.N_TRIPLES)]
        rows = tuple(_row(t, addresses) for t in triples)
        return Table(("subject", "predicate", "object"), rows, cut, graph=True)
    results = parse_query_results(BytesIO(body), format=QueryResultsFormat.TSV)
    if isinstance(results, QueryBoolean):
        return Table((), (), truth=bool(results))
    columns = tuple(v.value for v in results.variables)
    return Table(columns, tuple(_row(s, addresses) for s in results), cut)


async def _lines(answer: Answer, most: int) -> list[bytes]:
    """Return the first lines, and stop the work on the others."""
    held = bytearray()
    try:
        async for chunk in answer.chunks:
            held += chunk
            if held.count(b"\n") > most:
                break
    finally:
        await answer.aclose()
    return [line + b"\n" for line in bytes(held).split(b"\n")[:most] if line]


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
