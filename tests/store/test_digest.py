from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Store

from vises.store.digest import Tally, canonical_hash

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


def lines(values: set[Literal | BlankNode]) -> list[bytes]:
    return [f"{quad} .\n".encode() for quad in quads(values)]


@given(VALUES, VALUES)
def test_a_change_moves_the_digest_to_that_of_the_result(
    before: set[Literal | BlankNode], after: set[Literal | BlankNode]
) -> None:
    store = Store()
    store.extend(quads(after))
    start = Tally().plus(lines(before))
    moved = start.minus(lines(before - after)).plus(lines(after - before))
    assert moved == Tally.of_graph(store, GRAPH)
    assert Tally.recorded(moved.count, moved.digest) == moved


def test_the_order_does_not_count_and_the_content_does(world: World) -> None:
    one, two, elsewhere = (
        f"{quad} .\n".encode()
        for quad in (world.quad("one"), world.quad("two"), world.quad("one", graph="b"))
    )
    assert Tally().plus([one, two]) == Tally().plus([two]).plus([one])
    assert Tally().plus([one]).digest != Tally().plus([two]).digest
    assert Tally().plus([one]).digest != Tally().plus([elsewhere]).digest


def test_a_canonical_hash_is_that_of_any_implementation() -> None:
    # RDFC-1.0 calls the only blank node c14n0.
    store = Store()
    node = BlankNode("any")
    store.add(Quad(node, NamedNode("http://example.org/p"), Literal("v"), GRAPH))
    expected = sha256(b'_:c14n0 <http://example.org/p> "v" .\n').hexdigest()
    assert canonical_hash(store, GRAPH) == expected
