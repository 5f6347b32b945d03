"""Shapes of regions become geometries of GeoSPARQL, from each layout that Eurostat has."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vises.ingest.quarantine import Threshold
from vises.ingest.tables.features import wkt
from vises.ingest.tables.table import BadTable

House = Any
Write = Callable[[str, str], Path]
GEO = "PREFIX geo: <http://www.opengis.net/ont/geosparql#> "
SHAPES = GEO + "SELECT ?r ?w { ?r geo:hasGeometry/geo:asWKT ?w } ORDER BY ?r"
REGION = "https://w3id.org/vises/code/nuts/"
SQUARE = [[[2.5, 50.0], [3.25, 50.0], [3.25, 51.0], [2.5, 50.0]]]


def feature(code: str, geometry: object = None) -> dict[str, Any]:
    shape = {"type": "Polygon", "coordinates": SQUARE} if geometry is None else geometry
    properties = {"NUTS_ID": code, "LEVL_CODE": 2, "NAME_LATN": "A name"}
    return {"type": "Feature", "id": code, "properties": properties, "geometry": shape}


def collection(*features: object) -> str:
    return json.dumps({"type": "FeatureCollection", "features": features})


TOPOLOGY = {
    "type": "Topology",
    "transform": {"scale": [0.5, 0.25], "translate": [2.5, 50]},
    "arcs": [[[0, 0], [1, 0]], [[1, 0], [0, 2], [-1, -2]], [[4, 4], [1, 1]]],
    "objects": {
        "nutsrg": {
            "type": "GeometryCollection",
            "geometries": [
                {"type": "Polygon", "arcs": [[0, 1]], "properties": {"id": "FRE1", "na": "Nord"}},
                {"type": "MultiPolygon", "arcs": [[[-2, -1]]], "properties": {"id": "BE32"}},
            ],
        },
        "nutsbn": {
            "type": "GeometryCollection",
            "geometries": [{"type": "LineString", "arcs": [2], "properties": {"id": 0}}],
        },
    },
}


def test_geojson(house: House, write: Write) -> None:
    report = house.ingest("geometry", write("n.geojson", collection(feature("FRE1"))))
    assert house.ask(SHAPES) == [
        (f"{REGION}FRE1", "POLYGON ((2.5 50.0, 3.25 50.0, 3.25 51.0, 2.5 50.0))")
    ]
    assert report.files[0].published == 1


def test_topojson_as_nuts2json_has_it(house: House, write: Write) -> None:
    report = house.ingest("geometry", write("0.json", json.dumps(TOPOLOGY)))
    there = "2.500000 50.000000, 3.000000 50.000000, 3.000000 50.500000, 2.500000 50.000000"
    back = ", ".join(reversed(there.split(", ")))
    assert house.ask(SHAPES) == [
        (f"{REGION}BE32", f"MULTIPOLYGON ((({back})))"),
        (f"{REGION}FRE1", f"POLYGON (({there}))"),
    ]
    assert report.files[0].rows_in == 2


@pytest.mark.parametrize(
    ("geometry", "rule"),
    [
        ({"type": "Polygon", "coordinates": [[["x", 1]]]}, "geometry"),
        ({"type": "Polygon", "coordinates": [[[3_700_000.0, 3_100_000.0]]]}, "geometry"),
        ({"type": "Polygon", "coordinates": "2 50"}, "geometry"),
        ({"type": "Circle", "coordinates": []}, "geometry"),
        ({"type": "Point", "coordinates": [2.5, 50]}, "pattern"),
        (5, "geometry"),
        ({"type": "Polygon", "coordinates": []}, "geometry"),
        ({"type": "Polygon", "coordinates": [[]]}, "geometry"),
        ({"type": "Polygon", "coordinates": [[[3, 50], [4, 50], [4, 51]]]}, "geometry"),
        ({"type": "Polygon", "coordinates": [[[3, 50], [4, 50], [3, 50]]]}, "geometry"),
    ],
)
def test_what_is_no_shape_is_refused_alone(
    house: House, write: Write, geometry: object, rule: str
) -> None:
    table = collection(feature("FRE1"), feature("BE32", geometry))
    report = house.ingest("geometry", write("n.json", table), max_refused=Threshold(rows=1))
    entry = json.loads(Path(report.quarantine).read_text("utf-8"))
    assert (entry["line"], entry["rule"]) == (2, rule)
    assert [region for region, _ in house.ask(SHAPES)] == [f"{REGION}FRE1"]


def test_other_regions_are_out_of_scope_and_repeated_ones_refused(
    house: House, write: Write
) -> None:
    table = collection(feature("FRE1"), feature("XX1"), feature("FRE1"), feature("not a code"))
    report = house.ingest("geometry", write("n.json", table), max_refused=Threshold(rows=2))
    counts = report.files[0]
    assert (counts.published, counts.quarantined, sum(counts.out_of_scope.values())) == (1, 2, 1)


def test_the_gate_accepts_shapes(strict_house: House, write: Write) -> None:
    report = strict_house.ingest("geometry", write("n.json", collection(feature("FRE1"))))
    assert (report.violations, report.warnings) == (0, 1)  # the licence is not known


def test_digits_of_coordinates_stay() -> None:
    ring = [["2.50", "50"], ["3", "50"], ["3", "51"], ["2.50", "50"]]
    shape = {"type": "MultiPolygon", "coordinates": [[ring]]}
    assert wkt(shape) == "MULTIPOLYGON (((2.50 50, 3 50, 3 51, 2.50 50)))"
    assert wkt(None) == ""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "The file is empty"),
        ("[]", "It is an array, and not an object. Download it again as GeoJSON"),
        ('"FeatureCollection"', "It is a single value, and not an object"),
        (json.dumps(feature("FRE")), "Its type is Feature, not FeatureCollection or Topology"),
        ('{"type": "FeatureCollection"}', "It lacks the member 'features'"),
        (collection(5), "Its members do not fit together"),
    ],
)
def test_what_a_document_is_instead_is_told_in_words(
    house: House, write: Write, text: str, told: str
) -> None:
    with pytest.raises(BadTable, match=told) as refusal:
        house.ingest("geometry", write("n.geojson", text))
    assert "Error" not in refusal.value.detail
