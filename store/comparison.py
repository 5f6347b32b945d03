"""One query asked of two releases: what only the earlier answers, and what only the later."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from vises.errors import BadRequest
from vises.store.engine import QueryRequest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vises.store.engine import Engine

TSV = "text/tab-separated-values"


async def compare(
    engine: Engine, query: str, before: str, after: str, *, base_iri: str | None = None
) -> list[str]:
    """Ask a SELECT query of two releases, by id; return how the answers differ, as lines of TSV.

    The first line names the columns, the first of them `change`; the others begin with `removed`
    (only `before` answers it) or `added` (only `after` does), each in alphabetical order. Both
    answers are held in memory. `base_iri` is what relative IRIs of the query are resolved against.

    Raises `BadRequest` where the query is no SELECT, and what `Engine.answer` does.
    """
    request = QueryRequest(query, TSV, None, base_iri=base_iri)
    head, earlier = await _lines(engine, request, before)
    _, later = await _lines(engine, request, after)
    return [
        f"change\t{head}",
        *(f"removed\t{line}" for line in _beyond(earlier, later)),
        *(f"added\t{line}" for line in _beyond(later, earlier)),
    ]


def _beyond(lines: Iterable[str], others: Iterable[str]) -> Iterable[str]:
    """Return the lines that the others lack, each as often as it lacks there, in order."""
    return sorted((Counter(lines) - Counter(others)).elements())


async def _lines(engine: Engine, request: QueryRequest, release_id: str) -> tuple[str, list[str]]:
    """Return the names of the columns and the rows (SPARQL 1.1 TSV: a row is one line)."""
    answer = await engine.answer(request, release_id)
    body = b"".join([chunk async for chunk in answer.chunks]).decode()
    if not body.startswith("?"):
        raise BadRequest(
            "The answers to this query cannot be compared.", remedy="Ask a SELECT query."
        )
    head, *rows = body.removesuffix("\n").split("\n")
    return head, rows
