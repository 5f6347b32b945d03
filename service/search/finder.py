"""Finding: from a search and the rights of a request to an answer, and the release it is from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from vises.errors import Unavailable, sentence
from vises.service.answers import AnswerCache
from vises.service.graph import Graph
from vises.service.search.asking import Answered, Asked
from vises.service.search.codes import (
    ACTIVITIES,
    FAMILIES,
    REGIONS,
    THEMES,
    Codes,
    CodesKeeper,
)
from vises.service.search.counting import NO_VALUE, Numbers
from vises.service.search.keeper import SearchUnready
from vises.service.search.matching import Batch
from vises.service.search.schema import ACTIVITY, CEASED, FICTITIOUS, FORM, KIND, REGION, THEME
from vises.service.search.searcher import SearchFailed
from vises.service.search.wanted import wrong
from vises.store.accounts import ClientLimited

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from vises.service.search.keeper import IndexKeeper, Ready
    from vises.service.search.listing import Listing
    from vises.service.search.matching import Sought
    from vises.service.search.searcher import Searcher
    from vises.service.search.wanted import Wanted
    from vises.service.site import Reading, Site
    from vises.store.releases import Release

_CODED = {
    "region": (REGIONS, REGION),
    "family": (FAMILIES, FORM),
    "activity": (ACTIVITIES, ACTIVITY),
    "theme": (THEMES, THEME),
}
"""The parameters whose values are codes: what their IRIs begin with, and the field of the index."""

EnterpriseNumbers = dict[str, dict[str, int]]
"""Numbers of enterprises by region and family; `NO_VALUE` for a legal form that has none."""

_PLAIN = {"kind": KIND, "ceased": CEASED, "fictitious": FICTITIOUS}

_NUMBERS_MEBIBYTES, _NUMBER_BYTES = 8, 200
"""How much memory the numbers of searches may take, and how much one of them takes."""

_TOGETHER = 10
"""How many questions of a batch a process gets at once."""

_WAIT_SECONDS = 2.0
_TYPING_SECONDS = 0.1
_LIST_SECONDS = 10.0
"""How long an index that is not there yet is waited for."""


@dataclass(frozen=True)
class Found:
    """An answer, the release whose index gave it, and the codes of that release."""

    answer: Answered
    release: Release
    codes: Codes


class Finder:
    """Answers searches."""

    def __init__(self, site: Site, keeper: IndexKeeper, searcher: Searcher) -> None:
        """Take the site, what keeps the indexes, and what asks them."""
        self._site = site
        self._keeper = keeper
        self._searcher = searcher
        self._codes = CodesKeeper()
        self._numbers: AnswerCache[Numbers] = AnswerCache(_NUMBERS_MEBIBYTES)
        self._totals: AnswerCache[int] = AnswerCache(_NUMBERS_MEBIBYTES)

    async def find(self, reading: Reading, wanted: Wanted) -> Found:
        """Answer a search, with numbers by the codes that may limit it further.

        It is answered from the release that the request named. Where it named none and the index
        of the current one is not ready, that of the last one that has an index answers.

        Raises `SearchUnready`, `SearchParameter`, and what `Searcher.ask` and the engine do.
        """
        ready = await self._ready(reading, _WAIT_SECONDS)
        graph = Graph.of(self._site, replace(reading, release=ready.release))
        codes = await self._codes.codes(graph)
        filters = {}
        for name, value in wanted.limits:
            field, values = _values(name, value, codes)
            filters[field] = values
        asked = Asked(
            wanted.text,
            filters=filters,
            offset=wanted.offset,
            limit=wanted.size,
        )
        return Found(await self._counted(reading, ready, asked), ready.release, codes)

    async def match(
        self, reading: Reading, seek: Callable[[Codes], Sequence[Sought]]
    ) -> tuple[list[list[dict[str, Any]]], Release]:
        """Return the candidates of each question, and the release that they are from.

        `seek` makes the questions, with the codes of that release. They are asked some at a time,
        so that searches come in between. Raises as `find` does.
        """
        ready = await self._ready(reading, _WAIT_SECONDS)
        graph = Graph.of(self._site, replace(reading, release=ready.release))
        sought = seek(await self._codes.codes(graph))
        hidden, others = reading.rights.hidden_graphs, self._others(reading, ready)
        found: list[list[dict[str, Any]]] = []
        for start in range(0, len(sought), _TOGETHER):
            batch = Batch(sought[start : start + _TOGETHER], hidden, others)
            try:
                found += await self._searcher.match(ready.folder, batch)
            except SearchFailed:
                self._keeper.suspect(ready)
                raise
        return found, ready.release

    async def suggest(
        self, reading: Reading, text: str, limit: int, kinds: Sequence[str] = (), offset: int = 0
    ) -> tuple[Answered, Release]:
        """Return what a half-written text may become, and the release that says so.

        That is a thing of one of some kinds (none: of any). Raises as `find` does.
        """
        ready = await self._ready(reading, _TYPING_SECONDS)
        filters = {KIND: list(kinds)} if kinds else {}
        asked = Asked(text, filters=filters, limit=limit, offset=offset, typing=True)
        return await self._ask(reading, ready, asked), ready.release

    async def resembling(self, reading: Reading, text: str, limit: int) -> Answered:
        """Return what resembles a text, such as the end of an address that leads nowhere.

        Nothing, where no search is possible at the moment: it is only offered beside something
        else.
        """
        try:
            ready = await self._ready(reading, _TYPING_SECONDS)
            return await self._ask(reading, ready, Asked(text, limit=limit))
        except (Unavailable, ClientLimited):
            return Answered()

    async def enterprises(self, reading: Reading, seconds: float) -> EnterpriseNumbers:
        """Return how many enterprises a release has by region and family of legal forms.

        Those that a register calls ceased are left out.
        The index of exactly that release is waited for so long. Raises as `find` does.
        """
        ready = await self._keeper.of(reading.release, seconds)
        codes = await self._codes.codes(Graph.of(self._site, reading))
        asked = Asked("", filters={KIND: ["enterprise"], CEASED: ["no"]}, by=(REGION, FORM))
        found = (await self._ask(reading, ready, asked)).pairs
        return {region: _by_family(forms, codes) for region, forms in found.items()}

    async def listed(self, reading: Reading, listing: Listing) -> tuple[int, list[str]]:
        """Return how many enterprises a list has, and the rows (`cells.read_row`) of a part of it.

        The index of exactly the release is waited for. Raises as `find` does.
        """
        ready = await self._keeper.of(reading.release, _LIST_SECONDS)
        hidden, others = reading.rights.hidden_graphs, self._others(reading, ready)
        marks = tuple(map(tuple, listing.marks))
        key = (ready.release.id, ready.release.created, hidden, marks)
        total = self._totals.get(key)
        allowed = replace(listing, hidden=hidden, others=others, counted=total is None)
        try:
            number, *rows = await self._searcher.listed(ready.folder, allowed)
        except SearchFailed:
            self._keeper.suspect(ready)
            raise
        if total is None:
            total = int(number)
            self._totals.put(key, total, _NUMBER_BYTES * (1 + sum(map(len, marks))))
        return total, rows

    async def _ready(self, reading: Reading, seconds: float) -> Ready:
        ready = self._keeper.now(reading.release)
        if ready is not None:
            return ready
        last = self._keeper.last() if reading.name is None else None
        try:
            return await self._keeper.of(reading.release, 0 if last else seconds)
        except SearchUnready:
            if last is None:
                raise
            return last

    async def _counted(self, reading: Reading, ready: Ready, asked: Asked) -> Answered:
        """Answer a search, with its numbers: they are counted once for all its pages.

        Counting the answers to a word that very many names have takes longer than finding the best.
        """
        limits = tuple((name, tuple(values)) for name, values in asked.filters.items())
        release, hidden = ready.release, reading.rights.hidden_graphs
        key = (release.id, release.created, hidden, asked.text, limits)
        known = self._numbers.get(key)
        if known is not None:
            return replace(await self._ask(reading, ready, asked), counts=known)
        answer = await self._ask(reading, ready, replace(asked, counted=True))
        size = sum(map(len, answer.counts.values())) * _NUMBER_BYTES + len(asked.text)
        self._numbers.put(key, answer.counts, size)
        return answer

    async def _ask(self, reading: Reading, ready: Ready, asked: Asked) -> Answered:
        """Ask an index for what the rights of a request let it see."""
        hidden, others = reading.rights.hidden_graphs, self._others(reading, ready)
        allowed = replace(asked, hidden=hidden, others=others)
        try:
            return await self._searcher.ask(ready.folder, allowed)
        except SearchFailed:
            self._keeper.suspect(ready)
            raise

    def _others(self, reading: Reading, ready: Ready) -> tuple[str, ...]:
        """Return the graphs of a release that a request may read."""
        return tuple(reading.rights.readable(ready.release.counts))


def _by_family(forms: Mapping[str, int], codes: Codes) -> dict[str, int]:
    """Return numbers by legal form as numbers by family, `NO_VALUE` for what has none."""
    found: dict[str, int] = {}
    for form, number in forms.items():
        family = codes.above.get(form, NO_VALUE)
        found[family] = found.get(family, 0) + number
    return found


def _values(name: str, value: str, codes: Codes) -> tuple[str, list[str]]:
    """Return a field and the values that a parameter limits it to. Raises `SearchParameter`."""
    if name in _PLAIN:
        return _PLAIN[name], [value]
    base, field = _CODED[name]
    if not codes.known(base + value):
        remedy = sentence(
            "counted-values", "The numbers of a search name those there are; see {base}.", base=base
        )
        raise wrong(name, value, remedy)
    return field, codes.within(base + value, codes.all())
