"""A release with an enterprise of which much is said, and one of which too much is said."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.background import MOST_SECONDS
from vises.service.access import granting
from vises.service.access.file import AccessFile
from vises.service.app import create_app
from vises.store.releases import ReleaseStore
from vises.store.workers import WorkerPool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from starlette.types import ASGIApp

    from vises.settings import Settings

BASE = "https://data.example/"
MANY = 700
SECTORS = 450
HEAD = """
@prefix adms: <http://www.w3.org/ns/adms#> .
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix evidence: <https://w3id.org/vises/code/evidence-kind/> .
@prefix family: <https://w3id.org/vises/code/family/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix form: <https://w3id.org/vises/code/legal-form-fr/> .
@prefix group: <https://w3id.org/vises/code/stakeholder-group/> .
@prefix legal: <http://www.w3.org/ns/legal#> .
@prefix nace: <https://w3id.org/vises/code/nace-rev2/> .
@prefix nuts: <https://w3id.org/vises/code/nuts/> .
@prefix operating: <https://w3id.org/vises/code/operating-status/> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix p-plan: <http://purl.org/net/p-plan#> .
@prefix perimeter: <https://w3id.org/vises/code/perimeter/> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix qb: <http://purl.org/linked-data/cube#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <https://schema.org/> .
@prefix scheme: <https://w3id.org/vises/code/identifier-scheme/> .
@prefix sdmx-attribute: <http://purl.org/linked-data/sdmx/2009/attribute#> .
@prefix sdmx-dimension: <http://purl.org/linked-data/sdmx/2009/dimension#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix shapes: <https://w3id.org/vises/shapes#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix sssom: <https://w3id.org/sssom/> .
@prefix status: <https://w3id.org/vises/code/report-status/> .
@prefix theme: <https://w3id.org/vises/code/theme/> .
@prefix unit: <http://qudt.org/vocab/unit/> .
@prefix vises: <https://w3id.org/vises/ontology#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
REGISTER = """
<enterprise/fr-552100554> a vises:Enterprise ;
    legal:legalName "L'Atelier commun" ;
    adms:identifier <identifier/siren-552100554> ;
    vises:legalForm form:9220 ;
    vises:activity nace:88 ;
    vises:region nuts:FRE11 .
<identifier/siren-552100554> a adms:Identifier ;
    skos:notation "552100554" ; dcterms:type scheme:siren ; dcterms:creator <organisation/insee> .
<claim/1> a vises:SseStatusClaim ;
    vises:about <enterprise/fr-552100554> ; vises:perimeter perimeter:legal-category-fr ;
    vises:countsAsSse true ; vises:asOf "2026-01-31"^^xsd:date ; dcterms:source <graph/register> .
<claim/2> a vises:SseStatusClaim ;
    vises:about <enterprise/fr-552100554> ; vises:perimeter perimeter:insee-flag ;
    vises:countsAsSse false ; vises:asOf "2026-01-31"^^xsd:date ; dcterms:source <graph/register> .
<claim/3> a vises:SseStatusClaim ;
    vises:about <enterprise/fr-552100554> ; vises:perimeter perimeter:insee-flag ;
    vises:countsAsSse true ; vises:asOf "2020-01-31"^^xsd:date ; dcterms:source <graph/register> .
<enterprise/fr-2> a vises:Enterprise ;
    legal:legalName "La Voisine" ; vises:activity nace:88 ; vises:region nuts:FRE11 .
<enterprise/fr-gone> a vises:Enterprise ; vises:activity nace:88 ; vises:region nuts:FRE11 ;
    legal:legalName "La Disparue" ; vises:operatingStatus operating:ceased .
<enterprise/fr-3> a vises:Enterprise ; vises:fictitious true ;
    legal:legalName "<script>alert(1)</script>\\u202e" ;
    adms:identifier <identifier/siren-000000018> .
<identifier/siren-000000018> a adms:Identifier ;
    skos:notation "000000018" ; dcterms:type scheme:siren .
"""
IMPACT = """
<indicator/exits> a vises:Indicator ;
    skos:prefLabel "Positive exits"@en , "Sorties positives"@fr ;
    skos:definition "Share of those who left and work."@en ;
    vises:unit unit:PERCENT ; vises:theme theme:employment ;
    skos:closeMatch <https://iris.thegiin.org/metric/5.3/pi3527> ;
    skos:relatedMatch <http://metadata.un.org/sdg/8.5> .
[] a owl:Axiom ; owl:annotatedSource <indicator/exits> ; owl:annotatedProperty skos:closeMatch ;
    owl:annotatedTarget <https://iris.thegiin.org/metric/5.3/pi3527> ;
    sssom:confidence 0.8 ; rdfs:comment "Job Placement Rate."@en .
<indicator/equity> a vises:Indicator ;
    skos:prefLabel "Pay ratio"@en , "Équité salariale"@fr ; vises:unit unit:NUM .
<indicator/hostile> a vises:Indicator ; skos:prefLabel "</script><b>x"@en .
<result/1> a vises:IndicatorResult ;
    vises:about <enterprise/fr-552100554> ; vises:indicator <indicator/exits> ;
    vises:periodStart "2024-01-01"^^xsd:date ; vises:periodEnd "2024-12-31"^^xsd:date ;
    vises:value 48.5 ; vises:reportStatus status:attested ; vises:evidence <evidence/1> .
<result/2> a vises:IndicatorResult ;
    vises:about <enterprise/fr-552100554> ; vises:indicator <indicator/equity> ;
    vises:periodStart "2023-09-01"^^xsd:date ; vises:periodEnd "2024-06-30"^^xsd:date ;
    vises:value 4 ; vises:reportStatus status:draft .
<evidence/1> a vises:Evidence ; dcterms:title "Register of leavers"@en .
<account/1> a vises:QualitativeAccount ;
    vises:about <enterprise/fr-552100554> ; vises:text "Le matin, on chante."@fr ;
    vises:tellerGroup group:insertion-participants ; vises:evidenceKind evidence:testimony ;
    dcterms:created "2024-12-03"^^xsd:date .
<method/m/1> a vises:MethodVersion ; skos:prefLabel "Method, version 1"@en .
<method/m/1/one> a vises:Stage ; skos:prefLabel "Taking stock"@en ;
    p-plan:isStepOfPlan <method/m/1> ; vises:position 1 .
<method/m/1/two> a vises:Stage ; skos:prefLabel "Collecting"@en ;
    p-plan:isStepOfPlan <method/m/1> ; vises:position 2 .
<method/m/1/three> a vises:Stage ; skos:prefLabel "Analysing"@en ;
    p-plan:isStepOfPlan <method/m/1> ; vises:position 3 .
<trial/1> a vises:Trial ; vises:about <enterprise/fr-552100554> ; vises:follows <method/m/1> ;
    schema:startDate "2025-01-13"^^xsd:date .
<trial/1/one> a vises:StageProgress ; vises:partOfTrial <trial/1> ;
    p-plan:correspondsToStep <method/m/1/one> ;
    schema:startDate "2025-01-13"^^xsd:date ; schema:endDate "2025-05-16"^^xsd:date .
<trial/1/two> a vises:StageProgress ; vises:partOfTrial <trial/1> ;
    p-plan:correspondsToStep <method/m/1/two> ; schema:startDate "2025-06-01"^^xsd:date .
<trial/2> a vises:Trial ; vises:about <enterprise/fr-3> ; vises:follows <method/m/1> ;
    schema:startDate "2024-01-13"^^xsd:date ; schema:endDate "2024-02-01"^^xsd:date .
<trial/2/one> a vises:StageProgress ; vises:partOfTrial <trial/2> ;
    p-plan:correspondsToStep <method/m/1/one> ; schema:startDate "2024-01-13"^^xsd:date .
<question/1> a vises:EvaluativeQuestion ; vises:chosenIn <trial/1> ;
    skos:prefLabel "What changes?"@en .
"""
FIGURE = """
<figure/{name}> a vises:RegionalFigure ;
    sdmx-dimension:refArea nuts:{area} ; sdmx-dimension:refPeriod "{year}"^^xsd:gYear ;
    vises:perimeter perimeter:{perimeter} ; vises:family family:total ;
    vises:publication <publication/{publication}> ;
    qb:measureType vises:jobCount ; vises:jobCount {value} ; sdmx-attribute:unitMeasure unit:NUM .
"""
PUBLICATIONS = """
<publication/one> a vises:Publication ; dcterms:title "The first count"@en ;
    foaf:page <https://statistics.example/one> , <javascript:alert%281%29> .
<publication/two> a vises:Publication ; dcterms:title "The second count"@en ;
    dcterms:publisher <organisation/them> ; dcterms:issued "2022-05-23"^^xsd:date .
<publication/undated> a vises:Publication ; dcterms:title "Undated"@en ;
    dcterms:issued "undated" .
<publication/rival> a vises:Publication ; dcterms:title "Another count of sectors"@en .
<organisation/them> a org:Organization ; skos:prefLabel "Them"@en .
<figure/two-2021> prov:wasRevisionOf <figure/one-2021> .
<figure/one-no> sdmx-attribute:obsStatus <http://purl.org/linked-data/sdmx/2009/code#obsStatus-P> .
"""
PROVENANCE = """
<graph/impact> a dcat:Dataset ; dcterms:title "Impact"@en ;
    dcterms:description "Results & accounts </script><script>alert(1)</script>"@en ;
    dcterms:license <https://creativecommons.org/licenses/by/4.0/> ;
    dcterms:publisher <organisation/us> ;
    dcterms:modified "2026-11-23T10:00:00Z"^^xsd:dateTime ;
    prov:wasGeneratedBy <activity/impact-1> ; dcat:distribution <distribution/impact-ttl> .
<organisation/us> a org:Organization ; skos:prefLabel "Us"@en .
<distribution/impact-ttl> a dcat:Distribution ; dcterms:title "Turtle" ;
    dcat:mediaType <https://www.iana.org/assignments/media-types/text/turtle> ;
    dcat:accessURL <sparql?default-graph-uri=impact&download=ttl> .
<activity/impact-1> a vises:IngestActivity ; prov:generated <graph/impact> ;
    prov:startedAtTime "2026-11-23T10:00:00Z"^^xsd:dateTime ; dcterms:creator "us" ;
    prov:used <ni:///sha-256;f4OxZQ> ;
    vises:rowsIn 90 ; vises:rowsPublished 86 ; vises:rowsQuarantined 3 ; vises:rowsOutOfScope 1 .
<ni:///sha-256;f4OxZQ> a prov:Entity ; dcterms:title "results.csv" ;
    dcterms:identifier "sha256:7f83b165" .
<graph/drafts> a dcat:Dataset ; dcterms:title "Drafts"@en .
<activity/drafts-1> a vises:IngestActivity ; prov:generated <graph/drafts> ;
    prov:startedAtTime "2026-11-24T10:00:00Z"^^xsd:dateTime ; prov:used <ni:///sha-256;f4OxZQ> ;
    prov:qualifiedUsage <activity/drafts-1/usage-1> , <activity/drafts-1/usage-2> .
<activity/drafts-1/usage-1> a prov:Usage ; prov:entity <ni:///sha-256;f4OxZQ> ;
    dcterms:title "drafts.csv" .
<activity/drafts-1/usage-2> a prov:Usage ; prov:entity <ni:///sha-256;f4OxZQ> ;
    dcterms:title "copy.csv" .
<warning/1> a vises:QualityWarning ; vises:about <graph/impact> ;
    sh:sourceShape shapes:IndicatorResultEvidenceShape ; vises:occurrences 2 .
<graph/closed> a dcat:Dataset ; dcterms:title "Closed"@en .
"""

