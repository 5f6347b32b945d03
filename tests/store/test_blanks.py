from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pyoxigraph import BlankNode, NamedNode, Store

from vises.store import blanks
from vises.store.canonical import UnreadableTriples

if TYPE_CHECKING:
    from tests.store.conftest import World

GRAPH = NamedNode("https://example.org/graph/a")
OTHER = NamedNode("https://example.org/graph/b")
LIST = (
    b"<https://example.org/s> <https://example.org/p> _:one .\n"
    b"_:one <https://example.org/next> _:two .\n"
    b'_:two <https://example.org/v> "2" .\n'
    b'<https://example.org/s> <https://example.org/note> "_: is no blank node" .\n'
)


def loaded(world: World, triples: bytes, graph: NamedNode = GRAPH) -> set[str]:
    store = Store()
    blanks.settled(world.written(triples), graph, world.folder).load_into(store, graph)
    return {str(quad) for quad in store}


def test_labels_follow_from_the_graph_and_not_from_the_file(world: World) -> None:
    turned = b"".join(reversed(LIST.splitlines(keepends=True)))
    renamed = turned.replace(b"_:one", b"_:x").replace(b"_:two", b"_:one")
    assert loaded(world, LIST) == loaded(world, renamed)
    assert len(loaded(world, LIST)) == 4


def test_triple_terms_too_deep_in_one_another_are_refused(world: World) -> None:
    """Python counts how deep a function calls itself, and refused with an error of its own."""
    deep = b"<x:s> <x:p> " + b"<<( <x:s> <x:p> " * 1200 + b"_:x" + b" )>>" * 1200 + b" .\n"
    with pytest.raises(UnreadableTriples, match="more than 16 times"):
        loaded(world, deep)


def test_graphs_share_no_blank_nodes(world: World) -> None:
    store = Store()
    for graph in (GRAPH, OTHER):
        blanks.settled(world.written(LIST), graph, world.folder).load_into(store, graph)
    labels = [
        {q.subject for q in store.quads_for_pattern(None, None, None, graph)}
        - {NamedNode("https://example.org/s")}
        for graph in (GRAPH, OTHER)
    ]
    assert all(isinstance(node, BlankNode) for node in labels[0] | labels[1])
    assert len(labels[0]) == len(labels[1]) == 2
    assert not labels[0] & labels[1]


def test_blank_nodes_in_triple_terms(world: World) -> None:
    triple = b"<x:s> <x:p> <<( _:%s <x:p> <x:o> )>> .\n"
    assert loaded(world, triple % b"x") == loaded(world, triple % b"y")


def test_more_blank_nodes_than_memory_is_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blanks, "MOST", 2)
    with pytest.raises(UnreadableTriples, match="More than 2") as problem:
        loaded(world, LIST)
    assert "IRIs" in problem.value.remedy


@pytest.mark.parametrize("before", range(0, 70, 3))
@pytest.mark.parametrize("after", [0, 5, 64])
def test_a_blank_node_is_found_wherever_it_stands(
    world: World, monkeypatch: pytest.MonkeyPatch, before: int, after: int
) -> None:
    """Files are read in chunks, by several threads: here in chunks of eight bytes."""
    monkeypatch.setattr(blanks, "_CHUNK_BYTES", 8)
    path = world.written(b"x" * before + b"_:" + b"x" * after)
    assert blanks._may_mention_blanks(path)
    path.write_bytes(b"x_" * before + b"x" + b":x" * after)
    assert not blanks._may_mention_blanks(path)
