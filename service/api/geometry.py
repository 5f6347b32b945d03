"""Geometries of the graph as GeoJSON (RFC 7946): from WKT and GeoJSON literals of GeoSPARQL 1.1."""

from __future__ import annotations

import asyncio
import json
import re
from typing import TYPE_CHECKING

import shapely
from pyoxigraph import Literal, NamedNode

from vises.errors import Unavailable, sentence
from vises.service.api.parameters import bound
from vises.service.api.queries import api_query
from vises.store.engine import NotAcceptable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from vises.errors import Sentence
    from vises.service.api.rows import Json
    from vises.service.graph import Graph, Row

GEO = "http://www.opengis.net/ont/geosparql#"
GEO_JSON = "application/geo+json"

_CRS = re.compile(r"\s*<([^>]*)>\s*")
_LONGITUDE_FIRST = {"http://www.opengis.net/def/crs/OGC/1.3/CRS84"}
_LATITUDE_FIRST = {"http://www.opengis.net/def/crs/EPSG/0/4326"}
_MOST_NESTING = 8
"""More than any kind of geometry needs; the library calls itself for each."""

_MOST_CHARACTERS = 4_000_000


class GeometryUnreadable(Unavailable):
    """The graph holds a geometry that cannot be given as GeoJSON."""

    kind = "geometry"
    title = "A geometry cannot be given"
    status = 500


async def shapes_of(graph: Graph, things: Sequence[NamedNode]) -> dict[str, Json]:
    """Return the geometries of things, by IRI.

    Raises `NotAcceptable` where none has one, `GeometryUnreadable`, and what the engine does.
    """
    query = bound(api_query("geometries"), {"resource": things})
    found = await asyncio.to_thread(geometries, await graph.rows(query) if things else [])
    if not found:
        raise NotAcceptable(
            sentence("no-geometry", "The release has no geometry of these."),
            remedy=sentence("other-form", "Take another form."),
        )
    return found


def geometries(rows: Iterable[Row]) -> dict[str, Json]:
    """Return the geometries of the solutions of queries/api/geometries.rq, by IRI.

    Of several of one thing the first in the order of its text is taken. Raises
    `GeometryUnreadable`.
    """
    found: dict[str, Json] = {}
    for row in sorted(rows, key=lambda row: str(row["shape"])):
        resource, shape = row["resource"], row["shape"]
        if isinstance(resource, NamedNode) and isinstance(shape, Literal):
            found.setdefault(resource.value, geometry(shape, resource.value))
    return found


def geometry(literal: Literal, of: str) -> Json:
    """Return a literal as a GeoJSON geometry; `of` is whose it is. Raises `GeometryUnreadable`."""
    text = literal.value
    if len(text) > _MOST_CHARACTERS or _depth(text) > _MOST_NESTING:
        raise _unreadable(sentence("geometry-large", "The geometry of <{of}> is too large.", of=of))
    try:
        if literal.datatype.value == GEO + "geoJSONLiteral":
            shape = shapely.from_geojson(text)
        else:
            match = _CRS.match(text)
            shape = shapely.from_wkt(text[match.end() :] if match else text)
            shape = _in_crs84(shape, match[1] if match else None, of)
    except shapely.errors.ShapelyError:
        raise _unreadable(
            sentence("geometry-unread", "The geometry of <{of}> is neither WKT nor GeoJSON.", of=of)
        ) from None
    made: Json = json.loads(shapely.to_geojson(shape))
    return made


def feature(told: Mapping[str, Json], shape: Json) -> dict[str, Json]:
    """Return a thing as a GeoJSON feature (RFC 7946, section 3.2); None for one without shape."""
    properties = {name: value for name, value in told.items() if name != "id"}
    return {"type": "Feature", "id": told["id"], "geometry": shape, "properties": properties}


def collection(features: Sequence[Json]) -> dict[str, Json]:
    """Return features as one document (RFC 7946, section 3.3)."""
    return {"type": "FeatureCollection", "features": [*features]}


def _in_crs84(shape: shapely.Geometry, crs: str | None, of: str) -> shapely.Geometry:
    """Return a geometry with longitudes first, as GeoJSON has it."""
    if crs is None or crs in _LONGITUDE_FIRST:
        return shape
    if crs in _LATITUDE_FIRST:
        return shapely.transform(shape, lambda points: points[:, ::-1])
    raise _unreadable(
        sentence(
            "geometry-elsewhere",
            "The geometry of <{of}> is in the coordinates of {crs}.",
            of=of,
            crs=crs,
        )
    )


def _depth(text: str) -> int:
    depth = most = 0
    for character in text:
        if character in "([{":
            depth += 1
            most = max(most, depth)
        elif character in ")]}":
            depth -= 1
    return most


def _unreadable(why: Sentence) -> GeometryUnreadable:
    return GeometryUnreadable(
        why,
        remedy=sentence("other-form-or-tell", "Take another form, or tell whoever publishes it."),
    )
