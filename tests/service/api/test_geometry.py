"""Geometries of the graph become GeoJSON, with longitudes first; what is none is an error."""

from __future__ import annotations

import re
from html import unescape
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from pyoxigraph import Literal, NamedNode

from tests.background import wait_for
from vises.service.api.geometry import GEO, GeometryUnreadable, geometry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.service.conftest import Desk, Publish

WKT, GEO_JSON = NamedNode(GEO + "wktLiteral"), NamedNode(GEO + "geoJSONLiteral")
EPSG = "<http://www.opengis.net/def/crs/EPSG/0/4326>"


@pytest.mark.parametrize(
    ("text", "datatype"),
    [
        ("POINT(3.06 50.63)", WKT),
        ("<http://www.opengis.net/def/crs/OGC/1.3/CRS84> POINT (3.06 50.63)", WKT),
        (f"{EPSG} POINT(50.63 3.06)", WKT),
        ('{"type": "Point", "coordinates": [3.06, 50.63]}', GEO_JSON),
    ],
)
def test_a_point_is_the_same_one_in_every_spelling(text: str, datatype: NamedNode) -> None:
    found = geometry(Literal(text, datatype=datatype), "x:y")
    assert found == {"type": "Point", "coordinates": [3.06, 50.63]}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "POINT(",
        "POINT(x y)",
        "<http://www.opengis.net/def/crs/EPSG/0/31370> POINT(1 2)",
        "GEOMETRYCOLLECTION(" * 5000 + "POINT(1 2)" + ")" * 5000,
        "POINT(1 2)" + " " * 4_000_000,
    ],
)
def test_what_is_no_geometry_is_an_error_that_names_whose_it_is(text: str) -> None:
    with pytest.raises(GeometryUnreadable, match="x:y"):
        geometry(Literal(text, datatype=WKT), "x:y")
    with pytest.raises(GeometryUnreadable):
        geometry(Literal(text or "{", datatype=GEO_JSON), "x:y")


SHAPES = b"""
@prefix geo: <http://www.opengis.net/ont/geosparql#> .
@prefix legal: <http://www.w3.org/ns/legal#> .
@prefix vises: <https://w3id.org/vises/ontology#> .
<enterprise/a> a vises:Enterprise ; legal:legalName "A" ; geo:hasGeometry [
    geo:asWKT "POINT(3.06 50.63)"^^geo:wktLiteral ] .
<enterprise/b> a vises:Enterprise ; legal:legalName "B" .
"""


REGIONS = b"""
@prefix geo: <http://www.opengis.net/ont/geosparql#> .
<https://w3id.org/vises/code/nuts/FRE> geo:hasGeometry [
    geo:asWKT "POLYGON((1 49, 4 49, 4 51, 1 49))"^^geo:wktLiteral ] .
"""


@pytest.fixture(scope="module")
def desk(
    open_desk: Callable[..., Desk], publish: Publish, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    """Return a service whose second release has a geometry."""
    with open_desk() as found:
        ontology = Path(str(files("vises"))) / "ontology"
        codes = b"\n".join(p.read_bytes() for p in sorted(ontology.glob("codes/*.ttl")))
        graphs = {"shapes": SHAPES, "regions": REGIONS, "codes": codes}
        publish(found.releases, tmp_path_factory.mktemp("scratch"), graphs)
        releases = ("000002", "000001")
        wait_for(found.address, *(f"/api/enterprises?release={release}" for release in releases))
        yield found


def test_things_are_features_where_there_is_a_geometry(desk: Desk) -> None:
    with httpx.Client(base_url=desk.address, timeout=30) as client:
        answer = client.get("/api/enterprises.geojson")
        assert answer.headers["content-type"] == "application/geo+json"
        found = {f["properties"]["label"]: f["geometry"] for f in answer.json()["features"]}
        assert found["A"] == {"type": "Point", "coordinates": [3.06, 50.63]}
        assert found["B"] is None
        one = client.get("/api/enterprises/a.geojson").json()
        assert (one["type"], one["geometry"]["type"]) == ("Feature", "Point")
        assert client.get("/api/enterprises/b.geojson").status_code == 406
        assert client.get("/api/indicators.geojson").status_code == 406
        old = client.get("/api/enterprises.geojson", params={"release": "000001"})
        assert old.status_code == 406


def test_a_question_about_regions_has_their_shapes(desk: Desk) -> None:
    with httpx.Client(base_url=desk.address, timeout=30) as client:
        region = client.get("/api/regions/FRE.geojson").json()["geometry"]
        rows = client.get("/api/S2").json()["rows"]
        for address, accept in (("/api/S2.geojson", "*/*"), ("/api/S2", "application/geo+json")):
            answer = client.get(address, headers={"Accept": accept})
            assert answer.headers["content-type"] == "application/geo+json"
            assert answer.json()["type"] == "FeatureCollection"
            features = answer.json()["features"]
            assert [feature["properties"] for feature in features] == rows != []
            shapes = {f["properties"]["areaCode"]: f["geometry"] for f in features}
            assert shapes["FRE"] == region
        assert "last" in client.get("/api/S2.geojson?size=1").links
        for address in ("/api/E5.geojson", "/api/A4.geojson"):
            assert client.get(address).status_code == 404
            headers = {"Accept": "application/geo+json"}
            assert client.get(address.partition(".")[0], headers=headers).status_code == 406
        old = client.get("/api/S2.geojson?release=000001")
        assert (old.status_code, old.json()["remedy"]) == (406, "Take another form.")


def test_the_page_of_a_question_offers_shapes_where_there_are_some(desk: Desk) -> None:
    with httpx.Client(base_url=desk.address, timeout=30) as client:
        headers = {"Accept": "text/html"}
        page = client.get("/questions/S2?lang=fr", headers=headers, follow_redirects=True).text
        [address] = re.findall(r'href="(/api/v1/questions/S2\.geojson[^"]*)"', page)
        assert client.get(unescape(address)).json()["type"] == "FeatureCollection"
        other = client.get("/questions/E5", headers=headers, follow_redirects=True).text
        assert "geojson" not in other
