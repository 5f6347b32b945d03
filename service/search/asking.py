"""Asking an index: the answer to a question, which becomes looser until it has one."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

from tantivy import Occur, Query

from vises.service.iris import last_part
from vises.service.search.counting import Numbers, counts, pairs
from vises.service.search.queries import EXACTLY, Clause, attempts, better, one_of, scored
from vises.service.search.schema import GRAPHS, IRI, KIND, MISSING, SHOWN
from vises.service.search.words import read, words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tantivy import DocAddress, Index, Searcher

    from vises.service.search.words import Reading

_RERANKED = 40


@dataclass(frozen=True)
class Asked:
    """A question to an index.

    `filters` has values of fields of `schema.COUNTED` of which an answer has one; `hidden` are the
    graphs that it may not come from and `others` all other graphs of the release. `counted` asks
    for the numbers of answers by the values of these fields; `typing` for what a half-written name
    may become. `by` asks for no answers but for their numbers by the values of two of these fields.
    """

    text: str
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    hidden: Sequence[str] = ()
    others: Sequence[str] = ()
    offset: int = 0
    limit: int = 20
    counted: bool = False
    typing: bool = False
    by: Sequence[str] = ()


@dataclass(frozen=True)
class Answered:
    """The answer: how many there are (0 where that was not asked), some of them, and numbers.

    `fit` is one of the words of `queries`, `cut` says that not all of the question was read.
    """

    total: int = 0
    hits: Sequence[Mapping[str, Any]] = ()
    counts: Numbers = field(default_factory=dict)
    pairs: Numbers = field(default_factory=dict)
    fit: str = EXACTLY
    cut: bool = False


def ask(index: Index, asked: Asked) -> Answered:
    """Answer a question. Raises `ValueError` where the index cannot be read."""
    searcher, reading = index.searcher(), read(asked.text)
    if asked.text.strip() and not reading.items:
        return Answered()
    for fit, wanted in attempts(searcher, reading, typing=asked.typing, secret=bool(asked.hidden)):
        if asked.by:
            return Answered(pairs=pairs(searcher, _among(wanted, asked), asked.by))
        find = _exactly if fit == EXACTLY else _inexactly
        found = find(searcher, wanted, asked, reading)
        if found is not None:
            return replace(found, fit=fit)
    return Answered(cut=reading.cut)


def _exactly(searcher: Searcher, wanted: Query, asked: Asked, reading: Reading) -> Answered | None:
    """Return what fits as written, None for nothing.

    Very many things may; so they are counted while the best of them are found.
    """
    among = _among(wanted, asked)
    ranked = _ranked(among, reading)
    numbers: Numbers = {}
    with ThreadPoolExecutor(1) as beside:
        counting = beside.submit(counts, searcher, among) if asked.counted else None
        found = searcher.search(ranked, asked.limit, count=_told(asked), offset=asked.offset)
        total: int = found.count or 0  # type: ignore[attr-defined]  # not in the stub
        if counting is not None:
            numbers = counting.result()
            total = sum(numbers[KIND].values())
    if not found.hits and not total:
        return None
    hits = [shown(searcher, address) for _, address in found.hits]
    return Answered(total, hits, numbers, cut=reading.cut)


def _inexactly(
    searcher: Searcher, wanted: Query, asked: Asked, reading: Reading
) -> Answered | None:
    """Return what fits with mistakes or in part, likest names first, None for nothing.

    Finding is what takes time. Where the best are all there are, these are looked up and counted.
    """
    end = asked.offset + asked.limit
    most = max(_RERANKED, end)
    among = _among(wanted, asked)
    found = searcher.search(_ranked(among, reading), most, count=_told(asked))
    if not found.hits:
        return None
    hits = [shown(searcher, address) for _, address in found.hits]
    numbers: Numbers = {}
    total: int = found.count or 0  # type: ignore[attr-defined]  # not in the stub
    if asked.counted:
        numbers = counts(searcher, _among(_these(hits), asked) if len(hits) < most else among)
        total = sum(numbers[KIND].values())
    hits[:_RERANKED] = _likest(hits[:_RERANKED], reading.name)
    return Answered(total, hits[asked.offset : end], numbers, cut=reading.cut)


def _told(asked: Asked) -> bool:
    """Tell whether the search itself has to say how many there are."""
    return not asked.typing and not asked.counted


def _among(wanted: Query, asked: Asked) -> Query:
    return Query.boolean_query([*limits(asked), (Occur.Must, wanted)])


def _ranked(among: Query, reading: Reading) -> Query:
    return Query.boolean_query([(Occur.Must, among), *better(reading)])


def _these(hits: Sequence[Mapping[str, Any]]) -> Query:
    """Return what finds the things of an answer again."""
    return one_of(IRI, [hit["iri"] for hit in hits])


def limits(asked: Asked) -> list[Clause]:
    """Return what every answer to a question must be and must not be."""
    limits = [
        (Occur.Must, scored(one_of(name, values), 0.0)) for name, values in asked.filters.items()
    ]
    if asked.hidden:
        limits.append((Occur.MustNot, one_of(GRAPHS, asked.hidden)))
    if asked.others:
        limits.append((Occur.MustNot, one_of(MISSING, asked.others)))
    return limits


def shown(searcher: Searcher, address: DocAddress) -> dict[str, Any]:
    """Return what an index keeps of a document to show."""
    (kept,) = searcher.doc(address)[SHOWN]
    shown: dict[str, Any] = json.loads(kept)
    return shown


def _likest(hits: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    matcher = SequenceMatcher(b=name, autojunk=False)

    def likeness(hit: Mapping[str, Any]) -> float:
        best = 0.0
        for text in [last_part(hit["iri"]), *(text for text, _ in hit["names"] + hit["also"])]:
            matcher.set_seq1(" ".join(words(text)))
            best = max(best, matcher.ratio())
        return best

    return sorted(hits, key=likeness, reverse=True)
