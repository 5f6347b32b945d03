"""No shape goes without a case: what each demands is broken somewhere, by a case of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from vises.namespaces import term

if TYPE_CHECKING:
    from conftest import ShapesGraph

HERE = Path(__file__).parent
GRAVITY = ("sh:Violation", "sh:Warning", "sh:Info")
Row = dict[str, str | None]


@pytest.fixture(scope="module")
def reports() -> list[list[Row]]:
    """Return the expected reports of all invalid cases, of the core and of the profiles."""
    cases = sorted([*HERE.glob("*/*.expected.json"), *HERE.glob("profiles/*/*.expected.json")])
    return [cast("list[Row]", json.loads(case.read_text(encoding="utf-8"))) for case in cases]


def gravest(report: list[Row]) -> set[str]:
    """Return the shapes of the results that decide: a profile may refuse what the core warns of."""
    worst = min((row["severity"] or "" for row in report), key=GRAVITY.index)
    return {row["shape"] or "" for row in report if row["severity"] == worst}


def test_each_shape_has_an_invalid_case_that_only_it_catches(
    constraining_shape: str, reports: list[list[Row]]
) -> None:
    assert {f"shapes:{constraining_shape}"} in [gravest(report) for report in reports]


def test_each_constraint_of_a_shape_is_broken_by_a_case(
    constraining_shape: str, reports: list[list[Row]], all_shapes: ShapesGraph
) -> None:
    name = f"shapes:{constraining_shape}"
    broken = {
        (row["component"] or "").removeprefix("sh:")
        for report in reports
        for row in report
        if row["shape"] == name
    }
    assert broken == all_shapes.components(term(name))


def test_each_condition_is_part_of_a_shape_with_a_case(
    reports: list[list[Row]], all_shapes: ShapesGraph
) -> None:
    """What shapes put together by logic reports nothing, so no expected report has it."""
    exercised = {term(row["shape"] or "") for report in reports for row in report}
    assert exercised <= all_shapes.reporting
    while more := {c for s in exercised for c in all_shapes.conditions(s)} - exercised:
        exercised |= more
    assert not {s for s in all_shapes.all if all_shapes.constrains(s)} - exercised
