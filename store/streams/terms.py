"""The terms that event streams are written with, and the IRIs that they give out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256

from pyoxigraph import BlankNode, NamedNode, Triple

from vises.namespaces import PREFIXES, Iris

NAMESPACES = PREFIXES | {
    "as": "https://www.w3.org/ns/activitystreams#",
    "ldes": "https://w3id.org/ldes#",
    "spdx": "http://spdx.org/rdf/terms#",
    "tree": "https://w3id.org/tree#",
}
COMPLETED = NamedNode(
    "http://publications.europa.eu/resource/authority/distribution-status/COMPLETED"
)
"""The status (adms:status) of the last member of a release: the others are all there."""

GENID = ".well-known/genid/"
"""What follows the base in an IRI that stands for a blank node (RDF 1.1 Concepts, section 3.5)."""

ITSELF = "~"
"""What follows that in an IRI that stands for one of the data that begins so, without this sign."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")


def name(prefixed: str) -> NamedNode:
    """Return the IRI of a prefixed name of one of `NAMESPACES`.

    >>> name("ldes:EventStream").value
    'https://w3id.org/ldes#EventStream'
    """
    prefix, _, local = prefixed.partition(":")
    return NamedNode(NAMESPACES[prefix] + local)


@dataclass(frozen=True)
class StreamIris:
    """The IRIs of the stream of a graph, under the base of the data.

    They do not depend on the address by which a page is asked for, so a page is the same to all.
    """

    base: str
    graph: str

    @property
    def name(self) -> str:
        """The name of the stream: that of the dataset, or a digest for a graph without one."""
        found = self.graph.removeprefix(Iris(self.base).graph("").value)
        if found != self.graph and _NAME.fullmatch(found):
            return found
        return f"~{sha256(self.graph.encode()).hexdigest()[:16]}"

    def member(self, page: int, place: int) -> str:
        """Return the IRI of the member at a place on a page, both from 1 on."""
        return f"{self.base}ldes/{self.name}/{page}#{place}"

    def state(self, release_id: str) -> str:
        """Return the IRI of the graph as it is in a release."""
        return f"{self.base}ldes/{self.name}#release-{release_id}"


def named(term: object, prefix: str) -> object:
    """Return a term with an IRI that begins with `prefix` in place of each blank node.

    An IRI that begins so by itself is told from those by a sign.
    """
    if isinstance(term, BlankNode):
        return NamedNode(prefix + term.value)
    if isinstance(term, NamedNode) and term.value.startswith(prefix):
        return NamedNode(prefix + ITSELF + term.value.removeprefix(prefix))
    if isinstance(term, Triple):
        return named_triple(term, prefix)
    return term


def named_triple(triple: Triple, prefix: str) -> Triple:
    """Return a triple with IRIs in place of its blank nodes, as `named` does."""
    subject, value = named(triple.subject, prefix), named(triple.object, prefix)
    return Triple(subject, triple.predicate, value)  # type: ignore[arg-type]
