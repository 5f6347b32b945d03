"""Matching what somebody calls a thing to the things of an index: candidates, and their scores.

Few candidates come from the index, by the rarest of the words and by identifiers; then each is
compared as a whole. A score is a weighted mean of its features, which are handed over with it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from rapidfuzz import fuzz
from tantivy import Occur, Query

from vises.service.search.asking import Asked, limits, shown
from vises.service.search.likeness import Spelt, likeness, spelt
from vises.service.search.queries import one_of
from vises.service.search.schema import CODE, EXACT, IRI, KIND, NAME, PLACE, REGION, schema
from vises.service.search.words import fold, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tantivy import Index, Searcher

NAME_FEATURE, IDENTIFIER, REGION_FEATURE, PLACE_FEATURE = (
    "name_similarity",
    "identifier_match",
    "region_match",
    "place_similarity",
)
_WEIGHTS = {NAME_FEATURE: 80.0, REGION_FEATURE: 12.0, PLACE_FEATURE: 8.0}

CANDIDATES = 40
"""How many things of the index are compared with one question."""

_RARE_WORDS = 4
_MOST_WORDS = 12
_COMMON_SHARE = 0.02
_PREFIXES = 24
_FEWEST_OF_MISTAKE, _FEWEST_OF_TWO, _FEWEST_OF_PREFIX, _FEWEST_OF_PART = 3, 6, 3, 2
_BY_REGION, _BY_PLACE = 4.0, 4.0
_BY_EXACT, _BY_MISTAKE, _BY_TWO_MISTAKES, _BY_PREFIX = 100.0, 6.0, 3.0, 5.0

_SAME_NAME, _NEAR_NAME = 97.0, 88.0
_LEAD, _LONG_LEAD = 4.0, 8.0
_ENOUGH_BESIDE_IDENTIFIER = 60.0
_AGAINST_IDENTIFIER = 0.9


@dataclass(frozen=True)
class Sought:
    """What somebody looks for: a name, and what else is known of it.

    `codes` are identifiers that were given as such, in the spellings that they may have in the
    index; `named_codes` those that the name may be itself. `regions` are IRIs, None where no region
    was given. `required` are the features that a candidate must have.
    """

    name: str = ""
    codes: Sequence[str] = ()
    named_codes: Sequence[str] = ()
    regions: Sequence[str] | None = None
    places: Sequence[str] = ()
    kinds: Sequence[str] = ("enterprise",)
    limit: int = 5
    required: Sequence[str] = ()


@dataclass(frozen=True)
class Batch:
    """Questions of one request, which may not see the graphs `hidden`; `others` are all others."""

    sought: Sequence[Sought]
    hidden: Sequence[str] = ()
    others: Sequence[str] = ()

    @classmethod
    def of(cls, sent: Mapping[str, Any]) -> Batch:
        """Return what was sent as the fields of a batch."""
        return cls(
            [Sought(**one) for one in sent["sought"]],
            tuple(sent["hidden"]),
            tuple(sent["others"]),
        )


@dataclass
class Candidate:
    """A thing that may be meant: what the index shows of it, score from 0 to 100, and features."""

    shown: Mapping[str, Any]
    score: float = 0.0
    features: dict[str, float | bool] = field(default_factory=dict)
    match: bool = False


def match_all(index: Index, batch: Batch) -> list[list[dict[str, Any]]]:
    """Return the candidates of each question, best first, as the fields of `Candidate`.

    Raises `ValueError` where the index cannot be read.
    """
    searcher = index.searcher()
    return [[vars(found) for found in _match(searcher, one, batch)] for one in batch.sought]


def _match(searcher: Searcher, sought: Sought, batch: Batch) -> list[Candidate]:
    asked = Asked("", filters={KIND: list(sought.kinds)}, hidden=batch.hidden, others=batch.others)
    among = limits(asked)
    codes = [*sought.codes, *sought.named_codes]
    identified = _found(searcher, _all_of(among, one_of(CODE, codes))) if codes else {}
    wanted = spelt(sought.name)
    found = dict(identified)
    if wanted.core and sought.name.strip():
        nearer = [*among, *_nearer(sought)]
        found |= _found(searcher, _all_of(nearer, _resembling(searcher, wanted)))
    if not found:
        return []
    there = _in_regions(searcher, list(found), sought.regions)
    candidates = [_scored(sought, wanted, hit, identified, there) for hit in found.values()]
    kept = [c for c in candidates if all(c.features.get(name) for name in sought.required)]
    kept.sort(key=lambda c: (-c.score, c.shown["iri"]))
    if kept:
        kept[0].match = _is_certain(kept, sought)
    return kept[: sought.limit]


def _nearer(sought: Sought) -> Iterator[tuple[Occur, Query]]:
    """Yield what brings those first that are where they should be, of more namesakes than fit."""
    if sought.regions:
        there = Query.const_score_query(one_of(REGION, sought.regions), _BY_REGION)
        yield Occur.Should, there
    near = [word for place in sought.places for word in words(place)][:_MOST_WORDS]
    if near:
        yield Occur.Should, Query.const_score_query(one_of(PLACE, near), _BY_PLACE)


def _found(searcher: Searcher, query: Query) -> dict[str, Mapping[str, Any]]:
    hits = searcher.search(query, CANDIDATES, count=False).hits
    found = (shown(searcher, address) for _, address in hits)
    return {hit["iri"]: hit for hit in found}


def _resembling(searcher: Searcher, wanted: Spelt) -> Query:
    """Return what finds names with one of the rarest words, those with more words first."""
    core = list(dict.fromkeys(wanted.core))[:_MOST_WORDS]
    numbers = {word: searcher.doc_freq(NAME, word) for word in core}
    by_rarity = sorted(core, key=lambda word: numbers[word])
    most = max(1000, int(searcher.num_docs * _COMMON_SHARE))
    rare = [word for word in by_rarity if numbers[word] <= most][:_RARE_WORDS] or by_rarity[:1]
    clauses = [_word(searcher, word, numbers[word], last=word == core[-1]) for word in rare]
    clauses += [_both(*parts) for word in rare if not numbers[word] for parts in _parts(word)]
    clauses += [_term(one + other) for one, other in pairwise(core) if not numbers[one]]
    exact = Query.const_score_query(one_of(EXACT, [" ".join(wanted.all)]), _BY_EXACT)
    better = [_term(word) for word in dict.fromkeys([*core, *wanted.all]) if word not in rare]
    if not clauses:
        return exact
    return Query.boolean_query(
        [
            (Occur.Must, _any_of([*clauses, exact])),
            *((Occur.Should, clause) for clause in better[:_MOST_WORDS]),
        ]
    )


def _word(searcher: Searcher, word: str, number: int, *, last: bool) -> Query:
    """Return what finds a word, and what it may be a mistake for or the beginning of.

    A word that many names have is taken as it is written.
    """
    found = [_term(word)]
    if number > max(50, searcher.num_docs // 2000) or len(word) < _FEWEST_OF_PREFIX:
        return found[0]
    if last or not number:
        longer = [t for t, _ in searcher.terms_with_prefix(NAME, word, limit=_PREFIXES)]
        found.append(Query.const_score_query(one_of(NAME, longer), _BY_PREFIX))
    if len(word) >= _FEWEST_OF_MISTAKE:
        found.append(_mistaken(word, 1, _BY_MISTAKE))
    if len(word) >= _FEWEST_OF_TWO and not number:
        found.append(_mistaken(word, 2, _BY_TWO_MISTAKES))
    return Query.disjunction_max_query(found)


def _parts(word: str) -> Iterator[tuple[str, str]]:
    """Yield what a word may be made of, if two were written as one."""
    for end in range(_FEWEST_OF_PART, len(word) - _FEWEST_OF_PART + 1):
        yield word[:end], word[end:]


def _both(one: str, other: str) -> Query:
    return Query.boolean_query([(Occur.Must, _term(one)), (Occur.Must, _term(other))])


def _mistaken(word: str, distance: int, score: float) -> Query:
    return Query.const_score_query(
        Query.fuzzy_term_query(schema(), NAME, word, distance, transposition_cost_one=True), score
    )


def _in_regions(
    searcher: Searcher, iris: Sequence[str], regions: Sequence[str] | None
) -> frozenset[str] | None:
    """Return which of some things are in one of the regions, None where none were given."""
    if regions is None:
        return None
    query = Query.boolean_query(
        [(Occur.Must, one_of(IRI, iris)), (Occur.Must, one_of(REGION, regions))]
    )
    hits = searcher.search(query, 2 * len(iris), count=False).hits
    return frozenset(shown(searcher, address)["iri"] for _, address in hits)


def _scored(
    sought: Sought,
    wanted: Spelt,
    hit: Mapping[str, Any],
    identified: Mapping[str, object],
    there: frozenset[str] | None,
) -> Candidate:
    features: dict[str, float | bool] = {}
    is_identified = hit["iri"] in identified
    if sought.codes or is_identified:
        features[IDENTIFIER] = is_identified
    if wanted.core and not (is_identified and sought.named_codes and not sought.codes):
        names = [spelt(text) for text, _ in [*hit["names"], *hit["also"]]]
        best = max((likeness(wanted, name) for name in names), default=0.0)
        features[NAME_FEATURE] = round(best, 2)
    if there is not None:
        features[REGION_FEATURE] = hit["iri"] in there
    if sought.places:
        features[PLACE_FEATURE] = round(
            _place(sought.places, [text for text, _ in hit["places"]]), 2
        )
    return Candidate(hit, _score(features), features)


def _score(features: Mapping[str, float | bool]) -> float:
    """Return the weighted mean of features: 100 for an identifier that is the one given."""
    values = {
        name: 100.0 * value if isinstance(value, bool) else value
        for name, value in features.items()
        if name in _WEIGHTS
    }
    total = sum(_WEIGHTS[name] for name in values)
    mean = sum(_WEIGHTS[name] * value for name, value in values.items()) / total if total else 0.0
    if features.get(IDENTIFIER):
        return round(90.0 + mean / 10 if total else 100.0, 2)
    return round(mean * (_AGAINST_IDENTIFIER if IDENTIFIER in features else 1.0), 2)


def _place(wanted: Sequence[str], places: Sequence[str]) -> float:
    """Return how alike the best of some places and those of a thing are, from 0 to 100."""
    known = [" ".join(words(place)) for place in places]
    best = 0.0
    for place in wanted:
        text = " ".join(words(fold(place)))
        best = max([best, *(fuzz.token_sort_ratio(text, other) for other in known)])
    return best


def _is_certain(found: Sequence[Candidate], sought: Sought) -> bool:
    """Tell whether the first candidate is the one meant, so that nobody need look at it.

    Either it alone has the identifier, and a name that does not speak against it; or its name is
    the same, or nearly so and in the region given, and no other one comes near. A number or a
    region that speaks against it leaves the decision to people.
    """
    first = found[0]
    name = float(first.features.get(NAME_FEATURE, 0.0))
    others = found[1:]
    if first.features.get(IDENTIFIER):
        alone = not any(other.features.get(IDENTIFIER) for other in others)
        return alone and (NAME_FEATURE not in first.features or name >= _ENOUGH_BESIDE_IDENTIFIER)
    against = {IDENTIFIER, REGION_FEATURE}
    if any(first.features.get(feature) is False for feature in against) or not sought.name:
        return False
    lead = first.score - others[0].score if others else 100.0
    if name >= _SAME_NAME:
        return lead >= _LEAD
    return bool(first.features.get(REGION_FEATURE)) and name >= _NEAR_NAME and lead >= _LONG_LEAD


def _all_of(among: Sequence[tuple[Occur, Query]], query: Query) -> Query:
    return Query.boolean_query([*among, (Occur.Must, query)])


def _any_of(queries: Sequence[Query]) -> Query:
    return Query.boolean_query([(Occur.Should, query) for query in queries])


def _term(word: str) -> Query:
    return Query.term_query(schema(), NAME, word)
