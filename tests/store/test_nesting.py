from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pyoxigraph import NamedNode, Quad, Triple

from vises.errors import BadRequest
from vises.store.canonical import UnreadableTriples, canonical_lines
from vises.store.nesting import MOST_NESTED, nests_too_deeply, too_deep
from vises.store.transaction import Change, named_graphs

if TYPE_CHECKING:
    from pathlib import Path

NODE = NamedNode("https://example.org/a")


def nested(depth: int) -> NamedNode | Triple:
    term: NamedNode | Triple = NODE
    for _ in range(depth):
        term = Triple(NODE, NODE, term)
    return term


def test_how_deep_a_term_may_be() -> None:
    assert not too_deep(NODE)
    assert not too_deep(nested(MOST_NESTED))
    assert too_deep(nested(MOST_NESTED + 1))


def test_how_deep_a_document_may_be() -> None:
    def line(depth: int, text: str = "") -> bytes:
        term = "<<( <x:a> <x:b> " * depth + "<x:c>" + " )>>" * depth
        return f'<x:a> <x:b> {term} .\n<x:a> <x:b> "{text}" .\n'.encode()

    assert not nests_too_deeply(line(MOST_NESTED, '\\"<<(' * 99) * 99)
    assert nests_too_deeply(line(MOST_NESTED + 1))
    assert nests_too_deeply(b'# )>> )>> )>> "\n' + line(MOST_NESTED + 1))


def test_a_change_with_deeper_ones_is_refused() -> None:
    quad = Quad(NODE, NODE, nested(MOST_NESTED + 1), NODE)
    with pytest.raises(BadRequest, match="stand in one another"):
        named_graphs(Change(frozenset(), frozenset({quad})))


@pytest.mark.parametrize("depth", [MOST_NESTED + 1, 3000])
def test_a_file_with_deeper_ones_is_refused_with_its_line(tmp_path: Path, depth: int) -> None:
    term = "<x:a>"
    for _ in range(depth):
        term = f"<<( <x:a> <x:b> {term} )>>"
    path = tmp_path / "deep.nt"
    path.write_text(f"<x:a> <x:b> <x:c> .\n<x:a> <x:b> {term} .\n")
    with pytest.raises(UnreadableTriples) as refused:
        list(canonical_lines(path, NODE))
    assert refused.value.place == f"{path}:2"
