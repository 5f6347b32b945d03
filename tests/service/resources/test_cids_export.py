"""What goes out as CIDS data passes the official shapes; what comes in goes out and still does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, parse

from vises.ingest import jsonld
from vises.ingest.cids import standard
from vises.ingest.cids.exchange import from_cids
from vises.ingest.cids.tiers import tiers
from vises.namespaces import term
from vises.store.releases import ReleaseStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from tests.service.conftest import Desk, Publish

    Open = Callable[..., AbstractContextManager[Desk]]

ROOT = Path(__file__).resolve().parents[3]
SHAPES = "https://ontology.commonapproach.org/cids/shacl#"
CIDS = "https://ontology.commonapproach.org/cids#"
ENTERPRISES = ("fr-000003574", "be-0000002671")
pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def official(shared: Path) -> Path:
    return shared / "data" / "cids"


@pytest.fixture(scope="module")
def desk(
    open_desk: Open,
    publish: Publish,
    official: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Desk]:
    """Return a desk with the demonstration data, which has the official shapes at hand."""
    named = {
        path.stem: path.read_bytes()
        for path in sorted((ROOT / "demo" / "files").glob("*.ttl"))
        if b"vises:IndicatorResult" in path.read_bytes() or path.stem in WANTED
    }
    turtle = b"".join(f.read_bytes() for f in sorted((ROOT / "ontology").glob("*.ttl")))
    codes = b"".join(f.read_bytes() for f in sorted((ROOT / "ontology/codes").glob("*.ttl")))
    with open_desk() as found:
        scratch = tmp_path_factory.mktemp("demonstration")
        graphs = {**named, "ontology": turtle, "codes": codes, "extra": EXTRA.encode()}
        publish(ReleaseStore(found.data), scratch, graphs)
        (found.data / "cids-shapes").symlink_to(official)
        yield found


WANTED = {"indicators", "demo-outcomes", "demo-enterprises"}
EXTRA = """
@prefix legal: <http://www.w3.org/ns/legal#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix theme: <https://w3id.org/vises/code/theme/> .
@prefix unit: <http://qudt.org/vocab/unit/> .
@prefix vises: <https://w3id.org/vises/ontology#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<enterprise/fr-000003574> a vises:Enterprise ; legal:legalName "LE JARDIN" .
<enterprise/extra> a vises:Enterprise ; legal:legalName "EXTRA" .
<indicator/meals> a vises:Indicator ;
    skos:prefLabel "Repas"@fr , "Meals"@en ;
    skos:definition "Repas servis"@fr ;
    vises:theme theme:well-being ;
    vises:unit unit:NUM .
<result/extra-1> a vises:IndicatorResult ;
    vises:about <enterprise/extra> ;
    vises:indicator <indicator/meals> ;
    vises:value 12000.5 ;
    vises:periodStart "2024-01-01"^^xsd:date ;
    vises:periodEnd "2024-12-31"^^xsd:date .
<result/extra-2> a vises:IndicatorResult ;
    vises:about <enterprise/extra> ;
    vises:indicator <indicator/meals> ;
    vises:value 1 .
