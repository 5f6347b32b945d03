"""Terms as the store spells them: "01"^^xsd:integer is "1" there, and a language tag small."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, parse

from vises.namespaces import term

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_SUBJECT, _PREDICATE = NamedNode("urn:vises:s"), NamedNode("urn:vises:p")
_STRING = term("xsd:string")


def stored(literals: Iterable[Literal]) -> Mapping[Literal, Literal]:
    """Return what the store makes of literals; those that it keeps as they are may be missing."""
    doubtful = [x for x in dict.fromkeys(literals) if x.datatype != _STRING]
    store = Store()
    store.extend(
        Quad(NamedNode(f"{_SUBJECT.value}{number}"), _PREDICATE, literal)
        for number, literal in enumerate(doubtful)
    )
    found = {}
    for number, literal in enumerate(doubtful):
        subject = NamedNode(f"{_SUBJECT.value}{number}")
        for quad in store.quads_for_pattern(subject, None, None, None):
            assert isinstance(quad.object, Literal)
            found[literal] = quad.object
    return found


def canonical(node: str) -> str:
    """Return a term in N-Triples as the store would write it.

    >>> canonical('"01"^^<http://www.w3.org/2001/XMLSchema#integer>')
    '"1"^^<http://www.w3.org/2001/XMLSchema#integer>'
    """
    if not node.startswith('"'):
        return node
    line = f"{_SUBJECT} {_PREDICATE} {node} ."
    [quad] = parse(line.encode(), RdfFormat.N_TRIPLES)
    assert isinstance(quad.object, Literal)
    return str(stored([quad.object]).get(quad.object, quad.object))