ENDLESS = """
[] a owl:Axiom ; owl:annotatedSource <indicator/ratio> ; owl:annotatedProperty skos:closeMatch ;
    owl:annotatedTarget <https://iris.thegiin.org/metric/5.3/pi3527> ;
    sssom:confidence "INF"^^xsd:double .
"""


SUM = """
<figure/sum> a vises:AggregateSuppression ; vises:indicator <indicator/exits> ;
    vises:periodStart "2027-01-01"^^xsd:date ; vises:periodEnd "2027-12-31"^^xsd:date .
"""


def report(indicator: str, year: int, n: int, value: int, status: str = "attested") -> str:
    """Return the result of the enterprise of a number for an indicator."""
    return f"""<result/{indicator}-{year}-{n}-{value}> a vises:IndicatorResult ;
        vises:about <enterprise/peer-{n}> ; vises:indicator <indicator/{indicator}> ;
        vises:periodStart "{year}-01-01"^^xsd:date ; vises:periodEnd "{year}-12-31"^^xsd:date ;
        vises:value {value} ; vises:reportStatus status:{status} .\n"""


def reports(number: int, year: int, indicator: str, status: str = "attested") -> str:
    """Return the results of so many enterprises for an indicator: 10, 20, 30 and so on."""
    every = range(1, number + 1)
    return "".join(report(indicator, year, n, 10 * n, status) for n in every)


