"""What can be wrong with a request to the API."""

from __future__ import annotations

from difflib import get_close_matches
from functools import partial
from typing import TYPE_CHECKING

from vises.errors import BadRequest, NotFound, sentence
from vises.languages import LANGUAGES
from vises.service.sentences import lists

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vises.errors import Sentence

SORTS = sentence("give-sort", "Give sort=name or sort=-name.")
_SHOWN_CHARACTERS = 60


class ParameterInvalid(BadRequest):
    """A parameter of the API is unknown, or its value is not of its type."""

    kind = "parameter"
    title = "A parameter is not right"


class NoSuchEntity(NotFound):
    """The release says nothing of this thing, or it is of another kind."""

    kind = "no-such-entity"
    title = "There is no such thing in this release"


def wrong(name: str, detail: Sentence, remedy: Sentence) -> ParameterInvalid:
    """Return the error for a parameter."""
    return ParameterInvalid(detail, place=f"parameter {name}", remedy=remedy)


def not_sorted(key: str, remedy: Sentence = SORTS) -> ParameterInvalid:
    """Return the error for a list that cannot be sorted by a key."""
    detail = sentence("not-sorted", "These cannot be sorted by {key}.", key=quoted(key))
    return wrong("sort", detail, remedy)


def give(example: str) -> Sentence:
    """Return the remedy that shows what to write instead."""
    return sentence("give", "Give {example}.", example=example)


def quoted(text: str) -> str:
    """Return what a client sent as a sentence shows it: short, and without control characters."""
    short = text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"
    return ascii(short) if not short.isprintable() else f"'{short}'"


not_whole = partial(sentence, "not-whole-number", "{value} is not a whole number.")
"""Returns what is said of a `value` that is no whole number."""

not_iri = partial(sentence, "not-iri", "{value} is not an IRI.")
"""Returns what is said of a `value` that is no IRI."""


def no_language(text: str) -> Sentence:
    """Return what is said of a text that names none of our languages."""
    return sentence(
        "no-language",
        "{value} is none of {languages}.",
        value=quoted(text),
        languages=", ".join(LANGUAGES),
    )


def meant(near: Sequence[str], address: str) -> Sentence:
    """Return the remedy that names what may be meant, else the address that lists what there is."""
    if near:
        return sentence("meant", "Is {near} meant?", near=", ".join(near))
    return lists(address)


def nearest(text: str, known: Iterable[str]) -> list[str]:
    """Return the known words that look like a text, the most alike first; capitals do not count.

    >>> nearest("s11", ["S1", "E1"])
    ['S1', 'E1']
    """
    by_folded = {word.casefold(): word for word in known}
    close = get_close_matches(text[:100].casefold(), by_folded, n=3, cutoff=0.4)
    return [by_folded[word] for word in close]
