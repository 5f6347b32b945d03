"""Finding codes by what they are called, whatever the accents and the case."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from vises.languages import LANGUAGES
from vises.namespaces import term
from vises.service.pages.labels import LABEL_PROPERTIES, Name, best_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from vises.service.codes.scheme import Scheme
    from vises.service.graph import Row

PREFERRED = term("skos:prefLabel")
MOST_FOUND = 200


@dataclass(frozen=True)
class Called:
    """A name of a code; `preferred` tells it from other names."""

    name: Name
    preferred: bool


@dataclass(frozen=True)
class Found:
    """A code that a search found, by which of its names; None: by its notation."""

    iri: str
    by: Name | None


def names(rows: Iterable[Row]) -> dict[str, list[Called]]:
    """Collect the solutions of queries/pages/scheme-labels.rq."""
    found: dict[str, list[Called]] = {}
    for row in rows:
        concept, value = row["concept"], row["value"]
        if isinstance(concept, NamedNode) and isinstance(value, Literal):
            called = Called(Name(value.value, value.language), row["property"] == PREFERRED)
            found.setdefault(concept.value, []).append(called)
    return found


def folded(text: str) -> str:
    r"""Return a text without case, accents and marks, for comparison.

    >>> folded("Œuvre d\u2019Été")
    "oeuvre d'ete"
    """
    plain = text.casefold().replace("œ", "oe").replace("æ", "ae").replace("\u2019", "'")
    decomposed = unicodedata.normalize("NFKD", plain)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def search(
    text: str, scheme: Scheme, called: Mapping[str, Sequence[Called]], language: str
) -> list[Found]:
    """Return the codes whose notation begins with a text, or one of whose names has its words.

    Notations come first, then names that begin with the text, then the others; within each, names
    in the visitor's language, then the order of notations.
    """
    wanted = folded(text).strip()
    words = wanted.split()
    if not words:
        return []
    ranked: list[tuple[tuple[int, bool, tuple[bool, str, str]], Found]] = []
    for iri, concept in scheme.concepts.items():
        if concept.notation and folded(concept.notation).startswith(wanted):
            exact = folded(concept.notation) != wanted
            ranked.append(((int(exact), False, concept.place), Found(iri, None)))
            continue
        best = min(
            (
                (2 + (not folded(c.name.text).startswith(wanted)), c.name.language != language, n)
                for n, c in enumerate(called.get(iri, ()))
                if all(word in folded(c.name.text) for word in words)
            ),
            default=None,
        )
        if best:
            rank, foreign, number = best
            ranked.append(((rank, foreign, concept.place), Found(iri, called[iri][number].name)))
    return [found for _, found in sorted(ranked, key=lambda item: item[0])]


def letters(called: Mapping[str, Sequence[Called]], language: str) -> dict[str, list[Found]]:
    """Return the codes by the first letter of each of their names, in alphabetical order.

    Names are those in the visitor's language, where a code has none in the best other one. What
    begins with no letter stands under `0-9`.
    """
    entries: dict[str, list[tuple[str, str, Found]]] = {}
    for iri, own in called.items():
        for name in _in_language(own, language):
            key = folded(name.text).lstrip("'\"«( ")
            letter = key[:1].upper() if key[:1].isalpha() else "0-9"
            entries.setdefault(letter, []).append((key, iri, Found(iri, name)))
    ordered = sorted(entries.items(), key=lambda item: (item[0] == "0-9", item[0]))
    return {
        letter: [f for *_, f in sorted(found, key=lambda e: e[:2])] for letter, found in ordered
    }


def _in_language(called: Sequence[Called], language: str) -> list[Name]:
    own = [c.name for c in called if c.name.language == language]
    if own:
        return own
    texts = [
        (LABEL_PROPERTIES[0], Literal(c.name.text, language=c.name.language))
        if c.name.language
        else (LABEL_PROPERTIES[0], Literal(c.name.text))
        for c in called
    ]
    best = best_label(texts, LANGUAGES[0])
    return [best] if best else []
