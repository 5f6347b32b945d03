"""Each shape refuses what the name of its case says, and nothing else, by both engines alike."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from pyoxigraph import Quad, RdfFormat, parse, serialize

from vises.namespaces import PREFIXES, VOCABULARY_BASE, term
from vises.validation.reference import pyshacl_validator
from vises.validation.rust import shacl_validator
from vises.validation.shapes import package_shapes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conftest import ShapesGraph

    from vises.validation.report import Report
    from vises.validation.validator import Validator

HERE = Path(__file__).parent
VALID = sorted(HERE.glob("*/valid.*.ttl"))
INVALID = sorted(HERE.glob("*/invalid.*.ttl"))
PROFILES = sorted(HERE.glob("profiles/*/*.ttl"))
TERMS = {term("void:property"), term("void:class")}
KEYS = ("focus", "path", "component", "severity", "shape")

Row = dict[str, str | None]


@pytest.fixture(scope="module")
def engines() -> tuple[Validator, Validator]:
    return both_engines(None)


@cache
def both_engines(profile: str | None) -> tuple[Validator, Validator]:
    text = package_shapes(profile)
    return shacl_validator(text), pyshacl_validator(text)


@pytest.fixture(scope="module")
def hierarchy(ontology: list[Quad]) -> list[Quad]:
    """Return the subclasses of the ontology, which the gate lays beside the data."""
    return [quad for quad in ontology if quad.predicate == term("rdfs:subClassOf")]


def case_id(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def judged(case: Path, engine: Validator, beside: Iterable[Quad] = ()) -> list[Row]:
    """Validate a case; keep the results on what it describes or uses, as the gate does.

    What a case only types stands for things that are described elsewhere.
    """
    data = list(parse(path=str(case), format=RdfFormat.TURTLE, base_iri=VOCABULARY_BASE))
    described = {str(quad.subject) for quad in data if quad.predicate != term("rdf:type")}
    described |= {str(quad.object) for quad in data if quad.predicate in TERMS}
    codes = {str(quad.object) for quad in data if quad.predicate == term("dcterms:references")}
    described |= codes - {str(quad.subject) for quad in data}
    text = serialize((quad.triple for quad in (*data, *beside)), format=RdfFormat.N_TRIPLES)
    return rows(engine.validate(text), described)


def rows(report: Report, described: set[str]) -> list[Row]:
    found: list[Row] = [
        {
            "focus": focus(result.focus),
            "path": None if result.path is None else compact(result.path[1:-1]),
            "component": compact(result.component),
            "severity": f"sh:{result.severity}",
            "shape": compact(result.shape),
        }
        for result in report.results
        if result.focus in described or result.focus.startswith('"')
    ]
    return sorted(found, key=lambda row: [row[key] or "" for key in KEYS])


def focus(node: str) -> str:
    if node.startswith('"'):
        return node
    return "_:blank" if node.startswith("_:") else node[1:-1].removeprefix(VOCABULARY_BASE)


def compact(iri: str) -> str:
    """Write an IRI with a prefix, or between angle brackets where none fits."""
    for prefix, namespace in PREFIXES.items():
        local = iri.removeprefix(namespace)
        if local != iri and re.fullmatch(r"[\w-]+", local):
            return f"{prefix}:{local}"
    return f"<{iri}>"


def expected(case: Path) -> list[Row]:
    """Return the results that a case should have; none where nobody has written them yet."""
    path = report_of(case)
    return cast("list[Row]", json.loads(path.read_text("utf-8")) if path.exists() else [])


def report_of(case: Path) -> Path:
    return case.with_name(f"{case.stem}.expected.json")


def demand(case: Path, found: list[Row], folder: Path, engine: Validator) -> None:
    """Compare what an engine found with what is expected; it is kept in `folder` to look at."""
    kept = folder / report_of(case).name
    lines = ",\n".join(f"  {json.dumps(row, ensure_ascii=False)}" for row in found)
    kept.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    assert found == expected(case), f"{engine.name}; if right: cp {kept} {report_of(case)}"


@pytest.mark.parametrize("case", VALID, ids=case_id)
def test_a_valid_case_has_no_result(case: Path, engines: tuple[Validator, Validator]) -> None:
    assert [judged(case, engine) for engine in engines] == [[], []]


@pytest.mark.parametrize("case", INVALID, ids=case_id)
def test_an_invalid_case_has_the_results_that_its_name_says(
    case: Path, engines: tuple[Validator, Validator], tmp_path: Path
) -> None:
    for engine in engines:
        found = judged(case, engine)
        assert found, engine.name
        demand(case, found, tmp_path, engine)


@pytest.mark.parametrize("case", PROFILES, ids=case_id)
def test_a_profile_is_stricter_than_the_core(
    case: Path, engines: tuple[Validator, Validator], tmp_path: Path
) -> None:
    for engine in both_engines(case.parent.name):
        found = judged(case, engine)
        assert bool(found) == case.stem.startswith("invalid.")
        demand(case, found, tmp_path, engine)
    assert all(row["severity"] == "sh:Warning" for row in judged(case, engines[0]))


@pytest.mark.parametrize("case", [*VALID, *INVALID], ids=case_id)
def test_the_hierarchy_of_the_ontology_changes_nothing(
    case: Path, engines: tuple[Validator, Validator], hierarchy: list[Quad]
) -> None:
    assert hierarchy
    assert judged(case, engines[0], hierarchy) == judged(case, engines[0])


def test_each_file_has_valid_and_invalid_cases(shapes: ShapesGraph) -> None:
    folders = {path.parent for path in (*VALID, *INVALID)}
    speechless = {"conditions", "groups", "shapes"}
    assert {folder.name for folder in folders} == shapes.statements.keys() - speechless
    for folder in folders:
        names = {path.name for path in folder.iterdir()}
        valid = {"valid.full.ttl", "valid.minimal.ttl"}
        invalid = {path.name for path in INVALID if path.parent == folder}
        assert invalid, folder
        assert names == valid | invalid | {f"{name[:-4]}.expected.json" for name in invalid}
