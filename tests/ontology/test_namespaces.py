"""Every file parses alike in both libraries, and reuses only terms that their vocabularies have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import rdflib
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse
from rdflib import compare
from rdflib.namespace import (
    DCTERMS,
    FOAF,
    ORG,
    OWL,
    PROV,
    QB,
    RDF,
    RDFS,
    SDO,
    SKOS,
    VANN,
    XSD,
    DefinedNamespace,
)

from vises.namespaces import PREFIXES

if TYPE_CHECKING:
    from pathlib import Path

# Vocabularies that rdflib knows term by term; the others are listed as far as they are reused.
CLOSED: tuple[type[DefinedNamespace], ...] = (
    *(DCTERMS, FOAF, ORG, OWL, PROV, QB, RDF, RDFS, SDO, SKOS, VANN, XSD),
)
LISTED = {
    "adms": {"status"},
    "bibo": {"status"},
    "dcat": {"Dataset"},
    "legal": {"LegalEntity", "companyType", "companyActivity", "companyStatus"},
    "locn": {"Address"},
    "p-plan": {"Plan", "Step"},
    "qudt": {"Unit"},
    "sdmx-attribute": {"unitMeasure", "obsStatus"},
    "sdmx-dimension": {"refArea", "refPeriod"},
    "sdmx-measure": {"obsValue"},
    "vs": {"term_status"},
}
# Objects of these are documents and entries of other lists, not terms of a vocabulary.
LINKS = {
    PREFIXES[prefix] + name
    for prefix, name in (
        *(("dcterms", "source"), ("dcterms", "license"), ("dcterms", "references")),
        *(("dcterms", "language"), ("dcterms", "creator"), ("dcterms", "publisher")),
        *(("skos", "exactMatch"), ("foaf", "homepage"), ("rdfs", "isDefinedBy")),
        *(("owl", "versionIRI"), ("adms", "status"), ("bibo", "status")),
    )
}
OURS = "https://w3id.org/vises/"


def test_parses_alike_in_both_libraries(turtle: Path) -> None:
    graph = rdflib.Graph().parse(turtle)
    other = rdflib.Graph()
    for quad in parse(path=turtle, format=RdfFormat.TURTLE):
        other.parse(data=f"{quad.subject} {quad.predicate} {quad.object} .", format="nt")
    assert compare.isomorphic(graph, other)


def test_prefixes_are_bound_to_the_known_namespaces(turtle: Path) -> None:
    parser = parse(path=turtle, format=RdfFormat.TURTLE)
    list(parser)
    for prefix, iri in parser.prefixes.items():
        if prefix:
            assert PREFIXES[prefix] == iri
        else:
            assert iri == f"{OURS}code/{turtle.stem}/"


def used_terms(quads: frozenset[Quad]) -> set[str]:
    used = {q.predicate.value for q in quads}
    for q in quads:
        if isinstance(q.object, NamedNode) and q.predicate.value not in LINKS:
            used.add(q.object.value)
        elif isinstance(q.object, Literal):
            used.add(q.object.datatype.value)
    return used


def exists(iri: str) -> bool:
    for vocabulary in CLOSED:
        if iri.startswith(str(vocabulary._NS)):
            return iri in vocabulary
    return any(iri == PREFIXES[p] + name for p, names in LISTED.items() for name in names)


def test_every_reused_term_exists_in_its_vocabulary(everything: frozenset[Quad]) -> None:
    foreign = {iri for iri in used_terms(everything) if not iri.startswith(OURS)}
    assert len(foreign) > 50
    assert [iri for iri in sorted(foreign) if not exists(iri)] == []


def test_every_listed_term_is_in_use(everything: frozenset[Quad]) -> None:
    used = used_terms(everything)
    assert {
        f"{p}:{n}" for p, ns in LISTED.items() for n in ns if PREFIXES[p] + n not in used
    } == set()


@pytest.mark.parametrize(
    "wrong",
    ["http://w3.org/ns/locn#Address", "http://www.w3.org/ns/org#FormalOrganisation"],
)
def test_a_near_miss_is_seen(wrong: str) -> None:
    assert not exists(wrong)


def test_every_term_of_ours_that_is_used_is_declared(everything: frozenset[Quad]) -> None:
    subjects = {q.subject.value for q in everything}
    ours = {iri for iri in used_terms(everything) if iri.startswith(OURS)}
    assert sorted(ours - subjects) == []
