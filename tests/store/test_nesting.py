from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pyoxigraph import NamedNode, Quad, Triple

from vises.errors import BadRequest
from vises.namespaces import PREFIXES
from vises.store.canonical import UnreadableTriples, canonical_lines
from vises.store.nesting import MOST_NESTED, nests_too_deeply, too_deep, xml_nests_too_deeply
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

    inner = line(MOST_NESTED + 1).replace(b"\n", b" ").decode()
    assert nests_too_deeply(f"<x:a> <x:b> '\"' . {inner} <x:a> <x:b> '\"' .".encode())
    assert not nests_too_deeply(b'<x:a> <x:b> """' + b"<<( " * 99 + b'""" , <x:<<> , <<( <x:a>')


@pytest.mark.parametrize(("depth", "deep"), [(MOST_NESTED, False), (MOST_NESTED + 1, True)])
def test_how_deep_a_document_of_xml_may_be(depth: int, *, deep: bool) -> None:
    begin = '<rdf:Description rdf:about="x:s"><x:p rdf:parseType="Triple">'
    whole = (
        f'<rdf:RDF xmlns:rdf="{PREFIXES["rdf"]}" xmlns:x="x:">'
        f"{begin * depth}{'</x:p></rdf:Description>' * depth}"
        f"{begin}</x:p></rdf:Description></rdf:RDF>"
    )
    assert xml_nests_too_deeply(whole.encode()) is deep
    assert not xml_nests_too_deeply(whole[:-3].replace(begin, "<x:p>").encode())


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
