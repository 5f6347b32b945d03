"""Making names of enterprises dirty, as lists that people keep have them; the same ones each time.

Each kind of dirt is a function from a name to what somebody may have written for it.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_ACCENTS = {"e": "éèê", "a": "àâ", "o": "ô", "i": "îï", "u": "ùû", "c": "ç"}
_FORMS = ("ASBL", "VZW", "SCOP", "SCIC", "SARL", "A.S.B.L.", "asbl", "(association)", "SCRL")
_SHORT = {
    "association": "assoc.",
    "atelier": "atel.",
    "bibliotheque": "bibl.",
    "centre": "ctre",
    "comite": "cte",
    "compagnie": "cie",
    "cooperative": "coop",
    "culturelle": "cult.",
    "departement": "dept",
    "familiale": "fam.",
    "federation": "fed.",
    "fondation": "fond.",
    "institut": "inst.",
    "international": "intern.",
    "mutuelle": "mut.",
    "national": "nat.",
    "populaire": "pop.",
    "saint": "st",
    "sociale": "soc.",
    "sportive": "sport.",
}
_CUT_AT = 0.75
_FEWEST_LETTERS = 4


@dataclass(frozen=True)
class Dirty:
    """What somebody wrote: a name, and perhaps the IRI of a region."""

    name: str
    region: str | None = None


def dirty(kind: str, name: str, region: str | None, chance: random.Random) -> Dirty:
    """Return a name with a kind of dirt of `KINDS`; those that say so come with the region."""
    change = _CHANGES[kind.removesuffix(_WITH_REGION)]
    return Dirty(change(name, chance), region if kind.endswith(_WITH_REGION) else None)


def _typo(name: str, chance: random.Random) -> str:
    """Change, leave out, double or swap one letter of a word."""
    places = [i for i, c in enumerate(name[:-1]) if c.isalpha() and name[i + 1].isalpha()]
    if not places:
        return name
    i = chance.choice(places)
    how = chance.randrange(4)
    if how == 0:
        return name[:i] + chance.choice(_LETTERS) + name[i + 1 :]
    if how == 1:
        return name[:i] + name[i + 1 :]
    if how == 2:  # noqa: PLR2004 (one of four)
        return name[:i] + name[i] + name[i:]
    return name[:i] + name[i + 1] + name[i] + name[i + 2 :]


def _typos(name: str, chance: random.Random) -> str:
    return _typo(_typo(name, chance), chance)


def _case(name: str, chance: random.Random) -> str:
    return chance.choice((str.lower, str.title, str.upper))(name)


def _accents(name: str, chance: random.Random) -> str:
    """Put accents on letters that may have one, and take away those that are there."""
    plain = unicodedata.normalize("NFD", name.lower())
    bare = "".join(c for c in plain if not unicodedata.combining(c))
    return "".join(
        chance.choice(_ACCENTS[c]) if c in _ACCENTS and chance.random() < 1 / 4 else c for c in bare
    )


def _form_added(name: str, chance: random.Random) -> str:
    form = chance.choice(_FORMS)
    return chance.choice((f"{name} {form}", f"{form} {name}", f"{name}, {form}"))


def _form_missing(name: str, chance: random.Random) -> str:
    """Leave out a legal form; a name that has none gets one in front."""
    forms = {"association", "asso", "asbl", "scop", "scic", "sarl", "sas"}
    kept = [word for word in name.split() if word.lower().strip("().") not in forms]
    return " ".join(kept) if 1 < len(kept) < len(name.split()) else _form_added(name, chance)


def _abbreviated(name: str, chance: random.Random) -> str:
    """Write a known word short; where there is none, a long one without its end."""
    found = name.split()
    known = [i for i, word in enumerate(found) if word.lower() in _SHORT]
    if known:
        i = chance.choice(known)
        found[i] = _SHORT[found[i].lower()]
        return " ".join(found)
    longest = max(range(len(found)), key=lambda i: len(found[i]))
    if len(found[longest]) > _FEWEST_LETTERS:
        found[longest] = found[longest][:-2] + "."
    return " ".join(found)


def _order(name: str, chance: random.Random) -> str:
    found = name.split()
    chance.shuffle(found)
    return " ".join(found)


def _cut(name: str, _: random.Random) -> str:
    """Leave out the end, as a column of a fixed width does."""
    return name[: max(12, int(len(name) * _CUT_AT))].rstrip()


def _joined(name: str, chance: random.Random) -> str:
    """Write two neighbouring words as one, or with a hyphen."""
    found = name.split()
    i = chance.randrange(max(1, len(found) - 1))
    return " ".join([*found[:i], chance.choice(("", "-")).join(found[i : i + 2]), *found[i + 2 :]])


def _all(name: str, chance: random.Random) -> str:
    return _case(_form_added(_accents(_typo(name, chance), chance), chance), chance)


_WITH_REGION = ", with region"
_CHANGES: dict[str, Callable[[str, random.Random], str]] = {
    "a typo": _typo,
    "two typos": _typos,
    "case": _case,
    "accents": _accents,
    "legal form added": _form_added,
    "legal form missing": _form_missing,
    "abbreviated": _abbreviated,
    "word order": _order,
    "cut": _cut,
    "words joined": _joined,
    "several at once": _all,
}
KINDS = (*_CHANGES, *(f"{k}{_WITH_REGION}" for k in ("two typos", "cut", "several at once")))
"""The kinds of dirt."""
