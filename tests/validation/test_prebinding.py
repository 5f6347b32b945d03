"""Sub-selects that lose `$this`."""

from __future__ import annotations

import pytest
from pyoxigraph import RdfFormat

from vises.validation.incremental.description import Description
from vises.validation.prebinding import losing_this
from vises.validation.rust import shacl_validator
from vises.validation.shapes import ShapesError, package_shapes, profiles
from vises.validation.syntax import read

PREFIXES = "@prefix sh: <http://www.w3.org/ns/shacl#> .\n"


def constraint(query: str) -> bytes:
    text = f'<urn:s> sh:targetNode <urn:a> ; sh:sparql <urn:c> . <urn:c> sh:select """{query}""" .'
    return (PREFIXES + text).encode()


LOSING = [
    "SELECT $this { $this ?p ?o { SELECT ?a { ?a ?b ?c } } }",
    "SELECT $this { { SELECT (COUNT(?b) AS ?n) { $this $PATH ?b } } }",
    "SELECT $this { FILTER EXISTS { select ?x { ?x ?y ?z { SELECT $this { $this ?p ?x } } } } }",
]
KEEPING = [
    "SELECT $this { $this ?p ?o { SELECT $this (COUNT(?c) AS ?n) { $this ?b ?c } } }",
    "SELECT $this { { SELECT * { $this ?b ?c } } }",
    "SELECT $this ?value { $this <urn:select> ?value FILTER (?value = 'SELECT ?x') }",
    "SELECT nonsense SELECT",
]


@pytest.mark.parametrize("query", LOSING)
def test_a_sub_select_without_this_is_refused(query: str) -> None:
    with pytest.raises(ShapesError, match=r"<urn:c> does not return \$this") as error:
        shacl_validator(constraint(query), "mine.ttl")
    assert error.value.place == "mine.ttl"


@pytest.mark.parametrize("query", KEEPING)
def test_others_are_not(query: str) -> None:
    assert losing_this(Description(read(constraint(query), RdfFormat.TURTLE))) is None


@pytest.mark.parametrize("profile", profiles())
def test_the_package_has_none(profile: str) -> None:
    assert losing_this(Description(read(package_shapes(profile)))) is None
