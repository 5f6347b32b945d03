"""The catalogue as portals read it: by the official shapes, and page by page."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from pyoxigraph import NamedNode, QuerySolutions, RdfFormat, Store, parse
from pyshacl import validate
from rdflib import RDF, Graph, Literal, Namespace, URIRef
from rdflib.namespace import DCTERMS, FOAF, SH, XSD

from vises.languages import LANGUAGES
from vises.namespaces import term
from vises.service.app import create_app
from vises.service.catalogue import description, routes
from vises.service.catalogue.entries import Entry, Lived, _day, _regions, lives
from vises.service.catalogue.frame import LICENCE, Frame
from vises.service.catalogue.terms import LANGUAGE_CODES
from vises.service.formats import GRAPH_TYPES
from vises.service.guardian import Guardian
from vises.store.dumps.kept import KeptDumps
from vises.store.dumps.make import ensure
from vises.store.partitions import Partitions
from vises.store.releases import ReleaseStore
from vises.store.workers import WorkerPool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from starlette.types import ASGIApp

    from tests.service.conftest import Desk, Publish
    from vises.settings import Settings

ROOT = Path(__file__).resolve().parents[3]
BASE = "https://data.example/"
DCAT = Namespace("http://www.w3.org/ns/dcat#")
HYDRA = Namespace("http://www.w3.org/ns/hydra/core#")
SPDX = Namespace("http://spdx.org/rdf/terms#")
DCATAP = Namespace("http://data.europa.eu/r5r/")
CV = Namespace("http://data.europa.eu/m8g/")
DQV = Namespace("http://www.w3.org/ns/dqv#")

REGISTER = b"""
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dcatap: <http://data.europa.eu/r5r/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix qb: <http://purl.org/linked-data/cube#> .
@prefix vises: <https://w3id.org/vises/ontology#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<graph/data> a dcat:Dataset , qb:DataSet ;
    qb:structure vises:RegionalFigureStructure ;
    dcterms:title "<b>Test</b> data"@en , "Donn\xc3\xa9es d'essai"@fr , "Testgegevens"@nl ;
    dcterms:description "What it holds"@en , "Ce qu'il contient"@fr , "Wat erin zit"@nl ;
    dcterms:license <http://spdx.org/licenses/etalab-2.0> ;
    dcterms:publisher <organisation/insee> ;
    dcterms:spatial <https://w3id.org/vises/code/nuts/FRE> ;
    dcat:theme <https://w3id.org/vises/code/data-theme/ECON> ;
    dcterms:accrualPeriodicity
        <http://publications.europa.eu/resource/authority/frequency/MONTHLY> ;
    dcatap:hvdCategory <http://data.europa.eu/bna/c_a9135398> ;
    prov:wasGeneratedBy <activity/1> .
<activity/1> a vises:IngestActivity ; vises:rowsIn 12 ; vises:rowsQuarantined 3 ;
    prov:startedAtTime "2026-03-01T10:00:00Z"^^xsd:dateTime .
<warning/1> a vises:QualityWarning ; vises:about <graph/data> ; vises:occurrences 7 .
<organisation/insee> foaf:name "INSEE" ;
    dcterms:type <http://purl.org/adms/publishertype/NationalAuthority> .
<graph/codes> a dcat:Dataset ; dcterms:license <https://creativecommons.org/licenses/by/4.0/> .
<urn:x:foreign%20%22name> a dcat:Dataset ;
    dcterms:title "Foreign"@en ;
    dcterms:license <https://creativecommons.org/licenses/by/4.0/> .
<graph/other> a dcat:Dataset ;
    dcterms:license <https://creativecommons.org/licenses/by/4.0/> ;
    dcterms:title "Other"@en .
