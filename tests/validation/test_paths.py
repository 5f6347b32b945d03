"""Property paths, from RDF and back."""

from __future__ import annotations

import pytest
from rdflib import SH, Graph

from vises.validation.graph_paths import sparql_path
from vises.validation.paths import turtle_path

PATHS = {
    "<http://e/a>": "ex:a",
    "^<http://e/a>": "[ sh:inversePath ex:a ]",
    "(<http://e/a>/<http://e/b>)": "( ex:a ex:b )",
    "(<http://e/a>|^<http://e/b>)": "[ sh:alternativePath ( ex:a [ sh:inversePath ex:b ] ) ]",
    "(<http://e/a>)*": "[ sh:zeroOrMorePath ex:a ]",
    "(^<http://e/a>)+": "[ sh:oneOrMorePath [ sh:inversePath ex:a ] ]",
    "^((<http://e/a>)?/(<http://e/b>|<http://e/c>))": (
        "[ sh:inversePath ( [ sh:zeroOrOnePath ex:a ] [ sh:alternativePath ( ex:b ex:c ) ] ) ]"
    ),
    "((<http://e/a>/<http://e/b>))*": "[ sh:zeroOrMorePath ( ex:a ex:b ) ]",
}


def parsed(path: str) -> str:
    prefixes = "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://e/> ."
    graph = Graph().parse(data=f"{prefixes} ex:S sh:path {path} .", format="turtle")
    node = graph.value(None, SH.path, None, any=False) or next(graph.objects(None, SH.path))
    return sparql_path(graph, node)


@pytest.mark.parametrize(("path", "turtle"), PATHS.items())
def test_from_rdf_and_back(path: str, turtle: str) -> None:
    assert parsed(turtle) == path
    assert parsed(turtle_path(path)) == path


def test_a_node_that_is_no_path() -> None:
    with pytest.raises(ValueError, match="not a property path"):
        parsed("[ ex:no ex:path ]")
