"""How alike two names of enterprises are, as people write them.

Case, accents, points and the order of words do not count; legal forms are set aside, and common
abbreviations are read as what they stand for. What is left is compared letter by letter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from vises.service.search.words import words

_FORMS = """
asbl vzw aisbl ivzw asfl esv scop scic scrl scrlfs scrls sprl sprlu srl sarl eurl sas sasu snc gie
geie gcsms cuma sci scp selarl coop cv cvba cvso bv bvba sa nv sc fs so ess
association associations vereniging
"""
LEGAL_FORMS = frozenset(_FORMS.split())
"""Words that say what a legal person is; they come, go and move from one list to the next."""

_LONGEST_FORM, _MISTAKES = "association", 2

_PHRASES = re.compile(
    r"\b(association sans but lucratif|vereniging zonder winstoogmerk"
    r"|(?:association )?loi (?:de |du 1er juillet )?1901"
    r"|societe cooperative (?:d interet collectif|de production|a responsabilite limitee)"
    r"|societe cooperative|cooperatieve vennootschap|societe anonyme|naamloze vennootschap"
    r"|besloten vennootschap|societe a responsabilite limitee)\b"
)
_SMALL_WORDS = """
a au aux d de des du en et l la le les ou pour sur un une and of the
aan bij een het met op te van voor der den
"""
_SMALL = frozenset(_SMALL_WORDS.split())
_LONG = {
    "ass": "association",
    "asso": "association",
    "assoc": "association",
    "bibl": "bibliotheque",
    "cie": "compagnie",
    "cnt": "centre",
    "ctre": "centre",
    "dept": "departement",
    "dep": "departement",
    "ets": "etablissements",
    "fed": "federation",
    "fond": "fondation",
    "gpt": "groupement",
    "inst": "institut",
    "intern": "international",
    "mut": "mutuelle",
    "nat": "national",
    "reg": "regional",
    "st": "saint",
    "ste": "sainte",
    "synd": "syndicat",
}
_CORE, _WHOLE = 0.9, 0.1
_CUT = 0.94
"""What a name is worth that is the beginning of the other one, or has it as its beginning."""

_FEWEST_OF_CUT = 12
_UNSPACED = 0.98


@dataclass(frozen=True)
class Spelt:
    """A name as it is compared: all its words, and those that tell it from others (`core`)."""

    all: tuple[str, ...]
    core: tuple[str, ...]


def spelt(name: str) -> Spelt:
    """Return a name as it is compared; where it is nothing but a legal form, that is its core.

    >>> spelt("L'Atelier Commun A.S.B.L.").core
    ('atelier', 'commun')
    """
    found = [_LONG.get(word, word) for word in words(name)]
    plain = _PHRASES.sub(" ", " ".join(found)).split()
    core = tuple(w for w in plain if w not in _SMALL and not _is_form(w))
    return Spelt(tuple(found), core or tuple(found))


def _is_form(word: str) -> bool:
    """Tell whether a word is a legal form, the long one also with mistakes of spelling."""
    if word in LEGAL_FORMS:
        return True
    return Levenshtein.distance(word, _LONGEST_FORM, score_cutoff=_MISTAKES) <= _MISTAKES


def likeness(one: Spelt, other: Spelt) -> float:
    """Return how alike two names are, from 0 to 100; 100 for the same words in any order."""
    if sorted(one.core) == sorted(other.core):
        core = 100.0
    else:
        core = _of_texts(" ".join(one.core), " ".join(other.core))
    whole = fuzz.token_sort_ratio(" ".join(one.all), " ".join(other.all))
    return _CORE * core + _WHOLE * whole


def _of_texts(one: str, other: str) -> float:
    best = max(
        fuzz.token_sort_ratio(one, other),
        _UNSPACED * fuzz.ratio(one.replace(" ", ""), other.replace(" ", "")),
    )
    length = min(len(one), len(other))
    if length >= _FEWEST_OF_CUT:
        best = max(best, _CUT * fuzz.ratio(one[:length], other[:length]))
    return best
