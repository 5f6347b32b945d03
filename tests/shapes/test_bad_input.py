"""What people get wrong first is refused or warned of, in words that say what to change.

What exactly is reported of each case is its expected report, which test_shapes.py compares.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import RdfFormat

from vises.namespaces import VOCABULARY_BASE, term
from vises.validation.rust import shacl_validator
from vises.validation.shapes import package_shapes
from vises.validation.syntax import n_triples, read

if TYPE_CHECKING:
    from vises.validation.validator import Validator

HERE = Path(__file__).parent
KINDS = {
    "wrong datatype": "*/invalid.datatype-of-*.ttl",
    "wrong language tag": "language/invalid.*.ttl",
    "text without its language": "*/invalid.*-without-language.ttl",
    "code of another list or of none": "*/invalid.unknown-*.ttl",
    "unknown code": "unknown-term/invalid.code*.ttl",
    "unknown property": "unknown-term/invalid.property-misspelt.ttl",
    "unknown class": "unknown-term/invalid.class-misspelt.ttl",
    "near-miss namespace": "near-miss/invalid.*.ttl",
    "figure without its source": "RegionalFigure/invalid.no-publication.ttl",
    "figure without its perimeter": "RegionalFigure/invalid.no-perimeter.ttl",
    "claim without its source": "Claim/invalid.no-source.ttl",
    "name of a natural person": "personal-data/invalid.*name*.ttl",
    "natural person": "personal-data/invalid.*-person.ttl",
    "end before the start": "*/invalid.ends-before-it-starts.ttl",
}


@pytest.fixture(scope="module")
def validator() -> Validator:
    return shacl_validator(package_shapes())


@pytest.mark.parametrize("kind", KINDS)
def test_bad_input_is_answered_in_three_languages(kind: str, validator: Validator) -> None:
    cases = sorted(HERE.glob(KINDS[kind]))
    assert cases
    for case in cases:
        data = read(case.read_bytes(), RdfFormat.TURTLE, base_iri=VOCABULARY_BASE)
        report = validator.validate(n_triples(data))
        expected = json.loads(case.with_name(f"{case.stem}.expected.json").read_text("utf-8"))
        shapes = {term(row["shape"]).value for row in expected}
        said = [result for result in report.results if result.shape in shapes]
        assert {result.shape for result in said} == shapes, case
        assert all(set(result.messages) == {"fr", "nl", "en"} for result in said), case
        assert {result.severity for result in said} <= {"Violation", "Warning"}, case
