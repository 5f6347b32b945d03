"""Walking through all things of an index in a fixed order, from any of them on.

The order is that of a number made from each IRI, so the things are spread evenly over it. Some of
them are found by asking for a stretch of it that should hold enough, and for a longer one where it
does not: the cost does not grow with how far the walk has come.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tantivy import FieldType, Occur, Order, Query

from vises.service.search.schema import ORDER, schema

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tantivy import DocAddress, Searcher

    Clause = tuple[Occur, Query]

END = 1 << 63
"""What comes after every place in the order."""

_GENEROUS, _LONGER = 4, 16


def walked(
    searcher: Searcher, limits: Sequence[Clause], after: int, limit: int
) -> list[DocAddress]:
    """Return the addresses of the next documents after a place (-1: from the beginning).

    `limits` are what they must be and must not be.
    """
    span = END * limit * _GENEROUS // max(1, searcher.num_docs) + 1
    while True:
        end = min(END, after + 1 + span)
        stretch = Query.range_query(
            schema(), ORDER, FieldType.Unsigned, after + 1, end, include_upper=False
        )
        query = Query.boolean_query([*limits, (Occur.Must, stretch)])
        found = searcher.search(query, limit, count=False, order_by_field=ORDER, order=Order.Asc)
        if len(found.hits) >= limit or end == END:
            return [address for _, address in found.hits]
        span *= _LONGER
