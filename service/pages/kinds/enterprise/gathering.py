"""Fetching what the portrait of an enterprise is made of, a bounded number of each kind."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from vises.namespaces import term
from vises.service.pages.kinds.enterprise.figures import figures_around
from vises.service.pages.others import others, referring
from vises.service.pages.things import Listed, described, listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from vises.service.graph import Graph
    from vises.service.pages.description import Description
    from vises.service.pages.subject import Subject
    from vises.service.pages.things import Found, Thing

MOST_CLAIMS = 24
MOST_RESULTS = 40
MOST_ACCOUNTS = 10
MOST_TRIALS = 5
MOST_PARTS = 200
MOST_MEMBERSHIPS = 20
MOST_LINKS = 20
MOST_PERIMETERS = 40
MOST_NEIGHBOURS = 8
MOST_VALUES = 20
"""How many of each kind a portrait shows: a page on paper, and under 100 kB."""

_CLASSES = (
    "vises:SseStatusClaim",
    "vises:IndicatorResult",
    "vises:QualitativeAccount",
    "vises:Trial",
    "vises:FederationMembership",
    "vises:IdentityLink",
)
"""The classes of the things that refer to an enterprise and that its portrait has a place for."""

_IDENTIFIER = term("adms:identifier")


@dataclass(frozen=True)
class Gathered:
    """What the portrait of an enterprise is made of.

    `places` are the regions that it is in and `activities` what it does, from the narrowest to the
    widest; `figures` are what `figures_around` returns. `others` describes what else refers to the
    enterprise.
    """

    own: Description
    identifiers: Found
    claims: Found
    perimeters: Mapping[NamedNode, Thing]
    results: Found
    accounts: Found
    trials: Found
    parts: Found
    memberships: Found
    links: Found
    places: Sequence[NamedNode]
    activities: Sequence[NamedNode]
    figures: Found
    neighbours: Sequence[NamedNode]
    neighbours_cut: bool
    others: Description

    def mentioned(self) -> Iterator[NamedNode]:
        """Yield every IRI that the page has to name."""
        yield from self.own.mentioned()
        yield from self.others.mentioned()
        for things in (
            *(self.identifiers, self.claims, self.results, self.accounts),
            *(self.trials, self.parts, self.memberships, self.links, self.figures),
        ):
            yield from things.mentioned()
        yield from (*self.perimeters, *self.places, *self.activities, *self.neighbours)


async def gather(subject: Subject) -> Gathered:
    """Return what the portrait of an enterprise is made of.

    What all of it says is asked for at once. Raises what `Graph.select` does.
    """
    graph, one = subject.visit.graph, [subject.iri]
    lists = asyncio.gather(
        listed(graph, "enterprise-claims", one, MOST_CLAIMS),
        listed(graph, "enterprise-results", one, MOST_RESULTS),
        listed(graph, "enterprise-accounts", one, MOST_ACCOUNTS),
        listed(graph, "enterprise-trials", one, MOST_TRIALS),
        listed(graph, "enterprise-memberships", one, MOST_MEMBERSHIPS),
        listed(graph, "enterprise-links", one, MOST_LINKS),
        listed(graph, "enterprise-neighbours", one, MOST_NEIGHBOURS),
    )
    places, activities = await _places(graph, subject.iri)
    claims, results, accounts, trials, memberships, links, neighbours = await lists
    parts = await listed(graph, "trial-parts", trials.iris, MOST_PARTS) if trials.iris else Listed()
    perimeters = await listed(graph, "region-perimeters", places, MOST_PERIMETERS)
    figures = Listed(await figures_around(graph, places, activities))
    identifiers = _identifiers(subject)
    sections = (claims, results, accounts, trials, memberships, links)
    shown = {iri for section in sections for iri in section.iris}
    beside = {iri for each in (parts, perimeters, figures, identifiers) for iri in each.iris}
    about = await described(graph, {*shown, *beside, *referring(subject, shown)})
    applied = {about[iri].thing("vises:perimeter") for iri in claims.iris if iri in about}
    more = await described(graph, {p for p in applied if p and p not in about})
    return Gathered(
        own=subject.portrait(MOST_VALUES, without={_IDENTIFIER}),
        identifiers=identifiers.found(about),
        claims=claims.found(about),
        perimeters={**{iri: about[iri] for iri in perimeters.iris if iri in about}, **more},
        results=results.found(about),
        accounts=accounts.found(about),
        trials=trials.found(about),
        parts=parts.found(about),
        memberships=memberships.found(about),
        links=links.found(about),
        places=places,
        activities=activities,
        figures=figures.found(about),
        neighbours=neighbours.iris,
        neighbours_cut=neighbours.cut,
        others=others(
            subject,
            dict(zip(_CLASSES, (s.found(about) for s in sections), strict=True)),
            about,
        ),
    )


def _identifiers(subject: Subject) -> Listed:
    named = {
        q.object
        for q in subject.quads
        if q.subject == subject.iri
        and q.predicate == _IDENTIFIER
        and isinstance(q.object, NamedNode)
    }
    return Listed(sorted(named, key=str)[:MOST_VALUES], cut=len(named) > MOST_VALUES)


async def _places(graph: Graph, iri: NamedNode) -> tuple[Sequence[NamedNode], Sequence[NamedNode]]:
    """Return the regions and the activities, the narrowest first: their codes are the longest."""
    rows = await graph.select("enterprise-places", resources=[iri])
    by: dict[object, set[NamedNode]] = {}
    for row in rows:
        if isinstance(row["place"], NamedNode):
            by.setdefault(row["by"], set()).add(row["place"])
    regions, activities = (by.get(term(f"vises:{name}"), set()) for name in ("region", "activity"))
    return _narrowest(regions), _narrowest(activities)


def _narrowest(places: Iterable[NamedNode]) -> list[NamedNode]:
    return sorted(places, key=lambda place: (-len(place.value), place.value))
