"""From a query to what is sought in an index: identifiers in any spelling, regions by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vises.service.iris import last_part
from vises.service.reconciliation.terms import IDENTIFIER, PLACE, REGION, TYPES
from vises.service.search.codes import REGIONS
from vises.service.search.matching import (
    IDENTIFIER as IDENTIFIER_FEATURE,
)
from vises.service.search.matching import (
    PLACE_FEATURE,
    REGION_FEATURE,
    Sought,
)
from vises.service.search.words import compact, fold, read

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vises.service.reconciliation.batch import Query
    from vises.service.search.codes import Codes

_FEATURES = {IDENTIFIER: IDENTIFIER_FEATURE, REGION: REGION_FEATURE, PLACE: PLACE_FEATURE}
_FEWEST_DIGITS = 9
"""How many digits make a number inside a name an identifier: a SIREN has 9, others have more."""


def sought(query: Query, codes: Codes) -> Sought:
    """Return what a query seeks."""
    regions = query.values(REGION)
    return Sought(
        name=query.name,
        codes=_distinct(code for text in query.values(IDENTIFIER) for code in _codes(text)),
        named_codes=_distinct(_named_codes(query.name)),
        regions=_regions(regions, codes) if regions else None,
        places=query.values(PLACE),
        kinds=[TYPES[name][0] for name in query.types],
        limit=query.limit,
        required=[_FEATURES[c.comparison] for c in query.conditions if c.required],
    )


def _codes(text: str) -> list[str]:
    """Return the spellings of an identifier, which may be one of this service."""
    found = list(read(text).codes)
    return [*found, compact(last_part(text))[:64]] if "/" in text else found


def _named_codes(name: str) -> list[str]:
    """Return the identifiers that a name is, or has in it."""
    inside = [
        code
        for item in read(name).items
        if sum(letter.isdecimal() for letter in item.text) >= _FEWEST_DIGITS
        for code in item.codes
    ]
    return [*_codes(name), *inside]


def _regions(texts: Iterable[str], codes: Codes) -> list[str]:
    """Return the IRIs of regions given by code, IRI or name in any language, and those within."""
    found: set[str] = set()
    for text in texts:
        code = REGIONS + last_part(text).upper()
        named = {code} if codes.known(code) else _named(text, codes)
        for one in named:
            found.update(codes.within(one, codes.all()))
    return sorted(found)


def _named(text: str, codes: Codes) -> set[str]:
    wanted = compact(fold(text))
    return {
        code
        for code, labels in codes.labels.items()
        if code.startswith(REGIONS) and any(compact(v.value) == wanted for _, v in labels)
    }


def _distinct(codes: Iterable[str]) -> list[str]:
    return [code for code in dict.fromkeys(codes) if code]
