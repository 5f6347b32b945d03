"""The official number of an enterprise as its country writes it, from the code in its IRI."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vises.service.texts import Texts

_SPACE = "\u00a0"
_FORMS = {
    "reconcile.siren": (re.compile(r"enterprise/fr-(\d{3})(\d{3})(\d{3})", re.ASCII), _SPACE),
    "reconcile.kbo": (re.compile(r"enterprise/be-(\d{4})(\d{3})(\d{3})", re.ASCII), "."),
}
"""By the text that names the number: the code that it is in, and what parts its groups of digits.

The French institute of statistics puts spaces, the Belgian register (KBO-BCE) points.
"""


@dataclass(frozen=True)
class OfficialNumber:
    """A number, and what people call it."""

    kind: str
    text: str


def official_number(code: str, words: Texts) -> OfficialNumber | None:
    """Return the number that a code (an IRI without our base) has in it, None for no such code.

    >>> from vises.service.texts import texts
    >>> official_number("enterprise/be-0872480059", texts("fr"))
    OfficialNumber(kind='Numéro BCE', text='0872.480.059')
    """
    for key, (form, between) in _FORMS.items():
        if match := form.fullmatch(code):
            return OfficialNumber(words(key), between.join(match.groups()))
    return None
