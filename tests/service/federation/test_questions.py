"""The questions that join our graph with a partner's, over the loopback, through the API.

The partners are a second instance of ours and a server of Oxigraph's engine with CIDS data.
"""

from __future__ import annotations

import ipaddress
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from pyoxigraph import QueryResultsFormat, Store

from vises.ingest.cids.document import read_document
from vises.service.app import create_app
from vises.store.federation.federation import Federation
from vises.store.federation.fetch import PartnerClient
from vises.store.federation.partners import Partner
from vises.store.releases import ReleaseStore
from vises.store.workers import WorkerPool

if TYPE_CHECKING:
    import http.server
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from tests.service.conftest import Publish
    from tests.service.federation.conftest import FakePartner
    from vises.settings import Settings

    Serve = Callable[..., AbstractContextManager[str]]

GOLDEN = Path(__file__).resolve().parents[2] / "queries" / "golden"
HERE = ipaddress.ip_network("127.0.0.1")
PREFIXES = """
@prefix adms: <http://www.w3.org/ns/adms#> .
@prefix code: <https://w3id.org/vises/code/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix legal: <http://www.w3.org/ns/legal#> .
@prefix sdmx-dimension: <http://purl.org/linked-data/sdmx/2009/dimension#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix vises: <https://w3id.org/vises/ontology#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
RECORD = """
<enterprise/{name}> a vises:Enterprise ;
    legal:legalName "{legal}" ;
    adms:identifier <identifier/{name}> .
<identifier/{name}> dcterms:type code:identifier-scheme\\/siren ; skos:notation "{number}" .
"""
FIGURE = """
<figure/{area}-{value}> sdmx-dimension:refArea code:nuts\\/{area} ;
    sdmx-dimension:refPeriod "2024"^^xsd:gYear ;
    vises:perimeter code:perimeter\\/insee-ess ;
    vises:family code:family\\/total ;
    vises:publication <publication/{publication}> ;
    vises:shareOfSalariedEmployment {value} .
"""
OURS = (
    PREFIXES
    + RECORD.format(name="fr-1", legal="LA RUCHE", number="000000018")
    + RECORD.format(name="fr-2", legal="LES DUNES", number="100000017")
    + FIGURE.format(area="FRE", value="10.8", publication="ours")
    + FIGURE.format(area="FRD", value="11.4", publication="ours")
    + """
<identity/1> a vises:IdentityLink ;
    vises:about <enterprise/fr-1> ;
    vises:matches <https://ruche.example/org> ;
    vises:matchBasis code:match-basis\\/declared .
