"""A service whose release has figures of regions, trials of the method, and much of both."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.background import MOST_SECONDS
from vises.service.app import create_app
from vises.service.guardian import Guardian
from vises.settings import Settings
from vises.store.releases import ReleaseStore
from vises.store.workers import WorkerPool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from starlette.types import ASGIApp

PREFIXES = """
@prefix code: <https://w3id.org/vises/code/> .
@prefix geo: <http://www.opengis.net/ont/geosparql#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix legal: <http://www.w3.org/ns/legal#> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix qb: <http://purl.org/linked-data/cube#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sdmx-attribute: <http://purl.org/linked-data/sdmx/2009/attribute#> .
@prefix sdmx-code: <http://purl.org/linked-data/sdmx/2009/code#> .
@prefix sdmx-dimension: <http://purl.org/linked-data/sdmx/2009/dimension#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix unit: <http://qudt.org/vocab/unit/> .
@prefix vises: <https://w3id.org/vises/ontology#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""

PUBLICATIONS = r"""
<publication/survey> a vises:Publication ; dcterms:title "The survey"@en .
<publication/later> a vises:Publication ; dcterms:title "The later survey"@en .
<publication/rival> a vises:Publication ; dcterms:title "<script>alert('rival')</script>" .
<publication/census> a vises:Publication ; dcterms:title "The census \u202eback\u202c"@en .
<break/change> a vises:SeriesBreak ;
    sdmx-dimension:refArea code:nuts\/FR ;
    vises:perimeter code:perimeter\/insee-ess ;
    vises:breaksFrom "2017"^^xsd:gYear ;
    vises:breakReason code:break-reason\/source-change ;
    dcterms:description "Another survey counts."@en ;
    dcterms:source <publication/later> .
<indicator/training-hours> a vises:Indicator ; skos:prefLabel "Hours of training"@en .
<cell/told> a vises:AggregateResult ; sdmx-dimension:refArea code:nuts\/BE3 ;
    vises:indicator <indicator/training-hours> ; vises:family code:family\/total ;
    vises:periodStart "2025-01-01"^^xsd:date ; vises:periodEnd "2025-12-31"^^xsd:date ;
    vises:publication <publication/rival> ; sdmx-attribute:unitMeasure unit:HR ;
    vises:resultSum 12025.5 ; vises:reportingCount 13 ; qb:dataSet <graph/open-sums> .
<graph/open-sums> prov:wasDerivedFrom <graph/data> .
<graph/closed-counts> prov:wasDerivedFrom <graph/nobody-reads-it> .
<cell/no-count> a vises:Suppression ; sdmx-dimension:refArea code:nuts\/FRE ;
    sdmx-dimension:refPeriod "2018"^^xsd:gYear ; qb:measureType vises:enterpriseCount ;
    vises:perimeter code:perimeter\/insee-ess ; vises:family code:family\/mutual ;
    vises:sector code:nace-rev2\/88 ;
    vises:publication <publication/rival> ; dcterms:isPartOf <graph/closed-counts> ;
    vises:disclosureRule code:disclosure-rule\/fewer-than-three .
<cell/no-jobs> a vises:Suppression ; sdmx-dimension:refArea code:nuts\/BE1 ;
    sdmx-dimension:refPeriod "2018"^^xsd:gYear ; qb:measureType vises:enterpriseCount ;
    vises:perimeter code:perimeter\/observatoire-es ; vises:family code:family\/mutual ;
    vises:publication <publication/rival> ; vises:fictitious true ;
    vises:disclosureRule code:disclosure-rule\/fewer-than-three .
<cell/withheld> a vises:AggregateSuppression ; sdmx-dimension:refArea code:nuts\/BE3 ;
    vises:indicator <indicator/training-hours> ; vises:family code:family\/cooperative ;
    vises:periodStart "2025-01-01"^^xsd:date ; vises:periodEnd "2025-12-31"^^xsd:date ;
    vises:publication <publication/rival> ;
    vises:disclosureRule code:disclosure-rule\/dominance .
<indicator/volunteering> a vises:Indicator ; skos:prefLabel "Volunteering"@en .
<cell/all-withheld> a vises:AggregateSuppression ; sdmx-dimension:refArea code:nuts\/BE3 ;
    vises:indicator <indicator/volunteering> ; vises:family code:family\/total ;
    vises:periodStart "2025-01-01"^^xsd:date ; vises:periodEnd "2025-12-31"^^xsd:date ;
    vises:publication <publication/rival> ;
    vises:disclosureRule code:disclosure-rule\/dominance .
code:nuts\/BE3 geo:hasGeometry <geometry/be3> .
<geometry/be3> geo:asWKT "POLYGON ((3 50, 6 50, 6 51, 3 50))"^^geo:wktLiteral .
code:nuts\/FRE geo:hasGeometry <geometry/fre> .
<geometry/fre> geo:asWKT "</div><script>x()</script>"^^geo:wktLiteral .
<code-of-circle> a vises:Region ; skos:notation "FRX" ; skos:broader <other-of-circle> ;
    dcterms:isReplacedBy <other-of-circle> .
<other-of-circle> a vises:Region ; skos:notation "FRY9" ; skos:broader <code-of-circle> ;
    dcterms:isReplacedBy <code-of-circle> .
"""

