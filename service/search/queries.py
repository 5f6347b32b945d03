"""From a reading of a question to queries of tantivy.

No text of a visitor goes through a parser of tantivy's: the queries are put together from words.
They become looser step by step, until one has an answer: all words as they are written (the last
one may go on), those with a mistake that nothing has as they are written, all words with mistakes,
some of the words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tantivy import Occur, Query

from vises.service.search.schema import CODE, EXACT, KIND, NAME, PLACE, START, STEMMED, schema, stem
from vises.service.search.things import KINDS
from vises.service.search.words import STARTS, Item, Reading

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tantivy import Searcher

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
_FEWEST_OF_SOME = 3

Clause = tuple[Occur, Query]


def attempts(
    searcher: Searcher, reading: Reading, *, typing: bool, secret: bool
) -> Iterator[tuple[str, Query]]:
    """Yield what an answer must be, the strictest first, with how such answers fit.

    `typing` says that the last word may go on; `secret` that something in the index is hidden from
    who asks.
    """
    if not reading.items:
        yield EXACTLY, scored(Query.all_query(), 0.0)
        return
    codes = scored(one_of(CODE, reading.codes), _BY_CODE)
    if typing and len(reading.name) < _FEWEST_OF_PREFIX:
        yield EXACTLY, _either(codes, _term(START, reading.name))
    last = reading.items[-1]
    going_on = last in reading.needed if typing else reading.open and not last.optional
    opened = last if going_on else None
    plain = {item: _word(searcher, item, prefix=item == opened) for item in reading.items}
    yield EXACTLY, _either(codes, _all_of(reading, plain))
    mistaken = {item: _mistaken(item, query) for item, query in plain.items()}
    looser, possible = [mistaken], list(reading.needed)
    if not secret:  # whether a word is in there must make no difference
        there = {item for item in plain if item == opened or _occurs(searcher, item)}
        if len(there) < len(plain):
            likely = {i: q if i in there else _mistaken(i, q, 1) for i, q in plain.items()}
            looser.insert(0, likely)
        possible = [i for i in possible if i in there or mistaken[i] is not plain[i]]
    near, whole = _near_codes(reading), len(possible) == len(reading.needed)
    if not whole:
        yield MISTAKEN, _either(*near)
    for queries in looser:
        if whole:
            yield MISTAKEN, _either(codes, _all_of(reading, queries), *near)
        elif possible:
            yield PARTLY, _either(codes, _all([queries[item] for item in possible]))
    written = [plain[item] for item in possible]
    mended = [[queries[item] for item in possible] for queries in looser]
    for query in _some(written, mended):
        yield PARTLY, _either(codes, query)


def _some(written: Sequence[Query], mended: Sequence[Sequence[Query]]) -> Iterator[Query]:
    """Yield what finds some of several words, as they are written and with mistakes, most first.

    All but one, as written, are found by the rarest of them; a query for so many at least would
    look at all things that any of them finds.
    """
    several = len(written)
    if several >= _FEWEST_OF_SOME:
        yield _either(*(_all([*written[:n], *written[n + 1 :]]) for n in range(several)))
    for least in range(several - 1, 0, -1):
        for queries in mended:
            clauses = [(Occur.Should, query) for query in queries]
            yield Query.boolean_query(clauses, minimum_number_should_match=least)


def better(reading: Reading) -> Iterator[Clause]:
    """Yield what puts those first that are named exactly: whole names, beginnings, words in order.

    Things that there are few of come before enterprises that fit as well.
    """
    yield Occur.Should, scored(one_of(KIND, _KINDS), _BY_KIND)
    if not reading.items:
        return
    yield Occur.Should, scored(_term(EXACT, reading.name), _BY_NAME)
    start = max((n for n in STARTS if n <= len(reading.name)), default=0)
    if start:
        yield Occur.Should, scored(_term(START, reading.name[:start]), _BY_START)
    if len(reading.needed) > 1:
        phrase = Query.phrase_query(
            schema(), NAME, [word for item in reading.items for word in item.words]
        )
        yield Occur.Should, Query.boost_query(phrase, _BY_PHRASE)


def _occurs(searcher: Searcher, item: Item) -> bool:
    """Tell whether a word is in the index as it is written, or its stem, or all of its parts."""
    if item.parts and all(_occurs(searcher, part) for part in item.parts):
        return True
    stems = ((name, stem(item.text, name)) for name in STEMMED)
    words = ((name, item.text) for name in (NAME, PLACE, CODE))
    return any(searcher.doc_freq(name, word) for name, word in (*words, *stems))


def _near_codes(reading: Reading) -> list[Query]:
    """Return what finds a code of several words, such as the end of an IRI, with a mistake."""
    return [
        scored(Query.fuzzy_term_query(schema(), CODE, code, 1), _BY_CODE_WORD)
        for code in reading.codes[:1]
        if len(code) >= _FEWEST_OF_TWO
    ]


def _either(*queries: Query) -> Query:
    return Query.boolean_query([(Occur.Should, query) for query in queries])


def _all(queries: Sequence[Query]) -> Query:
    return Query.boolean_query([(Occur.Must, query) for query in queries])


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
            scored(one_of(CODE, item.codes), _BY_CODE_WORD),
            *(Query.boost_query(_term(name, stem(word, name)), _BY_STEM) for name in STEMMED),
        ]
    if prefix:
        for name in (NAME, PLACE, CODE):
            longer = [term for term, _ in searcher.terms_with_prefix(name, word, limit=_PREFIXES)]
            found.append(scored(one_of(name, [t for t in longer if t != word]), _BY_PREFIX))
    if item.parts:
        *others, last = item.parts
        parts = [_word(searcher, part, prefix=False) for part in others]
        found.append(_all([*parts, _word(searcher, last, prefix=prefix)]))
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
        scored(Query.fuzzy_term_query(schema(), name, word, distance), _BY_MISTAKE / distance)
        for name in (NAME, PLACE)
        for distance in distances
    ]
    if any(letter.isdecimal() for letter in word):
        codes = (Query.fuzzy_term_query(schema(), CODE, code, 1) for code in item.codes)
        found += [scored(query, _BY_CODE_WORD) for query in codes]
    return Query.disjunction_max_query([query, *found], _TIE)


def _term(name: str, word: str) -> Query:
    return Query.term_query(schema(), name, word)


def one_of(name: str, values: Sequence[str]) -> Query:
    """Return what finds a field with one of some values, all equally well.

    A set of values is read whole, which for the kind of nearly all things is the whole index; a
    single one is looked up where the rest of a question leads.
    """
    if len(values) == 1:
        return scored(_term(name, values[0]), 1.0)
    return Query.term_set_query(schema(), name, values)


def scored(query: Query, score: float) -> Query:
    """Return what finds the same, all equally well."""
    return Query.const_score_query(query, score)
