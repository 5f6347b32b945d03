"""A change that comes after other shapes: what it answers for, and what it leaves as it was."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, Store

from tests.validation.test_gate import Candidate, Change
from vises.validation.gate import ShaclGate
from vises.validation.incremental.affected import MOST_VISITED
from vises.validation.incremental.revalidation import revalidate
from vises.validation.rust import shacl_validator

if TYPE_CHECKING:
    from vises.validation.incremental.judgement import Judgement

GRAPH = NamedNode("http://g/data")
BEFORE = b"""
@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix ex: <http://e/> .
ex:S sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:minCount 1 ] .
"""
AFTER = BEFORE.replace(b"minCount 1", b"minCount 1 ; sh:class ex:K")
MANY = "@prefix e: <http://e/> . " + " ".join(f"e:n{n} a e:C ; e:p e:k ." for n in range(30))


class Releases:
    """What is published, with the results that are kept of it."""

    def __init__(self, folder: Path) -> None:
        self.store = Store()
        self.folder = folder
        self.parent: Path | None = None

    def judge(self, shapes: bytes, turtle: str) -> Judgement:
        before = set(self.store)
        self.store.clear()
        self.store.load(turtle.encode(), RdfFormat.TURTLE, to_graph=GRAPH)
        after: set[Quad] = set(self.store)
        change = Change(frozenset(before - after), frozenset(after - before))
        keep = Path(mkdtemp(dir=self.folder))
        gate = ShaclGate(shapes, shacl_validator)
        size = len(self.store)
        found = gate(Candidate(self.store, size, {GRAPH: None}, change, {}, self.parent, keep))
        if found.accepted:
            self.parent = keep
        return found


@pytest.fixture
def releases(tmp_path: Path) -> Releases:
    return Releases(tmp_path)


def test_what_was_wrong_before_stricter_shapes_refuses_no_change(releases: Releases) -> None:
    assert releases.judge(BEFORE, MANY).conforms
    found = releases.judge(AFTER, f"{MANY} e:z e:y e:x .")
    assert found.accepted
    assert not found.results
    assert found.violations == 30


@pytest.mark.parametrize("most", [5, MOST_VISITED])
def test_a_change_answers_for_what_it_breaks_of_stricter_shapes(
    releases: Releases, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """It does, too, where it concerns so many focus nodes that all are judged."""
    monkeypatch.setattr("vises.validation.gate.revalidate", partial(revalidate, most=most))
    assert releases.judge(BEFORE, f"{MANY} e:k a e:K .").conforms
    found = releases.judge(AFTER, MANY)
    assert not found.accepted
    assert found.violations == 30
