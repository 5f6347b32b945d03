"""The list of enterprises: from the index of a release, at the same cost wherever one is in it.

A page is named by its number, or by the thing after which it begins (`after=`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from vises.errors import sentence
from vises.service.api.cells import Listed
from vises.service.api.errors import not_iri, not_sorted, quoted, wrong
from vises.service.api.kinds import AFTER, SORT, Found
from vises.service.api.paging import PAGE_TWICE
from vises.service.api.queries import filtered, told
from vises.service.cache import PerRelease
from vises.service.pages.labels import LABEL_PROPERTIES, TYPE
from vises.service.search.cells import CELLS, PERIMETER, SSE, cell, mark
from vises.service.search.listing import NAME, NAME_BACKWARDS, Listing
from vises.service.search.schema import order_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from vises.service.api.call import Call
    from vises.service.api.kinds import Kind
    from vises.service.api.paging import Page
    from vises.service.api.parameters import Value
    from vises.service.graph import Graph
    from vises.service.search.finder import Finder

    Values = Mapping[str, Sequence[Value]]

_WIDENED = {"region": "region", "activity": "activity", "family": "legalForm"}
"""The filters that stand for more codes than the one given, and what the index calls these."""

_MOST_KEPT = 1000
"""For how many values of filters the codes are kept: about as many as the code lists have."""


@dataclass(frozen=True)
class Part:
    """A part of the list: a page, or what comes after a thing; and its order."""

    page: Page
    after: str | None = None
    sort: str = ""

    @property
    def listing(self) -> Listing:
        """What the index is asked for: one thing more than the part has."""
        after = order_of(self.after) if self.after else None
        offset = self.page.offset if self.after is None else 0
        return Listing(after=after, offset=offset, limit=self.page.size + 1, sort=self.sort)

    def neighbours(self, listed: Listed, *, more: bool) -> Mapping[str, dict[str, str]]:
        """Return the parameters of the pages beside it, by relation."""
        if self.after is None:
            return self.page.neighbours(len(listed.things), more=more)
        size = {"size": str(self.page.size)}
        links = {"first": {AFTER: "", **size}}
        if more:
            links["next"] = {AFTER: listed.items[-1].value, **size}
        return links


def read_part(given: Mapping[str, Sequence[str]], page: Page) -> Part:
    """Return the part that a request asks for. Raises `ParameterInvalid`."""
    sort = given.get(SORT, [""])[-1]
    if sort not in {"", NAME, NAME_BACKWARDS}:
        raise not_sorted(sort)
    if AFTER not in given:
        return Part(page, sort=sort)
    if any(name in given for name in (SORT, "page", "offset")) or len(given[AFTER]) > 1:
        alone = sentence("give-after-alone", "Give after and size alone.")
        raise wrong(AFTER, PAGE_TWICE, alone)
    text = given[AFTER][-1]
    try:
        return Part(page, NamedNode(text).value if text else "")
    except ValueError:
        last = sentence("give-last-item", "Give the id of the last item, or nothing.")
        raise wrong(AFTER, not_iri(value=quoted(text)), last) from None


class IndexedList:
    """Answers for the list of enterprises."""

    def __init__(self, finder: Finder) -> None:
        """Take what asks the indexes; no code is known yet."""
        self._finder = finder
        self._codes: PerRelease[dict[tuple[str, ...], list[str]]] = PerRelease()

    async def found(
        self, call: Call, kind: Kind, values: Values, part: Part, wanted: Sequence[NamedNode]
    ) -> Found:
        """Return a part of the list, with the properties `wanted` (none: all) of its things.

        Raises what `Finder.listed` and the engine do.
        """
        marks = [m async for m in self._marks(call.graph, kind, values)]
        listing = replace(part.listing, marks=marks)
        total, rows = await self._finder.listed(call.reading, listing)
        listed = Listed.of(rows[: part.page.size])
        more = len(rows) > part.page.size
        if not wanted or not CELLS.issuperset(wanted):
            listed = await _all_told(call.graph, listed, wanted)
        return Found(listed, part.neighbours(listed, more=more), total)

    async def _marks(self, graph: Graph, kind: Kind, values: Values) -> AsyncIterator[list[str]]:
        """Yield the marks of which a thing has one, for each filter."""
        for name, given in values.items():
            texts = [cell(value) for value in given]
            if name in _WIDENED:
                codes = await self._widened(graph, kind, name, given)
                yield [mark(_WIDENED[name], code) for code in codes]
            elif name == PERIMETER:
                whether = [cell(value) for value in values[SSE]]
                yield [mark(name, *pair) for pair in product(texts, whether)]
            elif name != SSE or PERIMETER not in values:
                yield [mark(name, text) for text in texts]

    async def _widened(
        self, graph: Graph, kind: Kind, name: str, given: Sequence[Value]
    ) -> list[str]:
        """Return the codes that a filter stands for, asked once for a release."""

        async def nothing() -> dict[tuple[str, ...], list[str]]:
            return {}

        known = await self._codes.get(graph.key, nothing)
        key = (name, *map(str, given))
        if key not in known:
            rows = await graph.rows(filtered(kind.query, {name: given}))
            known[key] = [cell(row["code"]) for row in rows]
            while len(known) > _MOST_KEPT:
                del known[next(iter(known))]
        return known[key]


async def _all_told(graph: Graph, listed: Listed, wanted: Sequence[NamedNode]) -> Listed:
    """Return the same things with properties that the index does not have."""
    if not listed.items:
        return listed
    these = f"\nSELECT ?item WHERE {{ VALUES ?item {{ {' '.join(map(str, listed.items))} }} }}\n"
    said = [*wanted, TYPE, *LABEL_PROPERTIES] if wanted else []
    found = Listed.read(await graph.table(told(these, said)))
    return Listed({item: found.things.get(item, ()) for item in listed.things})
