from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    Literal,
    NamedNode,
    Quad,
    RdfFormat,
    parse,
)

from vises.store.canonicalization import MOST_ALIKE, BlankNodesAlike, alike, canonicalized

P, Q = NamedNode("urn:p"), NamedNode("urn:q")


def chain(length: int) -> Dataset:
    """A list of lists of lists."""
    text = "<urn:a> <urn:b> " + "(" * length + ")" * length + " ."
    return Dataset(parse(text.encode(), RdfFormat.TURTLE))


def ring(length: int, labels: str = "b") -> Dataset:
    nodes = [BlankNode(f"{labels}{n}") for n in range(length)]
    return Dataset(Quad(node, P, nodes[n - 1]) for n, node in enumerate(nodes))


@settings(max_examples=60, deadline=None)
@given(
    st.sets(st.tuples(st.integers(0, 7), st.sampled_from([P, Q]), st.integers(0, 9)), max_size=14)
)
def test_the_labels_are_those_of_the_algorithm(edges: set[tuple[int, NamedNode, int]]) -> None:
    nodes = [BlankNode(f"n{n}") for n in range(8)] + [NamedNode("urn:x"), Literal("y")]
    quads = [Quad(nodes[s], p, nodes[o]) for s, p, o in edges]
    expected = Dataset(quads)
    expected.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    assert sorted(map(str, canonicalized(Dataset(quads)))) == sorted(map(str, expected))


def test_what_looks_alike_is_counted() -> None:
    assert alike(ring(9)) == 9
    assert alike(chain(1)) == 0
    assert alike(parse(b"<urn:s> <urn:p> [ <urn:q> 1 ], [ <urn:q> 2 ] .", RdfFormat.TURTLE)) == 0
    assert alike(parse(b"<urn:s> <urn:p> [ <urn:q> 1 ], [ <urn:q> 1 ] .", RdfFormat.TURTLE)) == 2


def test_many_that_look_alike_get_their_labels_in_another_process() -> None:
    count = MOST_ALIKE + 3
    one, other = canonicalized(ring(count)), canonicalized(ring(count, "z"))
    assert one == other
    assert len(one) == count


def test_what_takes_too_long_is_refused_in_time() -> None:
    begun = time.monotonic()
    with pytest.raises(BlankNodesAlike, match="look alike") as error:
        canonicalized(chain(2000), seconds=3)
    assert time.monotonic() - begun < 60
    assert "IRIs" in error.value.remedy


def test_what_nests_too_deeply_ends_no_process_but_its_own() -> None:
    with pytest.raises(BlankNodesAlike):
        canonicalized(chain(100_000), seconds=20)