"""


def exported(desk: Desk, path: str, form: str = "jsonld", language: str = "en") -> set[Triple]:
    with desk.client() as client:
        answer = client.get(f"{path}.{form}", params={"_profile": "cids", "lang": language})
    assert answer.status_code == 200, answer.text
    syntax = RdfFormat.from_extension(form)
    assert syntax is not None
    return {quad.triple for quad in parse(answer.content, syntax)}


def met(triples: set[Triple], official: Path) -> tuple[bool | None, tuple[tuple[str, int], ...]]:
    basic = tiers(triples, official)[0]
    assert basic.official
    return basic.met, basic.lacks


def kinds(triples: set[Triple], name: str) -> list[str]:
    found = [t for t in triples if t.predicate.value.endswith("#type")]
    return [str(t.subject) for t in found if str(t.object) == f"<{CIDS}{name}>"]


@pytest.mark.parametrize("form", ["jsonld", "ttl"])
def test_a_result_goes_out_with_its_last_day_and_its_unit(desk: Desk, form: str) -> None:
    found = exported(desk, "/result/extra-1", form)
    said = {t.predicate.value.rpartition("/")[2].rpartition("#")[2]: t.object for t in found}
    assert said["startedAtTime"].value == "2024-01-01T00:00:00Z"  # type: ignore[union-attr]
    assert said["endedAtTime"].value == "2024-12-31T23:59:59Z"  # type: ignore[union-attr]
    assert said["unit_of_measure"] == NamedNode("http://qudt.org/vocab/unit/NUM")


@pytest.mark.parametrize("form", ["jsonld", "ttl"])
def test_an_enterprise_goes_out_whole(desk: Desk, official: Path, form: str) -> None:
    found = exported(desk, "/enterprise/extra", form)
    assert met(found, official) == (True, ())
    assert kinds(found, "Indicator") == ["<https://data.example/indicator/meals>"]
    assert kinds(found, "IndicatorReport") == ["<https://data.example/result/extra-1>"]
    assert len(kinds(found, "Theme")) == 1
    texts = {t.object.value for t in found if hasattr(t.object, "datatype")}
    assert {"Meals (2024-01-01 / 2024-12-31)", "12000.5", "NUM"} <= texts


def test_the_language_is_that_of_the_address(desk: Desk) -> None:
    found = exported(desk, "/enterprise/extra", language="fr")
    assert any(getattr(t.object, "value", "").startswith("Repas (2024") for t in found)


@pytest.mark.parametrize("path", ["/enterprise/fr-000003574", "/impact/fr-000003574"])
def test_the_demonstration_goes_out_whole(desk: Desk, official: Path, path: str) -> None:
    found = exported(desk, path)
    assert met(found, official) == (True, ())
    assert len(kinds(found, "Outcome")) == 4


def repaired(official: Path) -> bytes:
    """Return the published example with what the Basic tier requires of it and it lacks."""
    document = json.loads((official / "example_knowledge_graph.jsonld").read_text("utf-8"))
    received = from_cids(json.dumps(document).encode(), "example", "https://example.org/")
    added: set[Triple] = set()
    organisation = NamedNode(kinds(set(received.cids), "Organization")[0][1:-1])
    added.add(Triple(organisation, cids("org:hasLegalName"), Literal("Example")))
    for kind in ("Outcome", "Indicator", "IndicatorReport"):
        for name in kinds(set(received.cids), kind):
            node = NamedNode(name[1:-1])
            added.add(Triple(node, cids("cids:forOrganization"), organisation))
            if kind == "Indicator":
                added.add(Triple(node, cids("cids:unitDescription"), Literal("persons")))
            if kind == "IndicatorReport":
                measure = NamedNode(f"{node.value}-measure")
                end = Literal("2024-12-31T00:00:00Z", datatype=term("xsd:dateTime"))
                added |= {
                    Triple(node, cids("i72:value"), measure),
                    Triple(measure, term("rdf:type"), cids("i72:Measure")),
                    Triple(measure, cids("i72:hasNumericalValue"), Literal("7")),
                    Triple(node, cids("prov:endedAtTime"), end),
                }
    reports = set(kinds(set(received.cids), "IndicatorReport"))
    misnamed = cids("cids:hasIndicator")
    given = {
        Triple(t.subject, cids("cids:forIndicator"), t.object)
        if t.predicate == misnamed and str(t.subject) in reports
        else t
        for t in received.cids
    }
    dataset = NamedNode("https://data.example/graph/partner/example")
    licence = NamedNode("https://creativecommons.org/licenses/by/4.0/")
    added |= {
        Triple(dataset, term("rdf:type"), term("dcat:Dataset")),
        Triple(dataset, term("dcterms:license"), licence),
        *(
            Triple(dataset, term(f"dcterms:{name}"), Literal("Example", language=language))
            for name in ("title", "description")
            for language in ("en", "fr", "nl")
        ),
    }
    return jsonld.write(given | added, standard.BRIDGE).encode()


def cids(name: str) -> NamedNode:
    return NamedNode(standard.iri(name))


def test_the_published_example_goes_in_and_out_and_still_passes(desk: Desk, official: Path) -> None:
    with desk.client(desk.grant("partner/example")) as client:
        headers = {"Content-Type": "application/ld+json"}
        raw = (official / "example_knowledge_graph.jsonld").read_bytes()
        first = client.post("/inbox/example", content=raw, headers=headers)
        assert first.status_code == 201
        basic = first.json()["tiers"][0]
        assert (basic["official"], basic["met"]) == (True, False)
        assert [f"{SHAPES}Outcome_forOrganization_PropertyShape", 19] in basic["lacks"]
        body = repaired(official)
        answer = client.post("/inbox/example", content=body, headers=headers)
        assert answer.status_code == 201, answer.text
        told = answer.json()["tiers"]
        assert [(t["name"], t["official"], t["met"]) for t in told] == [
            ("Basic", True, True),
            ("Essential", True, False),
        ]
        catalogue = client.get("/catalog", headers={"Accept": "application/n-triples"}).text
        said = "graph/partner/example> <http://purl.org/dc/terms/conformsTo>"
        assert f"{said} <{CIDS}BasicTier> ." in catalogue
        assert f"{said} <{CIDS}EssentialTier> ." not in catalogue
        out = client.get("/graphs/partner/example", headers={"Accept": "application/ld+json"})
    found = {quad.triple for quad in parse(out.content, RdfFormat.JSON_LD)}
    assert met(found, official) == (True, ())
    assert len(kinds(found, "IndicatorReport")) == 16
