"""The modules of the ontology: the files that its terms are written in."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, RdfFormat, parse

from vises.namespaces import PREFIXES, term

if TYPE_CHECKING:
    from collections.abc import Mapping

MODULES = {
    "organisation": "module.organisation",
    "indicator": "module.indicator",
    "methodology": "module.methodology",
    "statistics": "module.statistics",
    "publication": "module.publication",
}
"""The texts that name the modules, by the names of their files, in the order of reading."""

OTHER = "other"
"""Stands for the module of a term that the package does not know."""


@cache
def module_of() -> Mapping[str, str]:
    """Return the module of each term that the package defines, by IRI."""
    found: dict[str, str] = {}
    for name in MODULES:
        text = (files("vises") / "ontology" / f"{name}.ttl").read_bytes()
        for quad in parse(text, format=RdfFormat.TURTLE):
            subject = quad.subject
            if isinstance(subject, NamedNode) and quad.predicate == term("rdfs:isDefinedBy"):
                found[subject.value] = name
    return {iri: name for iri, name in found.items() if iri.startswith(PREFIXES["vises"])}
