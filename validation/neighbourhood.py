"""What must stand beside incoming data so that its references can be judged.

Incoming data names things that are described elsewhere: the codes of a code list, organisations,
the things that claims are about. A shape asks for their class (sh:class), so the neighbourhood
brings the types of what is named, and the subclasses that give these their meaning. It also
brings what the store says of things that must be judged although the incoming data does not
describe them completely.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Store

from vises.namespaces import term
from vises.validation.reachable import reachable
from vises.validation.syntax import n_triples
from vises.validation.usage import usage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet

    from vises.validation.validator import Focus, Resource, Term

TYPE = term("rdf:type")
SUBCLASS = term("rdfs:subClassOf")
_WHOLES = (term("owl:Ontology"), term("skos:ConceptScheme"))


@dataclass
class Survey:
    """What a data graph describes and types, by which properties, and to what IRIs it refers."""

    properties: set[NamedNode] = field(default_factory=set)
    described: set[Resource] = field(default_factory=set)
    typed: set[Resource] = field(default_factory=set)
    referred: set[NamedNode] = field(default_factory=set)
    instances: defaultdict[Term, list[Resource]] = field(default_factory=lambda: defaultdict(list))
    above: defaultdict[Term, set[Term]] = field(default_factory=lambda: defaultdict(set))

    def add(self, statements: Iterable[Quad]) -> None:
        """Take in statements."""
        for subject, predicate, value, _ in statements:
            self.properties.add(predicate)
            self.described.add(subject)
            if predicate == TYPE:
                self.typed.add(subject)
                self.instances[value].append(subject)
            elif isinstance(value, NamedNode):
                self.referred.add(value)
                if predicate == SUBCLASS:
                    self.above[subject].add(value)


@dataclass(frozen=True)
class Neighbourhood:
    """What to judge beside the incoming data, and what to judge at all.

    `triples` is N-Triples; `focus` has the instances of the classes; `judged` is what results
    count for: what is described in the incoming data, judged again, or referred to and typed
    nowhere, and the terms and codes that are used.
    """

    triples: bytes
    focus: Focus
    judged: AbstractSet[Resource]


def neighbourhood(survey: Survey, store: Store) -> Neighbourhood:
    """Gather what the surveyed incoming data must be judged with, in what it comes into.

    This is what the store says of things that the data describes, too (which the survey takes in),
    with one level of what they refer to, and the types of all that is referred to. Where the data
    are a version of an ontology or a code list of the store, they stand for it: what they type is
    not joined with what the store says of it. From the store, literals come as it rewrote them.
    """
    used = [*usage(survey.properties, survey.instances, survey.referred)]
    terms = {t.object for t in used if isinstance(t.object, NamedNode)}
    again = {node for node in survey.described if isinstance(node, NamedNode)}
    if _is_a_version(survey, store):
        again -= survey.typed
    described = [*_described(store, again)]
    owned = [*_described(store, {quad.object for quad in described} - again)]
    survey.add(map(_apart, described))
    named = survey.referred | terms | {q.object for q in owned if isinstance(q.object, NamedNode)}
    types = [
        quad
        for node in named - survey.typed
        for quad in store.quads_for_pattern(node, TYPE, None, None)
    ]
    subclasses = [*store.quads_for_pattern(None, SUBCLASS, None, None)]
    dangling = named - survey.typed - {quad.subject for quad in types}
    return Neighbourhood(
        n_triples(chain(used, map(_apart, chain(described, owned, types, subclasses)))),
        _focus(survey, subclasses),
        survey.described | dangling | terms,
    )


def _is_a_version(survey: Survey, store: Store) -> bool:
    """Tell whether the data have an ontology or a code list that the store has, too."""
    return any(
        next(store.quads_for_pattern(node, TYPE, whole, None), None)
        for whole in _WHOLES
        for node in survey.instances.get(whole, ())
        if isinstance(node, NamedNode)
    )


def _focus(survey: Survey, subclasses: Iterable[Quad]) -> Focus:
    """Return the instances of each class, those of its subclasses included."""
    above = defaultdict(set, survey.above)
    for quad in subclasses:
        above[quad.subject].add(quad.object)
    focus: defaultdict[Term, list[Resource]] = defaultdict(list)
    for cls, instances in survey.instances.items():
        for higher in reachable([cls], lambda c: above.get(c, ())):
            focus[higher] += instances
    return focus


def _described(store: Store, subjects: AbstractSet[Term]) -> Iterator[Quad]:
    """Yield what the store says of subjects."""
    for subject in subjects:
        if not isinstance(subject, Literal):
            yield from store.quads_for_pattern(subject, None, None, None)


def _apart(quad: Quad) -> Quad:
    """Keep the blank nodes of the store apart from those of the incoming data."""
    subject, value = quad.subject, quad.object
    if isinstance(subject, BlankNode):
        subject = BlankNode(f"inTheStore{subject.value}")
    if isinstance(value, BlankNode):
        value = BlankNode(f"inTheStore{value.value}")
    return Quad(subject, quad.predicate, value)