"""
FIGURES = b"""
@prefix qb: <http://purl.org/linked-data/cube#> .
@prefix sdmx-attribute: <http://purl.org/linked-data/sdmx/2009/attribute#> .
@prefix sdmx-dimension: <http://purl.org/linked-data/sdmx/2009/dimension#> .
@prefix vises: <https://w3id.org/vises/ontology#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<graph/data> a qb:DataSet ; qb:structure vises:RegionalFigureStructure .
<figure/1> a vises:RegionalFigure ; qb:dataSet <graph/data> ;
    sdmx-dimension:refArea <https://w3id.org/vises/code/nuts/FRE> ;
    sdmx-dimension:refPeriod "2019"^^xsd:gYear ;
    vises:jobCount 10 ; sdmx-attribute:unitMeasure <http://qudt.org/vocab/unit/NUM> .
<figure/2> a vises:RegionalFigure ; qb:dataSet <graph/data> ;
    sdmx-dimension:refArea <https://w3id.org/vises/code/nuts/FRE> ;
    sdmx-dimension:refPeriod "2024"^^xsd:gYear ;
    vises:jobCount 20 ; sdmx-attribute:unitMeasure <http://qudt.org/vocab/unit/NUM> .
"""
UNKNOWN = {DCTERMS.spatial, DCTERMS.temporal}
"""What is recommended, and is not said of a dataset of which it is not known."""

FOREIGN = "urn:x:foreign%20%22name"
"""A graph whose name is not under the base, as the graph store takes one."""

OTHER = b'<thing/1> <http://purl.org/dc/terms/title> "A thing" .'


class Accepted:
    """The verdict of a gate that lets everything through."""

    accepted = True
    violations = warnings = 0

    def summary(self) -> str:
        return "fine"

    def turtle(self) -> list[bytes]:
        return []


def code_lists() -> bytes:
    folder = ROOT / "ontology" / "codes"
    return b"\n".join((folder / f"{n}.ttl").read_bytes() for n in ("nuts", "data-theme"))


@pytest.fixture(scope="module")
def settings_here(
    tmp_path_factory: pytest.TempPathFactory, settings: Settings, publish: Publish
) -> Settings:
    """Return settings with two releases, the first with a tag, and the dumps of the second."""
    data = tmp_path_factory.mktemp("catalogue") / "data"
    releases = ReleaseStore(data)
    graphs = {"codes": code_lists(), "data": FIGURES, "provenance": REGISTER}
    publish(releases, tmp_path_factory.mktemp("scratch"), graphs)
    releases.tag("report-2026", "000001")
    publish(releases, tmp_path_factory.mktemp("scratch"), {"other": OTHER})
    foreign = tmp_path_factory.mktemp("scratch") / "foreign.nt"
    foreign.write_text('<urn:a> <urn:b> "c" .\n', "utf-8")
    with releases.transaction(author="t", message="m", gate=lambda _: Accepted()) as transaction:
        transaction.replace_graph(NamedNode(FOREIGN), foreign)
    list(ensure(releases, KeptDumps(data, BASE), "000003", ()))
    return replace(settings, data=data, workers=1, contact="mailto:data@example.org")


@pytest.fixture(scope="module")
def run_here(
    run_app: Callable[[ASGIApp], AbstractContextManager[str]],
) -> Callable[[Settings], AbstractContextManager[str]]:
    def run(here: Settings) -> AbstractContextManager[str]:
        releases = ReleaseStore(here.data)
        pool = WorkerPool(releases, size=1, query_seconds=20, mebibytes=here.worker_mebibytes)
        return run_app(create_app(here, releases, Guardian(releases, pool)))

    return run


@pytest.fixture(scope="module")
def address(
    settings_here: Settings, run_here: Callable[[Settings], AbstractContextManager[str]]
) -> Iterator[str]:
    with run_here(settings_here) as found:
        yield found


@pytest.fixture
def web(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=30) as client:
        yield client


def graph_of(answer: httpx.Response) -> Graph:
    assert answer.status_code == 200, answer.text
    return Graph().parse(data=answer.content, format="turtle")


@pytest.fixture
def catalogue(web: httpx.Client) -> Graph:
    return graph_of(web.get("/catalog.ttl"))


DATA = URIRef(f"{BASE}graph/data")


@pytest.mark.shared
@pytest.mark.parametrize("pages", [1, 4])
@pytest.mark.parametrize("shapes", ["", "_recommended"])
def test_every_page_passes_the_official_shapes(
    web: httpx.Client, shared: Path, monkeypatch: pytest.MonkeyPatch, shapes: str, pages: int
) -> None:
    if pages > 1:
        paged(monkeypatch, 2)
    official = Graph().parse(shared / "data" / "semic" / f"dcat-ap-3.0.1-shapes{shapes}.ttl")
    for number in range(1, pages + 1):
        found = graph_of(web.get("/catalog.ttl", params={"page": number}))
        conforms, results, told = validate(found, shacl_graph=official, allow_warnings=False)
        assert isinstance(results, Graph)
        assert conforms or shapes, told
        for one in results.subjects(RDF.type, SH.ValidationResult):
            assert results.value(one, SH.resultPath) in UNKNOWN, told
            component = results.value(one, SH.sourceConstraintComponent)
            assert component == SH.MinCountConstraintComponent, told
            assert results.value(one, SH.focusNode) != DATA


def test_every_page_with_datasets_describes_the_services(
    web: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service has to name datasets that it serves, and the last page has releases alone."""
    paged(monkeypatch, 2)
    services = [
        set(graph_of(web.get("/catalog.ttl", params={"page": n})).subjects(DCAT.endpointURL))
        for n in range(1, 5)
    ]
    assert len(services[0]) == 5
    assert services == [services[0], services[0], services[0], set()]


