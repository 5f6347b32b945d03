"""Term maps: where they may stand, and what they may say there (R2RML, section 7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import DefaultGraph, Literal, NamedNode

from vises.errors import sentence
from vises.ingest.rml import vocabulary
from vises.ingest.rml.document import show
from vises.ingest.rml.encoding import iri, is_language
from vises.ingest.rml.errors import DataError
from vises.ingest.rml.executions import EXPRESSIONS, ExecutionReader
from vises.ingest.rml.logical import column, reference
from vises.ingest.rml.model import (
    Constant,
    Expression,
    Formulation,
    Reference,
    Template,
    TermMap,
    TermType,
)
from vises.ingest.rml.templates import parse_template
from vises.namespaces import term

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vises.ingest.rml.components import Component, Components
    from vises.ingest.rml.document import Statement
    from vises.ingest.rml.errors import MappingError

_STRING = term("xsd:string").value
_WITH_LANGUAGE = {term("rdf:langString").value, term("rdf:dirLangString").value}


@dataclass(frozen=True)
class Position:
    """A place in a quad: the kinds of term it takes, and what else its map may say."""

    name: str
    term_types: frozenset[TermType]
    more: frozenset[str] = frozenset()

    @property
    def kind(self) -> str:
        """What a map in this position is called."""
        return f"{self.name} map"

    @property
    def properties(self) -> frozenset[str]:
        """The properties that a map in this position may have."""
        return EXPRESSIONS | {"termType", "return", "returnMap"} | self.more


SUBJECT = Position(
    "subject",
    frozenset({TermType.IRI, TermType.BLANK_NODE}),
    frozenset({"class", "graph", "graphMap"}),
)
PREDICATE = Position("predicate", frozenset({TermType.IRI}))
OBJECT = Position(
    "object",
    frozenset(TermType),
    frozenset({"datatype", "datatypeMap", "language", "languageMap"}),
)
GRAPH = Position("graph", frozenset({TermType.IRI}))


@dataclass(frozen=True)
class TermReader:
    """Reads the term maps of a document; relative IRIs that they make are under `base_iri`."""

    components: Components
    base_iri: str
    formulation: Formulation = Formulation.CSV

    def term_maps(self, owner: Component, position: Position) -> Iterator[TermMap]:
        """Give the term maps in a position of their owner, constant shortcuts included."""
        for statement in owner.all(position.name):
            yield self.constant(owner, statement, position)
        for statement in owner.all(f"{position.name}Map"):
            yield self.term_map(self.open(statement, position), position)

    def open(self, statement: Statement, position: Position) -> Component:
        """Return the term map that a statement leads to, as a part of the mapping."""
        return self.components.open(
            statement.value, position.kind, position.properties, line=statement.line
        )

    def constant(self, owner: Component, statement: Statement, position: Position) -> TermMap:
        """Return the term map of a constant, after checking that the position takes it."""
        value = statement.value
        if isinstance(value, Literal):
            term_type = TermType.LITERAL
        elif isinstance(value, NamedNode):
            term_type = TermType.IRI
        else:
            raise owner.document.error(
                statement.line,
                sentence(
                    "iri-or-literal",
                    "An IRI or a literal must stand here, not {value}.",
                    value=show(value),
                ),
                sentence(
                    "write-map",
                    "Write {name}Map where the term is made from a row.",
                    name=position.name,
                ),
            )
        _check_type(owner, statement, position, term_type)
        if position is GRAPH and value in vocabulary.DEFAULT_GRAPHS:
            return TermMap(Constant(DefaultGraph()), term_type, statement.line)
        return TermMap(Constant(value), term_type, statement.line)

    def term_map(self, component: Component, position: Position) -> TermMap:
        """Return a term map in its long form; raises `MappingError` for what it may not say."""
        given = component.one(*sorted(EXPRESSIONS))
        returned = component.all("return", "returnMap")
        if returned and given not in component.all("functionExecution"):
            raise component.document.error(
                returned[0].line,
                sentence("function-returns", "Only a function has an output to return."),
            )
        datatype = self._setting(component, "datatype")
        language = self._setting(component, "language")
        stated = _stated_type(component)
        if given in component.all("constant"):
            made = self.constant(component, given, position)
            if datatype or language or stated not in {None, made.term_type}:
                raise _more_than_constant(component, given)
            return made
        term_type = stated or _default_type(position, given, datatype, language)
        _check_type(component, given, position, term_type)
        if datatype or language:
            _check_literal(component, term_type, both=datatype is not None and language is not None)
        return TermMap(
            self._expression(component, given, term_type),
            term_type,
            given.line,
            None if datatype is None else _datatype(component, datatype),
            None if language is None else _language(component, language),
        )

    def _setting(self, component: Component, name: str) -> Statement | None:
        statement = component.optional(name, f"{name}Map")
        return statement and self.components.constant(component, statement, name)

    def _expression(
        self, component: Component, given: Statement, term_type: TermType
    ) -> Expression:
        if given in component.all("functionExecution"):
            return ExecutionReader(self.components, self._text).call(component, given)
        made = self._text(component, given)
        if term_type is TermType.IRI and isinstance(made, Template):
            self._check_iri(component, given, made)
        return made

    def _text(self, component: Component, given: Statement) -> Reference | Template:
        if given in component.all("reference"):
            return Reference(reference(component, given, self.formulation))
        text = component.text(given)
        try:
            template = parse_template(text)
        except ValueError as error:
            raise component.document.error(
                given.line,
                error.args[0],
                sentence(
                    "escape-braces",
                    r"A brace or backslash that belongs to the text is written \\{{, \\}} or \\\\.",
                ),
            ) from None
        return Template(
            tuple(
                part
                if isinstance(part, str)
                else Reference(column(component, given, part.column, self.formulation))
                for part in template.parts
            )
        )

    def _check_iri(self, component: Component, given: Statement, template: Template) -> None:
        sample = "".join(part if isinstance(part, str) else "0" for part in template.parts)
        try:
            iri(sample, self.base_iri, "")
        except DataError:
            raise component.document.error(
                given.line,
                sentence(
                    "template-no-iri",
                    "The template {template!r} can make no valid IRI.",
                    template=component.text(given),
                ),
            ) from None


def _stated_type(component: Component) -> TermType | None:
    statement = component.optional("termType")
    if statement is None:
        return None
    if not isinstance(statement.value, NamedNode) or statement.value not in vocabulary.TERM_TYPES:
        raise component.document.error(
            statement.line,
            sentence(
                "no-term-type",
                "{value} is not a term type that is supported.",
                value=show(statement.value),
            ),
        )
    return vocabulary.TERM_TYPES[statement.value]


def _default_type(
    position: Position, given: Statement, datatype: Statement | None, language: Statement | None
) -> TermType:
    """Return the term type where the mapping states none (R2RML, section 7.4)."""
    refers = vocabulary.PROPERTIES[given.predicate] in {"reference", "functionExecution"}
    if position is OBJECT and (refers or datatype or language):
        return TermType.LITERAL
    return TermType.IRI


def _check_type(
    component: Component, statement: Statement, position: Position, term_type: TermType
) -> None:
    if term_type not in position.term_types:
        wanted = " / ".join(sorted(each.value for each in position.term_types))
        raise component.document.error(
            statement.line,
            sentence(
                "other-term-type",
                "A {position} is of type {wanted}, not {type}.",
                position=position.name,
                wanted=wanted,
                type=term_type.value,
            ),
        )


def _check_literal(component: Component, term_type: TermType, *, both: bool) -> None:
    """Raise `MappingError` where a term has a datatype and a language, or may have neither."""
    if both:
        raise component.error(
            sentence("not-both", "A literal has a datatype or a language, not both.")
        )
    if term_type is not TermType.LITERAL:
        raise component.error(
            sentence(
                "literals-alone",
                "A term of type {type} has no datatype or language.",
                type=term_type.value,
            )
        )


def _more_than_constant(component: Component, given: Statement) -> MappingError:
    return component.document.error(
        given.line,
        sentence(
            "constant-complete",
            "A constant is a complete term: its type, datatype or language stands in it.",
        ),
        sentence(
            "write-constant", "Write the literal with its datatype or language as the constant."
        ),
    )


def _datatype(component: Component, statement: Statement) -> str | None:
    """Return a datatype's IRI, or None for xsd:string, which a literal has by itself."""
    value = statement.value
    if not isinstance(value, NamedNode) or value.value in _WITH_LANGUAGE:
        raise component.document.error(
            statement.line,
            sentence(
                "no-datatype",
                "{value} is not the IRI of a datatype of literals without language.",
                value=show(value),
            ),
        )
    return None if value.value == _STRING else value.value


def _language(component: Component, statement: Statement) -> str:
    """Return a language tag that is well-formed (BCP 47) and starts with a code of ISO 639."""
    tag = component.text(statement)
    if not is_language(tag):
        raise component.document.error(
            statement.line,
            sentence("no-language-tag", "{tag!r} is not a language tag.", tag=tag),
            sentence("write-tag", "Write a tag of BCP 47 such as fr or nl-BE."),
        )
    return tag
