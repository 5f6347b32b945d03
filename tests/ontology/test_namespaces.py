"""Every file parses alike in both libraries, and reuses only terms that their vocabularies have."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import rdflib
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse
from rdflib import compare

from vises.namespaces import PREFIXES, term
from vises.validation.terms import LISTED, NAMESPACES, exists

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).parents[2]
OURS = "https://w3id.org/vises/"
TERMS = (PREFIXES["vises"], PREFIXES["code"])


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


def used_terms(quads: Iterable[Quad]) -> set[str]:
    used: set[str] = set()
    for q in quads:
        used.add(q.predicate.value)
        if isinstance(q.object, NamedNode):
            used.add(q.object.value)
        elif isinstance(q.object, Literal):
            used.add(q.object.datatype.value)
    return used


def test_every_reused_term_exists_in_its_vocabulary(everything: frozenset[Quad]) -> None:
    """A property and a class need a vocabulary that we know; the rest may be any link."""
    kinds = {"rdf:type", "rdfs:subClassOf", "rdfs:subPropertyOf", "rdfs:range"}
    predicates = {term(kind) for kind in kinds}
    needed = {q.predicate.value for q in everything}
    needed |= {q.object.value for q in everything if q.predicate in predicates}
    foreign = {iri for iri in needed if not iri.startswith(OURS)}
    assert len(foreign) > 50
    assert [iri for iri in sorted(foreign) if not exists(iri)] == []
    assert [iri for iri in sorted(used_terms(everything)) if exists(iri) is False] == []


def test_every_listed_term_is_in_use(everything: frozenset[Quad]) -> None:
    files = [*ROOT.glob("shapes/*.ttl"), *ROOT.glob("ingest/sources/*/mapping.ttl")]
    files += [*ROOT.glob("demo/files/*.ttl"), *ROOT.glob("ontology/alignments/*.ttl")]
    files += ROOT.glob("queries/quality/*.rq")
    written = "".join(path.read_text("utf-8") for path in files)
    used = used_terms(everything)
    idle = {
        f"{prefix}:{name}"
        for prefix, names in LISTED.items()
        for name in names
        if NAMESPACES[prefix] + name not in used and f"{prefix}:{name}" not in written
    }
    assert idle == set()


def test_every_term_of_ours_that_is_used_is_declared(everything: frozenset[Quad]) -> None:
    subjects = {q.subject.value for q in everything}
    ours = {iri for iri in used_terms(everything) if iri.startswith(TERMS)}
    assert sorted(ours - subjects) == []
