"""Which of the offered forms a client prefers (RFC 9110, section 12.5).

Accept-Charset is not read: the section says that it is of no use any more, and all our text is in
UTF-8, which its Content-Type says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING

from vises.errors import sentence
from vises.store.encoding import CODINGS, IDENTITY
from vises.store.engine import NotAcceptable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

MOST_RANGES = 100

_QUOTED = r'"(?:[^"\\]|\\.)*+(?:"|\\?$)'
"""A quoted string. One without its end goes on to that of the header, so that it is read once."""

_PART = re.compile(rf'(?:[^,"]|{_QUOTED})++')
_PARAMETER = re.compile(rf";\s*+([\w-]++)\s*+=\s*+({_QUOTED}|[^;\s]*+)")
_QUALITY = re.compile(r"(?:0|0?\.\d+|0\.|1(?:\.0*)?)")
_KEPT_HEADERS = 64
"""How many Accept-Encoding headers are remembered: clients send the same few with every request."""
_LAST_RESORT = 0.0001
"""The weight of an uncompressed body where the client does not speak of it: less than any other."""


@dataclass(frozen=True)
class Preference:
    """One item of an Accept header of any kind: what is wanted, and how much (0 to 1)."""

    wanted: str
    quality: float


@dataclass(frozen=True)
class Coding:
    """The content coding that a client prefers; `forced`: it does not take an uncompressed body."""

    name: str
    forced: bool = False


UNCODED = Coding(IDENTITY)


def preferences(header: str | None) -> tuple[Preference, ...]:
    """Return the items of a header; an absent or empty header wants anything.

    Parameters other than `q` are dropped, as is an item whose `q` is not a weight; of a header of
    more than 100 items only the first 100 count. Weights as real clients write them are read, too:
    without the 0 before the point (Java's HttpURLConnection), or with more than three digits.

    >>> [(p.wanted, p.quality) for p in preferences("text/turtle;charset=utf-8;q=0.5, */*;q=0.1")]
    [('text/turtle', 0.5), ('*/*', 0.1)]
    """
    items = tuple(islice(_items(header or ""), MOST_RANGES))
    return items or (Preference("*/*", 1.0),)


def unacceptable(forms: Iterable[str]) -> NotAcceptable:
    """Return the error for an Accept header that takes none of some forms (section 15.5.7)."""
    return NotAcceptable(
        sentence("no-accepted-form", "This has no form that the request accepts."),
        place="header Accept",
        remedy=sentence("accept-one-of", "Accept one of {forms}.", forms=", ".join(forms)),
    )


def best_media_type(
    header: str | None, offers: Sequence[str], worth: Mapping[str, float] = MappingProxyType({})
) -> str | None:
    """Return the offer that an Accept header prefers, None where it accepts none of them.

    Of equally good offers the one wins that the header names most exactly, then the first one, so
    `offers` begins with what we prefer. Where the best one is among some that have a `worth`, it is
    chosen among these, the weight of each multiplied by it.

    >>> best_media_type("text/html, */*;q=0.8", ["text/turtle", "text/html"])
    'text/html'
    >>> best_media_type("*/*, text/html", ["text/turtle", "text/html"])
    'text/html'
    >>> best_media_type("image/png", ["text/turtle"]) is None
    True
    >>> best_media_type("a/b, a/c;q=0.9, d/e;q=0.9", ["d/e", "a/b", "a/c"], {"a/b": 0.8, "a/c": 1})
    'a/c'
    """
    wanted = preferences(header)
    weighed = [(offer, _media_quality(offer, wanted)) for offer in offers]
    best = _best(weighed)
    if best not in worth:
        return best
    return _best([(o, (weight * worth[o], how)) for o, (weight, how) in weighed if o in worth])


def best_language(header: str | None, offers: Sequence[str]) -> str | None:
    """Return the offered language that an Accept-Language header prefers (RFC 4647, section 3.4).

    A wish for a variety (`fr-BE`) is met by the language (`fr`).

    >>> best_language("de, fr-BE;q=0.9, en;q=0.8", ["en", "fr", "nl"])
    'fr'
    """
    wanted = preferences(header)
    return _best([(offer, (_language_quality(offer, wanted), 0)) for offer in offers])


@lru_cache(maxsize=_KEPT_HEADERS)
def best_coding(header: str | None, offers: tuple[str, ...] = CODINGS) -> Coding:
    """Return the content coding that an Accept-Encoding header prefers (section 12.5.3).

    Without a header the body is sent as it is, and so it is where nothing is acceptable. Of equally
    wanted codings the first one offered wins.

    >>> best_coding("gzip, br;q=0.5")
    Coding(name='gzip', forced=False)
    >>> best_coding("gzip, *;q=0")
    Coding(name='gzip', forced=True)
    """
    if not header or not header.strip():
        return UNCODED
    weights = _coding_weights(header)
    plain = _plain_weight(weights)
    anything = weights.get("*", 0.0)
    best = max(offers, key=lambda offer: weights.get(offer, anything))
    quality = weights.get(best, anything)
    return Coding(best, forced=plain == 0) if quality > 0 and quality >= plain else UNCODED


@lru_cache(maxsize=_KEPT_HEADERS)
def accepted_codings(header: str | None) -> frozenset[str]:
    """Return the content codings that an Accept-Encoding header accepts, `identity` among them.

    Where it accepts none the body is sent as it is, so that is what its client holds.
    """
    if not header or not header.strip():
        return frozenset({IDENTITY})
    weights = _coding_weights(header)
    accepted = {c for c in CODINGS if weights.get(c, weights.get("*", 0.0)) > 0}
    plain = _plain_weight(weights) > 0 or not accepted
    return frozenset(accepted | {IDENTITY} if plain else accepted)


def _plain_weight(weights: Mapping[str, float]) -> float:
    return weights.get(IDENTITY, weights.get("*", _LAST_RESORT))


def _coding_weights(header: str) -> dict[str, float]:
    """Return the weight of each coding that a header names; x-gzip is gzip (section 8.4.1.3)."""
    weights: dict[str, float] = {}
    for item in islice(_items(header), MOST_RANGES):
        name = item.wanted.removeprefix("x-")
        weights[name] = max(item.quality, weights.get(name, 0.0))
    return weights


def _items(header: str) -> Iterator[Preference]:
    for match in _PART.finditer(header):
        part = match[0]
        wanted, _, rest = part.partition(";")
        parameters = {k.lower(): v for k, v in _PARAMETER.findall(";" + rest)}
        quality = parameters.get("q", "1")
        if wanted.strip() and _QUALITY.fullmatch(quality):
            yield Preference(wanted.strip().lower(), float(quality))


def _media_quality(offer: str, wanted: Sequence[Preference]) -> tuple[float, int]:
    """Return the weight of the most specific range that covers `offer`, and how specific it is."""
    covers = ({offer}, {offer.partition("/")[0] + "/*"}, {"*/*", "*"})
    for exactness, cover in enumerate(covers):
        weights = [p.quality for p in wanted if p.wanted in cover]
        if weights:
            return max(weights), -exactness
    return 0.0, 0


def _language_quality(offer: str, wanted: Sequence[Preference]) -> float:
    exact = [p.quality for p in wanted if p.wanted.partition("-")[0] == offer]
    rest = [p.quality for p in wanted if p.wanted in {"*", "*/*"}]
    return max(exact or rest or [0.0])


def _best(weighed: Sequence[tuple[str, tuple[float, int]]]) -> str | None:
    offer, (weight, _) = max(weighed, key=lambda item: item[1])
    return offer if weight > 0 else None
