"""RDF documents as one data graph, with the line of each statement."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, RdfFormat

from vises.validation.json_lines import node_lines
from vises.validation.report import Place
from vises.validation.syntax import n_triples, read
from vises.validation.whereabouts import Whereabouts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from pyoxigraph import NamedNode, Triple

    from vises.validation.report import Report


@dataclass(frozen=True)
class Document:
    """An RDF document: what to call it in errors and reports, its serialisation, its bytes."""

    name: str
    syntax: RdfFormat
    data: bytes


class Sources:
    """Documents as one graph.

    Relative IRIs are resolved against a base, the names of graphs are left out, and blank nodes of
    several documents are kept apart. Nothing is fetched. A statement costs its N-Triples and 8
    bytes.
    """

    def __init__(self, documents: Sequence[Document], base_iri: str) -> None:
        """Read the documents. Raises `RdfSyntaxError` with the document, line and column."""
        self._names = [document.name for document in documents]
        self._starts: list[int] = []
        self._lines = array("Q")
        apart = len(documents) > 1
        self._parts = [self._take(document, base_iri, apart=apart) for document in documents]

    @property
    def triples(self) -> bytes:
        """The graph as N-Triples."""
        return b"".join(self._parts)

    def placed(self, report: Report) -> Report:
        """Return a report whose results say where they come from; `Whereabouts` says which."""
        found = Whereabouts(self._statements(), report.results)
        results = tuple(replace(r, place=self._place(found.of(r))) for r in report.results)
        return replace(report, results=results)

    def about(self, nodes: Collection[str], predicates: Iterable[NamedNode]) -> bytes:
        """Return the literals that some nodes have with some predicates, as N-Triples.

        No other values, since a triple term may nest more deeply than who reads them can parse.
        """
        wanted = {str(predicate).encode() for predicate in predicates}
        subjects = {node.encode() for node in nodes}
        lines = (line for line in self._statements() if line.split(b" ", 1)[0] in subjects)
        parts = ((line, line.split(b" ", 2)) for line in lines)
        return b"\n".join(
            line
            for line, (_, predicate, value) in parts
            if predicate in wanted and value.startswith(b'"')
        )

    def _take(self, document: Document, base_iri: str, *, apart: bool) -> bytes:
        feed = _Feed(document.data)
        self._starts.append(len(self._lines))
        statements = read(
            feed, document.syntax, place=document.name, base_iri=base_iri, rename_blank_nodes=apart
        )

        def noted() -> Iterator[Triple]:
            for quad in statements:
                self._lines.append(feed.line)
                yield quad.triple

        if document.syntax == RdfFormat.JSON_LD:
            triples = [quad.triple for quad in statements]
            self._lines.extend(_lines_in_json(document.data, base_iri, triples))
            return n_triples(triples)
        return n_triples(noted())

    def _statements(self) -> Iterator[bytes]:
        for part in self._parts:
            start = 0
            while (end := part.find(b"\n", start)) >= 0:
                yield part[start:end]
                start = end + 1

    def _place(self, number: int | None) -> Place | None:
        if number is None or not self._lines[number]:
            return None
        document = bisect_right(self._starts, number) - 1
        return Place(self._names[document], self._lines[number])


def _lines_in_json(data: bytes, base_iri: str, triples: Sequence[Triple]) -> Iterator[int]:
    """Yield the line of each statement of JSON-LD, whose parser reads a document as a whole.

    It is that of the node object of its subject; of a blank node without a name that of the
    statement that mentions it first; 0 where it is not known.
    """
    lines = node_lines(data.decode("utf-8-sig"), base_iri)
    mentions: dict[str, str] = {}
    for triple in triples:
        if isinstance(triple.object, BlankNode):
            mentions.setdefault(str(triple.object), str(triple.subject))
    for triple in triples:
        node, passed = str(triple.subject), set[str]()
        while node not in lines and node in mentions and node not in passed:
            passed.add(node)
            node = mentions[node]
        found = lines.get(node, 0)
        lines |= dict.fromkeys(passed, found)
        yield found


class _Feed:
    """A document given to the parser line by line, so that it is known how far it has read."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self._end = 0
        self.line = 0

    def read(self, size: int = -1) -> bytes:
        """Return the rest of the line, at most `size` bytes of it."""
        if self._at == self._end:
            newline = self._data.find(b"\n", self._at)
            self._end = len(self._data) if newline < 0 else newline + 1
            self.line += self._end > self._at
        start = self._at
        self._at = self._end if size < 0 else min(self._end, start + size)
        return self._data[start : self._at]