"""
)
THEIRS = (
    PREFIXES
    + RECORD.format(name="other", legal="La Ruche du canal", number="000000018")
    + RECORD.format(name="third", legal="Une autre", number="200000016")
    + FIGURE.format(area="FRE", value="10.5", publication="theirs")
    + FIGURE.format(area="FRD", value="11.4", publication="theirs")
)
CIDS = b"""{
  "@context": "https://ontology.commonapproach.org/contexts/cidsContext.jsonld",
  "@graph": [
    {"@id": "https://ruche.example/meals", "@type": "cids:Indicator", "hasName": "Meals"},
    {
      "@id": "https://ruche.example/2024", "@type": "cids:IndicatorReport",
      "forOrganization": "https://ruche.example/org",
      "forIndicator": "https://ruche.example/meals",
      "value": {"@type": "i72:Measure", "hasNumericalValue": "12000"},
      "startedAtTime": "2024-01-01T00:00:00Z", "endedAtTime": "2024-12-31T00:00:00Z"
    },
    {
      "@id": "https://dunes.example/2024", "@type": "cids:IndicatorReport",
      "forOrganization": "https://dunes.example/org",
      "forIndicator": "https://ruche.example/meals",
      "value": {"@type": "i72:Measure", "hasNumericalValue": "7"}
    }
  ]
}"""


@pytest.fixture(scope="module")
def serve(
    settings: Settings,
    publish: Publish,
    run_app: Callable[..., AbstractContextManager[str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Serve:
    """Return what runs a service of its own data, which calls some endpoints."""

    @contextmanager
    def serving(turtle: str, *endpoints: str) -> Iterator[str]:
        here = replace(settings, data=tmp_path_factory.mktemp("partner") / "data")
        releases = ReleaseStore(here.data)
        publish(releases, tmp_path_factory.mktemp("scratch"), {"data": turtle.encode()})
        clients = [PartnerClient(Partner(e, networks=(HERE,), seconds=10)) for e in endpoints]
        federation = Federation(clients)
        pool = WorkerPool(releases, size=1, query_seconds=20, mebibytes=1024, federation=federation)
        with run_app(create_app(here, releases, pool)) as address:
            yield address

    return serving


@pytest.fixture(scope="module")
def oxigraph(
    start_partner: Callable[[], AbstractContextManager[FakePartner]],
) -> Iterator[str]:
    """Run a SPARQL endpoint over CIDS data; yield its address."""
    store = Store()
    store.extend(read_document(CIDS, "partner", "https://ruche.example/")[0])
    with start_partner() as partner:

        def behave(handler: http.server.BaseHTTPRequestHandler) -> None:
            solutions = store.query(partner.received[-1].query)
            body = solutions.serialize(format=QueryResultsFormat.JSON)
            assert body is not None
            handler.send_response(200)
            handler.send_header("Content-Type", "application/sparql-results+json")
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)

        partner.behaviours["/query"] = behave
        yield f"{partner.address}/query"


@pytest.fixture(scope="module")
def partners(serve: Serve, oxigraph: str) -> Iterator[dict[str, str]]:
    with serve(THEIRS) as second:
        yield {"E9": f"{second}/sparql", "A8": f"{second}/sparql", "I9": oxigraph}


@pytest.fixture(scope="module")
def ours(serve: Serve, partners: dict[str, str]) -> Iterator[str]:
    with serve(OURS, *dict.fromkeys(partners.values())) as address:
        yield address


def asked(address: str, question: str, *endpoints: str, form: str = "") -> httpx.Response:
    given = {"endpoint": list(endpoints)}
    return httpx.get(f"{address}/api/v1/questions/{question}{form}", params=given, timeout=30)


@pytest.mark.parametrize("question", ["A8", "E9", "I9"])
def test_the_answer_is_the_golden_one(
    question: str, ours: str, partners: dict[str, str], tmp_path: Path
) -> None:
    endpoint = partners[question]
    answer = asked(ours, question, endpoint, form=".csv")
    assert answer.status_code == 200, answer.text
    found = tmp_path / f"{question}.csv"
    text = answer.text.replace(endpoint, "https://partner.example/sparql").replace("\r\n", "\n")
    found.write_text(text, encoding="utf-8", newline="\n")
    golden = GOLDEN / found.name
    assert golden.exists(), f"if right: cp {found} {golden}: {text}"
    assert text == golden.read_text("utf-8"), f"if right: cp {found} {golden}"
    page = asked(ours, question, endpoint).json()
    assert len(page["rows"]) == text.count("\n") - 1
    assert page["parameters"]["endpoint"] == [endpoint]


def test_who_is_no_partner_is_not_called(ours: str, serve: Serve) -> None:
    with serve(OURS) as alone:
        for address in (ours, alone):
            for endpoints in ((), ("http://127.0.0.1:9/sparql",)):
                answer = asked(address, "I9", *endpoints)
                assert answer.status_code == 400
                assert answer.json()["type"].endswith("/federation-refused")
                assert answer.json()["remedy"]


def test_one_endpoint_at_a_time(ours: str, partners: dict[str, str]) -> None:
    answer = asked(ours, "I9", partners["I9"], partners["E9"])
    assert answer.status_code == 400
    assert answer.json()["detail"] == "One endpoint is asked at a time."


@pytest.mark.parametrize(
    "hostile", ["x", "http://a/> { ?s ?p ?o } SERVICE <http://b/", "http://127.0.0.1:9/ {}"]
)
def test_an_endpoint_is_an_iri_and_nothing_else(ours: str, hostile: str) -> None:
    answer = asked(ours, "E9", hostile)
    assert answer.status_code == 400
    assert answer.json()["type"].endswith(("/parameter-invalid", "/parameter"))
