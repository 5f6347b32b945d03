"""What is a term of a reused vocabulary, and what only looks like one."""

from __future__ import annotations

import pytest

from vises.namespaces import PREFIXES
from vises.validation.terms import exists, namespace_meant


@pytest.mark.parametrize(
    ("iri", "expected"),
    [
        ("http://www.w3.org/ns/org#FormalOrganization", True),
        ("http://www.w3.org/ns/org#FormalOrganisation", False),
        ("http://www.w3.org/ns/locn#Address", True),
        ("http://www.w3.org/ns/locn#Adress", False),
        ("http://www.w3.org/ns/locn#", True),
        ("http://w3.org/ns/locn#Address", None),
        ("https://w3id.org/vises/ontology#Claim", None),
    ],
)
def test_a_term_exists_or_not_or_is_of_no_vocabulary_that_we_know(
    iri: str,
    expected: bool | None,  # noqa: FBT001 (a row of the table above)
) -> None:
    assert exists(iri) is expected


@pytest.mark.parametrize(
    ("iri", "meant"),
    [
        ("http://w3.org/ns/locn#Address", "locn"),
        ("https://www.w3.org/ns/locn#Address", "locn"),
        ("http://www.w3.org/ns/locn/Address", "locn"),
        ("http://schema.org/Project", "schema"),
        ("https://w3id.org/vises/Ontology#Claim", "vises"),
        ("http://purl.org/dc/elements/1.1/title", "dcterms"),
        ("http://www.w3.org/2008/05/skos#Concept", "skos"),
    ],
)
def test_a_near_miss_is_told_what_was_meant(iri: str, meant: str) -> None:
    assert namespace_meant(iri) == PREFIXES[meant]


@pytest.mark.parametrize("namespace", PREFIXES.values())
def test_no_right_namespace_is_a_near_miss(namespace: str) -> None:
    assert namespace_meant(f"{namespace}Name") is None


@pytest.mark.parametrize("iri", ["https://example.org/x", "urn:x:y", "mailto:someone", "ni:///x"])
def test_any_other_iri_is_let_be(iri: str) -> None:
    assert namespace_meant(iri) is None