ENTERPRISES = 5_000
CEASED = 40
MANY_FIGURES = 3_000


def figure(  # noqa: PLR0913
    name: str,
    area: str,
    year: int,
    value: float,
    *,
    measure: str = "jobCount",
    perimeter: str = "insee-ess",
    publication: str = "survey",
    family: str = "total",
    more: str = "",
) -> str:
    """Return a figure as Turtle."""
    return rf"""
<figure/{name}> a vises:RegionalFigure ;
    sdmx-dimension:refArea code:nuts\/{area} ;
    sdmx-dimension:refPeriod "{year}"^^xsd:gYear ;
    qb:measureType vises:{measure} ; vises:{measure} {value} ;
    sdmx-attribute:unitMeasure unit:NUM ;
    vises:perimeter code:perimeter\/{perimeter} ;
    vises:family code:family\/{family} ;
    vises:publication <publication/{publication}> {more} .
"""


def population(area: str, year: int, number: int, more: str = "") -> str:
    return rf"""
<figure/people-{area}-{year}> a vises:PopulationFigure ;
    sdmx-dimension:refArea code:nuts\/{area} ;
    sdmx-dimension:refPeriod "{year}"^^xsd:gYear ;
    vises:population {number} ; vises:publication <publication/census> {more} .
"""


def figures() -> str:
    found = [figure(f"fre-{y}", "FRE", y, 1000 + y) for y in (2013, 2014, 2015, 2017, 2018)]
    found += [
        figure("fre-rival", "FRE", 2018, 777, publication="rival"),
        figure("fre-cress", "FRE", 2018, 4321, perimeter="cress-hauts-de-france"),
        figure("fre-association", "FRE", 2018, 700, family="association"),
        figure("fre-cooperative", "FRE", 2018, 300, family="cooperative"),
        figure("be3-old", "BE3", 2018, 6639, perimeter="observatoire-es"),
        figure(
            "be3-new",
            "BE3",
            2018,
            6735,
            perimeter="observatoire-es",
            publication="later",
            more="; prov:wasRevisionOf <figure/be3-old>",
        ),
        figure(
            "be3-2019",
            "BE3",
            2019,
            6789,
            perimeter="observatoire-es",
            publication="later",
            more='; skos:note "To be revised."@en , "À réviser."@fr , "Nog te herzien."@nl',
        ),
        *(
            figure(
                f"be1-{year}",
                "BE1",
                year,
                value,
                perimeter="observatoire-es",
                publication="later",
                more=f"; sdmx-attribute:obsStatus sdmx-code:obsStatus-{status}",
            )
            for year, value, status in ((2018, 4779, "E"), (2019, 4870, "P"))
        ),
        figure(
            "be2-both",
            "BE2",
            2018,
            12,
            publication="later",
            family="cooperative",
            more=r"; vises:sector code:nace-rev2\/88",
        ),
        figure("fr30", "FR30", 2003, 23800, measure="establishmentCount"),
        population("FRE", 2018, 300_000),
        population("FRE", 2014, 0),
        population("BE1", 2019, 1_200_000, "; sdmx-attribute:obsStatus sdmx-code:obsStatus-E"),
        figure("be1-rival", "BE1", 2018, 4000, perimeter="observatoire-es", publication="rival"),
        """<figure/people-FRE-2018> prov:wasRevisionOf <figure/people-first> .
<figure/people-first> a vises:PopulationFigure ; sdmx-dimension:refArea code:nuts\\/FRE ;
    sdmx-dimension:refPeriod "2018"^^xsd:gYear ;
    vises:population 123456 ; vises:publication <publication/census> .
""",
    ]
    found += [figure(f"many-{n}", "FRF", 1000 + n, n) for n in range(MANY_FIGURES)]
    return "".join(found)


