"""From a Turtle document to a mapping: every statement is understood or refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Triple

from vises.ingest.rml import vocabulary
from vises.ingest.rml.components import Component, Components
from vises.ingest.rml.document import Document, Node, Statement, read_document, show
from vises.ingest.rml.errors import MappingError
from vises.ingest.rml.model import (
    JoinCondition,
    Mapping,
    PredicateObjectMap,
    ReferencingObjectMap,
    TermMap,
    TriplesMap,
)
from vises.ingest.rml.terms import GRAPH, OBJECT, PREDICATE, SUBJECT, TermReader
from vises.namespaces import term

if TYPE_CHECKING:
    from collections.abc import Iterator

_TYPE = term("rdf:type").value
_TRIPLES_MAP = frozenset({"logicalSource", "subject", "subjectMap", "predicateObjectMap"})
_PAIR = frozenset({*(f"{p}{m}" for p in ("predicate", "object", "graph") for m in ("", "Map"))})


def load_mapping(turtle: bytes, *, base_iri: str, place: str) -> Mapping:
    """Return the mapping in a Turtle file.

    `base_iri` is what relative IRIs are resolved against, `place` names the file in messages.
    Raises `MappingError` where the Turtle or the mapping in it is wrong, or says anything that is
    not supported: the properties in `vocabulary.PROPERTIES`, over CSV, with datatypes and
    languages that are the same for every row.
    """
    document = read_document(turtle, base_iri=base_iri, place=place)
    components = Components(document)
    reader = _Reader(document, components, TermReader(components, base_iri))
    mapping = Mapping(place, tuple(reader.triples_maps()))
    components.refuse_unopened()
    if not mapping.triples_maps:
        raise MappingError("The file holds no triples map.", place=place)
    reader.check_parents(mapping)
    return mapping


@dataclass(frozen=True)
class _Reader:
    document: Document
    components: Components
    terms: TermReader

    def triples_maps(self) -> Iterator[TriplesMap]:
        for node, statements in self.document.statements.items():
            if any(map(_marks_triples_map, statements)):
                yield self.triples_map(node, statements[0].line)

    def triples_map(self, node: Node, line: int) -> TriplesMap:
        component = self.components.open(node, "triples map", _TRIPLES_MAP, line=line)
        subject, classes, graphs = self.subject(component)
        return TriplesMap(
            name=str(node),
            source=self.source(component),
            subject=subject,
            classes=classes,
            graphs=graphs,
            predicate_object_maps=tuple(
                self.predicate_object_map(each) for each in component.all("predicateObjectMap")
            ),
            line=component.line,
        )

    def source(self, owner: Component) -> str:
        statement = owner.one("logicalSource")
        component = self.components.open(
            statement.value,
            "logical source",
            {"source", "referenceFormulation"},
            line=statement.line,
        )
        formulation = component.one("referenceFormulation")
        if formulation.value not in vocabulary.CSV:
            raise self.document.error(
                formulation.line,
                f"The reference formulation {show(formulation.value)} is not supported.",
                "Sources are read as CSV.",
            )
        source = component.one("source")
        if isinstance(source.value, Literal):
            return component.text(source)
        described = self.components.open(
            source.value, "source", {"path", "root", "null"}, line=source.line
        )
        self.check_source(described)
        return described.text(described.one("path"))

    def check_source(self, component: Component) -> None:
        root = component.optional("root")
        if root and root.value not in vocabulary.ROOTS:
            raise self.document.error(root.line, f"The root {show(root.value)} is not supported.")
        for null in component.all("null"):
            if null.value != Literal(""):
                raise self.document.error(
                    null.line,
                    f"{show(null.value)} as a null value is not supported.",
                    "The empty cell, and no other, has no value.",
                )

    def subject(
        self, owner: Component
    ) -> tuple[TermMap, tuple[NamedNode, ...], tuple[TermMap, ...]]:
        statement = owner.one("subject", "subjectMap")
        if statement in owner.all("subject"):
            return self.terms.constant(owner, statement, SUBJECT), (), ()
        component = self.terms.open(statement, SUBJECT)
        return (
            self.terms.term_map(component, SUBJECT),
            tuple(self.iri(each) for each in component.all("class")),
            tuple(self.terms.term_maps(component, GRAPH)),
        )

    def predicate_object_map(self, statement: Statement) -> PredicateObjectMap:
        component = self.components.open(
            statement.value, "predicate-object map", _PAIR, line=statement.line
        )
        predicates = tuple(self.terms.term_maps(component, PREDICATE))
        objects = tuple(self.objects(component))
        for name, found in (("predicate", predicates), ("object", objects)):
            if not found:
                raise component.error(f"The predicate-object map has no {name}.")
        return PredicateObjectMap(
            predicates, objects, tuple(self.terms.term_maps(component, GRAPH))
        )

    def objects(self, owner: Component) -> Iterator[TermMap | ReferencingObjectMap]:
        for statement in owner.all("object"):
            yield self.terms.constant(owner, statement, OBJECT)
        for statement in owner.all("objectMap"):
            if self.refers(statement):
                yield self.referencing_object_map(statement)
            else:
                yield self.terms.term_map(self.terms.open(statement, OBJECT), OBJECT)

    def refers(self, statement: Statement) -> bool:
        if isinstance(statement.value, Literal | Triple):
            return False
        return any(
            vocabulary.PROPERTIES.get(each.predicate) == "parentTriplesMap"
            for each in self.document.statements.get(statement.value, ())
        )

    def referencing_object_map(self, statement: Statement) -> ReferencingObjectMap:
        component = self.components.open(
            statement.value,
            "referencing object map",
            {"parentTriplesMap", "joinCondition"},
            line=statement.line,
        )
        parent = component.one("parentTriplesMap")
        conditions = tuple(self.join_condition(each) for each in component.all("joinCondition"))
        return ReferencingObjectMap(str(parent.value), conditions, parent.line)

    def join_condition(self, statement: Statement) -> JoinCondition:
        component = self.components.open(
            statement.value,
            "join condition",
            {"child", "childMap", "parent", "parentMap"},
            line=statement.line,
        )
        return JoinCondition(self.column(component, "child"), self.column(component, "parent"))

    def column(self, owner: Component, name: str) -> str:
        statement = owner.one(name, f"{name}Map")
        if statement in owner.all(name):
            return owner.text(statement)
        component = self.components.open(
            statement.value, f"{name} map", {"reference"}, line=statement.line
        )
        return component.text(component.one("reference"))

    def iri(self, statement: Statement) -> NamedNode:
        if not isinstance(statement.value, NamedNode):
            raise self.document.error(
                statement.line, f"A class is an IRI, not {show(statement.value)}."
            )
        return statement.value

    def check_parents(self, mapping: Mapping) -> None:
        found = {each.name: each for each in mapping.triples_maps}
        for child in mapping.triples_maps:
            for reference in child.parents():
                parent = found.get(reference.parent)
                if parent is None:
                    raise self.document.error(
                        reference.line, "The parent is not a triples map of this file."
                    )
                if not reference.conditions and parent.source != child.source:
                    raise self.document.error(
                        reference.line,
                        f"The parent reads {parent.source!r} and the child {child.source!r}, "
                        "but nothing says which rows belong together.",
                        "Add a join condition.",
                    )


def _marks_triples_map(statement: Statement) -> bool:
    name = vocabulary.PROPERTIES.get(statement.predicate)
    return name in _TRIPLES_MAP or (
        statement.predicate == _TYPE and statement.value in vocabulary.TRIPLES_MAPS
    )
