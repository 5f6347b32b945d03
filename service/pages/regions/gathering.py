"""Asking a release for what the page of a region shows."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from vises.service.pages.labels import is_true
from vises.service.pages.regions import breaks as breaking
from vises.service.pages.regions import figures as published
from vises.service.pages.regions.breaks import SeriesBreak, breaks_of
from vises.service.pages.regions.enterprises import EnterpriseCounts, enterprise_counts
from vises.service.pages.regions.figures import Figure, People, read_figures, read_people
from vises.service.pages.withholding import origins_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from vises.service.graph import Row
    from vises.service.pages.regions.atlas import Atlas
    from vises.service.pages.visit import Visit
    from vises.service.pages.withholding import Origins

MOST_EMPTY = 50
"""How many empty cells a page shows, the latest; question S7 has them all."""


@dataclass(frozen=True)
class RegionFacts:
    """What the release says of one region under all its codes; `cut`: there are more figures."""

    iri: str
    codes: Sequence[str]
    figures: Sequence[Figure]
    people: Sequence[People]
    breaks: Sequence[SeriesBreak]
    cut: bool

    def mentioned(self) -> set[NamedNode]:
        """Return the IRIs that their tables name."""
        return published.mentioned(self.figures, self.people) | breaking.mentioned(self.breaks)


async def region_facts(visit: Visit, found: Atlas, iri: str) -> RegionFacts:
    """Return the figures of a region, its inhabitants, and the breaks of its series."""
    codes = found.same(iri)
    nodes = [NamedNode(code) for code in codes]
    above = {whole for code in codes for whole in found.above(code)}
    rows, notes, people, breaks = await asyncio.gather(
        visit.graph.select("figures-of-regions", resources=nodes),
        visit.graph.select("notes-of-figures", resources=nodes),
        visit.graph.select("region-people", resources=nodes),
        breaks_of(visit, {*codes, *above}),
    )
    figures = read_figures(rows, notes)
    cut = len(rows) > published.MOST_FIGURES
    return RegionFacts(iri, codes, figures, read_people(people), breaks, cut)


async def sectors_above(visit: Visit, figures: Iterable[Figure]) -> Mapping[str, set[str]]:
    """Return the sectors that the sectors of some figures are parts of."""
    sectors = {NamedNode(f.sector) for f in figures if f.sector}
    found: dict[str, set[str]] = defaultdict(set)
    for row in await visit.graph.select("above", resources=sectors) if sectors else ():
        sector, above = row["resource"], row["above"]
        if isinstance(sector, NamedNode) and isinstance(above, NamedNode):
            found[sector.value].add(above.value)
    return found


async def scopes(visit: Visit, figures: Iterable[Figure]) -> Mapping[str, Sequence[Literal]]:
    """Return what to heed of the perimeters of some figures, in every language."""
    perimeters = {NamedNode(f.perimeter) for f in figures}
    found: dict[str, list[Literal]] = defaultdict(list)
    for row in await visit.graph.select("scope-notes", resources=perimeters) if perimeters else ():
        perimeter, note = row["resource"], row["note"]
        if isinstance(perimeter, NamedNode) and isinstance(note, Literal):
            found[perimeter.value].append(note)
    return found


@dataclass(frozen=True)
class Around:
    """What is in a region: some enterprises, and how many there are (None: not counted).

    `below` are the region and its parts, `above` the regions that hold it, under all their codes.
    """

    sample: Sequence[NamedNode]
    counts: EnterpriseCounts | None
    below: Sequence[str]
    above: Sequence[str]

    def mentioned(self) -> set[NamedNode]:
        """Return the IRIs that the page names."""
        families = self.counts.within(self.below) if self.counts else ()
        return {*self.sample, *(NamedNode(family) for family in families if family)}


async def enterprises_around(visit: Visit, found: Atlas, iri: str) -> Around:
    """Return the enterprises of a region and its parts, under all their codes."""
    same = found.same(iri)
    below = list(dict.fromkeys(part for code in same for part in found.below(code)))
    above = list(dict.fromkeys(whole for code in same for whole in found.above(code)))
    rows, counts = await asyncio.gather(
        visit.graph.select("region-enterprises", resources=[NamedNode(part) for part in below]),
        enterprise_counts(visit),
    )
    return Around(list(_named(rows, "enterprise")), counts, below, above)


def _named(rows: Iterable[Row], key: str) -> Iterable[NamedNode]:
    return (value for row in rows if isinstance(value := row[key], NamedNode))


@dataclass(frozen=True)
class Suppressed:
    """A cell that a publication leaves empty, and the rule that demands it."""

    period: str
    measure: str
    family: str
    perimeter: str
    publication: str
    rule: str
    sector: str | None = field(kw_only=True)
    fictitious: bool = field(kw_only=True)

    @property
    def names(self) -> Sequence[str]:
        """The IRIs that a table of cells names."""
        always = (self.measure, self.family, self.perimeter, self.publication, self.rule)
        return [*always, self.sector] if self.sector else always


@dataclass(frozen=True)
class Empty:
    """The empty cells of a region, the latest first, and what their tables are computed from.

    `cut` says that there are more of them.
    """

    cells: Sequence[Suppressed]
    cut: bool
    origins: Origins

    def mentioned(self) -> set[NamedNode]:
        """Return the IRIs that their list names."""
        names = {NamedNode(name) for cell in self.cells for name in cell.names}
        return {*self.origins.readable, *names}


async def suppressed(visit: Visit, codes: Iterable[str]) -> Empty:
    """Return the empty cells of a region."""
    rows = await visit.graph.select("suppressions", resources=[NamedNode(code) for code in codes])
    keys = ("measure", "family", "perimeter", "publication", "rule")
    cells = [
        Suppressed(
            period.value,
            *names,
            sector=sector.value if isinstance(sector := row.get("sector"), NamedNode) else None,
            fictitious="fictitious" in row and is_true(row["fictitious"]),
        )
        for row in rows[:MOST_EMPTY]
        if isinstance(period := row["period"], Literal)
        and len(names := [v.value for key in keys if isinstance(v := row[key], NamedNode)])
        == len(keys)
    ]
    return Empty(cells, len(rows) > MOST_EMPTY, await origins_of(visit, rows))
