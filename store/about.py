"""The quads about one IRI in a store: all of them, or those that a page shows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice
from typing import TYPE_CHECKING

from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    Quad,
    QuerySolutions,
    QueryTriples,
    Store,
    Variable,
)

from vises.namespaces import term
from vises.store.dataset import iri_of
from vises.store.engine import Described

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from vises.store.engine import DescribeRequest

MOST_INCOMING = 100
"""How many quads with the IRI as object a description has: a page of them."""

MOST_VALUES = 200
"""How many values of a property a page gets, and how many quads about a part."""

MOST_SORTED = 50_000
"""A description with more quads than this is not put in order, and leaves as it is read."""

OWNED = {
    *(term("adms:identifier"), term("cv:registeredAddress")),
    NamedNode("https://w3id.org/sssom/mappings"),
}
"""Whose objects are described with the IRI."""

_PRIOR = term("owl:priorVersion")
_TYPE = term("rdf:type")
_ANNOTATED = [term(f"owl:annotated{part}") for part in ("Source", "Property", "Target")]
_HYDRA = "http://www.w3.org/ns/hydra/core#"
_MOST_NAMED = 1000
"""About how many things in a description its profiles have names and classes."""

_FEW = 2000
"""Up to how many quads values are counted as they are read; the engine counts more of them."""

_COUNTS = "SELECT ?p ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { %s ?p ?o } } GROUP BY ?p ?g"
_INCOMING = "SELECT ?s ?p ?g WHERE { GRAPH ?g { ?s ?p %s } } OFFSET %d LIMIT %d"


@dataclass(frozen=True)
class Readable:
    """A store without the quads of some graphs."""

    store: Store
    hidden: frozenset[NamedNode]

    def quads(
        self,
        subject: NamedNode | BlankNode | None,
        predicate: NamedNode | None = None,
        obj: NamedNode | None = None,
        graph: NamedNode | None = None,
    ) -> Iterator[Quad]:
        """Return the quads of a pattern."""
        found = self.store.quads_for_pattern(subject, predicate, obj, graph)
        if not self.hidden:
            return found
        return (quad for quad in found if quad.graph_name not in self.hidden)

    def incoming(self, iri: NamedNode, skipped: int, most: int) -> list[Quad]:
        """Return some quads with an IRI as object; the engine skips faster than it reads."""
        if self.hidden or not skipped:
            return list(islice(self.quads(None, None, iri), skipped, skipped + most))
        rows = self.store.query(_INCOMING % (iri, skipped, most))
        assert isinstance(rows, QuerySolutions)
        return [Quad(row["s"], row["p"], iri, row["g"]) for row in rows]

    def counts(self, subject: NamedNode) -> Mapping[NamedNode, int]:
        """Return how many quads a subject has, by predicate."""
        rows = self.store.query(_COUNTS % subject)
        assert isinstance(rows, QuerySolutions)
        found: dict[NamedNode, int] = defaultdict(int)
        for row in rows:
            if row["g"] not in self.hidden:
                found[row["p"]] += int(row["n"].value)
        return found


class About:
    """The quads about an IRI, read as they are asked for."""

    def __init__(self, readable: Readable, request: DescribeRequest, iri: NamedNode) -> None:
        """Take where to read, and of which IRI; nothing is read yet."""
        self.iri = iri
        self.request = request
        self.readable = readable
        graph = request.documents.get(iri.value) or self._graph_of_version()
        self._graph = None if graph is None else iri_of(graph)

    @property
    def known(self) -> bool:
        """Whether anything is said about the IRI, or by means of it, or within it.

        That another version came after it (owl:priorVersion) says nothing of what it was.
        """
        if self._first or self._unsaid:
            return True
        named = self.readable.quads(None, None, self.iri)
        return any(quad.predicate != _PRIOR for quad in named)

    @cached_property
    def described(self) -> Described:
        """What the description is of."""
        typed = self._first
        if len(typed) > self.few:
            typed = list(self.readable.quads(self.iri, _TYPE))
        types = {
            quad.object.value
            for quad in chain(typed, self._unsaid)
            if quad.predicate == _TYPE
            and quad.subject == self.iri
            and isinstance(quad.object, NamedNode)
        }
        return Described(
            iri=self.iri.value,
            types=tuple(sorted(types)),
            incoming=len(self.incoming),
            more=self._one_more,
            left_out=self._bounded[1] if self.request.extent == "page" else {},
        )

    @cached_property
    def _reading(self) -> Iterator[Quad]:
        """What is said of the IRI; of a document that is a graph, all that is in there."""
        if self._graph is not None:
            return self.readable.quads(None, graph=self._graph)
        return self.readable.quads(self.iri)

    @cached_property
    def _first(self) -> list[Quad]:
        """The first of these quads; more than `few` of them where there are more."""
        return list(islice(self._reading, self.few + 1))

    @cached_property
    def _unsaid(self) -> list[Quad]:
        """What is so of a graph, where nothing is said of it."""
        count = self.request.graphs.get(self.iri.value)
        if count is None or self._first:
            return []
        return [
            Quad(self.iri, _TYPE, term("dcat:Dataset")),
            Quad(self.iri, _TYPE, term("void:Dataset")),
            Quad(self.iri, term("void:triples"), Literal(count)),
        ]

    def _graph_of_version(self) -> str | None:
        """Return the graph of the document of which the IRI is the version (OWL 2, section 3.2)."""
        document = self.iri.value.rpartition("/")[0]
        graph = self.request.documents.get(document)
        if graph is None:
            return None
        stated = (NamedNode(document), term("owl:versionIRI"), self.iri, iri_of(graph))
        return graph if any(self.readable.quads(*stated)) else None

    @property
    def few(self) -> int:
        """How many quads are looked at one by one; more are read as they leave, or counted."""
        return MOST_SORTED if self.request.extent == "whole" else _FEW

    @property
    def incoming(self) -> list[Quad]:
        """The page of quads with the IRI as object that is asked for."""
        return self._incoming[:MOST_INCOMING]

    @property
    def _one_more(self) -> bool:
        return len(self._incoming) > MOST_INCOMING

    @cached_property
    def _incoming(self) -> list[Quad]:
        if self.request.extent == "types" or self.request.construct or self._graph is not None:
            return []
        skipped = (self.request.page - 1) * MOST_INCOMING
        return self.readable.incoming(self.iri, skipped, MOST_INCOMING + 1)

    @cached_property
    def _bounded(self) -> tuple[list[Quad], dict[str, int]]:
        """The first values of each property, and how many more there are."""
        if self._graph is not None:
            return [*self._first, *self._reading], {}
        kept: dict[NamedNode, list[Quad]] = defaultdict(list)
        counts: Mapping[NamedNode, int]
        if len(self._first) <= self.few:
            for quad in self._first:
                kept[quad.predicate].append(quad)
            counts = {predicate: len(quads) for predicate, quads in kept.items()}
        else:
            counts = self.readable.counts(self.iri)
            for predicate in counts:
                found = self.readable.quads(self.iri, predicate)
                kept[predicate] = list(islice(found, MOST_VALUES))
        left_out = {p.value: n - MOST_VALUES for p, n in counts.items() if n > MOST_VALUES}
        return [quad for quads in kept.values() for quad in quads[:MOST_VALUES]], left_out

    def shown(self) -> Iterator[Quad]:
        """Yield what a page shows."""
        if self.request.extent == "page":
            own = self._bounded[0]
            yield from own
            for node in _parts(own):
                yield from islice(self.readable.quads(node), MOST_VALUES)
            yield from self.incoming

    def all(self) -> Iterator[Quad]:
        """Yield everything; of the quads with the IRI as object a page."""
        if self.request.construct:
            yield from self._constructed()
            return
        for quad in chain(self._first, self._reading, self._unsaid):
            yield quad
            node = _part(quad)
            if node is not None:
                own = list(self.readable.quads(node))
                yield from own
                yield from self._annotated(own)
        yield from self.incoming
        yield from self._paging()

    def _annotated(self, own: Iterable[Quad]) -> Iterator[Quad]:
        """Yield what an owl:Axiom is about, where that is stated in its graph (OWL 2, section 2.2).

        The section is that of the mapping to RDF graphs.
        """
        said = {quad.predicate: quad for quad in own}
        subject, predicate, target = (said.get(name) for name in _ANNOTATED)
        if (
            subject is not None
            and target is not None
            and predicate is not None
            and isinstance(subject.object, NamedNode)
            and isinstance(predicate.object, NamedNode)
            and isinstance(target.object, NamedNode)
            and isinstance(subject.graph_name, NamedNode)
        ):
            ends = subject.object, predicate.object, target.object
            yield from self.readable.quads(*ends, subject.graph_name)

    def _constructed(self) -> Iterator[Quad]:
        """Yield what the query of the request makes of the thing.

        It is asked of the description alone, with what is said of the things in there, so that it
        costs little however much data there is.
        """
        own = list(chain(self._first, self._reading, self._unsaid))
        parts = [quad for node in _parts(own) for quad in self.readable.quads(node)]
        near = Store()
        near.extend(Quad(*quad.triple) for quad in (*own, *parts))
        for node in islice(_named([*own, *parts]), _MOST_NAMED):
            near.extend(Quad(*q.triple) for q in islice(self.readable.quads(node), MOST_VALUES))
        made = near.query(self.request.construct, substitutions={Variable("resource"): self.iri})
        assert isinstance(made, QueryTriples)
        return (Quad(*triple) for triple in made)

    def _paging(self) -> Iterator[Quad]:
        """Yield where the other pages are, in Hydra's terms, where there are any."""
        page, document = self.request.page, self.request.document
        if not document or (page == 1 and not self._one_more):
            return
        neighbours = {"first": 1, "previous": page - 1, "next": page + 1 if self._one_more else 0}
        here, collection = _numbered(document, page), NamedNode(f"{document}#incoming")
        yield Quad(collection, _TYPE, _hydra("Collection"))
        yield Quad(collection, term("foaf:primaryTopic"), self.iri)
        yield Quad(collection, _hydra("view"), here)
        yield Quad(here, _TYPE, _hydra("PartialCollectionView"))
        for relation, number in neighbours.items():
            if number:
                yield Quad(here, _hydra(relation), _numbered(document, number))


def _part(quad: Quad) -> NamedNode | BlankNode | None:
    """Return the object of a quad where it has no life of its own."""
    node = quad.object
    if isinstance(node, BlankNode):
        return node
    return node if quad.predicate in OWNED and isinstance(node, NamedNode) else None


def _parts(quads: Iterable[Quad]) -> Iterator[NamedNode | BlankNode]:
    return (node for quad in quads if (node := _part(quad)) is not None)


def _named(quads: Iterable[Quad]) -> Iterator[NamedNode]:
    """Yield the IRIs that stand in quads, each once."""
    terms = dict.fromkeys(t for quad in quads for t in (quad.object, quad.predicate))
    return (t for t in terms if isinstance(t, NamedNode))


def _hydra(name: str) -> NamedNode:
    return NamedNode(_HYDRA + name)


def _numbered(document: str, page: int) -> NamedNode:
    if page == 1:
        return NamedNode(document)
    return NamedNode(f"{document}{'&' if '?' in document else '?'}page={page}")
