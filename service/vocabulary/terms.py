"""The terms of the ontology, and how they hang together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vises.namespaces import PREFIXES, term
from vises.service.vocabulary.modules import MODULES, OTHER, module_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pyoxigraph import NamedNode

    from vises.service.pages.mentions import Speaker
    from vises.service.pages.model import Mention
    from vises.service.vocabulary.about import About

CLASS = "class"
PROPERTY = "property"
_KINDS = {
    term("owl:Class"): CLASS,
    term("rdfs:Class"): CLASS,
    term("owl:ObjectProperty"): PROPERTY,
    term("owl:DatatypeProperty"): PROPERTY,
    term("owl:AnnotationProperty"): PROPERTY,
    term("rdf:Property"): PROPERTY,
    term("qb:MeasureProperty"): PROPERTY,
    term("qb:DimensionProperty"): PROPERTY,
    term("qb:AttributeProperty"): PROPERTY,
}


@dataclass(frozen=True)
class Term:
    """A term of the ontology: its name is the fragment of its IRI."""

    iri: NamedNode
    kind: str
    module: str

    @property
    def name(self) -> str:
        """The part of the IRI after the document."""
        return self.iri.value.partition("#")[2]


def terms(about: About) -> list[Term]:
    """Return the terms of the ontology, in alphabetical order."""
    ours = [s for s in about.subjects() if s.value.startswith(PREFIXES["vises"])]
    modules = module_of()
    found = []
    for iri in ours:
        kinds = [_KINDS[t] for t in about.iris(iri, term("rdf:type")) if t in _KINDS]
        kind = min(kinds, default="other")
        found.append(Term(iri, kind, modules.get(iri.value, OTHER)))
    return sorted(found, key=lambda t: t.name.casefold())


def by_module(found: Iterable[Term]) -> dict[str, Sequence[Term]]:
    """Return the terms by the name of their module, in the order of reading."""
    kept = list(found)
    parts = {name: [t for t in kept if t.module == name] for name in (*MODULES, OTHER)}
    return {name: part for name, part in parts.items() if part}


def told(speaker: Speaker, iri: str) -> Mention:
    """Return the mention of an IRI that leads to the page of a term, where it is one of ours."""
    mention = speaker.thing(iri)
    if mention.href is None or not iri.startswith(PREFIXES["vises"]):
        return mention
    address, _, name = mention.href.partition("#")
    _, mark, query = address.partition("?")
    return replace(mention, href=f"/vocabulary/terms/{name}{mark}{query}")
