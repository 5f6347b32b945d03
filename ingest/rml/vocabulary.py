"""The terms of RML that are understood, in the current vocabulary and in the older one."""

from __future__ import annotations

from pyoxigraph import NamedNode

from vises.ingest.rml.model import Formulation, TermType
from vises.namespaces import PREFIXES

R2RML = "http://www.w3.org/ns/r2rml#"
OLD_RML = "http://semweb.mmlab.be/ns/rml#"
QUERY_LANGUAGES = "http://semweb.mmlab.be/ns/ql#"
RML = "http://w3id.org/rml/"

MAPPING_NAMESPACES = (R2RML, OLD_RML, QUERY_LANGUAGES, RML)
"""A term that starts with one of these has a meaning for the mapping: known, or refused."""

DOCUMENTATION_NAMESPACES = (PREFIXES["rdfs"], PREFIXES["dcterms"], PREFIXES["skos"])
"""Properties that say something about a part of a mapping and do not change what it does."""

_R2RML_PROPERTIES = [
    *("subject", "subjectMap", "predicate", "predicateMap", "object", "objectMap"),
    *("graph", "graphMap"),
    *("predicateObjectMap", "class", "constant", "template", "termType", "datatype", "language"),
    *("parentTriplesMap", "joinCondition", "child", "parent"),
]
_SOURCE_PROPERTIES = ["logicalSource", "source", "referenceFormulation", "iterator", "reference"]
_NEW_PROPERTIES = [
    *(
        "path",
        "root",
        "null",
        "encoding",
        "compression",
        "languageMap",
        "datatypeMap",
        "childMap",
        "parentMap",
    ),
    *("functionExecution", "function", "functionMap", "return", "returnMap"),
    *("input", "parameter", "parameterMap", "inputValue", "inputValueMap"),
]

PROPERTIES = {
    **{R2RML + name: name for name in _R2RML_PROPERTIES},
    **{OLD_RML + name: name for name in _SOURCE_PROPERTIES},
    **{RML + name: name for name in _R2RML_PROPERTIES + _SOURCE_PROPERTIES + _NEW_PROPERTIES},
}
"""The local name of each property that is understood, the same in both vocabularies, by its IRI."""

_R2RML_CLASSES = [
    *("TriplesMap", "TermMap", "SubjectMap", "PredicateMap", "ObjectMap", "GraphMap"),
    *("PredicateObjectMap", "RefObjectMap", "Join"),
]
_NEW_CLASSES = [
    *("LogicalSource", "InputLogicalSource", "Source", "RelativePathSource", "FilePath"),
    *("ExpressionMap", "ReferencingObjectMap", "LanguageMap", "DatatypeMap"),
    *("ChildMap", "ParentMap"),
    *("FunctionExecution", "FunctionMap", "Input", "InputValueMap", "ParameterMap", "ReturnMap"),
]

CLASSES = {
    *(R2RML + name for name in _R2RML_CLASSES),
    OLD_RML + "LogicalSource",
    *(RML + name for name in _R2RML_CLASSES + _NEW_CLASSES),
}
"""The classes that a part of a mapping may be typed with; they have no effect."""

TERM_TYPES = {
    NamedNode(namespace + kind.value): kind for namespace in (R2RML, RML) for kind in TermType
}
TRIPLES_MAPS = {NamedNode(namespace + "TriplesMap") for namespace in (R2RML, RML)}
DEFAULT_GRAPHS = {NamedNode(namespace + "defaultGraph") for namespace in (R2RML, RML)}
FORMULATIONS = {
    str(NamedNode(namespace + each.value)): each
    for namespace in (QUERY_LANGUAGES, RML)
    for each in Formulation
}
RML_JSON_PATH = NamedNode(RML + Formulation.JSON_PATH.value)
FOUND_OUT = {
    "encoding": {NamedNode(RML + "UTF-8")},
    "compression": {NamedNode(RML + name) for name in ("none", "gzip", "zip")},
}
"""What a source may say of its file that is found out by reading it."""

MAPPING_DIRECTORY = NamedNode(RML + "MappingDirectory")
ROOTS = {MAPPING_DIRECTORY, NamedNode(RML + "CurrentWorkingDirectory")}