@pytest.mark.parametrize("pages", [1, 4])
def test_every_page_passes_our_stricter_profile(
    web: httpx.Client, monkeypatch: pytest.MonkeyPatch, pages: int
) -> None:
    if pages > 1:
        paged(monkeypatch, 2)
    profile = Graph().parse(ROOT / "shapes" / "profiles" / "catalogue.ttl")
    for number in range(1, pages + 1):
        found = graph_of(web.get("/catalog.ttl", params={"page": number}))
        conforms, _, told = validate(found, shacl_graph=profile, advanced=True)
        assert conforms, told


def paged(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(routes, "PER_PAGE", size)
    monkeypatch.setattr(description, "PER_PAGE", size)


def ckan_packages(start: str) -> tuple[list[dict[str, object]], list[str]]:
    """Harvest as CKAN does: follow the pages, make a package of each dcat:Dataset.

    A page is a node of the class hydra:PagedCollection, the next one its hydra:next.
    """
    packages: list[dict[str, object]] = []
    walked: list[str] = []
    address: str | None = start
    while address is not None:
        assert address not in walked, "the walk goes round in a circle"
        assert len(walked) < 100
        walked.append(address)
        answer = httpx.get(address, timeout=30)
        kind = answer.headers["content-type"].partition(";")[0]
        graph = Graph().parse(data=answer.content, format=kind)
        packages += [package(graph, d) for d in sorted(graph.subjects(RDF.type, DCAT.Dataset))]
        views = list(graph.subjects(RDF.type, HYDRA.PagedCollection))
        address = next((str(o) for v in views for o in graph.objects(v, HYDRA.next)), None)
    return packages, walked


def package(graph: Graph, dataset: object) -> dict[str, object]:
    def text(node: object, prop: URIRef) -> str:
        values = [v for v in graph.objects(node, prop) if isinstance(v, Literal)]  # type: ignore[arg-type]
        return str(next((v for v in values if v.language == "en"), values[0])) if values else ""

    def resource(node: object) -> dict[str, str]:
        url = graph.value(node, DCAT.downloadURL) or graph.value(node, DCAT.accessURL)  # type: ignore[arg-type]
        kind = graph.value(node, DCTERMS["format"])  # type: ignore[arg-type]
        licence = graph.value(node, DCTERMS.license)  # type: ignore[arg-type]
        return {"url": str(url), "format": str(kind), "license": str(licence)}

    publisher = graph.value(dataset, DCTERMS.publisher)  # type: ignore[arg-type]
    return {
        "identifier": text(dataset, DCTERMS.identifier),
        "title": text(dataset, DCTERMS.title),
        "notes": text(dataset, DCTERMS.description),
        "tags": [str(t) for t in graph.objects(dataset, DCAT.keyword)],  # type: ignore[arg-type]
        "publisher_name": str(graph.value(publisher, FOAF.name)),
        "resources": [resource(n) for n in graph.objects(dataset, DCAT.distribution)],  # type: ignore[arg-type]
    }


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("form", ["", ".rdf", ".jsonld"])
def test_a_harvester_of_ckan_sees_every_dataset_once(
    address: str, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    paged(monkeypatch, 2)
    packages, walked = ckan_packages(f"{address}/catalog{form}")
    assert len(walked) == 4
    found = {str(p["identifier"]): p for p in packages}
    assert len(found) == len(packages)
    graphs = {f"{BASE}graph/{name}" for name in ("codes", "data", "other", "provenance")}
    graphs.add(FOREIGN)
    assert set(found) == graphs | {f"{BASE}release/{n}" for n in ("000001", "000003")}
    for p in packages:
        assert p["title"]
        assert p["notes"]
        assert p["tags"]
        resources = p["resources"]
        assert isinstance(resources, list)
        assert resources
        assert all(r["url"].startswith(address) and "file-type/" in r["format"] for r in resources)
    data = found[f"{BASE}graph/data"]
    assert data["publisher_name"] == "INSEE"
    assert {r["license"] for r in data["resources"]} == {"http://spdx.org/licenses/etalab-2.0"}  # type: ignore[attr-defined]


def test_every_way_to_get_a_dataset_leads_to_it(web: httpx.Client, catalogue: Graph) -> None:
    nodes = list(catalogue.objects(DATA, DCAT.distribution))
    ways = {
        p: {w for n in nodes for w in catalogue.objects(n, p)}
        for p in (DCAT.accessURL, DCAT.downloadURL)
    }
    assert all(ways.values())
    for where in set().union(*ways.values()):
        assert web.get(str(where)).status_code == 200, where


def test_who_reads_of_the_api_finds_the_inboxes_of_partners(
    web: httpx.Client, catalogue: Graph
) -> None:
    described = {str(where) for where in catalogue.objects(None, DCAT.endpointDescription)}
    [api] = [where for where in described if where.endswith("/openapi.json")]
    assert "post" in web.get(api).json()["paths"]["/inbox/{partner}"]
    moved = web.get("/inbox", follow_redirects=False)
    assert (moved.status_code, moved.headers["Location"]) == (303, "/api")
    spoken = web.get("/inbox?lang=fr", follow_redirects=False)
    assert spoken.headers["Location"] == "/api?lang=fr"


def test_a_file_is_what_the_catalogue_says(web: httpx.Client, catalogue: Graph) -> None:
    checked = 0
    for node in catalogue.objects(DATA, DCAT.distribution):
        checksum = catalogue.value(node, SPDX.checksum)
        if checksum is None:
            continue
        body = web.get(str(catalogue.value(node, DCAT.downloadURL))).content
        assert int(catalogue.value(node, DCAT.byteSize)) == len(body)  # type: ignore[arg-type]
        digest = catalogue.value(checksum, SPDX.checksumValue)
        assert isinstance(digest, Literal)
        assert digest.value == hashlib.sha256(body).digest()
        checked += 1
    assert checked > 8


def test_nothing_is_said_of_what_is_not_known(catalogue: Graph) -> None:
    """Neither the regions of other datasets nor the day of publication stand for its own."""
    for name in ("codes", "other"):
        about = URIRef(f"{BASE}graph/{name}")
        assert (about, RDF.type, DCAT.Dataset) in catalogue
        assert not UNKNOWN & set(catalogue.predicates(about))
    assert not UNKNOWN & set(catalogue.predicates(URIRef(f"{BASE}release/000001")))
    now = URIRef(f"{BASE}release/000003")
    (period,) = catalogue.objects(now, DCTERMS.temporal)
    assert (period, DCAT.startDate, Literal("2019-01-01", datatype=XSD.date)) in catalogue
    assert catalogue.value(now, DCTERMS.spatial) == catalogue.value(DATA, DCTERMS.spatial)


def test_a_dataset_covers_what_is_stated_and_where_its_figures_are() -> None:
    said = {NamedNode(str(DCTERMS.spatial)): [NamedNode("urn:FR")]}
    parts = Partitions(areas=["urn:BE1", "urn:EU", "urn:FRE", "urn:FRE11"])
    above = {"urn:FRE11": {"urn:FRE", "urn:FR"}, "urn:FRE": {"urn:FR"}, "urn:BE1": {"urn:BE"}}
    assert [region.value for region in _regions(said, parts, above)] == [
        *("urn:BE1", "urn:EU", "urn:FR")
    ]
    assert _regions({}, Partitions(), above) == []


def test_what_is_said_of_a_register_with_figures(catalogue: Graph) -> None:
    def values(prop: URIRef, of: object = DATA) -> set[str]:
        return {str(v) for v in catalogue.objects(of, prop)}  # type: ignore[arg-type]

    assert values(DCTERMS.spatial) == {"http://data.europa.eu/nuts/code/FRE"}
    (period,) = catalogue.objects(DATA, DCTERMS.temporal)
    assert values(DCAT.startDate, period) == {"2019-01-01"}
    assert values(DCAT.endDate, period) == {"2024-12-31"}
    authority = "http://publications.europa.eu/resource/authority/"
    assert values(DCAT.theme) == {f"{authority}data-theme/ECON"}
    assert values(DCTERMS.accrualPeriodicity) == {f"{authority}frequency/MONTHLY"}
    assert values(DCATAP.hvdCategory) == {"http://data.europa.eu/bna/c_a9135398"}
    law = "http://data.europa.eu/eli/reg_impl/2023/138/oj"
    assert values(DCATAP.applicableLegislation) == {law}
    for node in catalogue.objects(DATA, DCAT.distribution):
        assert values(DCATAP.applicableLegislation, node) == {law}
    assert values(CV.numSeries) == {"1"}
    assert values(CV.statUnitMeasure) == {"http://qudt.org/vocab/unit/NUM"}
    assert len(values(CV.dimension)) == 6
    assert values(DCAT.version) == {"000001"}
    measured = {
        str(catalogue.value(m, DQV.isMeasurementOf)).rpartition("#")[2]: int(
            catalogue.value(m, DQV.value)  # type: ignore[arg-type]
        )
        for m in catalogue.objects(DATA, DQV.hasQualityMeasurement)
    }
    assert measured == {"warnings": 7, "rows": 12, "refused": 3}


def test_sums_of_each_indicator_are_a_series() -> None:
    """Two periods of one are one."""
    cube = "<urn:sums>"
    text = f"""PREFIX qb: <http://purl.org/linked-data/cube#>
    PREFIX sdmx-dimension: <http://purl.org/linked-data/sdmx/2009/dimension#>
    PREFIX vises: <https://w3id.org/vises/ontology#>
    <urn:1> qb:dataSet {cube} ; sdmx-dimension:refArea <urn:FRE> ;
        vises:indicator <urn:hours> ; vises:periodStart "2024-01-01" .
    <urn:2> qb:dataSet {cube} ; sdmx-dimension:refArea <urn:FRE> ;
        vises:indicator <urn:hours> ; vises:periodStart "2025-01-01" .
    <urn:3> qb:dataSet {cube} ; sdmx-dimension:refArea <urn:FRE> ;
        vises:indicator <urn:exits> ; vises:periodStart "2025-01-01" ."""
    store = Store()
    store.load(text.encode(), RdfFormat.TURTLE)
    query = (ROOT / "queries" / "pages" / "catalogue-series.rq").read_text("utf-8")
    found = store.query(query)
    assert isinstance(found, QuerySolutions)
    assert [(row["resource"].value, row["series"].value) for row in found] == [("urn:sums", "2")]


def test_releases_that_can_be_cited_are_a_series(catalogue: Graph, address: str) -> None:
    series = URIRef(f"{address}/catalog#releases")
    assert (series, RDF.type, DCAT.DatasetSeries) in catalogue
    first, last = (URIRef(f"{BASE}release/{n}") for n in ("000001", "000003"))
    assert set(catalogue.subjects(DCAT.inSeries, series)) == {first, last}
    assert catalogue.value(last, DCAT.prev) == first
    titles = {str(t) for t in catalogue.objects(first, DCTERMS.title)}
    assert "VISES, release 000001, report-2026" in titles


@pytest.mark.parametrize("form", [f for f in GRAPH_TYPES if f != "ttl"])
def test_every_form_is_the_same_graph(web: httpx.Client, form: str) -> None:
    def triples(name: str) -> set[tuple[object, ...]]:
        answer = web.get(f"/catalog.{name}")
        assert answer.headers["content-type"].startswith(GRAPH_TYPES[name])
        kind = RdfFormat.from_media_type(GRAPH_TYPES[name])
        quads = parse(answer.content, kind, without_named_graphs=False)
        own = f"/catalog.{name}"
        return {
            tuple(str(t).replace(own, "/catalog.FORM") for t in (q.subject, q.predicate, q.object))
            for q in quads
        }

    assert triples(form) == triples("ttl")


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (None, "text/turtle"),
        ("*/*", "text/turtle"),
        ("application/rdf+xml", "application/rdf+xml"),
        ("application/json", "application/ld+json"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
    ],
)
def test_negotiation(web: httpx.Client, accept: str | None, kind: str) -> None:
    headers = {"Accept": accept} if accept else {}
    answer = web.get("/catalog", headers=headers)
    assert answer.headers["content-type"].startswith(kind)
    assert "Accept" in answer.headers["vary"]
    assert web.get("/catalog", headers={"Accept": "image/png"}).status_code == 406


def test_the_walk_ends_at_either_end(web: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    paged(monkeypatch, 2)
    last = graph_of(web.get("/catalog.ttl?page=4"))
    (view,) = last.subjects(RDF.type, HYDRA.PartialCollectionView)
    assert last.value(view, HYDRA.next) is None
    backwards = [str(view)]
    graph = last
    while (before := graph.value(view, HYDRA.previous)) is not None:
        backwards.append(str(before))
        graph = graph_of(web.get(str(before)))
        (view,) = graph.subjects(RDF.type, HYDRA.PartialCollectionView)
    assert [urlsplit(a).query for a in backwards] == ["page=4", "page=3", "page=2", ""]
    assert graph.value(view, HYDRA.first) == view


@pytest.mark.parametrize(
    ("page", "status", "kind"),
    [
        ("5", 404, "beyond-end"),
        ("999999999", 404, "beyond-end"),
        ("0", 400, "page-malformed"),
        ("-1", 400, "page-malformed"),
        ("1.5", 400, "page-malformed"),
        ("\u0662", 400, "page-malformed"),
        ("9" * 5000, 400, "page-malformed"),
    ],
)
def test_a_page_that_there_is_not(
    web: httpx.Client, monkeypatch: pytest.MonkeyPatch, page: str, status: int, kind: str
) -> None:
    paged(monkeypatch, 2)
    answer = web.get("/catalog.ttl", params={"page": page})
    assert answer.status_code == status
    assert answer.json()["type"].endswith(f"/{kind}")


def test_behind_a_proxy_every_address_is_the_public_one(
    settings_here: Settings, run_here: Callable[[Settings], AbstractContextManager[str]]
) -> None:
    here = replace(settings_here, public_url="https://open.example")
    with run_here(here) as address:
        answer = httpx.get(f"{address}/catalog.ttl", headers={"Host": "evil.example"})
    assert "evil.example" not in answer.text
    assert urlsplit(address).netloc not in answer.text
    assert "<https://open.example/dumps/000003/data.nq.gz>" in answer.text
    assert 'rel="first"' in answer.headers["link"]
    assert answer.headers["link"].startswith("<https://open.example/catalog.ttl>")


def test_who_has_it_gets_no_body_until_something_changes(
    web: httpx.Client, settings_here: Settings
) -> None:
    first = web.get("/catalog.ttl")
    tag = first.headers["etag"]
    assert web.get("/catalog.ttl", headers={"If-None-Match": tag}).status_code == 304
    assert web.get("/catalog.rdf").headers["etag"] != tag
    releases = ReleaseStore(settings_here.data)
    releases.tag("another", "000003")
    try:
        again = web.get("/catalog.ttl", headers={"If-None-Match": tag})
        assert again.status_code == 200
    finally:
        releases.untag("another")


def test_an_earlier_release_has_its_catalogue(web: httpx.Client) -> None:
    graph = graph_of(web.get("/catalog.ttl?release=000001"))
    assert (URIRef(f"{BASE}graph/other"), RDF.type, DCAT.Dataset) not in graph
    endpoint = {str(u) for u in graph.objects(None, DCAT.endpointURL)}
    assert any(u.endswith("/sparql?release=000001") for u in endpoint)
    assert web.get("/catalog.ttl?release=000099").status_code == 404


@pytest.mark.parametrize(
    ("form", "shown"), [(".ttl", "text/turtle"), (".html", "text/html"), ("", "text/turtle")]
)
def test_the_catalogue_of_a_moment(web: httpx.Client, form: str, shown: str) -> None:
    path = f"/catalog{form}"
    now = web.get(path)
    timemap = f'<{web.base_url.join("/timemap" + path)}>; rel="timemap"'
    assert timemap in now.headers["link"]
    assert "Accept-Datetime" in now.headers["vary"]
    assert "memento-datetime" not in now.headers
    first = web.get(path, params={"release": "000001"}).headers["memento-datetime"]
    memento = web.get(path, headers={"Accept-Datetime": first}, follow_redirects=True)
    assert (memento.url.path, memento.headers["memento-datetime"]) == (path, first)
    assert memento.headers["content-type"].startswith(shown)
    assert memento.headers["x-release"] <= now.headers["x-release"]
    assert "Accept-Datetime" not in memento.headers.get("vary", "")
    assert timemap in memento.headers["link"]
    assert web.get(path, headers={"Accept-Datetime": "yesterday"}).status_code == 400


def test_a_closed_dataset_is_in_the_catalogue_of_its_readers_alone(desk: Desk) -> None:
    with httpx.Client(base_url=desk.address, timeout=30) as client:
        answer = client.get("/catalog.ttl")
    assert answer.status_code == 200
    assert "graph/draft" not in answer.text
    assert f"{BASE}graph/data" in answer.text
    assert answer.headers["cache-control"] == "no-cache"
    assert "Authorization" in answer.headers["vary"]
    with desk.client(desk.grant("draft", read=True, write=False)) as reader:
        graph = graph_of(reader.get("/catalog.ttl"))
    rights = "http://publications.europa.eu/resource/authority/access-right"
    for dataset, right in (("draft", "RESTRICTED"), ("data", "PUBLIC")):
        told = list(graph.objects(URIRef(f"{BASE}graph/{dataset}"), DCTERMS.accessRights))
        assert told == [URIRef(f"{rights}/{right}")]


@pytest.mark.parametrize(
    ("language", "title"),
    [("en", "Catalogue of VISES"), ("fr", "Catalogue de VISES"), ("nl", "Catalogus van VISES")],
)
def test_the_page_in_each_language(web: httpx.Client, language: str, title: str) -> None:
    answer = web.get("/catalog.html", params={"lang": language})
    assert answer.headers["content-language"] == language
    assert f"<h1>{title}</h1>" in answer.text
    assert "<b>Test" not in answer.text, "a title is text"
    assert urljoin(str(answer.url), "/dumps/000003/data.csv") in answer.text


def test_a_graph_of_another_name_is_a_dataset_too(catalogue: Graph, web: httpx.Client) -> None:
    node = URIRef(FOREIGN)
    ways = list(catalogue.objects(node, DCAT.distribution))
    assert len(ways) == 3, "SPARQL, the graph store, the event stream; it has no files"
    where = [str(u) for n in ways for u in catalogue.objects(n, DCAT.downloadURL)]
    (body,) = [web.get(address).text for address in where]
    assert body.endswith('<urn:a> <urn:b> "c" .\n')


def test_what_nobody_described_is_there_all_the_same(catalogue: Graph) -> None:
    node = URIRef(f"{BASE}graph/codes")
    assert str(catalogue.value(node, DCTERMS.title)) == "codes"
    assert len(list(catalogue.objects(node, DCTERMS.description))) == 3


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024", "2024-01-01", "2024-12-31"),
        ("2023-02", "2023-02-01", "2023-02-28"),
        ("2024-05-06", "2024-05-06", "2024-05-06"),
        ("2024-05-06T23:59:59Z", "2024-05-06", "2024-05-06"),
    ],
)
def test_the_days_of_a_time(text: str, first: str, last: str) -> None:
    assert (_day(text, last=False), _day(text, last=True)) == (first, last)


