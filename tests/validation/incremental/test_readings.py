"""What is read of a store once, and remembered from one change to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from vises.validation.incremental.readings import MOST_REMEMBERED, TYPE, Memory, Readings, TooMany
from vises.validation.incremental.view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vises.validation.validator import Term

GRAPH = NamedNode("http://e/g")
A, B, P, THING = (NamedNode(f"http://e/{name}") for name in ("a", "b", "p", "Thing"))
NONE: frozenset[Term] = frozenset()


class Counted:
    """A store that counts what it gives."""

    def __init__(self) -> None:
        self.store = Store()
        self.given = 0

    def quads_for_pattern(self, *pattern: NamedNode | Literal | None) -> Iterator[Quad]:
        for quad in self.store.quads_for_pattern(*cast("Any", pattern)):
            self.given += 1
            yield quad


def read(store: Counted) -> Readings:
    return Readings(cast("Store", store))


def begun(memory: Memory, store: Counted, state: str, changed: frozenset[Term] = NONE) -> Readings:
    return memory.readings(cast("Store", store), state, changed)


@pytest.fixture
def store() -> Counted:
    made = Counted()
    made.store.extend(
        [Quad(A, TYPE, THING, GRAPH), Quad(A, P, B, GRAPH), Quad(B, TYPE, THING, GRAPH)]
    )
    return made


def test_a_reading_is_done_once(store: Counted) -> None:
    readings = read(store)
    for _ in range(2):
        assert readings.outgoing(A) == {TYPE: [THING], P: [B]}
        assert readings.types(A) == readings.types(B) == [THING]
        assert set(readings.subjects(TYPE, THING)) == {A, B}
    assert store.given == 5


def test_the_next_change_reads_what_it_changed_and_no_more(store: Counted) -> None:
    memory = Memory()
    first = begun(memory, store, "parent", frozenset({A}))
    assert first.types(A) == first.types(B) == [THING]
    memory.keep(first, "child")
    store.store.add(Quad(A, P, A, GRAPH))
    given = store.given
    after = begun(memory, store, "child", frozenset({A}))
    assert after.types(B) == [THING]
    assert store.given == given
    assert set(after.outgoing(A)[P]) == {A, B}


@pytest.mark.parametrize(("parent", "stale"), [("parent", True), ("child", True), ("else", False)])
def test_what_is_remembered_is_of_two_states(store: Counted, parent: str, *, stale: bool) -> None:
    """A change that is refused leaves the parent as it was; of any other state nothing is known."""
    memory = Memory()
    first = begun(memory, store, "parent")
    assert first.types(B) == [THING]
    memory.keep(first, "child")
    store.store.remove(Quad(B, TYPE, THING, GRAPH))
    assert (begun(memory, store, parent).types(B) == [THING]) is stale


def test_what_is_judged_as_a_whole_again_is_read_again(store: Counted) -> None:
    memory = Memory()
    first = memory.readings(cast("Store", store), None, NONE)
    assert first.types(B) == [THING]
    memory.keep(first, "child")
    store.store.remove(Quad(B, TYPE, THING, GRAPH))
    assert memory.readings(cast("Store", store), None, NONE).types(B) == []


def test_memory_is_bounded(store: Counted) -> None:
    memory = Memory()
    readings = begun(memory, store, "parent")
    for number in range(MOST_REMEMBERED + 10):
        readings.outgoing(NamedNode(f"http://e/{number}"))
    assert len(readings.said.outgoing) == 10


def test_a_value_is_known_by_the_first_that_has_it(store: Counted) -> None:
    label = Literal("many have it")
    store.store.extend(Quad(NamedNode(f"http://e/{n}"), P, label, GRAPH) for n in range(1000))
    view = View(read(store), {Quad(A, P, Literal("1"), GRAPH).triple: (Literal("01"),)})
    given = store.given
    assert view.is_value(P, label)
    assert not view.is_value(TYPE, label)
    assert store.given - given < 5


def test_too_many_are_not_read(store: Counted) -> None:
    store.store.extend(Quad(NamedNode(f"http://e/{n}"), P, B, GRAPH) for n in range(100))
    given = store.given
    with pytest.raises(TooMany):
        read(store).subjects(P, B, most=10)
    assert store.given - given == 10
