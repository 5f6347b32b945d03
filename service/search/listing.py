"""Lists of enterprises from an index: those that filters let through, in one of two orders.

The usual order is that of a number made from each IRI, in which a page costs the same wherever it
is; the other one is that of names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tantivy import Occur, Order, Query

from vises.service.search.schema import BY_NAME, GRAPHS, KIND, MARKS, MISSING, ROW
from vises.service.search.walking import one_of, walked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tantivy import Index

NAME, NAME_BACKWARDS = "name", "-name"
_KIND = "enterprise"
_ORDERS = {NAME: Order.Asc, NAME_BACKWARDS: Order.Desc}


@dataclass(frozen=True)
class Listing:
    """A part of a list, without what only the graphs `hidden` say; `others` are all other graphs.

    A thing has one of the marks (`cells.mark`) of each of `marks`. `after` is the place in the
    order (`schema.order_of`) that the part comes after; None: it begins with the thing at `offset`.
    `sort` is NAME, NAME_BACKWARDS, or nothing for the usual order. `counted` asks for the number of
    things in the whole list.
    """

    marks: Sequence[Sequence[str]] = ()
    hidden: Sequence[str] = ()
    others: Sequence[str] = ()
    after: int | None = None
    offset: int = 0
    limit: int = 50
    sort: str = ""
    counted: bool = False


def listed(index: Index, listing: Listing) -> bytes:
    """Return the number of things (nothing where it is not asked), then their rows, as lines.

    Raises `ValueError` where the index cannot be read.
    """
    searcher = index.searcher()
    offset = min(listing.offset, searcher.num_docs)  # the engine makes room for all before it
    among = [(Occur.Must, one_of(KIND, [_KIND]))]
    among += [(Occur.Must, one_of(MARKS, marks)) for marks in listing.marks]
    if listing.hidden:
        among.append((Occur.MustNot, one_of(GRAPHS, listing.hidden)))
    if listing.others:
        among.append((Occur.MustNot, one_of(MISSING, listing.others)))
    if listing.sort:
        found = searcher.search(
            Query.boolean_query(among),
            listing.limit,
            count=False,
            order_by_field=BY_NAME,
            offset=offset,
            order=_ORDERS[listing.sort],
        )
        places = [address for _, address in found.hits]
    else:
        places = walked(searcher, among, listing.after, offset, listing.limit)
    number = b""
    if listing.counted:
        every = searcher.search(Query.boolean_query(among), 1)
        number = b"%d" % every.count  # type: ignore[attr-defined]  # not in the stub
    return b"\n".join([number, *(bytes(searcher.doc(place)[ROW][0]) for place in places)])
