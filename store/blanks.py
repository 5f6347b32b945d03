"""Blank nodes with labels that follow from the graph, so that the same graph is the same quads.

A store names the blank nodes of a file afresh each time it loads it, so that a file loaded twice
would look entirely changed. Here they get the canonical labels of RDF Dataset Canonicalization
(RDFC-1.0), computed on the triples that mention one, behind a prefix made from the graph's IRI
(blank nodes are shared by all graphs of a store).
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    NamedNode,
    Quad,
    RdfFormat,
    Store,
    Triple,
    parse,
)

from vises.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST = 500_000
"""How many triples of one graph may mention a blank node: these are held in memory."""

_CHUNK_BYTES = 1 << 20


class UnreadableTriples(BadInput):
    """A file is not N-Triples, or uses too many blank nodes."""

    kind = "triples"
    title = "The triples cannot be read"


def load(store: Store, graph: NamedNode, triples: Path) -> None:
    """Load an N-Triples file into a graph of the store, which does not hold it yet.

    All of it or none. Raises `UnreadableTriples`, and `OSError` where the store does.
    """
    if not triples.is_file():
        raise UnreadableTriples(
            "There is no such file.", place=str(triples), remedy="Name a file of N-Triples."
        )
    try:
        if _may_mention_blanks(triples):
            store.bulk_extend(_relabelled(triples, graph))
        else:
            store.bulk_load(path=triples, format=RdfFormat.N_TRIPLES, to_graph=graph)
    except SyntaxError as error:
        raise UnreadableTriples(
            f"{error.msg}.", place=f"{triples}:{error.lineno or 1}", remedy="Correct that line."
        ) from error


def _may_mention_blanks(triples: Path) -> bool:
    """Look for ``_:``; finding it within a literal only makes the loading slower."""
    with triples.open("rb") as file:
        last = b""
        while chunk := file.read(_CHUNK_BYTES):
            if b"_:" in last + chunk:
                return True
            last = chunk[-1:]
    return False


def _relabelled(triples: Path, graph: NamedNode) -> Iterator[Quad]:
    blank = Dataset()
    for quad in parse(path=triples, format=RdfFormat.N_TRIPLES):
        if _mentions_blank(quad.triple):
            blank.add(quad)
            if len(blank) > MOST:
                raise UnreadableTriples(
                    f"More than {MOST} triples mention a blank node.",
                    place=str(triples),
                    remedy="Give those nodes IRIs.",
                )
    blank.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    prefix = f"g{sha256(graph.value.encode()).hexdigest()[:16]}"
    for quad in blank:
        triple = _prefixed(quad.triple, prefix)
        yield Quad(triple.subject, triple.predicate, triple.object, graph)
    for quad in parse(path=triples, format=RdfFormat.N_TRIPLES):
        if not _mentions_blank(quad.triple):
            yield Quad(quad.subject, quad.predicate, quad.object, graph)


def _mentions_blank(triple: Triple) -> bool:
    parts = (triple.subject, triple.object)
    return any(
        isinstance(part, BlankNode) or (isinstance(part, Triple) and _mentions_blank(part))
        for part in parts
    )


def _prefixed(triple: Triple, prefix: str) -> Triple:
    subject, target = triple.subject, triple.object
    if isinstance(subject, BlankNode):
        subject = BlankNode(prefix + subject.value)
    if isinstance(target, BlankNode):
        target = BlankNode(prefix + target.value)
    elif isinstance(target, Triple):
        target = _prefixed(target, prefix)
    return Triple(subject, triple.predicate, target)
