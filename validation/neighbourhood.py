"""What must stand beside incoming data so that its references can be judged.

Incoming data names things that are described elsewhere: the codes of a code list, organisations,
the things that claims are about. A shape asks for their class (sh:class), so the neighbourhood
brings the types of what is named, and the subclasses that give these their meaning. It also
brings what the store says of things that must be judged although the incoming data does not
describe them completely.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Store, Triple

from vises.namespaces import term
from vises.validation.syntax import n_triples, read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet

TYPE = term("rdf:type")
SUBCLASS = term("rdfs:subClassOf")
SCAN_RATIO = 3
"""A look-up costs about three times as much as a step of a scan (15 µs against 5 µs)."""

Resource = NamedNode | BlankNode | Triple
Term = Resource | Literal


@dataclass
class Survey:
    """What a data graph describes and types, and which IRIs it refers to as objects."""

    described: set[Resource] = field(default_factory=set)
    typed: set[Resource] = field(default_factory=set)
    referred: set[NamedNode] = field(default_factory=set)

    def add(self, data: bytes, place: str) -> None:
        """Read an N-Triples document; raises `RdfSyntaxError` naming `place` and the line."""
        described, typed, referred = self.described, self.typed, self.referred
        for subject, predicate, value, _ in read(data, place=place):
            described.add(subject)
            if predicate == TYPE:
                typed.add(subject)
            elif isinstance(value, NamedNode):
                referred.add(value)


@dataclass(frozen=True)
class Surroundings:
    """What incoming data comes into.

    `store` is the state after the change, in which the incoming data is the whole content of the
    graphs `replaced`; `context` has more types and subclasses; `untyped` are the things that lost
    their rdf:type, so that what refers to them is judged again.
    """

    store: Store
    context: Store = field(default_factory=Store)
    replaced: AbstractSet[NamedNode] = frozenset()
    untyped: AbstractSet[Resource] = frozenset()


@dataclass(frozen=True)
class Neighbourhood:
    """N-Triples to judge the incoming data with, and the IRIs whose results count.

    These are whatever is described in the incoming data, judged again, or referred to and typed
    nowhere.
    """

    triples: bytes
    judged: AbstractSet[Resource]


def neighbourhood(survey: Survey, around: Surroundings) -> Neighbourhood:
    """Gather what the surveyed incoming data must be judged with.

    This is the description of what is judged again, with one level of what it refers to, and the
    types of everything that is referred to. From the store, literals come as it rewrote them.
    """
    again = _referrers(around)
    again |= {node for node in survey.described - survey.typed if isinstance(node, NamedNode)}
    described = [*_elsewhere(around, again)]
    described += _elsewhere(around, {quad.object for quad in described} - again)
    named = survey.referred | {q.object for q in described if isinstance(q.object, NamedNode)}
    types = [
        quad
        for node in named - survey.typed
        for source in (around.store, around.context)
        for quad in source.quads_for_pattern(node, TYPE, None, None)
    ]
    subclasses = (
        quad
        for source in (around.store, around.context)
        for quad in source.quads_for_pattern(None, SUBCLASS, None, None)
    )
    dangling = named - survey.typed - {quad.subject for quad in types}
    triples = map(_triple, chain(described, types, subclasses))
    return Neighbourhood(n_triples(triples), survey.described | again | dangling)


def _referrers(around: Surroundings) -> set[Resource]:
    """Return the subjects that refer, in any graph, to what lost its type."""
    store, untyped = around.store, around.untyped
    if len(store) < SCAN_RATIO * len(untyped):
        return {quad.subject for quad in store if quad.object in untyped}
    lookups = (store.quads_for_pattern(None, None, node, None) for node in untyped)
    return {quad.subject for quad in chain.from_iterable(lookups)}


def _elsewhere(around: Surroundings, subjects: AbstractSet[Term]) -> Iterator[Quad]:
    """Yield what the store says of subjects in the graphs that did not change."""
    for subject in subjects:
        if not isinstance(subject, Literal):
            for quad in around.store.quads_for_pattern(subject, None, None, None):
                if quad.graph_name not in around.replaced:
                    yield quad


def _triple(quad: Quad) -> Triple:
    """Take a triple out of the store, its blank nodes apart from those of the incoming data."""
    subject, value = quad.subject, quad.object
    if isinstance(subject, BlankNode):
        subject = BlankNode(f"inTheStore{subject.value}")
    if isinstance(value, BlankNode):
        value = BlankNode(f"inTheStore{value.value}")
    return Triple(subject, quad.predicate, value)
