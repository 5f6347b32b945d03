"""The schematic map as a list of tiles: a link for each region, from north to south."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vises.service.pages.regions.layout import NO_REGION, layout

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from vises.service.pages.mentions import Speaker
    from vises.service.pages.model import Mention
    from vises.service.pages.regions.atlas import Atlas

HERE, ACROSS, WITHIN = "here", "across", "within"


@dataclass(frozen=True)
class Tile:
    """A region on the map: `state` is `HERE`, `ACROSS`, `WITHIN` or empty; `figures`, how many."""

    mention: Mention
    state: str
    figures: int | None


@dataclass(frozen=True)
class TileMap:
    """The tiles of a NUTS level in rows of `columns`; None is a place without a region."""

    level: int
    columns: int
    tiles: Sequence[Tile | None]


@dataclass(frozen=True)
class Marks:
    """What stands out on a map, as IRIs: the region of the page, those across the border, parts."""

    here: Collection[str] = ()
    across: Collection[str] = ()
    within: Collection[str] = ()
    figures: Mapping[str, int] | None = None

    def state(self, iri: str) -> str:
        """Return how a tile stands out."""
        for state, held in ((HERE, self.here), (ACROSS, self.across), (WITHIN, self.within)):
            if iri in held:
                return state
        return ""


def tile_map(level: int, atlas: Atlas, speaker: Speaker, marks: Marks) -> TileMap | None:
    """Return the map of a level, None where the release has none of its regions."""
    if level not in layout().rows:
        return None
    columns = layout().columns(level)
    tiles: list[Tile | None] = []
    for row in layout().rows[level]:
        filled = [*row, *[NO_REGION] * (columns - len(row))]
        tiles += [_tile(code, atlas, speaker, marks) for code in filled]
    return TileMap(level, columns, tiles) if any(tiles) else None


def _tile(code: str, atlas: Atlas, speaker: Speaker, marks: Marks) -> Tile | None:
    region = atlas.by_code.get(code)
    if region is None:
        return None
    mention = atlas.mention(region.iri, speaker.words.language, speaker.addresses)
    codes = atlas.same(region.iri)
    figures = sum(marks.figures.get(iri, 0) for iri in codes) if marks.figures is not None else None
    state = next((s for s in (marks.state(iri) for iri in codes) if s), "")
    return Tile(mention, state, figures)
