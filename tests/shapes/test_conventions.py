"""The shapes keep the conventions of the house, so that pages and reports can rely on them."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from vises.namespaces import PREFIXES, VOCABULARY_BASE, term
from vises.validation.reference import pyshacl_validator

if TYPE_CHECKING:
    from conftest import ShapesGraph

LANGUAGES = {"fr", "nl", "en"}
SEVERITIES = {term(f"sh:{name}") for name in ("Violation", "Warning", "Info")}
REUSED = (
    "adms:Identifier",
    "dcat:Dataset",
    "dcat:Distribution",
    "locn:Address",
    "org:Organization",
    "skos:Concept",
    "skos:ConceptScheme",
)


@pytest.fixture(scope="module")
def shapes(all_shapes: ShapesGraph) -> ShapesGraph:
    """Return the core and the profiles: the conventions hold for both."""
    return all_shapes


def test_each_file_starts_with_two_lines_that_say_what_it_demands(shapes: ShapesGraph) -> None:
    for file in shapes.files:
        lines = file.read_text(encoding="utf-8").splitlines()
        assert [line.startswith("# ") for line in lines[:3]] == [True, True, False], file


def test_each_class_has_its_shape_in_its_file(shapes: ShapesGraph, ontology: list[Quad]) -> None:
    typed = {q.subject for q in ontology if q.object == term("owl:Class")}
    ours = {str(node.value) for node in typed if isinstance(node, NamedNode)}
    classes = {iri for iri in ours if iri.startswith(PREFIXES["vises"])}
    classes |= {term(name).value for name in REUSED}
    for iri in classes:
        name = re.split("[#/]", iri)[-1]
        assert name in shapes.statements, iri
        target = (term(f"shapes:{name}Shape"), term("sh:targetClass"), NamedNode(iri))
        assert target in {(q.subject, q.predicate, q.object) for q in shapes.statements[name]}


def test_no_shape_is_blank_and_each_has_one_home(shapes: ShapesGraph) -> None:
    homes: Counter[str] = Counter()
    for statements in shapes.statements.values():
        homes.update({str(q.subject) for q in statements if q.predicate == term("rdf:type")})
    assert set(homes.values()) == {1}
    anonymous = {q.predicate for q in shapes.store if isinstance(q.subject, BlankNode)}
    assert anonymous == {term("rdf:first"), term("rdf:rest")}


def test_names_follow_the_convention(shapes: ShapesGraph) -> None:
    for shape in shapes.all:
        local = shape.value.removeprefix(PREFIXES["shapes"])
        if shape in shapes.targeted:
            assert re.fullmatch(r"[A-Z][A-Za-z]+Shape", local)
        elif shape in shapes.property_shapes:
            owner, _, name = local.partition("-")
            assert term(f"shapes:{owner}") in shapes.targeted
            assert re.fullmatch(r"[a-z][A-Za-z]+", name)
        else:
            assert re.fullmatch(r"[A-Z][A-Za-z]+(?<!Shape)", local)
        for prop in shapes.objects(shape, "sh:property"):
            assert prop in shapes.property_shapes
            assert prop.value.startswith(f"{shape.value}-")


def test_each_shape_speaks_three_languages(shapes: ShapesGraph) -> None:
    for shape in shapes.all:
        spoken = ["sh:name", "sh:description"]
        spoken += ["sh:message"] if shape in shapes.reporting and shapes.constrains(shape) else []
        for predicate in spoken:
            said = shapes.texts(shape, predicate)
            assert sorted(text.language or "" for text in said) == sorted(LANGUAGES), shape
            assert all(text.value.strip() == text.value for text in said), shape
            french = next(text.value for text in said if text.language == "fr")
            assert not re.search(r"\S [;:?!»%](?!\w)|« |\d \d{3}\b", french), shape
            if predicate != "sh:name":
                assert all(text.value.endswith((".", "?", "…")) for text in said), shape


def test_each_reporting_shape_has_one_severity(shapes: ShapesGraph) -> None:
    for shape in shapes.reporting:
        assert len(SEVERITIES.intersection(shapes.objects(shape, "sh:severity"))) == 1, shape


def test_each_property_has_an_order_and_a_group_with_labels(shapes: ShapesGraph) -> None:
    groups = shapes.of_class("sh:PropertyGroup")
    for shape in shapes.all:
        properties = shapes.objects(shape, "sh:property")
        orders = {text.value for p in properties for text in shapes.texts(p, "sh:order")}
        assert len(orders) == len(properties), shape
        for prop in properties:
            assert len(groups.intersection(shapes.objects(prop, "sh:group"))) == 1, prop
    for group in groups:
        assert {text.language for text in shapes.texts(group, "rdfs:label")} == LANGUAGES
    assert len({shapes.texts(group, "sh:order")[0].value for group in groups}) == len(groups)


def test_each_path_is_in_the_ontology_or_in_a_reused_vocabulary(
    shapes: ShapesGraph, ontology: list[Quad]
) -> None:
    defined = {quad.subject for quad in ontology}
    namespaces = tuple(PREFIXES.values())
    for shape in shapes.property_shapes:
        refused = Literal(0) in shapes.texts(shape, "sh:maxCount")
        (path,) = shapes.objects(shape, "sh:path")
        ours = path.value.startswith(PREFIXES["vises"])
        assert refused or (path in defined if ours else path.value.startswith(namespaces)), path


def test_each_class_and_code_asked_for_is_in_the_ontology(
    shapes: ShapesGraph, ontology: list[Quad]
) -> None:
    defined = {quad.subject for quad in ontology}
    ours = re.compile(f"{VOCABULARY_BASE}(ontology#|code/)")
    asked = {quad.object for quad in shapes.store if isinstance(quad.object, NamedNode)}
    assert {node for node in asked if ours.match(node.value)} <= defined


def test_the_shapes_satisfy_the_shapes_of_shacl(shapes: ShapesGraph) -> None:
    whole = b"\n".join(file.read_bytes() for file in shapes.files)
    assert pyshacl_validator(whole, meta_shacl=True).validate(b"").conforms
