"""The page of a region: figures by source and perimeter, its place, its neighbours, enterprises."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from vises.service.citation import citation
from vises.service.pages.alone import alone
from vises.service.pages.compose import compose
from vises.service.pages.regions.atlas import atlas
from vises.service.pages.regions.compared import comparison
from vises.service.pages.regions.enterprises import enterprises
from vises.service.pages.regions.gathering import (
    enterprises_around,
    region_facts,
    scopes,
    sectors_above,
    suppressed,
)
from vises.service.pages.regions.place import place
from vises.service.pages.regions.series import parts_charts
from vises.service.pages.regions.shapes import has_shapes, map_address, region_of
from vises.service.pages.regions.tables import tables
from vises.service.pages.regions.taking import taking
from vises.service.pages.regions.telling import Teller
from vises.service.pages.subject import Laid
from vises.service.pages.sums import sums_of

if TYPE_CHECKING:
    from vises.service.pages.regions.atlas import Atlas, Region
    from vises.service.pages.regions.gathering import RegionFacts
    from vises.service.pages.subject import Subject

WITH = "with"
"""The parameter that names the region to compare with: its code, as `BE32` or `nuts:BE32`."""

MOST_CHARTS = 6
"""How many pictures by family or sector a page has, and how many years of inhabitants."""


async def lay_out(subject: Subject) -> Laid:
    """Return the page of a region. Raises `NoSuchRegion` and what `Graph.select` does."""
    found, iri, visit = await atlas(subject.visit), subject.iri.value, subject.visit
    region = found.regions[iri]
    other = _asked(subject, found)
    facts, around, empty, sums, theirs = await asyncio.gather(
        region_facts(visit, found, iri),
        enterprises_around(visit, found, iri),
        suppressed(visit, found.same(iri)),
        sums_of(visit, "region-sums", found.same(iri)),
        _facts_of(subject, found, other),
    )
    above, scoped = await asyncio.gather(
        sectors_above(visit, facts.figures), scopes(visit, theirs.figures if theirs else ())
    )
    described = alone(subject)
    speaker = await subject.speaker(
        described.mentioned()
        | facts.mentioned()
        | (theirs.mentioned() if theirs else set())
        | around.mentioned()
        | sums.mentioned()
        | empty.mentioned()
    )
    teller = Teller(speaker, found, iri)
    where = place(region, found, speaker)
    charts = parts_charts(facts.figures, above, speaker)
    shapes = map_address(region.code, speaker.addresses) if await has_shapes(visit) else None
    context: dict[str, object] = {
        "shapes": shapes,
        "page": compose(described, speaker),
        "cited": citation(subject, speaker),
        "where": where,
        "tables": tables(facts.figures, facts.breaks, teller, None if theirs else where.name.text),
        "figures_cut": facts.cut,
        "taking": taking(iri, facts.figures, speaker),
        "breaks": [teller.break_(b) for b in facts.breaks],
        "charts_of_parts": charts[:MOST_CHARTS],
        "charts_left_out": max(0, len(charts) - MOST_CHARTS),
        "people": [teller.people(p) for p in facts.people[:MOST_CHARTS]],
        "per_head": teller.per_head(facts.figures, facts.people),
        "empty": [teller.empty(cell) for cell in empty.cells],
        "empty_cut": empty.cut,
        "empty_origins": empty.origins.told(speaker),
        "sums": sums.latest(speaker),
        "sums_origins": sums.origins.told(speaker),
        "comparison": comparison(facts, theirs, scoped, teller) if theirs else None,
        "enterprises": enterprises(around, region.code, teller),
        "compared_with": other.code if other else None,
        "compare": lambda code: _with(subject, code),
    }
    return Laid("region.html", context)


def _asked(subject: Subject, found: Atlas) -> Region | None:
    """Return the region that the request compares with. Raises `NoSuchRegion`."""
    code = subject.visit.request.query_params.get(WITH)
    if not code:
        return None
    return region_of(code, WITH, found)


async def _facts_of(subject: Subject, found: Atlas, region: Region | None) -> RegionFacts | None:
    return await region_facts(subject.visit, found, region.iri) if region else None


def _with(subject: Subject, code: str) -> str:
    """Return the address of this page with the comparison with a region."""
    asked = subject.visit.request.query_params.multi_items()
    return "?" + urlencode([*((k, v) for k, v in asked if k != WITH), (WITH, code)])
