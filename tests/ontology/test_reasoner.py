"""A reasoner (HermiT) finds the ontology consistent and every class able to have members."""

from __future__ import annotations

import shutil
import warnings
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import NamedNode, RdfFormat, Triple, serialize

from vises.namespaces import PREFIXES, term
from vises.validation.quality import package_store

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

owlready2 = pytest.importorskip("owlready2", reason="owlready2, which brings HermiT, is not here")
pytestmark = pytest.mark.skipif(not shutil.which("java"), reason="HermiT needs Java")

VISES = PREFIXES["vises"]
TYPE = term("rdf:type")
KINDS = {term(f"owl:{kind}") for kind in ("Class", "ObjectProperty", "DatatypeProperty")}
AXIOMS = {
    term(name)
    for name in (
        *("rdfs:subClassOf", "rdfs:subPropertyOf", "rdfs:domain", "owl:disjointWith"),
        *("owl:equivalentClass", "owl:equivalentProperty", "owl:inverseOf"),
    )
}
# What the reused vocabularies say of their own classes, as far as it can contradict ours.
SUBCLASSES = {
    "prov:Plan": "prov:Entity",
    "prov:Organization": "prov:Agent",
    "p-plan:Plan": "prov:Plan",
    "p-plan:Activity": "prov:Activity",
    "org:FormalOrganization": "org:Organization",
    "org:Organization": "foaf:Agent",
    "foaf:Organization": "foaf:Agent",
    "foaf:Person": "foaf:Agent",
    "legal:LegalEntity": "org:FormalOrganization",
    "schema:Project": "schema:Organization",
}
DISJOINT = {
    ("prov:Activity", "prov:Entity"),
    ("prov:Activity", "prov:InstantaneousEvent"),
    ("skos:Concept", "skos:ConceptScheme"),
    ("skos:Concept", "skos:Collection"),
    ("foaf:Organization", "foaf:Person"),
}


def stubs() -> Iterable[Triple]:
    """Yield what stands for the import of the reused vocabularies."""
    for lower, upper in SUBCLASSES.items():
        yield Triple(term(lower), term("rdfs:subClassOf"), term(upper))
    for one, other in DISJOINT:
        yield Triple(term(one), term("owl:disjointWith"), term(other))


def axioms() -> set[Triple]:
    """Return the axioms of ontology and alignments, and the classes of the codes."""
    found = {quad.triple for quad in package_store()} | set(stubs())
    declared = {t.subject: t.object for t in found if t.predicate == TYPE and t.object in KINDS}
    kept = {t for t in found if t.predicate in AXIOMS}
    kept |= {Triple(t.subject, TYPE, t.object) for t in found if t.object in KINDS}
    kept |= {
        t for t in found if t.predicate == TYPE and declared.get(t.object) == term("owl:Class")
    }
    kept |= {Triple(name, TYPE, kind) for name, kind in undeclared(kept, declared)}
    return kept


def undeclared(
    kept: Iterable[Triple], declared: dict[NamedNode, NamedNode]
) -> set[tuple[NamedNode, NamedNode]]:
    """Return the terms of others in axioms, with the kind that the axiom gives them."""
    of_classes = {"subClassOf", "disjointWith", "equivalentClass"}
    found = set()
    for t in kept:
        name = t.predicate.value.partition("#")[2]
        known = declared.get(t.subject) or declared.get(t.object)
        for node in (t.subject, t.object):
            if t.predicate != TYPE and isinstance(node, NamedNode) and node not in declared:
                kind = term("owl:Class") if name in of_classes else known
                found |= {(node, kind)} if kind else set()
    return found


def unsatisfiable(triples: Iterable[Triple], folder: Path) -> set[str]:
    """Return the local names of the classes of ours that can have no member.

    Raises `OwlReadyInconsistentOntologyError` where not even the known things can exist.
    """
    path = folder / "axioms.nt"
    path.write_bytes(serialize(triples, format=RdfFormat.N_TRIPLES) or b"")
    world = owlready2.World()
    world.get_ontology(path.as_uri()).load()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # owlready2 leaves its log open
        owlready2.sync_reasoner_hermit(world, debug=0)
    return {c.iri.removeprefix(VISES) for c in world.inconsistent_classes()} - {"Nothing"}


def test_the_ontology_is_consistent_and_every_class_can_have_members(tmp_path: Path) -> None:
    found = axioms()
    assert sum(t.object == term("owl:Class") for t in found) > 30
    assert unsatisfiable(found, tmp_path) == set()


def test_a_class_that_is_an_entity_and_an_activity_is_found(tmp_path: Path) -> None:
    broken = Triple(term("vises:Claim"), term("rdfs:subClassOf"), term("prov:Activity"))
    found = unsatisfiable({*axioms(), broken}, tmp_path)
    assert {"Claim", "SseStatusClaim", "CountClaim"} <= found
    assert "Enterprise" not in found


def test_a_thing_that_cannot_be_makes_all_of_it_inconsistent(tmp_path: Path) -> None:
    region = NamedNode(PREFIXES["code"] + "nuts/FRE")
    both = {Triple(region, TYPE, term(f"prov:{name}")) for name in ("Entity", "Activity")}
    with pytest.raises(owlready2.OwlReadyInconsistentOntologyError):
        unsatisfiable({*axioms(), *both}, tmp_path)
