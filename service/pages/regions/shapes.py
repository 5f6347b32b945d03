"""The shapes of regions, where the release has some: drawn by a script on a page of their own.

The pages of regions need no script: the schematic map serves them. What is ingested as geometry
(GeoSPARQL 1.1: `geo:hasGeometry`, `geo:asWKT`, `geo:asGeoJSON`) is drawn by Leaflet on an empty
ground, as the query page does it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from pyoxigraph import Literal, NamedNode

from vises.errors import BadRequest, sentence
from vises.service.assets import STATIC, asset
from vises.service.iris import in_release

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from vises.service.iris import Addresses
    from vises.service.pages.mentions import Speaker
    from vises.service.pages.regions.atlas import Atlas, Region
    from vises.service.pages.visit import Visit

MAP = "/regions/map"
SHAPES = "/regions/shapes"
OF = "of"
"""The parameter with the code of the region in the middle; without it, large regions are drawn."""

FILES = ("vendor/leaflet.js", "vendor/leaflet.css", "vendor/wkt.esm.js")
TEXTS = ("view.geometry-note", "view.unread", "view.empty")

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""The page of the map runs our scripts, which call this service only."""

MOST_BYTES = 4_000_000
"""Of shapes in an answer; the rest is left out, and the page says how many were drawn."""


class NoSuchRegion(BadRequest):
    """A parameter names a region that is none of the release."""

    kind = "no-such-region"
    title = "There is no such region"

    @classmethod
    def named(cls, code: str, parameter: str) -> NoSuchRegion:
        """Return the error for a code."""
        return cls(
            sentence(
                "no-such-region",
                "The release has no region with the code {code!r}.",
                code=code[:20],
            ),
            place=f"parameter {parameter}",
            remedy=sentence(
                "name-region", "Name a region by its NUTS code, such as BE32 or nuts:BE32."
            ),
        )


def region_of(code: str, parameter: str, found: Atlas) -> Region:
    """Return the region of a code, as `BE32` or `nuts:BE32`. Raises `NoSuchRegion`."""
    region = found.by_code.get(code.removeprefix("nuts:"))
    if region is None:
        raise NoSuchRegion.named(code, parameter)
    return region


async def has_shapes(visit: Visit) -> bool:
    """Tell whether the release has shapes of regions, asked once for each."""

    async def ask() -> bool:
        return bool(await visit.graph.select("shapes-known"))

    known: bool = await visit.facts.kept.get("shapes", ask)
    return known


def map_address(code: str, addresses: Addresses) -> str:
    """Return where the shapes around a region are drawn."""
    return in_release(f"{MAP}?{urlencode({OF: code})}", addresses.release, addresses.language)


def around(region: Region | None, found: Atlas) -> Sequence[Region]:
    """Return the regions that a map shows: one with its neighbours and parts, or the large ones."""
    if region is None:
        return [r for r in found.regions.values() if r.level == 1]
    near = [*found.across(region.iri), *found.beside(region.iri), *found.sorted(region.parts)]
    return list({r.iri: r for r in (region, *near)}.values())


@dataclass(frozen=True)
class Drawing:
    """What the script of the map is told, and what is listed beside it."""

    settings: str
    rows: str


def drawing(region: Region | None, speaker: Speaker) -> Drawing | None:
    """Return what the script needs, None where its files are not set up."""
    if not all((STATIC / file).exists() for file in FILES):
        return None
    asked = f"{SHAPES}?{urlencode({OF: region.code})}" if region else SHAPES
    words = speaker.words.language
    settings = {
        "language": speaker.words.language,
        "files": {file.partition("/")[2]: asset(file) for file in FILES},
        "texts": {key: speaker.words.find(key) for key in TEXTS},
    }
    return Drawing(json.dumps(settings), in_release(asked, speaker.addresses.release, words))


async def shapes_json(visit: Visit, regions: Iterable[Region], names: Mapping[str, str]) -> bytes:
    """Return the shapes of regions as SPARQL results (JSON): ?region, ?name, ?shape."""
    nodes = [NamedNode(region.iri) for region in regions]
    rows = await visit.graph.select("region-shapes", resources=nodes)
    bindings, size = [], 0
    for row in rows:
        iri, shape = row["resource"], row["shape"]
        if not isinstance(iri, NamedNode) or not isinstance(shape, Literal):
            continue
        size += len(shape.value)
        if size > MOST_BYTES:
            break
        bindings.append(
            {
                "region": {"type": "uri", "value": iri.value},
                "name": {"type": "literal", "value": names.get(iri.value, "")},
                "shape": {
                    "type": "literal",
                    "value": shape.value,
                    "datatype": shape.datatype.value,
                },
            }
        )
    found = {"head": {"vars": ["region", "name", "shape"]}, "results": {"bindings": bindings}}
    return json.dumps(found, ensure_ascii=False).encode()