def figures() -> str:
    cells = [
        ("one-2021", "FRE", 2021, "insee-ess", "one", 100),
        ("two-2021", "FRE", 2021, "insee-ess", "two", 90),
        ("one-2020", "FRE", 2020, "insee-ess", "one", 80),
        ("one-yes", "FRE", 2021, "legal-category-fr", "one", 70),
        ("one-no", "FRE11", 2019, "insee-flag", "one", 60),
    ]
    names = ("name", "area", "year", "perimeter", "publication", "value")
    return "".join(FIGURE.format(**dict(zip(names, cell, strict=True))) for cell in cells)


def sectors() -> str:
    """Return more figures of sectors than a portrait looks through, and two counts of each."""
    found = []
    for n in range(SECTORS):
        for publication in ("sectors", "rival"):
            told = {"name": f"{publication}-{n}", "publication": publication, "value": 1000 + n}
            cell = {"area": "FR", "year": 2022, "perimeter": "insee-flag"}
            found.append(FIGURE.format(**told, **cell))
            found.append(f"<figure/{publication}-{n}> vises:sector <sector/{n}> .")
    return "".join(found)


def enormous() -> str:
    """Return an enterprise with far too much of everything."""
    said = [
        '<enterprise/big> a vises:Enterprise ; legal:legalName "Big" ; vises:region nuts:FRE11 .'
    ]
    for n in range(MANY):
        said.append(f'<enterprise/big> skos:altLabel "Other name {n}" .')
        said.append(
            f"""<result/big-{n}> a vises:IndicatorResult ; vises:about <enterprise/big> ;
            vises:indicator <indicator/equity> ; vises:value {n} ;
            vises:periodStart "2020-01-01"^^xsd:date ; vises:periodEnd "2020-12-31"^^xsd:date ;
            vises:reportStatus status:draft ."""
        )
        said.append(
            f"""<account/big-{n}> a vises:QualitativeAccount ; vises:about <enterprise/big> ;
            vises:text "{"word " * 500}" ; dcterms:source <publication/one> ."""
        )
    return "\n".join(said)


