"""Fetching what the portrait of an enterprise is made of, a bounded number of each kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from vises.namespaces import term
from vises.service.pages.others import others
from vises.service.pages.things import Found, described, found

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pyoxigraph import Quad

    from vises.service.graph import Graph
    from vises.service.pages.description import Description
    from vises.service.pages.subject import Subject
    from vises.service.pages.things import Thing

MOST_CLAIMS = 24
MOST_RESULTS = 40
MOST_ACCOUNTS = 10
MOST_TRIALS = 5
MOST_PARTS = 200
MOST_MEMBERSHIPS = 20
MOST_FIGURES = 40
MOST_PERIMETERS = 40
MOST_NEIGHBOURS = 8
MOST_VALUES = 20
"""How many of each kind a portrait shows: a page on paper, and under 100 kB."""

_IDENTIFIER = term("adms:identifier")


@dataclass(frozen=True)
class Gathered:
    """What the portrait of an enterprise is made of.

    `places` are the regions that it is in and `activities` what it does, from the narrowest to the
    widest; `figures` are those of the regions in that order, the latest of each first. `others`
    describes what else refers to the enterprise.
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
            *(self.trials, self.parts, self.memberships, self.figures),
        ):
            yield from things.mentioned()
        yield from (*self.perimeters, *self.places, *self.activities, *self.neighbours)


async def gather(subject: Subject) -> Gathered:
    """Return what the portrait of an enterprise is made of. Raises what `Graph.select` does."""
    graph, iri, quads = subject.visit.graph, subject.iri, subject.quads
    one = [iri]
    claims = await found(graph, "enterprise-claims", one, MOST_CLAIMS)
    trials = await found(graph, "enterprise-trials", one, MOST_TRIALS)
    asked = [trial.iri for trial in trials.things]
    places, activities = await _places(graph, iri)
    neighbours = await graph.select("enterprise-neighbours", resources=one)
    near = [row["thing"] for row in neighbours]
    results = await found(graph, "enterprise-results", one, MOST_RESULTS)
    accounts = await found(graph, "enterprise-accounts", one, MOST_ACCOUNTS)
    memberships = await found(graph, "enterprise-memberships", one, MOST_MEMBERSHIPS)
    sections = {
        "vises:SseStatusClaim": claims,
        "vises:IndicatorResult": results,
        "vises:QualitativeAccount": accounts,
        "vises:Trial": trials,
        "vises:FederationMembership": memberships,
    }
    return Gathered(
        own=subject.portrait(MOST_VALUES, without={_IDENTIFIER}),
        identifiers=await _identifiers(graph, iri, quads),
        claims=claims,
        perimeters=await _perimeters(graph, claims, places),
        results=results,
        accounts=accounts,
        trials=trials,
        parts=await found(graph, "trial-parts", asked, MOST_PARTS) if asked else Found(),
        memberships=memberships,
        places=places,
        activities=activities,
        figures=await _figures(graph, places),
        neighbours=[n for n in near if isinstance(n, NamedNode)][:MOST_NEIGHBOURS],
        neighbours_cut=len(near) > MOST_NEIGHBOURS,
        others=await others(subject, sections),
    )


async def _identifiers(graph: Graph, iri: NamedNode, quads: Sequence[Quad]) -> Found:
    iris = [q.object for q in quads if q.subject == iri and q.predicate == _IDENTIFIER]
    named = sorted({o for o in iris if isinstance(o, NamedNode)}, key=str)
    about = await described(graph, named[:MOST_VALUES])
    return Found(list(about.values()), cut=len(named) > MOST_VALUES)


async def _places(graph: Graph, iri: NamedNode) -> tuple[Sequence[NamedNode], Sequence[NamedNode]]:
    """Return the regions and the activities, the narrowest first: their codes are the longest."""
    rows = await graph.select("enterprise-places", resources=[iri])
    by: dict[object, list[NamedNode]] = {}
    for row in rows:
        if isinstance(row["place"], NamedNode):
            by.setdefault(row["by"], []).append(row["place"])
    regions, activities = (by.get(term(f"vises:{name}"), []) for name in ("region", "activity"))
    return (
        sorted(set(regions), key=lambda n: (-len(n.value), n.value)),
        sorted(set(activities), key=lambda n: (-len(n.value), n.value)),
    )


async def _perimeters(
    graph: Graph, claims: Found, places: Sequence[NamedNode]
) -> Mapping[NamedNode, Thing]:
    """Return the rules of the claims, and those by which somebody counts where it is."""
    there = await found(graph, "region-perimeters", places, MOST_PERIMETERS)
    applied = {claim.thing("vises:perimeter") for claim in claims.things}
    known = {thing.iri: thing for thing in there.things}
    more = await described(graph, [iri for iri in applied if iri and iri not in known])
    return {**known, **more}


async def _figures(graph: Graph, places: Sequence[NamedNode]) -> Found:
    """Return the latest figures of each region, the narrowest region first."""
    by_place = [await found(graph, "region-figures", [place], MOST_FIGURES) for place in places]
    return Found([thing for figures in by_place for thing in figures.things])
