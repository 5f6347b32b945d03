"""Asking an index: the answer to a question, which becomes looser until it has one."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

from tantivy import Occur, Query

from vises.service.iris import last_part
from vises.service.search.counting import counts, pairs
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
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    pairs: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    fit: str = EXACTLY
    cut: bool = False


def ask(index: Index, asked: Asked) -> Answered:
    """Answer a question. Raises `ValueError` where the index cannot be read."""
    searcher, reading = index.searcher(), read(asked.text)
    if asked.text.strip() and not reading.items:
        return Answered()
    for fit, wanted in attempts(searcher, reading, typing=asked.typing, secret=bool(asked.hidden)):
        if asked.by:
            among = Query.boolean_query([*limits(asked), (Occur.Must, wanted)])
            return Answered(pairs=pairs(searcher, among, asked.by))
        found = _found(searcher, wanted, asked, reading, inexact=fit != EXACTLY)
        if found is not None:
            return replace(found, fit=fit)
    return Answered(cut=reading.cut)


def _found(
    searcher: Searcher, wanted: Query, asked: Asked, reading: Reading, *, inexact: bool
) -> Answered | None:
    """Return what a query finds, None for nothing; what fits inexactly, likest names first.

    Finding is what takes time. Where the best are all there are, these are looked up and counted.
    """
    end = asked.offset + asked.limit
    first = 0 if inexact else asked.offset
    most = max(_RERANKED, end) - first
    among = Query.boolean_query([*limits(asked), (Occur.Must, wanted)])
    ranked = Query.boolean_query([(Occur.Must, among), *better(reading)])
    told = not asked.typing and not asked.counted
    found = searcher.search(ranked, most, count=told, offset=first)
    hits = [shown(searcher, address) for _, address in found.hits]
    total: int = found.count or 0  # type: ignore[attr-defined]  # not in the stub
    numbers: dict[str, dict[str, int]] = {}
    if asked.counted and (hits or first):
        few = not first and len(hits) < most
        numbers = counts(searcher, _these(hits, asked) if few else among)
        total = sum(numbers[KIND].values())
    if not hits and not total:
        return None
    if inexact:
        hits[:_RERANKED] = _likest(hits[:_RERANKED], reading.name)
    return Answered(total, hits[asked.offset - first : end - first], numbers, cut=reading.cut)


def _these(hits: Sequence[Mapping[str, Any]], asked: Asked) -> Query:
    """Return what finds things that an answer has, as it is limited."""
    iris = [hit["iri"] for hit in hits]
    return Query.boolean_query([*limits(asked), (Occur.Must, one_of(IRI, iris))])


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