@pytest.mark.parametrize(
    ("stated", "licence"),
    [
        ({"a": ["by"], "b": ["by"]}, "by"),
        ({"a": ["by"], "b": ["etalab"]}, None),
        ({"a": ["by"], "b": []}, None),
        ({"a": ["by"], "b": ["by", "etalab"]}, None),
        ({"a": [], "b": []}, None),
        ({"a": [LICENCE.value], "provenance": []}, LICENCE.value),
        ({"a": ["by"], "provenance": []}, None),
    ],
)
def test_a_release_has_the_licence_of_every_dataset(
    stated: dict[str, list[str]], licence: str | None
) -> None:
    found = framed([entry(name, "dcterms:license", iris) for name, iris in stated.items()])
    assert found.licence == (licence and NamedNode(full(licence)))


def full(name: str) -> str:
    return name if ":" in name else f"urn:{name}"


def entry(name: str, prop: str, values: Sequence[str]) -> Entry:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    return Entry(
        iri=NamedNode(f"{BASE}graph/{name}"),
        said={term(prop): [NamedNode(full(value)) for value in values]},
        things={},
        lived=Lived(moment, moment, "000001"),
        period=None,
        regions=(),
        parts=Partitions(),
        statements=1,
    )


def framed(entries: Sequence[Entry]) -> Frame:
    return Frame(
        origin="https://open.example",
        base=BASE,
        release=None,
        release_id="000001",
        publisher_name="VISES",
        publisher_kind="NonProfitOrganisation",
        contact_address="",
        spatial=(),
        period=None,
        entries=entries,
    )


def test_the_catalogue_names_every_language() -> None:
    assert LANGUAGE_CODES.keys() == set(LANGUAGES)


def test_since_when_a_dataset_is_there(settings_here: Settings) -> None:
    releases = ReleaseStore(settings_here.data)
    found = lives(releases, releases.get("000003"))
    assert found[f"{BASE}graph/data"].version == "000001"
    assert found[f"{BASE}graph/other"].version == "000002"