def empty_cells() -> str:
    return "".join(
        rf"""<cell/empty-{n}> a vises:Suppression ; sdmx-dimension:refArea code:nuts\/BE2 ;
    sdmx-dimension:refPeriod "2016"^^xsd:gYear ; qb:measureType vises:enterpriseCount ;
    vises:perimeter code:perimeter\/insee-ess ; vises:family code:family\/mutual ;
    vises:publication <publication/rival> ;
    vises:disclosureRule code:disclosure-rule\/fewer-than-three .
"""
        for n in range(60)
    )


def enterprises() -> str:
    ceased = "".join(
        rf"""<enterprise/ceased-{n}> a vises:Enterprise ; legal:legalName "Ceased {n}" ;
    vises:operatingStatus code:operating-status\/ceased ;
    vises:region code:nuts\/FRE11 ; vises:legalForm code:legal-form-fr\/9220 .
"""
        for n in range(CEASED)
    )
    province = r"""<enterprise/of-a-province> a vises:Enterprise ; legal:legalName "Somewhere" ;
    vises:region code:nuts\/BE32 ; vises:legalForm code:legal-form-be\/017 .
"""
    return (
        ceased
        + province
        + "".join(
            rf"""<enterprise/many-{n}> a vises:Enterprise ; legal:legalName "Many {n}" ;
    vises:region code:nuts\/FRE11 ; vises:legalForm code:legal-form-fr\/{9220 if n % 2 else 5560} .
"""
            for n in range(ENTERPRISES)
        )
    )


@pytest.fixture(scope="session")
def places(
    tmp_path_factory: pytest.TempPathFactory,
    publish: Callable[[ReleaseStore, Path, dict[str, bytes]], None],
    run_app: Callable[[ASGIApp], AbstractContextManager[str]],
) -> Iterator[str]:
    """Return the address of the service."""
    data = tmp_path_factory.mktemp("places") / "data"
    package = Path(str(files("vises")))

    def turtle(*names: str) -> bytes:
        return b"\n".join(f.read_bytes() for name in names for f in sorted(package.glob(name)))

    own = PREFIXES + PUBLICATIONS + figures() + empty_cells() + enterprises()
    publish(
        ReleaseStore(data),
        tmp_path_factory.mktemp("places-scratch"),
        {
            "data": own.encode(),
            "method": turtle("demo/files/method.ttl"),
            "trials": turtle("demo/files/demo-trials.ttl"),
            "ontology": turtle("ontology/*.ttl"),
            "codes": turtle("ontology/codes/*.ttl"),
            "shapes": turtle("shapes/*.ttl"),
        },
    )
    settings = Settings(
        data=data,
        host="127.0.0.1",
        port=0,
        base_iri="https://data.example/",
        query_seconds=20,
        workers=2,
        worker_mebibytes=2048,
    )
    releases = ReleaseStore(data)
    pool = WorkerPool(releases, size=2, query_seconds=20, mebibytes=2048)
    with run_app(create_app(settings, releases, Guardian(releases, pool))) as address:
        yield address


@pytest.fixture
def visitor(places: str) -> Iterator[httpx.Client]:
    """Return a client that asks as a browser does."""
    headers = {"Accept": "text/html,*/*;q=0.8", "Accept-Language": "en"}
    with httpx.Client(
        base_url=places, timeout=MOST_SECONDS, headers=headers, follow_redirects=True
    ) as found:
        yield found
