"""What only the pyshacl engine does."""

from __future__ import annotations

import logging
import warnings

import pytest

from vises.validation.reference import pyshacl_validator
from vises.validation.shapes import ShapesError
from vises.validation.syntax import RdfSyntaxError

PREFIXES = b"""
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix ex: <http://e/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""


def test_the_shapes_of_shacl_judge_shapes() -> None:
    shapes = PREFIXES + b'ex:S a sh:NodeShape ; sh:targetNode ex:1 ; sh:severity "grave" .'
    assert pyshacl_validator(shapes).validate(b"").conforms
    with pytest.raises(ShapesError):
        pyshacl_validator(shapes, meta_shacl=True).validate(b"")


@pytest.mark.parametrize("datatype", ["boolean", "integer"])
def test_ill_typed_literals_are_told_of_by_the_report_only(
    datatype: str, caplog: pytest.LogCaptureFixture
) -> None:
    constraint = f"[ sh:path ex:p ; sh:datatype xsd:{datatype} ]"
    shapes = f"ex:S sh:targetSubjectsOf ex:p ; sh:property {constraint} .".encode()
    xsd = "http://www.w3.org/2001/XMLSchema#"
    data = f'<http://e/1> <http://e/p> "maybe"^^<{xsd}{datatype}> .\n'.encode()
    with caplog.at_level(logging.DEBUG), warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        assert pyshacl_validator(PREFIXES + shapes).validate(data).violations == 1
    assert [record for record in caplog.records if "Literal" in record.getMessage()] == []
    assert warned == []


def test_triple_terms_are_refused() -> None:
    data = b"<http://e/1> <http://e/p> <<( <http://e/1> <http://e/p> <http://e/2> )>> .\n"
    with pytest.raises(RdfSyntaxError, match="triple is used as a term"):
        pyshacl_validator(PREFIXES).validate(data)
