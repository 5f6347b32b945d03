"""A mapping written as YARRRML, for tests that translate it back."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from pyoxigraph import DefaultGraph, Literal

from vises.ingest.rml.model import (
    Call,
    Constant,
    Formulation,
    Reference,
    ReferencingObjectMap,
    Template,
    TermType,
)

if TYPE_CHECKING:
    from vises.ingest.rml.model import Expression, LogicalSource, Mapping, TermMap, TriplesMap

PREFIXES = {
    "grel": "http://users.ugent.be/~bjdmeest/function/grel.ttl#",
    "rml": "http://w3id.org/rml/",
}


class NotYarrrml(Exception):
    """YARRRML has no way to say this."""


def yarrrml_of(mapping: Mapping) -> str:
    """Return a mapping as YARRRML, in its long forms; JSON is YAML."""
    mappings = {each.name: _mapping(each) for each in mapping.triples_maps}
    return json.dumps({"prefixes": PREFIXES, "mappings": mappings}, indent=1)


def _mapping(each: TriplesMap) -> dict[str, object]:
    classes = [
        {"p": "a", "o": [{"value": _plain(iri.value), "type": "iri"}]} for iri in each.classes
    ]
    pairs = [
        {
            "predicates": [_iri(term) for term in pair.predicates],
            "objects": [
                _join(found) if isinstance(found, ReferencingObjectMap) else _object(found)
                for found in pair.objects
            ],
            "graphs": [_iri(term) for term in pair.graphs],
        }
        for pair in each.predicate_object_maps
    ]
    return {
        "sources": [_source(each.logical_source)],
        "subjects": [_object(each.subject)],
        "graphs": [_iri(term) for term in each.graphs],
        "po": classes + pairs,
    }


def _source(source: LogicalSource) -> dict[str, str]:
    formulation = {Formulation.CSV: "csv", Formulation.JSON_PATH: "jsonpath"}[source.formulation]
    found = {"access": source.path, "referenceFormulation": formulation}
    return {**found, "iterator": f"$.{source.iterator}"} if source.iterator else found


def _join(reference: ReferencingObjectMap) -> dict[str, object]:
    conditions = [
        {
            "function": "equal",
            "parameters": [
                ["str1", f"$({_plain(each.child)})", "s"],
                ["str2", f"$({_plain(each.parent)})", "o"],
            ],
        }
        for each in reference.conditions
    ]
    return {"mapping": reference.parent, "condition": conditions}


def _object(term: TermMap) -> dict[str, object]:
    kinds = {TermType.IRI: "iri", TermType.LITERAL: "literal", TermType.BLANK_NODE: "blank"}
    found: dict[str, object] = {"type": kinds[term.term_type]}
    if isinstance(term.expression, Call):
        found |= _call(term.expression)
    else:
        found["value"] = _text(term.expression, term.term_type)
    datatype, language = term.datatype, term.language
    if isinstance(term.expression, Constant) and isinstance(term.expression.term, Literal):
        language = term.expression.term.language
        datatype = None if language else term.expression.term.datatype.value
    if datatype:
        found["datatype"] = _plain(datatype)
    if language:
        found["language"] = language
    return found


def _call(call: Call) -> dict[str, object]:
    given = zip(call.function.parameters, call.arguments, strict=True)
    return {
        "function": call.function.iri,
        "parameters": [
            [
                parameter.iris[0],
                _call(each) if isinstance(each, Call) else _text(each, TermType.LITERAL),
            ]
            for parameter, each in given
        ],
    }


def _iri(term: TermMap) -> str:
    return _text(term.expression, term.term_type)


def _text(expression: Expression, term_type: TermType) -> str:
    match expression:
        case Constant(term):
            return "rml:defaultGraph" if isinstance(term, DefaultGraph) else _plain(term.value)
        case Reference(column):
            return f"$({_plain(column)})"
        case Template(parts):
            if len(parts) == 1 and isinstance(parts[0], Reference) and term_type is TermType.IRI:
                raise NotYarrrml("a template of one reference alone")
            return "".join(
                part if isinstance(part, str) else f"$({_plain(part.column)})"
                for part in (_plain(p) if isinstance(p, str) else p for p in parts)
            )
        case _:
            raise NotYarrrml(expression)


def _plain(text: str) -> str:
    return re.sub(r"[$\\()]", lambda found: "\\" + found[0], text)
