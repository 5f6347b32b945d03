"""Which of the offered media types and languages a client prefers (RFC 9110, section 12.5)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST_RANGES = 100

_QUOTED = r'"(?:[^"\\]|\\.)*+(?:"|\\?$)'
"""A quoted string. One without its end goes on to that of the header, so that it is read once."""

_PART = re.compile(rf'(?:[^,"]|{_QUOTED})++')
_PARAMETER = re.compile(rf";\s*+([\w-]++)\s*+=\s*+({_QUOTED}|[^;\s]*+)")
_QUALITY = re.compile(r"(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)")


@dataclass(frozen=True)
class Preference:
    """One item of an Accept or Accept-Language header: what is wanted, and how much (0 to 1)."""

    wanted: str
    quality: float


def preferences(header: str | None) -> tuple[Preference, ...]:
    """Return the items of a header; an absent or empty header wants anything.

    Parameters other than `q` are dropped, as is an item whose `q` is not a weight; of a header of
    more than 100 items only the first 100 count.

    >>> [(p.wanted, p.quality) for p in preferences("text/turtle;charset=utf-8;q=0.5, */*;q=0.1")]
    [('text/turtle', 0.5), ('*/*', 0.1)]
    """
    items = tuple(islice(_items(header or ""), MOST_RANGES))
    return items or (Preference("*/*", 1.0),)


def best_media_type(header: str | None, offers: Sequence[str]) -> str | None:
    """Return the offer that an Accept header prefers, None where it accepts none of them.

    Of equally good offers the first one wins, so `offers` begins with what we prefer.

    >>> best_media_type("text/html, */*;q=0.8", ["text/turtle", "text/html"])
    'text/html'
    >>> best_media_type("image/png", ["text/turtle"]) is None
    True
    """
    wanted = preferences(header)
    return _best([(offer, _media_quality(offer, wanted)) for offer in offers])


def best_language(header: str | None, offers: Sequence[str]) -> str | None:
    """Return the offered language that an Accept-Language header prefers (RFC 4647, section 3.4).

    A wish for a variety (`fr-BE`) is met by the language (`fr`).

    >>> best_language("de, fr-BE;q=0.9, en;q=0.8", ["en", "fr", "nl"])
    'fr'
    """
    wanted = preferences(header)
    return _best([(offer, _language_quality(offer, wanted)) for offer in offers])


def _items(header: str) -> Iterator[Preference]:
    for match in _PART.finditer(header):
        part = match[0]
        wanted, _, rest = part.partition(";")
        parameters = {k.lower(): v for k, v in _PARAMETER.findall(";" + rest)}
        quality = parameters.get("q", "1")
        if wanted.strip() and _QUALITY.fullmatch(quality):
            yield Preference(wanted.strip().lower(), float(quality))


def _media_quality(offer: str, wanted: Sequence[Preference]) -> float:
    """Return the weight of the most specific range that covers `offer`."""
    for cover in (offer, offer.partition("/")[0] + "/*", "*/*"):
        weights = [p.quality for p in wanted if p.wanted == cover]
        if weights:
            return max(weights)
    return 0.0


def _language_quality(offer: str, wanted: Sequence[Preference]) -> float:
    exact = [p.quality for p in wanted if p.wanted.partition("-")[0] == offer]
    rest = [p.quality for p in wanted if p.wanted in {"*", "*/*"}]
    return max(exact or rest or [0.0])


def _best(weighed: Sequence[tuple[str, float]]) -> str | None:
    offer, weight = max(weighed, key=lambda item: item[1])
    return offer if weight > 0 else None
