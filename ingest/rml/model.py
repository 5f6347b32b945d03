"""A mapping as it is understood: what R2RML and RML-Core call its components, frozen."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyoxigraph import DefaultGraph, Literal, NamedNode

    from vises.ingest.rml.functions import Function


class Formulation(Enum):
    """How references point into a source; the value is its local name in RML."""

    CSV = "CSV"
    JSON_PATH = "JSONPath"


@dataclass(frozen=True)
class LogicalSource:
    """What is iterated over: rows of a table, or the values that a JSONPath finds.

    `path` is the name of the file as the mapping writes it, perhaps with wildcards. With `typed`,
    numbers and booleans of JSON are literals of their own datatypes (RML-IO Registry, JSONPath).
    `from_mapping` tells that a relative path starts where the mapping is.
    """

    path: str
    line: int = field(compare=False)
    formulation: Formulation = Formulation.CSV
    iterator: str | None = None
    typed: bool = False
    from_mapping: bool = False

    @property
    def name(self) -> str:
        """What the source is called: its path, and its iterator where it has one."""
        return f"{self.path} {self.iterator}" if self.iterator else self.path


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
class Call:
    """An expression that is what a function returns; arguments stand as it declares them."""

    function: Function
    arguments: tuple[Expression, ...]


Expression = Constant | Reference | Template | Call


def references(expression: Expression) -> Iterator[str]:
    """Give the columns that an expression is made from."""
    match expression:
        case Reference(column):
            yield column
        case Template(parts):
            yield from (part.column for part in parts if isinstance(part, Reference))
        case Call(_, arguments):
            for each in arguments:
                yield from references(each)
        case Constant():
            return


@dataclass(frozen=True)
class TermMap:
    """How one RDF term is made from a row (R2RML, section 7); `line` is its line in the file."""

    expression: Expression
    term_type: TermType
    line: int
    datatype: str | None = None
    language: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the term is made from."""
        return tuple(references(self.expression))


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

    `name` is the triples map's IRI or blank node in N-Triples syntax.
    """

    name: str
    logical_source: LogicalSource
    subject: TermMap
    classes: tuple[NamedNode, ...]
    graphs: tuple[TermMap, ...]
    predicate_object_maps: tuple[PredicateObjectMap, ...]
    line: int

    @property
    def source(self) -> str:
        """The name of the logical source."""
        return self.logical_source.name

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

    def quads(self) -> Iterator[tuple[TermMap | ReferencingObjectMap | None, ...]]:
        """Give the maps that make a quad together; its graph is None where it has none."""
        for pair in self.predicate_object_maps:
            graphs = (*self.graphs, *pair.graphs) or (None,)
            for maps in product(pair.predicates, pair.objects, graphs):
                yield (self.subject, *maps)
        for graph in self.graphs:
            yield self.subject, graph


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
        of_source = (each for each in self.triples_maps if each.source == source)
        return frozenset(column for each in of_source for column in self.columns_of(each))

    def columns_of(self, triples_map: TriplesMap) -> frozenset[str]:
        """Return the columns that a triples map needs: its own, and those that joins compare."""
        found = {column for term in triples_map.term_maps() for column in term.columns}
        found.update(c.child for ref in triples_map.parents() for c in ref.conditions)
        for each in self.triples_maps:
            for reference in each.parents():
                if reference.parent == triples_map.name:
                    found.update(condition.parent for condition in reference.conditions)
        return frozenset(found)

    @property
    def logical_sources(self) -> tuple[LogicalSource, ...]:
        """The logical sources, each once, in the order of the mapping."""
        return tuple(dict.fromkeys(each.logical_source for each in self.triples_maps))

    def joins(self, source: str) -> tuple[Join, ...]:
        """Return the references from triples maps over a source to rows of another one."""
        return tuple(
            Join(each, self.triples_map(reference.parent), pair, reference)
            for each in self.triples_maps
            if each.source == source
            for pair in each.predicate_object_maps
            for reference in pair.objects
            if isinstance(reference, ReferencingObjectMap) and reference.conditions
        )

    def used_together(self, source: str) -> Iterator[frozenset[str]]:
        """Give the sets of columns of a source that make one quad, or that join two rows."""
        for each in self.triples_maps:
            if each.source == source:
                for parts in each.quads():
                    yield self._columns_of_quad(*parts)
            for join in self.joins(each.source):
                if join.parent.source == source:
                    keys = {condition.parent for condition in join.reference.conditions}
                    yield frozenset(keys.union(join.parent.subject.columns))

    def _columns_of_quad(self, *parts: TermMap | ReferencingObjectMap | None) -> frozenset[str]:
        found: set[str] = set()
        for part in parts:
            if isinstance(part, TermMap):
                found.update(part.columns)
            elif part and part.conditions:
                found.update(condition.child for condition in part.conditions)
            elif part:
                found.update(self.triples_map(part.parent).subject.columns)
        return frozenset(found)

    def triples_map(self, name: str) -> TriplesMap:
        """Return the triples map of that name, which exists (the reader checked it)."""
        return next(each for each in self.triples_maps if each.name == name)


@dataclass(frozen=True)
class Join:
    """A reference to the subjects of rows of another source, and the maps that it connects."""

    child: TriplesMap
    parent: TriplesMap
    pair: PredicateObjectMap
    reference: ReferencingObjectMap
