"""A reasoner (HermiT) finds the ontology consistent and every class able to have members."""

from __future__ import annotations

import shutil
import warnings
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import NamedNode, RdfFormat, Triple, parse, serialize

from vises.ingest.vocabulary import files
from vises.namespaces import PREFIXES, VOCABULARY_BASE, term
from vises.validation.quality import package_store

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

owlready2 = pytest.importorskip("owlready2", reason="owlready2, which brings HermiT, is not here")
pytestmark = pytest.mark.skipif(not shutil.which("java"), reason="HermiT needs Java")

VISES = PREFIXES["vises"]
TYPE = term("rdf:type")
CLASS = term("owl:Class")
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
    for name in {n for pair in (*SUBCLASSES.items(), *DISJOINT) for n in pair}:
        yield Triple(term(name), TYPE, CLASS)
    for lower, upper in SUBCLASSES.items():
        yield Triple(term(lower), term("rdfs:subClassOf"), term(upper))
    for one, other in DISJOINT:
        yield Triple(term(one), term("owl:disjointWith"), term(other))


def served() -> set[Triple]:
    """Return the ontology as it is served: every statement of it, and no other."""
    return {
        quad.triple
        for path in files("ontology")
        for quad in parse(path=str(path), format=RdfFormat.TURTLE, base_iri=VOCABULARY_BASE)
    }


def together() -> set[Triple]:
    """Return the ontology, the classes of the codes, and what the reused vocabularies say."""
    classes = {t.subject for t in served() if t.predicate == TYPE and t.object == CLASS}
    codes = {q.triple for q in package_store() if q.predicate == TYPE and q.object in classes}
    return served() | codes | set(stubs())


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


def test_the_ontology_as_it_is_served_is_consistent(tmp_path: Path) -> None:
    assert unsatisfiable(served(), tmp_path) == set()


def test_every_class_can_have_members_beside_what_it_reuses(tmp_path: Path) -> None:
    found = together()
    assert sum(t.object == CLASS for t in found) > 60
    assert unsatisfiable(found, tmp_path) == set()


def test_a_datatype_that_the_reasoner_refuses_is_seen(tmp_path: Path) -> None:
    """xsd:date is none of the OWL 2 datatype map (section 4)."""
    broken = Triple(term("vises:periodEnd"), term("rdfs:range"), term("xsd:date"))
    with pytest.raises(owlready2.base.OwlReadyJavaError, match="UnsupportedDatatype"):
        unsatisfiable({*served(), broken}, tmp_path)


def test_a_class_that_is_an_entity_and_an_activity_is_found(tmp_path: Path) -> None:
    broken = Triple(term("vises:Claim"), term("rdfs:subClassOf"), term("prov:Activity"))
    found = unsatisfiable({*together(), broken}, tmp_path)
    assert {"Claim", "SseStatusClaim", "CountClaim"} <= found
    assert "Enterprise" not in found


def test_a_thing_that_cannot_be_makes_all_of_it_inconsistent(tmp_path: Path) -> None:
    region = NamedNode(PREFIXES["code"] + "nuts/FRE")
    both = {Triple(region, TYPE, term(f"prov:{name}")) for name in ("Entity", "Activity")}
    with pytest.raises(owlready2.OwlReadyInconsistentOntologyError):
        unsatisfiable({*together(), *both}, tmp_path)
