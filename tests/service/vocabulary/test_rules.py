"""Shapes in words."""

from __future__ import annotations

import pytest
from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, parse

from vises.service.iris import Addresses
from vises.service.pages.labels import Labels
from vises.service.pages.mentions import Speaker
from vises.service.pages.outline import Outline
from vises.service.texts import texts
from vises.service.vocabulary.about import About
from vises.service.vocabulary.rules import Rule, Wording, shape_page

SHAPE = NamedNode("https://w3id.org/vises/shapes#S")
PREFIXES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix s: <https://w3id.org/vises/shapes#> .
@prefix vises: <https://w3id.org/vises/ontology#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
"""


def rules(turtle: str, language: str = "en") -> tuple[Rule, ...]:
    quads = [
        Quad(q.subject, q.predicate, q.object, DefaultGraph())
        for q in parse(f"{PREFIXES} s:S {turtle} .", format=RdfFormat.TURTLE)
    ]
    words = texts(language)
    speaker = Speaker(words, Labels(language, {}), Outline({}), Addresses("https://data.example/"))
    return Wording(About(quads), speaker).rules(SHAPE)


def said(found: tuple[Rule, ...]) -> list[str]:
    return [" ".join([r.words, *(m.name.text for m in r.named)]) for r in found]


@pytest.mark.parametrize(
    ("turtle", "words"),
    [
        ("sh:minCount 1 ; sh:maxCount 1", ["exactly 1"]),
        ("sh:minCount 2", ["at least 2"]),
        ("sh:maxCount 3 ; sh:datatype xsd:date", ["at most 3", "of the type xsd:date"]),
        ("sh:class vises:Region", ["of the class Region"]),
        ("sh:nodeKind sh:IRI", ["a thing with an address (IRI)"]),
        ('sh:in ( "a" "b" )', ["one of a b"]),
        (
            'sh:pattern "^[0-9]+$" ; sh:minInclusive 0',
            ["0 or more", "matches the pattern ^[0-9]+$"],
        ),
        ("sh:uniqueLang true", ["at most one for each language"]),
        ("sh:closed true", ["nothing else is said of it"]),
        ("sh:minCount 0", []),
        ('sh:minCount "many"', []),
    ],
)
def test_a_demand_is_a_sentence(turtle: str, words: list[str]) -> None:
    assert said(rules(turtle)) == words


def test_it_is_said_in_the_visitors_language() -> None:
    assert said(rules("sh:minCount 1", "fr")) == ["au moins 1"]
    assert said(rules("sh:minCount 1", "nl")) == ["minstens 1"]


def test_shapes_that_are_put_together_are_named_or_said() -> None:
    (rule,) = rules('sh:or ( s:Named [ sh:datatype xsd:date ] ) . s:Named sh:name "a name"@en')
    assert rule.words == "one of these holds:"
    named, unnamed = rule.shapes
    assert (named.name.text if named.name else None, named.href) == (
        "a name",
        "/vocabulary/shapes/Named",
    )
    assert said(unnamed.rules) == ["of the type xsd:date"]


def test_a_shape_within_itself_ends() -> None:
    (rule,) = rules("sh:not s:S")
    depth = 0
    while rule.shapes:
        depth += 1
        inner = rule.shapes[0].rules
        if not inner:
            break
        rule = inner[0]
    assert depth == 4


def test_a_list_without_an_end_ends() -> None:
    assert said(rules('sh:in s:L . s:L rdf:first "a" ; rdf:rest s:L')) == ["one of a"]
    assert said(rules('sh:in s:L . s:L rdf:first "a"')) == ["one of a"]
    assert said(rules('sh:in "no list"')) == ["one of"]


def test_property_shapes_are_explained_with_their_shape() -> None:
    base = "https://w3id.org/vises/shapes#"
    assert shape_page(f"{base}EnterpriseShape-legalName") == (
        "/vocabulary/shapes/EnterpriseShape#EnterpriseShape-legalName"
    )
    assert shape_page("https://else.example/x#Shape") is None
