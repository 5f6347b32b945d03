"""Walking through the enterprises of an index in a fixed order, from any of them on.

The order is that of a number made from each IRI, so they are spread evenly over it. Some of them
are found by asking for a stretch of it that should hold enough, and for a longer one where it does
not: the cost does not grow with how far the walk has come. A stretch is asked for by the beginnings
of its numbers, which are words of the index; a range of numbers would be looked for among all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tantivy import Occur, Order, Query

from vises.service.search.schema import ORDER, STRETCH, schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tantivy import DocAddress, Searcher

    Clause = tuple[Occur, Query]

_DIGITS, _BITS = 4, 63
_PIECES = 16**_DIGITS
"""The smallest stretches, by the first digits of their numbers."""

_MOST_IN_PIECE = 10_000
_GENEROUS, _LONGER = 4, 16


def beginnings(order: int) -> list[str]:
    """Return the words for all stretches that a place in the order is in."""
    digits = f"{_piece(order):0{_DIGITS}x}"
    return [digits[:length] for length in range(1, _DIGITS + 1)]


def walked(
    searcher: Searcher, limits: Sequence[Clause], after: int | None, offset: int, limit: int
) -> list[DocAddress]:
    """Return the addresses of the next documents after a place (None: from that at `offset` on).

    `limits` are what they must be and must not be.
    """
    found: list[DocAddress] = []
    start = 0
    if after is not None:
        start = _piece(after) + 1
        hits = _within(searcher, limits, start - 1, start, _MOST_IN_PIECE)
        found = [address for order, address in hits if order > after][:limit]
    span = _PIECES * (offset + limit) * _GENEROUS // max(1, searcher.num_docs) + 1
    while len(found) < limit and start < _PIECES:
        end = min(_PIECES, start + span)
        hits = _within(searcher, limits, start, end, limit - len(found), offset)
        if len(hits) >= limit - len(found) or end == _PIECES:
            return found + [address for _, address in hits]
        span *= _LONGER
    return found


def _within(  # noqa: PLR0913, PLR0917 (a stretch of a list)
    searcher: Searcher,
    limits: Sequence[Clause],
    start: int,
    end: int,
    limit: int,
    offset: int = 0,
) -> list[tuple[int, DocAddress]]:
    """Return documents of some pieces in their order, each after its number."""
    query = Query.boolean_query([*limits, (Occur.Must, one_of(STRETCH, _words(start, end)))])
    found = searcher.search(
        query, limit, count=False, order_by_field=ORDER, offset=offset, order=Order.Asc
    )
    return found.hits


def one_of(field: str, values: Iterable[str]) -> Query:
    """Return what finds documents with one of some words.

    It goes from one to the next; a set of words would be made a map of all documents first.
    """
    words = (Query.term_query(schema(), field, value, "basic") for value in values)
    return Query.boolean_query([(Occur.Should, word) for word in words])


def _piece(order: int) -> int:
    return order >> (_BITS - 4 * _DIGITS)


def _words(start: int, end: int) -> Iterator[str]:
    """Yield as few words as cover some pieces.

    >>> list(_words(0x00FE, 0x0301))
    ['00fe', '00ff', '01', '02', '0300']
    """
    while start < end:
        length = _DIGITS
        while length > 1:
            width = 16 ** (_DIGITS - length + 1)
            if start % width or start + width > end:
                break
            length -= 1
        yield f"{start >> 4 * (_DIGITS - length):0{length}x}"
        start += 16 ** (_DIGITS - length)
