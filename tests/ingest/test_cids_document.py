"""What a CIDS document gets wrong in its contexts is named, and what can be read is read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from vises.ingest.cids import standard
from vises.ingest.cids.document import read_document
from vises.ingest.jsonld import BadJsonLd, RemoteContext

CIDS = "https://ontology.commonapproach.org/cids#"
TOVE = "http://ontology.eil.utoronto.ca/tove/organization#"
PUBLISHED = "https://ontology.commonapproach.org/contexts/cidsContext.jsonld"
PREFIXES = {"cids": CIDS, "org": TOVE}


def found(document: object) -> tuple[set[str], list[tuple[str, str]]]:
    """Return the predicates that were read, and the defects by kind with their value."""
    quads, results = read_document(json.dumps(document).encode(), "doc.jsonld", "https://w3.org/x/")
    kinds = [(r.shape.rpartition("-")[2], str(r.value)) for r in results]
    return {q.predicate.value for q in quads}, kinds


def node(context: object, **more: object) -> dict[str, Any]:
    return {"@context": context, "@id": "i", "@type": "cids:Indicator", **more}


@pytest.mark.parametrize("context", [PUBLISHED, [PUBLISHED, {"x": "http://x/"}]])
def test_the_published_context_is_that_of_the_package(context: object) -> None:
    predicates, defects = found(node(context, hasName="Meals", hasDescription="Served"))
    assert {f"{TOVE}hasName", f"{CIDS}hasDescription"} < predicates
    assert defects == []


def test_any_other_context_is_refused() -> None:
    with pytest.raises(RemoteContext, match=r"https://example\.org/cidsContext\.jsonld"):
        found(node("https://example.org/cidsContext.jsonld"))


def test_a_term_that_the_document_does_not_define_is_read_and_named() -> None:
    predicates, defects = found(node(PREFIXES, startedAtTime="2024-01-01T00:00:00Z"))
    assert "http://www.w3.org/ns/prov#startedAtTime" in predicates
    assert defects == [("undeclaredTerm", '"startedAtTime"')]


def test_a_term_that_nobody_defines_is_named_as_not_read() -> None:
    document = node(PUBLISHED, hasNmae="Meals", hasIndicatorReport={"@id": "r", "hasNmae": "x"})
    predicates, defects = found(document)
    assert not any("hasNmae" in predicate for predicate in predicates)
    assert defects == [("unknownTerm", '"hasNmae"')]
    _, results = read_document(json.dumps(document).encode(), "doc", "https://w3.org/x/")
    assert results[0].severity == "Violation"
    assert results[0].message("nl").startswith("“hasNmae” (2 keer)")


def test_types_are_looked_at_too() -> None:
    assert found({"@context": PUBLISHED, "@id": "i", "@type": "Indicator"})[1] == [
        ("unknownTerm", '"Indicator"')
    ]


def test_prefixes_that_are_undeclared_or_mean_something_else_are_named() -> None:
    document = node({"org": "http://www.w3.org/ns/org#"}, **{"org:hasName": "n", "iris:x": "y"})
    assert found(document)[1] == [
        ("otherNamespace", '"org"'),
        ("undeclaredTerm", '"cids:Indicator"'),
        ("undeclaredPrefix", '"iris:x"'),
    ]


def test_a_term_that_means_something_else_is_named_and_kept() -> None:
    context = PREFIXES | {"hasName": {"@id": "cids:hasName"}}
    predicates, defects = found(node(context, hasName="Meals"))
    assert f"{CIDS}hasName" in predicates
    assert defects == [("redefinedTerm", '"hasName"')]


def test_no_context_and_an_example_base_are_named() -> None:
    assert ("noContext", "None") in found({"@id": "i", "hasName": "Meals"})[1]
    base = PREFIXES | {"@base": "https://www.example.org/"}
    assert found(node(base))[1] == [("exampleBase", '"https://www.example.org/"')]


def test_values_languages_and_the_documents_own_terms_are_not_terms_of_cids() -> None:
    context = PREFIXES | {
        "label": {"@id": "http://x/l", "@container": "@language"},
        "raw": {"@id": "http://x/raw", "@type": "@json"},
        "kind": "@type",
    }
    document = node(
        context,
        label={"fr": "a", "nl": "b"},
        raw={"anything": {"goes": 1}},
        **{"http://x/y": {"@value": "v", "@language": "fr"}, "http://x/z": {"kind": "cids:Theme"}},
    )
    assert found(document)[1] == []


def test_a_vocabulary_of_its_own_defines_every_term() -> None:
    assert found(node(PREFIXES | {"@vocab": "http://x/"}, hasNmae="x"))[1] == []


@pytest.mark.parametrize(
    "data", [b"", b'{"@graph": [', "{}".encode("utf-16"), b"\xff\x00", b'{"@type": {"a": 1}}']
)
def test_what_cannot_be_read_at_all_is_refused(data: bytes) -> None:
    with pytest.raises(BadJsonLd) as refused:
        read_document(data, "doc.jsonld", "https://w3.org/x/")
    assert str(refused.value.place).startswith("doc.jsonld")


def test_what_stands_for_something_else_leads_to_a_term() -> None:
    assert set(standard.instead().values()) <= standard.terms()
    assert set(standard.near_namespaces().values()) <= {*standard.prefixes().values()}
