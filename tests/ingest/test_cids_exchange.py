"""The published example and others come in with their defects named, and go out as they came."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import pytest
import rdflib
from pyoxigraph import CanonicalizationAlgorithm, Dataset, Quad, RdfFormat, Triple, parse

from vises.ingest.cids import standard
from vises.ingest.cids.exchange import SHAPES, Received, from_cids, to_cids
from vises.namespaces import PREFIXES, VOCABULARY_BASE
from vises.validation.reference import pyshacl_validator
from vises.validation.syntax import n_triples

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

EXAMPLE = "example_knowledge_graph.jsonld"
VISES = PREFIXES["vises"]
DEFECTIVE = {
    "@context": "https://ontology.commonapproach.org/contexts/cidsContext.jsonld",
    "@graph": [
        {
            "@id": "i",
            "@type": "cids:Indicator",
            "cids:hasName": "Meals",
            "forTheme": ["https://metadata.un.org/sdg/2", "http://metadata.un.org/sdg/2"],
            "cids:hasUnit": "meals",
            "http://www.w3.org/ns/org#hasName": "Meals",
            "http://ontology.commonapproach.org/cids#hasDescription": "Served",
        },
        {
            "@id": "r",
            "@type": "cids:IndicatorReport",
            "hasName": "12,000+ meals",
            "forIndicator": "i",
            "forOrganization": "o",
            "value": {"@type": "i72:Measure", "hasNumericalValue": "12,000+"},
            "startedAtTime": "2024-01-01T00:00:00Z",
        },
    ],
}


def canonical(triples: Iterable[Triple | Quad]) -> set[str]:
    dataset = Dataset(Quad(t.subject, t.predicate, t.object) for t in triples)
    dataset.canonicalize(CanonicalizationAlgorithm.UNSTABLE)
    return {str(quad) for quad in dataset}


def kinds(received: Received) -> Counter[str]:
    return Counter(result.shape.rpartition("#")[2] for result in received.report.results)


@pytest.fixture(scope="module")
def example(shared: Path) -> Received:
    data = (shared / "data" / "cids" / EXAMPLE).read_bytes()
    return from_cids(data, EXAMPLE, VOCABULARY_BASE)


@pytest.mark.shared
def test_the_published_example_is_read_whole(example: Received, shared: Path) -> None:
    """Its context lacks startedAtTime, so that a reader that only follows it loses 35 values."""
    path = shared / "data" / "cids" / EXAMPLE
    followed = canonical(parse(path=path, format=RdfFormat.JSON_LD))
    assert followed < canonical(example.cids)
    assert len(example.cids) - len(followed) == 35
    document = json.loads(path.read_text(encoding="utf-8"))
    document["@context"]["startedAtTime"] = document["@context"]["prov:startedAtTime"]
    assert canonical(parse(json.dumps(document), RdfFormat.JSON_LD)) == canonical(example.cids)


@pytest.mark.shared
def test_the_published_example_is_in_terms_of_vises(example: Received) -> None:
    types = Counter(str(t.object) for t in example.graph if t.predicate.value.endswith("#type"))
    assert types[f"<{VISES}Indicator>"] == types[f"<{VISES}IndicatorResult>"] == 16
    assert types[f"<{VISES}Outcome>"] == 19
    used = Counter(t.predicate.value.removeprefix(VISES) for t in example.graph)
    assert used["indicator"] == used["periodStart"] == 16
    assert used["theme"] == 44


@pytest.mark.shared
def test_the_defects_of_the_published_example_are_named(example: Received) -> None:
    found = kinds(example)
    document = {
        name: count for name, count in found.items() if name.startswith("CidsDocumentShape")
    }
    assert document == {
        "CidsDocumentShape-undeclaredTerm": 1,
        "CidsDocumentShape-otherNamespace": 1,
        "CidsDocumentShape-redefinedTerm": 1,
        "CidsDocumentShape-exampleBase": 1,
    }
    assert found["CidsIndicatorReportShape-hasIndicator"] == 16
    assert found["CidsIndicatorReportShape-value"] == 16
    assert found["CidsIndicatorReportShape-endedAtTime"] == 16
    assert found["CidsOutcomeShape-forOrganization"] == 19
    assert found["CidsOrganizationShape-hasLegalName"] == 1
    assert found["IndicatorResultShape-value"] == 16
    assert not example.report.accepted
    for result in example.report.results:
        assert {"fr", "nl", "en"} <= result.messages.keys()


@pytest.mark.shared
def test_the_published_example_goes_out_as_it_came(example: Received) -> None:
    text = to_cids(example.graph)
    assert canonical(parse(text, RdfFormat.JSON_LD)) == canonical(example.cids)
    again = from_cids(text.encode(), "again", VOCABULARY_BASE)
    assert canonical(again.graph) == canonical(example.graph)
    assert "CidsDocumentShape-undeclaredTerm" not in kinds(again)
    node = next(n for n in json.loads(text)["@graph"] if n["@id"].endswith("#theme-youth"))
    assert {k: v for k, v in node.items() if k != "@id"} == {
        "@type": "cids:Theme",
        "hasName": "Youth",
    }


@pytest.mark.shared
def test_the_terms_of_cids_are_those_that_it_publishes(shared: Path) -> None:
    graph = rdflib.Graph().parse(shared / "data" / "cids" / "cids.ttl")
    used = {str(node) for triple in graph for node in triple if isinstance(node, rdflib.URIRef)}
    assert standard.terms() == {
        iri for iri in used if iri.startswith(standard.namespaces()) and iri[-1] not in "#/"
    }


@pytest.mark.shared
def test_what_the_basic_tier_requires_is_what_its_shapes_require(shared: Path) -> None:
    sh = rdflib.SH

    def required(path: Path) -> set[tuple[str, str]]:
        graph = rdflib.Graph().parse(path)
        return {
            (str(target), str(graph.value(prop, sh.path)))
            for shape, target in graph.subject_objects(sh.targetClass)
            for prop in graph.objects(shape, sh.property)
            if int(str(graph.value(prop, sh.minCount, default=0)))
            and str(graph.value(prop, sh.severity)) != str(sh.Info)
        }

    theirs = required(shared / "data" / "cids" / "cids.basictier.shacl.ttl")
    assert len(theirs) > 20
    assert required(SHAPES) == theirs


def test_misnamed_near_and_unknown_terms_are_named() -> None:
    received = from_cids(json.dumps(DEFECTIVE).encode(), "doc", VOCABULARY_BASE)
    found = kinds(received)
    assert found["CidsDocumentShape-misnamedTerm"] == 1
    assert found["CidsDocumentShape-nearNamespace"] == 2
    assert found["CidsDocumentShape-notInCids"] == 1
    assert found["CidsDocumentShape-sdgScheme"] == 1
    assert found["CidsMeasureShape-plainNumber"] == 1
    assert found["CidsIndicatorReportShape-endedAtTime"] == 1
    named = {str(r.value) for r in received.report.results if "sdgScheme" in r.shape}
    assert named == {'"https://metadata.un.org/sdg/2"'}
    assert canonical(parse(to_cids(received.graph), RdfFormat.JSON_LD)) == canonical(received.cids)


def test_the_report_is_of_the_usual_kind() -> None:
    received = from_cids(json.dumps(DEFECTIVE).encode(), "doc", VOCABULARY_BASE)
    report = rdflib.Graph().parse(data=b"".join(received.report.turtle()), format="turtle")
    shape = rdflib.URIRef(f"{PREFIXES['shapes']}CidsDocumentShape-sdgScheme")
    result = report.value(predicate=rdflib.SH.sourceShape, object=shape)
    assert report.value(result, rdflib.SH.focusNode) == rdflib.Literal("doc")
    assert {m.language for m in report.objects(result, rdflib.SH.resultMessage)} == {
        *("fr", "nl", "en")
    }
    assert json.loads("".join(received.report.json()))["accepted"] is False


def test_sound_data_gives_no_defect_of_cids() -> None:
    document = {
        "@context": "https://ontology.commonapproach.org/contexts/cidsContext.jsonld",
        "@graph": [
            {
                "@id": "o",
                "@type": "cids:Organization",
                "hasLegalName": "Kitchen",
                "hasName": "Kitchen",
            },
            {
                "@id": "i",
                "@type": "cids:Indicator",
                "hasName": "Meals",
                "forOrganization": "o",
                "unitDescription": "meals",
            },
            {
                "@id": "r",
                "@type": "cids:IndicatorReport",
                "hasName": "Meals of 2024",
                "forIndicator": "i",
                "forOrganization": "o",
                "value": {"@type": "i72:Measure", "hasNumericalValue": "12000"},
                "startedAtTime": "2024-01-01T00:00:00Z",
                "endedAtTime": "2024-12-31T00:00:00Z",
            },
        ],
    }
    received = from_cids(json.dumps(document).encode(), "doc", VOCABULARY_BASE)
    assert [name for name in kinds(received) if name.startswith("Cids")] == []
    assert {t.predicate.value for t in received.graph} >= {f"{VISES}value", f"{VISES}periodEnd"}


def test_both_engines_find_the_same_missing_values() -> None:
    received = from_cids(json.dumps(DEFECTIVE).encode(), "doc", VOCABULARY_BASE)
    reference = pyshacl_validator(SHAPES.read_bytes(), meta_shacl=True)
    expected = Counter(r.shape for r in reference.validate(n_triples(received.cids)).results)
    tier = [r.shape for r in received.report.results if "#Cids" in r.shape]
    assert Counter(s for s in tier if "CidsDocument" not in s) == expected
