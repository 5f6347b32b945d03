"""Blank nodes with labels that follow from the graph, so that the same graph is the same quads.

A store names the blank nodes of a file afresh each time it loads it, so that a file loaded twice
would look entirely changed. Here they get the canonical labels of RDF Dataset Canonicalization
(RDFC-1.0), computed on the triples that mention one, behind a prefix made from the graph's IRI
(blank nodes are shared by all graphs of a store).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING

from pyoxigraph import (
    BlankNode,
    Dataset,
    NamedNode,
    Quad,
    RdfFormat,
    Store,
    Triple,
    parse,
)

from vises.errors import sentence
from vises.store.canonical import UnreadableTriples, unreadable
from vises.store.canonicalization import canonicalized
from vises.store.nesting import NAME_INNER, TOO_NESTED, too_deep

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST = 500_000
"""How many triples of one graph may mention a blank node: these are held in memory."""

_CHUNK_BYTES = 1 << 20
_MOST_PARTS = 4


@dataclass(frozen=True)
class Triples:
    """N-Triples whose blank nodes, where there are any (`labelled`), have labels to be kept."""

    path: Path
    labelled: bool

    def load_into(self, store: Store, graph: NamedNode) -> None:
        """Load them into a graph of the store, all or none.

        Raises `UnreadableTriples`, and `OSError` where the store does.
        """
        try:
            if self.labelled:
                store.bulk_extend(self._quads(graph))
            else:
                store.bulk_load(path=self.path, format=RdfFormat.N_TRIPLES, to_graph=graph)
        except SyntaxError as error:
            raise unreadable(self.path, error) from error

    def check(self) -> None:
        """Read them to the end. Raises `UnreadableTriples` with the first line that is wrong."""
        try:
            for _ in parse(path=self.path, format=RdfFormat.N_TRIPLES):
                pass
        except SyntaxError as error:
            raise unreadable(self.path, error) from error

    def _quads(self, graph: NamedNode) -> Iterator[Quad]:
        for quad in parse(path=self.path, format=RdfFormat.N_TRIPLES):
            yield Quad(quad.subject, quad.predicate, quad.object, graph)


def settled(triples: Path, graph: NamedNode, folder: Path) -> Triples:
    """Give the blank nodes of a file labels that follow from their graph.

    Where the file has none it is used as it is; else a copy of it is written in `folder`. Raises
    `UnreadableTriples`, `BlankNodesAlike`, `OSError`.
    """
    if not triples.is_file():
        raise UnreadableTriples(
            sentence("no-such-file", "There is no such file."),
            place=str(triples),
            remedy=sentence("name-triples", "Name a file of N-Triples."),
        )
    if not _may_mention_blanks(triples):
        return Triples(triples, labelled=False)
    copy = folder / f"labelled-{_name(graph)}.nt"
    try:
        with copy.open("wb") as file:
            file.writelines(f"{triple} .\n".encode() for triple in _relabelled(triples, graph))
    except SyntaxError as error:
        raise unreadable(triples, error) from error
    return Triples(copy, labelled=True)


def _may_mention_blanks(triples: Path) -> bool:
    """Look for ``_:``; finding it within a literal only makes the loading slower.

    Several threads read a part each: one looks while another one reads.
    """
    size = triples.stat().st_size
    parts = max(1, min(_MOST_PARTS, size // _CHUNK_BYTES))
    starts = [size * number // parts for number in range(parts)]
    with ThreadPoolExecutor(parts) as threads:
        found = threads.map(partial(_mentions, triples), starts, [*starts[1:], size])
        return any(found)


def _mentions(triples: Path, start: int, stop: int) -> bool:
    """Look for ``_:`` in a part of a file, and across its end."""
    with triples.open("rb") as file:
        file.seek(start)
        last = b""
        while start < stop and (chunk := file.read(_CHUNK_BYTES)):
            if (b"_" in chunk and b"_:" in chunk) or (last == b"_" and chunk.startswith(b":")):
                return True
            last = chunk[-1:]
            start += len(chunk)
        return last == b"_" and file.read(1) == b":"


def _relabelled(triples: Path, graph: NamedNode) -> Iterator[Triple]:
    blank = Dataset()
    for quad in parse(path=triples, format=RdfFormat.N_TRIPLES):
        if too_deep(quad.object):
            raise UnreadableTriples(TOO_NESTED, place=str(triples), remedy=NAME_INNER)
        if _mentions_blank(quad.triple):
            blank.add(quad)
            if len(blank) > MOST:
                raise UnreadableTriples(
                    sentence(
                        "many-blanks",
                        "More than {most:,} triples mention a blank node.",
                        most=MOST,
                    ),
                    place=str(triples),
                    remedy=sentence("give-iris", "Give those nodes IRIs."),
                )
    prefix = f"g{_name(graph)}"
    for quad in canonicalized(blank):
        yield _prefixed(quad.triple, prefix)
    for quad in parse(path=triples, format=RdfFormat.N_TRIPLES):
        if not _mentions_blank(quad.triple):
            yield quad.triple


def _name(graph: NamedNode) -> str:
    return sha256(graph.value.encode()).hexdigest()[:16]


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
