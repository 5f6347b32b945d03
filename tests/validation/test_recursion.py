"""Shapes that refer to themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pyoxigraph import RdfFormat

from vises.validation.recursion import refuse_recursion
from vises.validation.shapes import ShapesError, package_shapes, profiles
from vises.validation.syntax import read

if TYPE_CHECKING:
    from pathlib import Path

PREFIXES = "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix : <urn:> .\n"


@pytest.mark.parametrize(
    "shapes",
    [
        ":s sh:not :s .",
        ":s sh:property :p . :p sh:path :q ; sh:node :s .",
        ":s sh:and ( :a :b ) . :b sh:xone ( :c ) . :c sh:qualifiedValueShape :s .",
        ":s sh:node :t . :t sh:or ( [ sh:node :t ] ) .",
    ],
)
def test_a_circle_is_refused(shapes: str) -> None:
    with pytest.raises(ShapesError, match="refers to itself") as error:
        refuse_recursion(read((PREFIXES + shapes).encode(), RdfFormat.TURTLE), "mine.ttl")
    assert error.value.place == "mine.ttl"


def test_shapes_that_meet_again_are_no_circle() -> None:
    diamond = PREFIXES + ":s sh:node :a, :b . :a sh:not :c . :b sh:not :c . :c sh:minCount 1 ."
    refuse_recursion(read(diamond.encode(), RdfFormat.TURTLE), "mine.ttl")


def test_long_chains_are_no_circle() -> None:
    chain = PREFIXES + "".join(f":s{n} sh:node :s{n + 1} .\n" for n in range(20_000))
    refuse_recursion(read(chain.encode(), RdfFormat.TURTLE), "mine.ttl")


@pytest.mark.parametrize("profile", profiles())
def test_the_package_has_none(profile: str) -> None:
    refuse_recursion(read(package_shapes(profile)), profile)


@pytest.mark.shared
def test_the_suite_of_the_w3c_has_none(shared: Path) -> None:
    files = sorted((shared / "suites" / "w3c-shacl").rglob("*.ttl"))
    assert len(files) > 100
    for file in files:
        data = file.read_bytes()
        shapes = read(data, RdfFormat.TURTLE, place=str(file), base_iri=file.as_uri())
        refuse_recursion(shapes, file.name)
