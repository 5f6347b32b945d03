"""From a Turtle document to a mapping: every statement is understood or refused."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Triple

from vises.errors import sentence
from vises.ingest.rml import vocabulary
from vises.ingest.rml.components import Component, Components
from vises.ingest.rml.document import Document, Node, Statement, read_document, show
from vises.ingest.rml.errors import MappingError
from vises.ingest.rml.logical import logical_source, reference
from vises.ingest.rml.model import (
    Formulation,
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
    from collections.abc import Iterator, Sequence

_TYPE = term("rdf:type").value
_TRIPLES_MAP = frozenset({"logicalSource", "subject", "subjectMap", "predicateObjectMap"})
_PAIR = frozenset({*(f"{p}{m}" for p in ("predicate", "object", "graph") for m in ("", "Map"))})


def load_mapping(
    turtle: bytes, *, base_iri: str, place: str, made_from: Sequence[int] | None = None
) -> Mapping:
    """Return the mapping in a Turtle file.

    `base_iri` is what relative IRIs are resolved against, `place` names the file in messages, and
    `made_from` says for each line of generated Turtle which line of that file is behind it.
    Raises `MappingError` where the Turtle or the mapping in it is wrong, or says anything that is
    not supported: the properties in `vocabulary.PROPERTIES`, over CSV or JSON, with datatypes and
    languages that are the same for every row.
    """
    document = read_document(turtle, base_iri=base_iri, place=place, made_from=made_from)
    components = Components(document)
    reader = _Reader(document, components, TermReader(components, base_iri))
    mapping = Mapping(place, tuple(reader.triples_maps()))
    components.refuse_unopened()
    if not mapping.triples_maps:
        raise MappingError(
            sentence("no-triples-map", "The file holds no triples map."), place=place
        )
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
        source = logical_source(self.components, component)
        inside = replace(self, terms=replace(self.terms, formulation=source.formulation))
        subject, classes, graphs = inside.subject(component)
        return TriplesMap(
            name=str(node),
            logical_source=source,
            subject=subject,
            classes=classes,
            graphs=graphs,
            predicate_object_maps=tuple(
                inside.predicate_object_map(each) for each in component.all("predicateObjectMap")
            ),
            line=component.line,
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
                raise component.lacks(name)
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
        formulation = self.formulation_of(parent)
        conditions = tuple(
            self.join_condition(each, formulation) for each in component.all("joinCondition")
        )
        return ReferencingObjectMap(str(parent.value), conditions, parent.line)

    def formulation_of(self, parent: Statement) -> Formulation:
        """Return how the parent of a reference is referred into."""
        if not isinstance(parent.value, Node) or not any(
            map(_marks_triples_map, self.document.statements.get(parent.value, ()))
        ):
            raise self.document.error(
                parent.line,
                sentence("no-parent", "The parent is not a triples map of this file."),
            )
        owner = self.components.open(parent.value, "triples map", _TRIPLES_MAP, line=parent.line)
        return logical_source(self.components, owner).formulation

    def join_condition(self, statement: Statement, parent: Formulation) -> JoinCondition:
        component = self.components.open(
            statement.value,
            "join condition",
            {"child", "childMap", "parent", "parentMap"},
            line=statement.line,
        )
        return JoinCondition(
            self.column(component, "child", self.terms.formulation),
            self.column(component, "parent", parent),
        )

    def column(self, owner: Component, name: str, formulation: Formulation) -> str:
        statement = owner.one(name, f"{name}Map")
        if statement in owner.all(name):
            return reference(owner, statement, formulation)
        component = self.components.open(
            statement.value, f"{name} map", {"reference"}, line=statement.line
        )
        return reference(component, component.one("reference"), formulation)

    def iri(self, statement: Statement) -> NamedNode:
        if not isinstance(statement.value, NamedNode):
            raise self.document.error(
                statement.line,
                sentence(
                    "class-iri", "A class is an IRI, not {value}.", value=show(statement.value)
                ),
            )
        return statement.value

    def check_parents(self, mapping: Mapping) -> None:
        found = {each.name: each for each in mapping.triples_maps}
        for child in mapping.triples_maps:
            for each in child.parents():
                parent = found[each.parent]
                if not each.conditions and parent.source != child.source:
                    raise self.document.error(
                        each.line,
                        sentence(
                            "no-condition",
                            "The parent reads {parent!r} and the child {child!r}, but nothing says"
                            " which rows belong together.",
                            parent=parent.source,
                            child=child.source,
                        ),
                        sentence("add-condition", "Add a join condition."),
                    )


def _marks_triples_map(statement: Statement) -> bool:
    name = vocabulary.PROPERTIES.get(statement.predicate)
    return name in _TRIPLES_MAP or (
        statement.predicate == _TYPE and statement.value in vocabulary.TRIPLES_MAPS
    )
