"""Where a region is: what holds it, its parts, other codes, neighbours, and its maps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vises.service.pages.regions.tiles import Marks, tile_map

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vises.service.pages.labels import Name
    from vises.service.pages.mentions import Speaker
    from vises.service.pages.model import Mention
    from vises.service.pages.regions.atlas import Atlas, Region
    from vises.service.pages.regions.tiles import TileMap

MOST_PARTS = 60
"""How many parts of a region, and regions beside it, a page lists."""

MOST_CHOICES = 250
"""How many regions may be chosen to compare with; France and Belgium have fewer at each level."""


@dataclass(frozen=True)
class Place:
    """What a page says of the place of a region.

    `across` are the regions on the other side of the border and `beside` the other parts of what
    holds this one; `choices` are all that it may be compared with, by code.
    """

    region: Region
    name: Name
    wholes: Sequence[Mention]
    parts: Sequence[Mention]
    parts_left_out: int
    replaces: Sequence[Mention]
    replaced_by: Sequence[Mention]
    valid_from: Mention | None
    valid_through: Mention | None
    across: Sequence[Mention]
    beside: Sequence[Mention]
    choices: Sequence[tuple[str, Name]]
    maps: Sequence[TileMap]


def place(region: Region, found: Atlas, speaker: Speaker) -> Place:
    """Return the place of a region among those of its release."""

    def mentions(iris: Iterable[str]) -> list[Mention]:
        language, addresses = speaker.words.language, speaker.addresses
        return [found.mention(iri, language, addresses) for iri in iris]

    iri, language = region.iri, speaker.words.language
    parts = [r.iri for r in found.sorted(region.parts)]
    across = [r.iri for r in found.across(iri)]
    beside = [r.iri for r in found.beside(iri)][:MOST_PARTS]
    return Place(
        region=region,
        name=found.name(iri, language),
        wholes=mentions(reversed(found.above(iri))),
        parts=mentions(parts[:MOST_PARTS]),
        parts_left_out=max(0, len(parts) - MOST_PARTS),
        replaces=mentions(r.iri for r in found.sorted(region.replaces)),
        replaced_by=mentions(
            r.iri for r in found.sorted(region.replaced_by & found.regions.keys())
        ),
        valid_from=speaker.value(region.valid_from) if region.valid_from else None,
        valid_through=speaker.value(region.valid_through) if region.valid_through else None,
        across=mentions(across),
        beside=mentions(beside),
        choices=[(r.code, found.name(r.iri, language)) for r in _comparable(region, found)],
        maps=_maps(region, across, parts, found, speaker),
    )


def _comparable(region: Region, found: Atlas) -> list[Region]:
    """Return the regions of the same level that are still in force, but for this one."""
    current = max((v for r in found.regions.values() for v in r.vintages), default="")
    same = set(found.same(region.iri))
    return [
        r
        for r in found.regions.values()
        if r.level == region.level and r.iri not in same and current in r.vintages
    ][:MOST_CHOICES]


def _maps(
    region: Region, across: Sequence[str], parts: Sequence[str], found: Atlas, speaker: Speaker
) -> list[TileMap]:
    """Return the maps on which a region stands under its codes; that of a country has its parts."""
    marks = Marks(here={region.iri}, across=set(across), within=set(parts))
    codes = [found.regions[iri].code for iri in found.same(region.iri)]
    levels = sorted({max(1, len(code) - 2) for code in codes})
    drawn = [tile_map(level, found, speaker, marks) for level in levels]
    return [m for m in drawn if m and any(tile and tile.state for tile in m.tiles)]
