"""From what people write to the words and numbers that are looked for.

The same reading makes the words of the index and those of a question, so that the two meet
whatever the spelling: accents, case, points in abbreviations and spaces in numbers do not count.
Nothing here is an operator: `AND`, quotes and brackets are read as words or as nothing.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_CHARACTERS = 300
"""How much of a question is read."""

MOST_ITEMS = 10
"""How many words and numbers of a question are looked for."""

MOST_LETTERS = 40
"""How much of a word counts."""

STARTS = (1, 2, 3, 4, 6, 8, 12)
"""The lengths of the beginnings of names that the index holds."""

_SMALL_WORDS = """
a au aux d de des du en et l la le les ou pour sur un une
aan bij de een en het in met op te tot van voor
an and at by for in of on or the to with
"""
_LEGAL_WORDS = "asbl vzw aisbl ivzw scrl srl cv cvba bv sa nv"
"""What a legal person is, as it is written after its name."""

OPTIONAL = frozenset(f"{_SMALL_WORDS} {_LEGAL_WORDS}".split())
"""Words that need not be there: they are in too many names to tell one from another."""

_LETTERS = str.maketrans(
    {"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th"}
)
_ABBREVIATION = re.compile(r"\b(?:[^\W\d_]\.\s?){2,}(?:[^\W\d_]\b)?")
_WORD = re.compile(r"[^\W_]+")
_SCHEME_WORDS = "siren siret rna bce kbo cbe tva btw vat lei no nr num numero nummer"
_SCHEMES = frozenset(_SCHEME_WORDS.split())
"""What is written before an identifier to say of which kind it is."""

_PREFIX = re.compile(r"(?:be|fr|w)?\d*")
_FEWEST_DIGITS = 6
_SIREN, _KBO, _SIRET = 9, 10, 14


def fold(text: str) -> str:
    """Return a text in lower case, without accents and without characters that none shows.

    >>> fold("Œuvre À Liège"), fold("asso\N{SOFT HYPHEN}ciation")
    ('oeuvre a liege', 'association')
    """
    if text.isascii():
        return text.lower()
    lower = unicodedata.normalize("NFKD", text).casefold().translate(_LETTERS)
    parts = unicodedata.normalize("NFKD", lower)
    return "".join(
        c for c in parts if not unicodedata.combining(c) and unicodedata.category(c) != "Cf"
    )


def words(text: str) -> list[str]:
    """Return the words of a text, folded; the letters of an abbreviation are one word.

    >>> words("L'A.S.B.L. Été-62")
    ['l', 'asbl', 'ete', '62']
    """
    plain = _ABBREVIATION.sub(lambda m: re.sub(r"[.\s]", "", m[0]) + " ", fold(text))
    return [word[:MOST_LETTERS] for word in _WORD.findall(plain)]


def compact(text: str) -> str:
    """Return a code or an identifier without anything but letters and digits.

    >>> compact("BE 0123.456.789")
    'be0123456789'
    """
    return "".join(_WORD.findall(fold(text)))


def starts(name: str) -> Iterator[str]:
    """Yield the beginnings of a name (its words with spaces between) that the index holds."""
    for length in STARTS:
        if length <= len(name):
            yield name[:length]


def spellings(code: str) -> tuple[str, ...]:
    """Return what an identifier (compact) may stand in the register as, likeliest first.

    A SIRET and a French VAT number contain the SIREN; a Belgian number may come with its country,
    or without its first digit 0.

    >>> spellings("be123456789")
    ('be123456789', '123456789', '0123456789')
    """
    found = [code]
    bare = code.removeprefix("be")
    if bare.isdecimal():
        found.append(bare)
        if len(bare) == _SIREN:
            found.append(f"0{bare}")
        if len(bare) == _SIRET:
            found.append(bare[:_SIREN])
    elif code.startswith("fr") and code[4:].isdecimal() and len(code) == _SIREN + 4:
        found.append(code[4:])
    return tuple(dict.fromkeys(found))


@dataclass(frozen=True)
class Item:
    """A word that is looked for, or a number of several digits in any spelling.

    `codes` are the identifiers that it may be, `optional` says that others may stand for it.
    `parts` are the groups of digits that a number was written in, which may be numbers of their
    own (two years); none where it was written as one.
    """

    text: str
    codes: tuple[str, ...]
    optional: bool = False
    parts: tuple[Item, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """What was written, word by word."""
        return tuple(part.text for part in self.parts) or (self.text,)


@dataclass(frozen=True)
class Reading:
    """How a question is read: its items, all of it as a name, and whether some of it is left out.

    `open` says that its last word may go on: no space follows it.
    """

    items: tuple[Item, ...]
    name: str
    codes: tuple[str, ...]
    cut: bool
    open: bool

    @property
    def needed(self) -> tuple[Item, ...]:
        """The items that an answer should have: those that are not optional, or else all."""
        return tuple(item for item in self.items if not item.optional) or self.items


def read(text: str) -> Reading:
    """Read a question."""
    short = text[:MOST_CHARACTERS]
    found = words(short)
    items = list(_items(found))
    whole = compact(short)
    schemeless = "".join(word for word in found if word not in _SCHEMES)
    return Reading(
        items=tuple(items[:MOST_ITEMS]),
        name=" ".join(found),
        codes=tuple(
            dict.fromkeys(
                code for form in (whole, schemeless) if form for code in spellings(form[:64])
            )
        ),
        cut=len(text) > MOST_CHARACTERS or len(items) > MOST_ITEMS,
        open=bool(_WORD.search(short[-1:])),
    )


def _items(found: list[str]) -> Iterator[Item]:
    """Yield words, and numbers that are written in groups of digits as one."""
    position = 0
    while position < len(found):
        end = position + 1
        if _PREFIX.fullmatch(found[position]):
            last = min(len(found), position + _SIRET)
            while end < last and found[end].isdecimal():
                end += 1
        number = "".join(found[position:end])
        if end > position + 1 and sum(c.isdecimal() for c in number) >= _FEWEST_DIGITS:
            parts = tuple(Item(word, spellings(word)) for word in found[position:end])
            yield Item(number, spellings(number), parts=parts)
            position = end
            continue
        word = found[position]
        if word not in _SCHEMES or len(found) == 1:
            yield Item(word, spellings(word), word in OPTIONAL)
        position += 1
