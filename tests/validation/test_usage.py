"""Incoming data is judged by what it uses: terms and codes that do not exist are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pyoxigraph import NamedNode

from vises.namespaces import VOCABULARY_BASE, term
from vises.validation.files import validate_files
from vises.validation.rust import shacl_validator
from vises.validation.shapes import package_shapes
from vises.validation.usage import DATA, usage

if TYPE_CHECKING:
    from pathlib import Path

    from vises.validation.validator import Validator

PROJECT = """
@prefix schema: <https://schema.org/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix vises: <https://w3id.org/vises/ontology#> .
<project/x> a vises:Project ; skos:prefLabel "X"@fr ; vises:theme <code/theme/housing> .
"""


@pytest.fixture(scope="module")
def validator() -> Validator:
    return shacl_validator(package_shapes())


def test_each_term_and_code_is_named_once() -> None:
    label, concept = term("skos:prefLabel"), term("skos:Concept")
    ours = NamedNode("http://W3ID.org/vises/code/nuts/BE")
    found = list(usage([label], [concept], [ours, NamedNode("https://example.org/code/nuts/BE")]))
    assert {triple.subject for triple in found} == {DATA}
    assert [(triple.predicate, triple.object) for triple in found] == [
        (term("void:property"), label),
        (term("void:class"), concept),
        (term("dcterms:references"), ours),
    ]


@pytest.mark.parametrize(
    ("spoilt", "shape", "focus"),
    [
        (("vises:theme", "vises:thema"), "UnknownPropertyShape", "ontology#thema"),
        (("vises:theme", "vises:Theme"), "UnknownPropertyShape", "ontology#Theme"),
        (("vises:theme", "vises:Project"), "UnknownPropertyShape", "ontology#Project"),
        (("housing", "hosing"), "UnknownCodeShape", "code/theme/hosing"),
        (("vises:theme", "rdfs:seeAlso"), None, ""),
    ],
)
def test_an_unknown_term_is_named_in_three_languages(
    spoilt: tuple[str, str], shape: str | None, focus: str, tmp_path: Path, validator: Validator
) -> None:
    path = tmp_path / "data.ttl"
    prefix = "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> ."
    path.write_text(prefix + PROJECT.replace(*spoilt), encoding="utf-8")
    report = validate_files([path], validator, VOCABULARY_BASE)
    found = [(r.focus, r.shape.rpartition("#")[2]) for r in report.results]
    assert found == ([] if shape is None else [(f"<{VOCABULARY_BASE}{focus}>", shape)])
    assert all(set(result.messages) == {"en", "fr", "nl"} for result in report.results)
    assert report.accepted == (shape is None)


def test_an_unknown_class_is_refused(tmp_path: Path, validator: Validator) -> None:
    path = tmp_path / "data.ttl"
    path.write_text(PROJECT.replace("vises:Project", "vises:Projet"), encoding="utf-8")
    report = validate_files([path], validator, VOCABULARY_BASE)
    assert [r.focus for r in report.results] == [f"<{VOCABULARY_BASE}ontology#Projet>"]
