"""Each mapping is annotated, stated alike in Turtle and in SSSOM, and has two ends that exist."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
import rdflib
from pyoxigraph import BlankNode, NamedNode, Quad, RdfFormat, parse
from rdflib import compare
from rdflib.namespace import ORG, PROV, QB, SDO, SKOS, DefinedNamespace

from vises.ingest.alignments import SSSOM, Alignment, alignment, read
from vises.namespaces import PREFIXES, VOCABULARY_BASE, term

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "ontology" / "alignments").glob("*.ttl"))
NAMES = [path.stem for path in FILES]
PREDICATES = {
    *(term(f"skos:{kind}Match").value for kind in ("exact", "close", "broad", "narrow", "related")),
    *(term(f"rdfs:{name}").value for name in ("subClassOf", "subPropertyOf")),
    term("owl:inverseOf").value,
}
CIDS = "https://ontology.commonapproach.org/"
MANUAL = "https://w3id.org/semapv/vocab/ManualMappingCuration"
AXIOMS = (term("rdfs:subClassOf").value, term("rdfs:subPropertyOf").value)

# The targets of each goal, https://sdgs.un.org/goals: so many with a number, then the letters.
TARGETS = (
    *("5ab", "5abc", "9abcd", "7abc", "6abc", "6ab", "3ab", "10ab", "5abc", "7abc", "7abc"),
    *("8abc", "3ab", "7abc", "9abc", "10ab", "19"),
)
# Metrics of IRIS+ whose page in the catalogue, or a copy of it, was read.
METRICS = {
    *("oi1166", "oi1582", "oi7877", "oi7920", "oi8118", "oi8869"),
    *("pi1849", "pi2998", "pi3527", "pi4060", "pi7098"),
}
# What rdflib does not list term by term, as far as the alignments use it.
LISTED = {
    "http://www.w3.org/ns/legal#": {"LegalEntity", "companyType", "companyActivity"}
    | {"companyStatus"},
    "http://www.w3.org/ns/locn#": {"adminUnitL2"},
    "http://purl.org/net/p-plan#": {"Activity", "Plan", "Step"},
    "http://purl.org/linked-data/sdmx/2009/measure#": {"obsValue"},
}
CLOSED: tuple[type[DefinedNamespace], ...] = (ORG, PROV, QB, SDO, SKOS)


@cache
def statements(*folders: str) -> frozenset[Quad]:
    paths = [path for folder in folders for path in (ROOT / folder).glob("*.ttl")]
    return frozenset(
        quad
        for path in paths
        for quad in parse(path=path, format=RdfFormat.TURTLE, base_iri=VOCABULARY_BASE)
    )


def ours() -> set[str]:
    """Return what the model can say: what it defines, and the reused terms that its shapes name."""
    defined = {q.subject for q in statements("ontology", "ontology/codes", "demo/files")}
    named = {
        q.object
        for q in statements("shapes")
        if q.predicate in {term("sh:targetClass"), term("sh:path")}
    }
    return {node.value for node in defined | named if isinstance(node, NamedNode)}


@pytest.fixture(params=NAMES)
def one(request: pytest.FixtureRequest) -> Alignment:
    return alignment(request.param)


def test_every_vocabulary_has_its_file() -> None:
    assert set(NAMES) == {
        *("cids", "core-business", "essglobal", "iris-plus", "org", "prov", "qb", "schema", "sdg"),
    }


def test_each_mapping_is_annotated_once_and_has_an_iri_in_its_set(one: Alignment) -> None:
    annotated = [(c.subject, c.predicate, c.object) for c in one.correspondences]
    assert len(set(annotated)) == len(annotated)
    assert one.asserted <= set(annotated)
    listed = [
        q.object.value
        for q in statements("ontology/alignments")
        if q.predicate.value == f"{SSSOM}mappings"
        and q.subject.value.endswith(f"/alignments/{one.name}")
    ]
    assert sorted(listed) == sorted(c.iri for c in one.correspondences)


def test_axioms_are_stated_and_skos_only_between_what_is_no_class_or_property(
    one: Alignment,
) -> None:
    """What has a mapping relation of SKOS is a skos:Concept (S19, S20, S39)."""
    concepts = {q.subject.value for q in statements("ontology/codes", "demo/files")}
    for c in one.correspondences:
        axiom = not c.predicate.startswith(PREFIXES["skos"])
        of_things = c.subject in concepts and not c.object.startswith(CIDS)
        assert ((c.subject, c.predicate, c.object) in one.asserted) == (axiom or of_things), c


def test_no_term_of_the_ontology_becomes_a_concept() -> None:
    """By the domain and the range of skos:semanticRelation."""
    terms = {q.subject for q in statements("ontology")}
    relations = {term(f"skos:{kind}Match") for kind in ("exact", "close", "broad", "narrow")}
    relations.add(term("skos:relatedMatch"))
    mapped = {
        node
        for q in statements("ontology", "ontology/codes", "ontology/alignments")
        if q.predicate in relations
        for node in (q.subject, q.object)
    }
    assert mapped
    assert mapped & terms == set()


def test_what_is_exact_to_one_thing_is_exact_to_no_other_of_the_same_vocabulary() -> None:
    """skos:exactMatch is transitive (S45): two targets of one would be the same."""
    exact = [
        (name, c.subject)
        for name in NAMES
        for c in alignment(name).correspondences
        if c.predicate == term("skos:exactMatch").value
    ]
    assert len(exact) > 10
    assert {pair for pair in exact if exact.count(pair) > 1} == set()


def test_each_has_a_predicate_a_justification_and_a_confidence(one: Alignment) -> None:
    for c in one.correspondences:
        assert c.predicate in PREDICATES
        assert c.justification == MANUAL
        assert re.fullmatch(r"0\.[0-9]+|1\.0", c.confidence)
        assert c.comment == "" or c.comment.endswith(".")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_sssom_table_says_the_same(path: Path) -> None:
    """Write it anew with `read(path).sssom()` of vises.ingest.alignments."""
    table = path.with_suffix(".sssom.tsv").read_text(encoding="utf-8")
    assert table == read(path).sssom()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_both_libraries_read_the_same(path: Path) -> None:
    text = "\n".join(
        f"{q.subject} {q.predicate} {q.object} ." for q in parse(path=path, format=RdfFormat.TURTLE)
    )
    other = rdflib.Graph().parse(data=text, format="nt")
    assert compare.isomorphic(rdflib.Graph().parse(path), other)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_prefixes_mean_what_they_mean_elsewhere(path: Path) -> None:
    parser = parse(path=path, format=RdfFormat.TURTLE)
    used = {iri for q in parser for iri in (q.subject, q.predicate, q.object)}
    for prefix, iri in parser.prefixes.items():
        assert PREFIXES.get(prefix, iri) == iri
        assert any(isinstance(n, NamedNode) and n.value.startswith(iri) for n in used) or (
            prefix == "xsd"
        ), prefix


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_set_has_a_title_a_description_and_a_licence(path: Path) -> None:
    quads = list(parse(path=path, format=RdfFormat.TURTLE))
    mapping_set = NamedNode(f"{VOCABULARY_BASE}alignments/{path.stem}")
    for predicate in ("dcterms:title", "dcterms:description"):
        said = [
            q.object for q in quads if (q.subject, q.predicate) == (mapping_set, term(predicate))
        ]
        assert sorted(text.language for text in said) == ["en", "fr", "nl"]
    assert any(q.predicate == term("dcterms:license") for q in quads)
    named = {q.subject for q in quads if not isinstance(q.subject, BlankNode)}
    assert mapping_set in named


def test_our_end_exists(one: Alignment) -> None:
    assert {c.subject for c in one.correspondences} - ours() == set()


@pytest.mark.parametrize("name", ["core-business", "org", "prov", "qb", "schema"])
def test_the_other_end_exists(name: str) -> None:
    for c in alignment(name).correspondences:
        closed = [v for v in CLOSED if c.object.startswith(str(v._NS))]
        namespace = next((n for n in LISTED if c.object.startswith(n)), "")
        if closed:
            assert c.object in closed[0], c.object
        else:
            assert c.object.removeprefix(namespace) in LISTED[namespace], c.object


def test_goals_and_targets_exist() -> None:
    for c in alignment("sdg").correspondences:
        goal, _, target = c.object.removeprefix("http://metadata.un.org/sdg/").partition(".")
        targets = TARGETS[int(goal) - 1]
        letters = targets.lstrip("0123456789")
        numbered = int(targets.removesuffix(letters))
        assert target == "" or target in letters or 1 <= int(target) <= numbered


def test_only_metrics_that_were_read_are_linked() -> None:
    linked = {c.object for c in alignment("iris-plus").correspondences}
    assert linked == {f"https://iris.thegiin.org/metric/5.3/{metric}" for metric in METRICS}


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("cids", ["cids/cids.ttl"]),
        (
            "essglobal",
            [
                *("essglobal/essglobal-vocab.ttl", "essglobal/legal-form.skos"),
                *("essglobal/organisational-structure.skos", "essglobal/themes.skos"),
            ],
        ),
        ("core-business", ["semic/core-business-ap-SHACL.ttl"]),
    ],
)
def test_the_other_end_exists_in_what_its_keeper_publishes(
    shared: Path, name: str, files: list[str]
) -> None:
    known: set[str] = set()
    for file in files:
        syntax = "xml" if file.endswith(".skos") else "turtle"
        graph = rdflib.Graph().parse(shared / "data" / file, format=syntax)
        known |= {str(node) for triple in graph for node in triple}
    assert {c.object for c in alignment(name).correspondences} - known == set()


def test_no_axiom_is_added_to_those_of_the_ontology() -> None:
    """An alignment explains what the ontology reuses; what follows from what stands there."""
    stated = {(str(q.subject), str(q.predicate), str(q.object)) for q in statements("ontology")}
    for name in NAMES:
        for c in alignment(name).correspondences:
            if c.predicate in AXIOMS:
                assert (f"<{c.subject}>", f"<{c.predicate}>", f"<{c.object}>") in stated
