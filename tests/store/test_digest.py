from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Store

from vises.store.digest import Tally

if TYPE_CHECKING:
    from tests.store.conftest import World

GRAPH = NamedNode("https://example.org/graph/a")
VALUES = st.sets(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5).map(Literal)
    | st.integers(-99, 99).map(Literal)
    | st.sampled_from("abc").map(BlankNode),
    max_size=6,
)


def quads(values: set[Literal | BlankNode]) -> list[Quad]:
    subject, predicate = NamedNode("https://example.org/s"), NamedNode("https://example.org/p")
    return [Quad(subject, predicate, value, GRAPH) for value in values]


@given(VALUES, VALUES)
def test_a_change_moves_the_digest_to_that_of_the_result(
    before: set[Literal | BlankNode], after: set[Literal | BlankNode]
) -> None:
    store = Store()
    store.extend(quads(after))
    start = Tally().plus(quads(before))
    moved = start.minus(quads(before - after)).plus(quads(after - before))
    assert moved == Tally.of_graph(store, GRAPH)
    assert Tally.recorded(moved.count, moved.digest) == moved


def test_the_order_does_not_count_and_the_content_does(world: World) -> None:
    one, two = world.quad("one"), world.quad("two")
    assert Tally().plus([one, two]) == Tally().plus([two]).plus([one])
    assert Tally().plus([one]).digest != Tally().plus([two]).digest
    assert Tally().plus([one]).digest != Tally().plus([world.quad("one", graph="b")]).digest
