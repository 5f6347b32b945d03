"""Through how many services a query came, each calling the next with SERVICE."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vises.store.federation.clauses import MOST_HOPS
from vises.store.federation.fetch import HOPS_HEADER

if TYPE_CHECKING:
    from starlette.requests import Request


def hops(request: Request) -> int:
    """Return what the header Federation-Hops says; what is no number there counts as too many.

    Only who writes it is bound by it: a query with more hops may do less, so it needs no trust.
    """
    text = request.headers.get(HOPS_HEADER, "0")
    return min(int(text), MOST_HOPS) if text.isdecimal() and len(text) < 4 else MOST_HOPS  # noqa: PLR2004