@pytest.fixture(scope="session")
def address(
    tmp_path_factory: pytest.TempPathFactory,
    settings: Settings,
    publish: Callable[[ReleaseStore, Path, dict[str, bytes]], None],
    run_app: Callable[[ASGIApp], AbstractContextManager[str]],
) -> Iterator[str]:
    """Return the address of the service of the release."""
    data = tmp_path_factory.mktemp("kinds") / "data"
    package = files("vises")

    def turtle(*folders: str) -> bytes:
        found = [f for d in folders for f in Path(str(package.joinpath(d))).glob("*.ttl")]
        return b"\n".join(f.read_bytes() for f in sorted(found))

    graphs = {
        "register": REGISTER,
        "impact": IMPACT + reports(7, 2022, "exits") + reports(4, 2025, "exits"),
        "two-values": report("exits", 2025, 5, 50) + report("exits", 2025, 5, 60),
        "drafts": reports(6, 2026, "exits", "draft"),
        "sums": SUM,
        "withdrawn": report("exits", 2023, 9, 90, "withdrawn"),
        "few": reports(4, 2024, "equity"),
        "invented": reports(5, 2024, "ratio")
        + "<result/ratio-2024-1-10> vises:fictitious true . <indicator/ratio> a vises:Indicator ."
        + ENDLESS,
        "sectors": sectors(),
        "publications": PUBLICATIONS + figures(),
        "enormous": enormous(),
        "provenance": PROVENANCE,
        "closed": "<enterprise/secret> a vises:Enterprise .",
        "hidden": "<enterprise/hidden> a vises:Enterprise .",
    }
    encoded = {name: (HEAD + text).encode() for name, text in graphs.items()}
    encoded |= {
        "codes": turtle("ontology/codes"),
        "shapes": turtle("shapes"),
        "ontology": turtle("ontology"),
    }
    publish(ReleaseStore(data), tmp_path_factory.mktemp("scratch"), encoded)
    granting.close(AccessFile(data), [f"{BASE}graph/closed", f"{BASE}graph/hidden"])
    here = replace(settings, data=data, workers=1)
    releases = ReleaseStore(data)
    workers = WorkerPool(
        releases, size=1, query_seconds=here.query_seconds, mebibytes=here.worker_mebibytes
    )
    with run_app(create_app(here, releases, workers)) as found:
        yield found


@pytest.fixture
def visitor(address: str) -> Iterator[httpx.Client]:
    """Return a client that asks as a browser does, in English."""
    headers = {
        "Accept": "text/html,*/*;q=0.8",
        "Accept-Language": "en",
        "Accept-Encoding": "identity",
    }
    with httpx.Client(
        base_url=address, timeout=MOST_SECONDS, headers=headers, follow_redirects=True
    ) as found:
        yield found
