"""A mapping as it is understood: what R2RML and RML-Core call its components, frozen."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyoxigraph import DefaultGraph, Literal, NamedNode


class TermType(Enum):
    """The kind of RDF term that a term map makes; the value is its local name."""

    IRI = "IRI"
    LITERAL = "Literal"
    BLANK_NODE = "BlankNode"


@dataclass(frozen=True)
class Constant:
    """An expression that is the same term for every row."""

    term: NamedNode | Literal | DefaultGraph


@dataclass(frozen=True)
class Reference:
    """An expression that is the value of one column."""

    column: str


@dataclass(frozen=True)
class Template:
    """An expression that puts the values of columns between fixed pieces of text."""

    parts: tuple[str | Reference, ...]


@dataclass(frozen=True)
class TermMap:
    """How one RDF term is made from a row (R2RML, section 7); `line` is its line in the file."""

    expression: Constant | Reference | Template
    term_type: TermType
    line: int
    datatype: str | None = None
    language: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the term is made from; where one is empty, there is no term."""
        match self.expression:
            case Reference(column):
                return (column,)
            case Template(parts):
                return tuple(part.column for part in parts if isinstance(part, Reference))
            case _:
                return ()


@dataclass(frozen=True)
class JoinCondition:
    """A column of the child and a column of the parent that must be equal."""

    child: str
    parent: str


@dataclass(frozen=True)
class ReferencingObjectMap:
    """The subjects of another triples map as objects (R2RML, section 8).

    `parent` is that triples map's name. Without conditions it has the same source, and its
    subject is made from the same row.
    """

    parent: str
    conditions: tuple[JoinCondition, ...]
    line: int


@dataclass(frozen=True)
class PredicateObjectMap:
    """Which predicates and objects a row gives its subject: every combination of them."""

    predicates: tuple[TermMap, ...]
    objects: tuple[TermMap | ReferencingObjectMap, ...]
    graphs: tuple[TermMap, ...]


@dataclass(frozen=True)
class TriplesMap:
    """How the rows of one source become triples about one subject each (R2RML, section 6).

    `name` is the triples map's IRI or blank node in N-Triples syntax, `source` the name of the
    logical source as the mapping writes it.
    """

    name: str
    source: str
    subject: TermMap
    classes: tuple[NamedNode, ...]
    graphs: tuple[TermMap, ...]
    predicate_object_maps: tuple[PredicateObjectMap, ...]
    line: int

    def parents(self) -> Iterator[ReferencingObjectMap]:
        """Give the references to other triples maps."""
        for pair in self.predicate_object_maps:
            yield from (each for each in pair.objects if isinstance(each, ReferencingObjectMap))

    def term_maps(self) -> Iterator[TermMap]:
        """Give all term maps, the subject's first."""
        yield self.subject
        yield from self.graphs
        for pair in self.predicate_object_maps:
            yield from pair.predicates
            yield from (each for each in pair.objects if isinstance(each, TermMap))
            yield from pair.graphs


@dataclass(frozen=True)
class Mapping:
    """An RML mapping; `place` says which file it came from."""

    place: str
    triples_maps: tuple[TriplesMap, ...]

    @property
    def sources(self) -> frozenset[str]:
        """The names of the logical sources, as the mapping writes them."""
        return frozenset(each.source for each in self.triples_maps)

    def columns(self, source: str) -> frozenset[str]:
        """Return the columns of a source that the mapping refers to, joins included."""
        found: set[str] = set()
        for each in self.triples_maps:
            if each.source == source:
                found.update(column for term in each.term_maps() for column in term.columns)
                found.update(c.child for ref in each.parents() for c in ref.conditions)
            for reference in each.parents():
                if self.triples_map(reference.parent).source == source:
                    found.update(condition.parent for condition in reference.conditions)
        return frozenset(found)

    def parents(self, source: str) -> frozenset[str]:
        """Return the sources whose rows a join needs when `source` is mapped."""
        return frozenset(
            self.triples_map(reference.parent).source
            for each in self.triples_maps
            if each.source == source
            for reference in each.parents()
            if reference.conditions
        )

    def triples_map(self, name: str) -> TriplesMap:
        """Return the triples map of that name, which exists (the reader checked it)."""
        return next(each for each in self.triples_maps if each.name == name)
