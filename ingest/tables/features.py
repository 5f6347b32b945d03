"""Features of GeoJSON (RFC 7946) and TopoJSON as rows: their properties, and the shape as WKT."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from vises.errors import sentence
from vises.ingest.rules import Refusal
from vises.ingest.tables.cells import as_text
from vises.ingest.tables.objects import lacks_member, read_document, shape_of
from vises.ingest.tables.table import BadTable, Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from vises.errors import Sentence
    from vises.ingest.files import InputFile
    from vises.progress import Progress

GEOMETRY = "geometry"
"""The column of the shape, in Well-Known Text (OGC 06-103r4)."""

IDENTIFIER = "id"
REGIONS = "nutsrg"
"""The object of the regions in Eurostat's Nuts2json, beside boundaries and countries."""

MOST_LONGITUDE, MOST_LATITUDE = 180, 90

Point = tuple[str, str]
Coordinates = Any
"""Positions nested as deep as the type of the shape says."""


@contextmanager
def open_features(file: InputFile, progress: Progress) -> Iterator[Table]:
    """Open a FeatureCollection or a Topology; the place of a row is the number of its feature.

    Columns are `id`, the properties of the features, and `geometry`. Coordinates keep their digits.
    A shape that is no polygon, line or point, or whose coordinates are not numbers, is a refused
    row. Raises `BadTable`.
    """
    document = read_document(file, progress)
    if not isinstance(document, dict):
        raise _neither(file, shape_of(document))
    if document.get("type") not in {"FeatureCollection", "Topology"}:
        raise _neither(
            file,
            sentence(
                "type-of-document",
                "Its type is {type}, not FeatureCollection or Topology.",
                type=str(document.get("type"))[:100],
            ),
        )
    try:
        features = list(_features(document))
        names = dict.fromkeys(n for f in features for n in f.get("properties") or {})
    except KeyError as error:
        raise _neither(file, lacks_member(error)) from None
    except (TypeError, AttributeError, IndexError, ValueError):
        raise _neither(
            file, sentence("members-unfit", "Its members do not fit together.")
        ) from None
    columns = [n for n in names if n not in {IDENTIFIER, GEOMETRY}]
    yield Table([IDENTIFIER, *columns, GEOMETRY], _rows(features, columns))


def _neither(file: InputFile, why: Sentence) -> BadTable:
    return BadTable(
        why,
        place=file.place,
        remedy=sentence(
            "download-geojson",
            "Download it again as GeoJSON (RFC 7946) or TopoJSON (1.0).",
        ),
    )


def _rows(
    features: Sequence[Mapping[str, Any]], columns: Sequence[str]
) -> Iterator[tuple[int, list[str] | Refusal]]:
    for number, feature in enumerate(features, 1):
        properties = feature.get("properties") or {}
        identifier = feature.get(IDENTIFIER, properties.get(IDENTIFIER))
        try:
            shape = wkt(feature.get(GEOMETRY))
        except (KeyError, TypeError, ValueError, IndexError):
            yield number, Refusal("geometry", GEOMETRY, as_text(identifier), "")
            continue
        yield (
            number,
            [as_text(identifier), *(as_text(properties.get(n)) for n in columns), shape],
        )


def wkt(geometry: Mapping[str, Any] | None) -> str:
    """Return a GeoJSON geometry as Well-Known Text, empty for none.

    Raises `KeyError`, `TypeError` and `ValueError` where it is not one in degrees.

    >>> ring = [["2.5", "50"], ["3", "50"], ["3", "51"], ["2.5", "50"]]
    >>> wkt({"type": "Polygon", "coordinates": [ring]})
    'POLYGON ((2.5 50, 3 50, 3 51, 2.5 50))'
    """
    if geometry is None:
        return ""
    depth = _DEPTHS[geometry["type"]]
    of_rings = geometry["type"].endswith("Polygon")
    return f"{geometry['type'].upper()} {_nested(geometry['coordinates'], depth, of_rings)}"


_LEAST_OF_RING = 4
"""A ring has so many positions, and ends where it begins (RFC 7946, section 3.1.6)."""

_DEPTHS = {"Point": 0, "MultiPoint": 1, "LineString": 1, "Polygon": 2, "MultiPolygon": 3}


def _nested(coordinates: Coordinates, depth: int, of_rings: bool) -> str:  # noqa: FBT001
    if depth == 0:
        return f"({_position(coordinates)})"
    if not coordinates:
        raise ValueError(coordinates)
    if depth > 1:
        return f"({', '.join(_nested(part, depth - 1, of_rings) for part in coordinates)})"
    positions = [*map(_position, coordinates)]
    if of_rings and (len(positions) < _LEAST_OF_RING or positions[0] != positions[-1]):
        raise ValueError(coordinates)
    return f"({', '.join(positions)})"


def _position(position: Sequence[object]) -> str:
    x, y = (str(number) for number in position[:2])
    if abs(float(x)) > MOST_LONGITUDE or abs(float(y)) > MOST_LATITUDE:
        raise ValueError(x, y)
    return f"{x} {y}"


def _features(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if document["type"] == "FeatureCollection":
        yield from document["features"]
        return
    arcs = _arcs(document)
    objects = document["objects"]
    for collection in [objects[REGIONS]] if REGIONS in objects else objects.values():
        for geometry in collection.get("geometries", [collection]):
            yield {**geometry, GEOMETRY: _stitched(geometry, arcs)}


def _arcs(topology: Mapping[str, Any]) -> list[list[Point]]:
    """Return the arcs of a topology as positions: quantized ones are differences."""
    if "transform" not in topology:
        return [[(str(x), str(y)) for x, y, *_ in arc] for arc in topology["arcs"]]
    scale_x, scale_y = map(float, topology["transform"]["scale"])
    move_x, move_y = map(float, topology["transform"]["translate"])
    arcs = []
    for arc in topology["arcs"]:
        x = y = 0
        points: list[Point] = []
        for step_x, step_y, *_ in arc:
            x, y = x + int(step_x), y + int(step_y)
            points.append((f"{x * scale_x + move_x:.6f}", f"{y * scale_y + move_y:.6f}"))
        arcs.append(points)
    return arcs


def _stitched(geometry: Mapping[str, Any], arcs: Sequence[Sequence[Point]]) -> Mapping[str, Any]:
    """Return a geometry of a topology with its coordinates in place of the numbers of its arcs.

    One that is no polygon, or names an arc that is not there, has none; `wkt` refuses it.
    """
    kind = geometry["type"]
    try:
        if kind == "Polygon":
            return {"type": kind, "coordinates": [_ring(ring, arcs) for ring in geometry["arcs"]]}
        parts = [[_ring(ring, arcs) for ring in part] for part in geometry["arcs"]]
    except (KeyError, TypeError, ValueError, IndexError):
        return {"type": kind}
    return {"type": kind, "coordinates": parts}


def _ring(numbers: Sequence[object], arcs: Sequence[Sequence[Point]]) -> list[Point]:
    """Return the positions of arcs one after the other; `~n` is arc n backwards."""
    ring: list[Point] = []
    for number in map(int, map(str, numbers)):
        points = arcs[number] if number >= 0 else list(reversed(arcs[~number]))
        ring += points if not ring else points[1:]
    return ring
