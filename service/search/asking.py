"""Asking an index: from a reading of a question to queries of tantivy, and the answer.

No text of a visitor goes through a parser of tantivy's: the queries are put together from words.
They become looser step by step, until one has an answer: all words as they are written (the last
one may go on), those with a mistake that nothing has as they are written, all words with mistakes,
some of the words.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

from tantivy import Occur, Query

from vises.service.iris import last_part
from vises.service.search.counting import counts, pairs
from vises.service.search.schema import (
    CODE,
    EXACT,
    GRAPHS,
    IRI,
    KIND,
    MISSING,
    NAME,
    PLACE,
    SHOWN,
    START,
    STEMMED,
    schema,
    stem,
)
from vises.service.search.things import KINDS
from vises.service.search.words import STARTS, Item, Reading, read, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tantivy import DocAddress, Index, Searcher

EXACTLY, MISTAKEN, PARTLY = "exactly", "mistaken", "partly"
"""How an answer fits a question: as written; with mistakes of spelling; in some words."""

_KINDS = [kind for kind in KINDS if kind != "enterprise"]
"""Things that there are few of; they come before enterprises that fit as well."""

_BY_CODE, _BY_NAME, _BY_START, _BY_PHRASE, _BY_KIND = 10_000.0, 1000.0, 30.0, 8.0, 4.0
_BY_WORD, _BY_PLACE, _BY_STEM, _BY_CODE_WORD = 3.0, 1.5, 1.0, 5.0
_BY_PREFIX, _BY_MISTAKE = 0.7, 0.4
_TIE = 0.1
_FEWEST_OF_MISTAKE, _FEWEST_OF_TWO, _FEWEST_OF_PREFIX = 4, 8, 3
_PREFIXES = 48
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

    `fit` is one of the words of this module, `cut` says that not all of the question was read.
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
    for fit, wanted in _attempts(searcher, reading, asked):
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
    ranked = Query.boolean_query([(Occur.Must, among), *_better(reading)])
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


Clause = tuple[Occur, Query]


def limits(asked: Asked) -> list[Clause]:
    """Return what every answer to a question must be and must not be."""
    limits = [
        (Occur.Must, _scored(one_of(name, values), 0.0)) for name, values in asked.filters.items()
    ]
    if asked.hidden:
        limits.append((Occur.MustNot, one_of(GRAPHS, asked.hidden)))
    if asked.others:
        limits.append((Occur.MustNot, one_of(MISSING, asked.others)))
    return limits


def _attempts(searcher: Searcher, reading: Reading, asked: Asked) -> Iterator[tuple[str, Query]]:
    """Yield what an answer must be, the strictest first, with how such answers fit."""
    if not reading.items:
        yield EXACTLY, _scored(Query.all_query(), 0.0)
        return
    typing, codes = asked.typing, _scored(one_of(CODE, reading.codes), _BY_CODE)
    if typing and len(reading.name) < _FEWEST_OF_PREFIX:
        yield EXACTLY, _either(codes, _term(START, reading.name))
    last = reading.items[-1]
    opened = last if typing or (reading.open and not last.optional) else None
    plain = {item: _word(searcher, item, prefix=item == opened) for item in reading.items}
    yield EXACTLY, _either(codes, _all_of(reading, plain))
    mistaken = {item: _mistaken(item, query) for item, query in plain.items()}
    looser, most = [mistaken], len(reading.needed)
    if not asked.hidden:  # whether a word is in there must make no difference
        there = {item for item in plain if item == opened or _occurs(searcher, item)}
        if len(there) < len(plain):
            likely = {i: q if i in there else _mistaken(i, q, 1) for i, q in plain.items()}
            looser.insert(0, likely)
        most -= sum(i not in there and mistaken[i] is plain[i] for i in reading.needed)
    if most < len(reading.needed):
        yield MISTAKEN, _either(*_near_codes(reading))
    for least in range(most, 0, -1):
        for queries in looser:
            yield _loosely(reading, queries, least, codes)


def _loosely(
    reading: Reading, queries: Mapping[Item, Query], least: int, codes: Query
) -> tuple[str, Query]:
    """Return what finds things by so many of the words at least, and how they fit."""
    if least == len(reading.needed):
        return MISTAKEN, _either(codes, _all_of(reading, queries), *_near_codes(reading))
    several = [(Occur.Should, queries[item]) for item in reading.needed]
    query = Query.boolean_query(several, minimum_number_should_match=least)
    return PARTLY, _either(codes, query)


def _better(reading: Reading) -> Iterator[Clause]:
    """Yield what puts those first that are named exactly: whole names, beginnings, words in order.

    Things that there are few of come before enterprises that fit as well.
    """
    yield Occur.Should, _scored(one_of(KIND, _KINDS), _BY_KIND)
    if not reading.items:
        return
    yield Occur.Should, _scored(_term(EXACT, reading.name), _BY_NAME)
    start = max((n for n in STARTS if n <= len(reading.name)), default=0)
    if start:
        yield Occur.Should, _scored(_term(START, reading.name[:start]), _BY_START)
    found = [item.text for item in reading.items]
    if len(found) > 1:
        phrase = Query.phrase_query(schema(), NAME, list(found))
        yield Occur.Should, Query.boost_query(phrase, _BY_PHRASE)


def _occurs(searcher: Searcher, item: Item) -> bool:
    """Tell whether a word is in the index as it is written, or its stem."""
    stems = ((name, stem(item.text, name)) for name in STEMMED)
    words = ((name, item.text) for name in (NAME, PLACE, CODE))
    return any(searcher.doc_freq(name, word) for name, word in (*words, *stems))


def _near_codes(reading: Reading) -> list[Query]:
    """Return what finds a code of several words, such as the end of an IRI, with a mistake."""
    return [
        _scored(Query.fuzzy_term_query(schema(), CODE, code, 1), _BY_CODE_WORD)
        for code in reading.codes[:1]
        if len(code) >= _FEWEST_OF_TWO
    ]


def _either(*queries: Query) -> Query:
    return Query.boolean_query([(Occur.Should, query) for query in queries])


def _all_of(reading: Reading, queries: Mapping[Item, Query]) -> Query:
    needed = reading.needed
    return Query.boolean_query(
        [(Occur.Must if item in needed else Occur.Should, query) for item, query in queries.items()]
    )


def _word(searcher: Searcher, item: Item, *, prefix: bool) -> Query:
    """Return what finds a word as it is written; with `prefix` also longer ones."""
    word = item.text
    found = [Query.boost_query(_term(NAME, word), _BY_WORD)]
    if not item.optional:
        found += [
            Query.boost_query(_term(PLACE, word), _BY_PLACE),
            _scored(one_of(CODE, item.codes), _BY_CODE_WORD),
            *(Query.boost_query(_term(name, stem(word, name)), _BY_STEM) for name in STEMMED),
        ]
    if prefix:
        for name in (NAME, PLACE, CODE):
            longer = [term for term, _ in searcher.terms_with_prefix(name, word, limit=_PREFIXES)]
            found.append(_scored(one_of(name, [t for t in longer if t != word]), _BY_PREFIX))
    return Query.disjunction_max_query(found, _TIE)


def _mistaken(item: Item, query: Query, most: int = 2) -> Query:
    """Return what also finds a word with a mistake, or with two (`most`) where it is long.

    Of codes and identifiers one character may be wrong.
    """
    word = item.text
    if len(word) < _FEWEST_OF_MISTAKE or item.optional:
        return query
    distances = range(1, 1 + (most if len(word) >= _FEWEST_OF_TWO else 1))
    found = [
        _scored(Query.fuzzy_term_query(schema(), name, word, distance), _BY_MISTAKE / distance)
        for name in (NAME, PLACE)
        for distance in distances
    ]
    if any(letter.isdecimal() for letter in word):
        codes = (Query.fuzzy_term_query(schema(), CODE, code, 1) for code in item.codes)
        found += [_scored(query, _BY_CODE_WORD) for query in codes]
    return Query.disjunction_max_query([query, *found], _TIE)


def _term(name: str, word: str) -> Query:
    return Query.term_query(schema(), name, word)


def one_of(name: str, values: Sequence[str]) -> Query:
    """Return what finds a field with one of some values, all equally well.

    A set of values is read whole, which for the kind of nearly all things is the whole index; a
    single one is looked up where the rest of a question leads.
    """
    if len(values) == 1:
        return _scored(_term(name, values[0]), 1.0)
    return Query.term_set_query(schema(), name, values)


def _scored(query: Query, score: float) -> Query:
    return Query.const_score_query(query, score)


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
