"""What a shape reads, and what no walk from its focus node bounds."""

from __future__ import annotations

import pytest
from pyoxigraph import NamedNode

from vises.validation.incremental.description import Description
from vises.validation.incremental.footprint import START, Footprint, footprint
from vises.validation.incremental.units import units_of
from vises.validation.rust import shacl_validator
from vises.validation.shapes import ShapesError, package_shapes, well_formed

PREFIXES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ex: <http://e/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
ex: sh:declare [ sh:prefix "ex" ; sh:namespace "http://e/" ] .
"""


def described(turtle: str) -> Description:
    return Description(well_formed((PREFIXES + turtle).encode(), "shapes"))


def reads(body: str) -> Footprint:
    return footprint(described(f"ex:S a sh:NodeShape ; {body} ."), NamedNode("http://e/S"))


def steps(found: Footprint) -> set[tuple[str, bool]]:
    return {(s.predicate.value[9:] if s.predicate else "", s.inverse) for s in found.steps}


def query(text: str) -> str:
    return f'sh:sparql [ sh:prefixes ex: ; sh:select "SELECT {text}" ]'


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("sh:nodeKind sh:IRI", set()),
        ("sh:property [ sh:path ex:p ; sh:minCount 1 ]", {("p", False)}),
        ("sh:property [ sh:path [ sh:inversePath ex:p ] ]", {("p", True)}),
        ("sh:path ( ex:p [ sh:inversePath ex:q ] )", {("p", False), ("q", True)}),
        ("sh:path [ sh:inversePath ( ex:p ex:q ) ]", {("p", True), ("q", True)}),
        ("sh:path ex:p ; sh:lessThan ex:q", {("p", False), ("q", False)}),
        ("sh:equals ex:q", {("q", False)}),
        ("sh:closed true", {("", False)}),
        ("sh:or ( [ sh:path ex:p ] [ sh:not [ sh:path ex:q ] ] )", {("p", False), ("q", False)}),
        ("sh:path ex:p ; sh:node [ sh:path ex:q ]", {("p", False), ("q", False)}),
        (
            query("$this WHERE { ?x ex:p $this ; ex:q 1 FILTER NOT EXISTS { ?x ex:r ?y } }"),
            {("p", True), ("p", False), ("q", False), ("r", False), ("r", True)},
        ),
        (
            "sh:path ex:p ; " + query("$this ?value WHERE { $this $PATH ?value }"),
            {("p", False), ("p", True)},
        ),
        (
            query("$this WHERE { { ?x ex:q 1 } UNION { ?x ex:r 1 } $this ex:p ?x }"),
            {("p", False), ("p", True), ("q", False), ("r", False)},
        ),
    ],
)
def test_the_steps_of_a_shape(body: str, expected: set[tuple[str, bool]]) -> None:
    found = reads(body)
    assert found.opaque is None
    assert steps(found) == expected


@pytest.mark.parametrize(("demand", "live"), [("sh:class ex:C", True), ("sh:minCount 1", False)])
def test_values_are_walked_to_where_their_class_is_asked_for(demand: str, *, live: bool) -> None:
    found = reads(f"sh:property [ sh:path ex:p ; {demand} ]")
    (step,) = found.steps
    assert (step.target in found.live) is live


def test_a_repeated_path_goes_round() -> None:
    found = reads("sh:path [ sh:zeroOrMorePath ex:p ] ; sh:class ex:C")
    assert NamedNode("http://e/C") in found.classes[START]
    [state] = {step.target for step in found.leaving[START]}
    assert {step.target for step in found.leaving[state]} == {state}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("sh:node ex:S", "refers to itself"),
        ("sh:property [ sh:path ex:p ; sh:node ex:S ]", "refers to itself"),
        ("sh:memberShape ex:T", "is not known"),
        (query("$this WHERE { $this ?p 1 }"), "may be any"),
        (query("$this WHERE { $this a ?c . ?x a ?d }"), "stands apart"),
        (query("$this WHERE { { $this ex:p ?x } UNION { ?x ex:q ?y } }"), "stands apart"),
        (
            query("$this WHERE { OPTIONAL { $this ex:p ?x } OPTIONAL { ?x ex:q ?y } }"),
            "stands apart",
        ),
        (
            query("$this WHERE { $this a ?c OPTIONAL { $this ex:p ?x } MINUS { ?x ex:q ?y } }"),
            "stands apart",
        ),
        (
            query("$this WHERE { FILTER EXISTS { $this ex:p ?x } FILTER EXISTS { ?x ex:q ?y } }"),
            "stands apart",
        ),
        (
            query("$this WHERE { $this ex:p ?x { $this a ?c FILTER EXISTS { ?x ex:q ?y } } }"),
            "stands apart",
        ),
        (query("$this WHERE { $this a ?c BIND (EXISTS { ?x a ?d } AS ?b) }"), "stands apart"),
        (query("$this WHERE { $this a ?c . VALUES ?x { ex:k } ?x ex:p ?y }"), "stands apart"),
        (query("$this WHERE { GRAPH ?g { $this a ?c } }"), "other graphs"),
        (query("$this FROM <urn:g> WHERE { $this a ?c }"), "other graphs"),
        (
            query("$this WHERE { $this a ?c FILTER EXISTS { GRAPH ?g { $this a ?c } } }"),
            "other graphs",
        ),
        (
            query("$this WHERE { $this a ?c . { SELECT $this ?c WHERE { $this a ?c } } }"),
            "variables of its own",
        ),
        (query("$this WHERE { $this a"), "not understood"),
        (query("$this WHERE { $shapesGraph a $this }"), "shapes graph"),
        (
            query("$this (EXISTS { $this a ?d } AS ?value) WHERE { $this a ?c }"),
            "does not translate",
        ),
        ("sh:sparql [ sh:ask true ]", "no SELECT"),
    ],
)
def test_what_cannot_be_bounded_says_why(body: str, reason: str) -> None:
    assert reason in (reads(body).opaque or "")


def test_a_component_of_its_own_is_opaque() -> None:
    description = described(
        "ex:Component a sh:ConstraintComponent ; sh:parameter [ sh:path ex:limit ] ."
        "ex:S a sh:NodeShape ; ex:limit 1 ."
    )
    found = footprint(description, NamedNode("http://e/S"))
    assert found.opaque == "<http://e/Component> is a component of its own"


def test_every_shape_of_the_package_is_bounded() -> None:
    """Else a change of one statement would be judged with the whole data graph in memory."""
    units = units_of(Description(well_formed(package_shapes(), "package")), "engine")
    assert {unit.name: unit.opaque for unit in units if unit.opaque} == {}
    assert not any(unit.deep for unit in units)


def test_no_shape_of_the_package_asks_for_a_datatype_that_the_store_rewrites() -> None:
    """It would be right when it comes in, and wrong whenever its thing is judged again."""
    description = Description(well_formed(package_shapes(), "package"))
    asked = {
        statement.object
        for statement in description.statements
        if statement.predicate == NamedNode("http://www.w3.org/ns/shacl#datatype")
    }
    xsd = "http://www.w3.org/2001/XMLSchema#"
    derived = ("int", "long", "short", "byte", "nonNegativeInteger", "positiveInteger", "token")
    assert asked.isdisjoint(NamedNode(xsd + name) for name in derived)


def test_shapes_that_results_cannot_tell_apart_are_judged_together() -> None:
    description = described(
        "ex:P sh:path ex:p ; sh:minCount 1 ."
        "ex:A sh:targetClass ex:A ; sh:property ex:P ."
        "ex:B sh:targetClass ex:B ; sh:property ex:P ."
        "ex:C sh:targetClass ex:C ; sh:property [ sh:path ex:p ] ."
        "[] sh:targetClass ex:D . [] sh:targetClass ex:E ."
    )
    units = units_of(description, "engine")
    assert sorted(len(unit.roots) for unit in units) == [1, 2, 2]


def test_the_digest_is_that_of_the_definition() -> None:
    shapes = "ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:minCount 1 ] ."
    other = "ex:S sh:property [ sh:minCount 1 ; sh:path ex:p ] ; sh:targetClass ex:C ."

    def digest(turtle: str, engine: str = "engine") -> str:
        [unit] = units_of(described(turtle), engine)
        return unit.digest

    assert digest(shapes) == digest(other)
    assert digest(shapes) != digest(shapes.replace("1", "2"))
    assert digest(shapes) != digest(shapes, "another engine")


def test_the_digest_is_also_that_of_siblings_elsewhere() -> None:
    """Values must not fit the shape of a sibling, wherever the property shape has siblings."""
    shapes = """
        ex:S sh:targetClass ex:C ; sh:property ex:P .
        ex:P sh:path ex:p ; sh:qualifiedValueShape [ sh:class ex:A ] ; sh:qualifiedMinCount 1 ;
            sh:qualifiedValueShapesDisjoint true .
        ex:Other sh:property ex:P , [ sh:path ex:q ; sh:qualifiedValueShape [ sh:class ex:B ] ;
            sh:qualifiedMinCount 1 ] .
    """
    [one] = units_of(described(shapes), "engine")
    [other] = units_of(described(shapes.replace("ex:B", "ex:D")), "engine")
    assert one.digest != other.digest


def test_ill_formed_shapes_are_refused() -> None:
    with pytest.raises(ShapesError):
        shacl_validator(b"<urn:s> <http://www.w3.org/ns/shacl#property> <urn:p> .")
