"""From the facts of a thing to the documents of an index.

A thing has a document for each set of graphs that a visitor may see of those that speak of it. It
holds what these graphs say and nothing else, so what is hidden from a visitor is neither found, nor
shown, nor counted. Nearly every thing is of one graph, and has one document.
"""

from __future__ import annotations

import json
from itertools import combinations
from typing import TYPE_CHECKING

from tantivy import Document

from vises.service.iris import last_part
from vises.service.search.cells import row
from vises.service.search.schema import (
    ACTIVITY,
    BY_NAME,
    CEASED,
    CODE,
    EXACT,
    FICTITIOUS,
    FORM,
    GRAPHS,
    IRI,
    KIND,
    MARKS,
    MISSING,
    NAME,
    ORDER,
    PLACE,
    REGION,
    ROW,
    SHOWN,
    START,
    STEMMED,
    STRETCH,
    THEME,
    order_of,
    schema,
)
from vises.service.search.things import KINDS, Fact
from vises.service.search.walking import beginnings
from vises.service.search.words import compact, starts, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

MOST_GRAPHS = 4
"""A thing that more graphs speak of is found by those alone who may read all of them."""

MOST_NAMES = 24
MOST_CHARACTERS = 4000
_BEGINNING = 80
_SHOWN_TEXTS, _SHOWN_CHARACTERS = 6, 300
_ORDER = list(KINDS)
Tagged = tuple[str, str | None]
"""A text and its language tag."""

_UNTAGGED = ("fr", "nl")
"""The languages that a name without one may be in: the registers give most names so."""
_CURRENT_NACE = "/nace-rev2.1/"
_LISTED = "enterprise"


def documents(iri: str, facts: Sequence[Fact]) -> Iterator[Document]:
    """Yield the documents of a thing, none where it has neither name nor text.

    An enterprise always has one, as lists show all of them; without a name it is called by the end
    of its IRI.
    """
    graphs = frozenset[str]().union(*(fact.graphs for fact in facts))
    for seen in _views(graphs):
        fields = _fields(iri, [fact for fact in facts if fact.graphs <= seen])
        if fields:
            fields |= {GRAPHS: sorted(seen), MISSING: sorted(graphs - seen)}
            yield Document.from_dict(fields, schema())


def _views(graphs: frozenset[str]) -> Iterator[frozenset[str]]:
    """Yield the sets of graphs that somebody may see, the whole one first."""
    yield graphs
    if 1 < len(graphs) <= MOST_GRAPHS:
        for size in range(1, len(graphs)):
            yield from map(frozenset, combinations(sorted(graphs), size))


def _fields(iri: str, facts: Sequence[Fact]) -> dict[str, object] | None:
    kinds = {fact.value: fact.language or "" for fact in facts if fact.field == "kind"}
    kind = min(kinds, key=_ORDER.index, default=None)
    texts = _distinct(facts, "text")
    names = (_distinct(facts, "name") or _beginnings(texts))[:MOST_NAMES]
    if kind == _LISTED and not names:
        names = [(last_part(iri), None)]
    aliases = _distinct(facts, "alias")[:MOST_NAMES]
    if kind is None or not names:
        return None
    places = _distinct(facts, "place")
    codes = [text for text, _ in _distinct(facts, "code")]
    spelt = [" ".join(words(text)) for text, _ in names + aliases]
    return {
        IRI: iri,
        ORDER: order_of(iri),
        KIND: kind,
        REGION: _values(facts, "region"),
        FORM: _values(facts, "form"),
        ACTIVITY: _current(_values(facts, "activity")),
        THEME: _values(facts, "theme"),
        FICTITIOUS: _values(facts, "fictitious") or ["no"],
        NAME: list(dict.fromkeys(spelt)),
        EXACT: sorted({name[:MOST_CHARACTERS] for name in spelt if name}),
        START: sorted({start for name in spelt for start in starts(name)}),
        PLACE: [" ".join(words(place)) for place, _ in places],
        CODE: sorted({compact(code)[:64] for code in codes} - {""}),
        **{language: _of_language(language, names + aliases, texts) for language in STEMMED},
        SHOWN: _shown(
            [iri, kind, kinds[kind]],
            {"names": names, "also": aliases, "notes": texts, "places": places},
            fictitious=bool(_values(facts, "fictitious")),
        ).encode(),
        **(_of_lists(iri, facts) if kind == _LISTED else {}),
    }


def _of_lists(iri: str, facts: Sequence[Fact]) -> dict[str, object]:
    """Return the fields that enterprises alone have, most of them for lists."""
    first = min((" ".join(words(name)), name) for name in _values(facts, "first") or [""])
    return {
        CEASED: _values(facts, "ceased") or ["no"],
        MARKS: _values(facts, "mark"),
        STRETCH: beginnings(order_of(iri)),
        BY_NAME: "\0".join((*first, iri)),
        ROW: row(iri, _values(facts, "cell")).encode(),
    }


def _of_language(language: str, names: Iterable[Tagged], texts: Iterable[Tagged]) -> list[str]:
    own = [
        text
        for text, tag in names
        if _base(tag) == language or (tag is None and language in _UNTAGGED)
    ]
    own += [text[:MOST_CHARACTERS] for text, tag in texts if _base(tag) == language]
    return [" ".join(words(text)) for text in own]


def _shown(what: list[str], texts: Mapping[str, Sequence[Tagged]], *, fictitious: bool) -> str:
    shown: dict[str, object] = dict(zip(("iri", "kind", "class"), what, strict=True))
    for key, pairs in texts.items():
        shown[key] = [(_shortened(text), tag) for text, tag in pairs[:_SHOWN_TEXTS]]
    shown["fictitious"] = fictitious
    return json.dumps(shown, ensure_ascii=False)


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[: _SHOWN_CHARACTERS - 1]}…"


def _beginnings(texts: Iterable[Tagged]) -> list[Tagged]:
    """Return what a thing without a name is called: the beginning of what it says."""
    return [(_beginning(" ".join(text.split())), tag) for text, tag in texts]


def _beginning(text: str) -> str:
    """Return whole words, as far as there is room; a part of the first one where it has none."""
    if len(text) <= _BEGINNING:
        return text
    start = text[: _BEGINNING - 1]
    return f"{start.rpartition(' ')[0] or start}…"


def _distinct(facts: Iterable[Fact], field: str) -> list[Tagged]:
    found = {(fact.value, fact.language) for fact in facts if fact.field == field}
    return sorted((pair for pair in found if pair[0].strip()), key=lambda p: (p[1] or "", p[0]))


def _values(facts: Iterable[Fact], field: str) -> list[str]:
    return sorted({fact.value for fact in facts if fact.field == field})


def _current(activities: list[str]) -> list[str]:
    """Return activities of the current NACE where there are any, so that none counts twice."""
    return [iri for iri in activities if _CURRENT_NACE in iri] or activities


def _base(tag: str | None) -> str:
    return (tag or "").partition("-")[0]
