"""Shapes judged on all their focus nodes."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store, Triple

from vises.validation.bulk.whole import Whole
from vises.validation.incremental.focus import all_pairs
from vises.validation.incremental.pairs import Judged, judge
from vises.validation.incremental.plan import plan_of
from vises.validation.incremental.readings import Readings
from vises.validation.incremental.view import View
from vises.validation.rust import shacl_validator
from vises.validation.shapes import package_shapes

if TYPE_CHECKING:
    from pathlib import Path

    from vises.validation.incremental.plan import Plan

SHAPES = b"""@prefix sh: <http://www.w3.org/ns/shacl#> .
<urn:s> sh:targetSubjectsOf <urn:p> ; sh:property <urn:s-p> .
<urn:s-p> sh:path <urn:p> ; sh:pattern "^0" .
<urn:t> sh:targetObjectsOf <urn:q> ; sh:nodeKind sh:IRI .
"""
P, Q = NamedNode("urn:p"), NamedNode("urn:q")


def filled(folder: Path) -> Store:
    store = Store(str(folder / "store"))
    store.extend(
        quad
        for number in range(100)
        for quad in (
            Quad(NamedNode(f"urn:{number}"), P, Literal(f"{number % 3}")),
            Quad(NamedNode(f"urn:{number}"), Q, NamedNode(f"urn:{number + 1}")),
        )
    )
    return store


def found(plan: Plan, store: Store, whole: Whole) -> Judged:
    judged = Judged()
    for some in whole(all_pairs(store, plan.units, 10)):
        judged.take(some)
    return judged


@pytest.mark.parametrize("few", [3, 1000], ids=["in processes", "in one process"])
def test_the_results_are_those_of_one_process(few: int, tmp_path: Path) -> None:
    plan, store = plan_of(SHAPES, shacl_validator), filled(tmp_path)
    written = NamedNode("urn:7")
    forms = {Triple(written, P, Literal("1")): [Literal("01")]}
    [pairs] = all_pairs(store, plan.units, 10_000)
    expected = judge(plan, View(Readings(store), forms), pairs)
    judged = found(plan, store, Whole(plan, store, forms, tmp_path, few=few))
    assert judged.results == expected.results
    assert sum(map(len, judged.results.values())) == 65
    assert sorted(path.name for path in tmp_path.iterdir()) == ["store"]


@pytest.mark.parametrize("shapes", [SHAPES, package_shapes()], ids=["few", "package"])
def test_a_plan_is_the_same_in_another_process(shapes: bytes) -> None:
    plan = plan_of(shapes, shacl_validator)
    again = pickle.loads(pickle.dumps(plan))
    assert again.digests == plan.digests
    assert again.units == plan.units
    assert again.steps == plan.steps
    assert again.targets == plan.targets
    assert again.engine.name == plan.engine.name
