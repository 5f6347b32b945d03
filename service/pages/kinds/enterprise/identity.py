"""Who an enterprise is: its numbers with the registers that gave them, and what it belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vises.service.pages.kinds.enterprise.registers import register_page
from vises.service.pages.things import latest_first

if TYPE_CHECKING:
    from vises.service.pages.kinds.enterprise.gathering import Gathered
    from vises.service.pages.model import Mention, Value
    from vises.service.pages.telling import Telling
    from vises.service.pages.things import Thing


@dataclass(frozen=True)
class Number:
    """An official number: its kind, who gives it, and where the register shows it.

    The number of something made up is in no register, so it leads nowhere.
    """

    kind: Mention | None
    value: Value
    agency: Mention | None
    register: str | None


@dataclass(frozen=True)
class Membership:
    """What an enterprise is a member of, when, and who says so."""

    organisation: Value
    period: str
    sources: tuple[Mention, ...]


@dataclass(frozen=True)
class Link:
    """Another record of the same enterprise, as a source says: on what basis, and when."""

    record: Value
    basis: Mention | None
    day: str


@dataclass(frozen=True)
class Identity:
    """The numbers, memberships and links; `cut` flags say that there are more of them."""

    numbers: tuple[Number, ...]
    numbers_cut: bool
    memberships: tuple[Membership, ...]
    memberships_cut: bool
    links: tuple[Link, ...]
    links_cut: bool


def identity_of(gathered: Gathered, telling: Telling, *, fictitious: bool) -> Identity:
    """Return who the enterprise is; `fictitious` says that it is made up."""
    numbers = [_number(t, telling, fictitious=fictitious) for t in gathered.identifiers.things]
    return Identity(
        numbers=tuple(sorted(numbers, key=lambda n: n.kind.name.text if n.kind else "")),
        numbers_cut=gathered.identifiers.cut,
        memberships=tuple(
            _membership(thing, telling)
            for thing in latest_first(gathered.memberships.things, "schema:startDate")
        ),
        memberships_cut=gathered.memberships.cut,
        links=tuple(
            _link(thing, gathered, telling)
            for thing in latest_first(gathered.links.things, "vises:asOf")
        ),
        links_cut=gathered.links.cut,
    )


def _number(thing: Thing, telling: Telling, *, fictitious: bool) -> Number:
    scheme = thing.thing("dcterms:type")
    written = thing.text("skos:notation")
    page = register_page(scheme.value, written) if scheme and not fictitious else None
    creator = telling.mention(thing, "dcterms:creator")
    return Number(
        kind=telling.mention(thing, "dcterms:type"),
        value=telling.cited(thing),
        agency=creator or telling.mention(thing, "adms:schemeAgency"),
        register=page,
    )


def _membership(thing: Thing, telling: Telling) -> Membership:
    return Membership(
        organisation=telling.cited(thing, telling.mention(thing, "org:organization")),
        period=telling.span(thing.value("schema:startDate"), thing.value("schema:endDate")),
        sources=telling.mentions(thing, "dcterms:source"),
    )


def _link(thing: Thing, gathered: Gathered, telling: Telling) -> Link:
    here = gathered.own.iri
    other = "vises:about" if thing.thing("vises:matches") == here else "vises:matches"
    return Link(
        record=telling.cited(thing, telling.mention(thing, other)),
        basis=telling.mention(thing, "vises:matchBasis"),
        day=telling.day(thing.value("vises:asOf")),
    )
