"""What only the `shacl` engine promises: bounds."""

from __future__ import annotations

import pytest

from vises.validation.rust import shacl_validator
from vises.validation.shapes import ShapesError

PREFIXES = b"""
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ex: <http://e/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def test_counting_stops_and_says_so() -> None:
    shapes = PREFIXES + b"ex:S sh:targetSubjectsOf ex:p ; sh:nodeKind sh:Literal ."
    data = "".join(f'<http://e/{i}> <http://e/p> "x" .\n' for i in range(50)).encode()
    assert len(shacl_validator(shapes).validate(data).results) == 50
    report = shacl_validator(shapes, most_violations=20).validate(data)
    assert len(report.results) == 20
    assert not report.complete
    assert not report.accepted


def test_warnings_do_not_stop_the_count() -> None:
    shapes = PREFIXES + (
        b"ex:S sh:targetSubjectsOf ex:p ; sh:severity sh:Warning ; sh:nodeKind sh:Literal ."
    )
    data = "".join(f'<http://e/{i}> <http://e/p> "x" .\n' for i in range(50)).encode()
    report = shacl_validator(shapes, most_violations=20).validate(data)
    assert report.warnings == 50
    assert report.accepted


@pytest.mark.parametrize("pattern", ["^(a+)+$", "^(a|a?)+$", "^(([a-z])+.)+[A-Z]([a-z])+$"])
def test_an_exploding_expression_comes_to_an_end(pattern: str) -> None:
    """In exponential time the first ten thousand letters would take for ever."""
    shapes = (
        f'ex:S sh:targetSubjectsOf ex:p ; sh:property [ sh:path ex:p ; sh:pattern "{pattern}" ] .'
    )
    data = f'<http://e/1> <http://e/p> "{"a" * 10_000}!" .\n'.encode()
    assert shacl_validator(PREFIXES + shapes.encode()).validate(data).violations == 1


@pytest.mark.parametrize("pattern", ["((a{1,1000}){1,1000}){1,1000}", r"(a)\\1", "(?=a)b"])
def test_an_expression_that_cannot_be_bounded_is_refused(pattern: str) -> None:
    shapes = (
        f'ex:S sh:targetSubjectsOf ex:p ; sh:property [ sh:path ex:p ; sh:pattern "{pattern}" ] .'
    )
    with pytest.raises(ShapesError, match="pattern"):
        shacl_validator(PREFIXES + shapes.encode())


def test_a_huge_literal() -> None:
    shapes = (
        PREFIXES
        + b"ex:S sh:targetSubjectsOf ex:p ; sh:property [ sh:path ex:p ; sh:maxLength 9 ] ."
    )
    data = b'<http://e/1> <http://e/p> "' + b"a" * 10_000_000 + b'" .\n'
    [result] = shacl_validator(shapes).validate(data).results
    assert len(result.value or "") == 10_000_002


def test_blank_nodes_keep_their_labels_in_large_data() -> None:
    """The wheel reads large data in several threads; the labels must not depend on them."""
    shapes = (
        PREFIXES + b"ex:S sh:targetSubjectsOf ex:p ; sh:property [ sh:path ex:k ; sh:in ( [] ) ] ."
    )
    lines = (
        f'_:n{i} <http://e/p> _:n{i * 7919 % 40_000} .\n_:n{i} <http://e/k> "n{i}" .\n'
        for i in range(40_000)
    )
    report = shacl_validator(shapes).validate("".join(lines).encode())
    assert len(report.results) == 40_000
    assert all(f'"{result.focus[2:]}"' == result.value for result in report.results)
