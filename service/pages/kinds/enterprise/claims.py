"""Who counts an enterprise as social and solidarity economy, by which rule, and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vises.service.pages.labels import is_true
from vises.service.pages.things import latest_first

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pyoxigraph import NamedNode

    from vises.service.pages.kinds.enterprise.gathering import Gathered
    from vises.service.pages.labels import Name
    from vises.service.pages.model import Mention, Value
    from vises.service.pages.telling import Telling
    from vises.service.pages.things import Thing


@dataclass(frozen=True)
class Claim:
    """One claim: the rule and what it says, whether it counts the enterprise in, who says so, when.

    `link` leads to the claim itself.
    """

    perimeter: Value
    rule: Name | None
    counts: bool
    sources: tuple[Mention, ...]
    day: str
    link: str | None
    fictitious: bool


@dataclass(frozen=True)
class Claims:
    """All claims, the latest of each rule first in its rule, and the rules nobody applied.

    `yes` and `no` are how many rules count the enterprise in and out, by their latest claim.
    """

    claims: tuple[Claim, ...]
    silent: tuple[Mention, ...]
    yes: int
    no: int
    cut: bool

    @property
    def verdict(self) -> str:
        """Return `none`, `yes`, `no` or `mixed`."""
        if self.yes and self.no:
            return "mixed"
        return "yes" if self.yes else "no" if self.no else "none"


def claims_of(gathered: Gathered, telling: Telling) -> Claims:
    """Return the claims as the page tells them."""
    latest = counted(gathered)
    silent = [iri for iri in gathered.perimeters if iri not in latest]
    found = [_claim(thing, gathered.perimeters, telling) for thing in _latest_first(gathered)]
    return Claims(
        claims=tuple(sorted(found, key=lambda c: c.perimeter.mention.name.text.casefold())),
        silent=_by_name([telling.speaker.thing(iri.value) for iri in silent]),
        yes=sum(latest.values()),
        no=len(latest) - sum(latest.values()),
        cut=gathered.claims.cut,
    )


def counted(gathered: Gathered) -> Mapping[NamedNode, bool]:
    """Return by rule whether its latest claim counts the enterprise in."""
    found: dict[NamedNode, bool] = {}
    for thing in _latest_first(gathered):
        perimeter = thing.thing("vises:perimeter")
        if perimeter is not None:
            found.setdefault(perimeter, _counts(thing))
    return found


def _claim(thing: Thing, perimeters: Mapping[NamedNode, Thing], telling: Telling) -> Claim:
    perimeter = thing.thing("vises:perimeter")
    known = perimeters.get(perimeter) if perimeter else None
    return Claim(
        perimeter=telling.cited(thing, telling.mention(thing, "vises:perimeter")),
        rule=telling.text(known, "skos:definition") if known else None,
        counts=_counts(thing),
        sources=telling.mentions(thing, "dcterms:source"),
        day=telling.day(thing.value("vises:asOf")),
        link=telling.speaker.addresses.href(thing.iri.value),
        fictitious=thing.fictitious,
    )


def _latest_first(gathered: Gathered) -> Sequence[Thing]:
    return latest_first(gathered.claims.things, "vises:asOf")


def _counts(thing: Thing) -> bool:
    value = thing.value("vises:countsAsSse")
    return value is not None and is_true(value)


def _by_name(mentions: Sequence[Mention]) -> tuple[Mention, ...]:
    return tuple(sorted(mentions, key=lambda m: m.name.text.casefold()))
