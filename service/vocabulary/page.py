"""What the page of a term of the ontology shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from vises.namespaces import PREFIXES, compact, term
from vises.service.pages.labels import is_true
from vises.service.vocabulary.modules import MODULES
from vises.service.vocabulary.rules import Wording, shape_page
from vises.service.vocabulary.shapes import (
    NodeShape,
    PropertyShape,
    node_shape,
    property_shape,
    shapes_of,
)
from vises.service.vocabulary.terms import CLASS, Term, told

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vises.service.pages.labels import Name
    from vises.service.pages.mentions import Speaker
    from vises.service.pages.model import Mention
    from vises.service.vocabulary.keeper import Vocabulary

DEFINITION, SCOPE = term("skos:definition"), term("skos:scopeNote")
EXAMPLE, CHANGE = term("skos:example"), term("skos:changeNote")
LABEL, SUBCLASS, SUBPROPERTY = (
    term("rdfs:label"),
    term("rdfs:subClassOf"),
    term("rdfs:subPropertyOf"),
)
DOMAINS = (term("schema:domainIncludes"), term("rdfs:domain"))
RANGES = (term("schema:rangeIncludes"), term("rdfs:range"))
RELATIONS = {
    "owl:equivalentClass": "codes.exact-match",
    "owl:equivalentProperty": "codes.exact-match",
    "skos:exactMatch": "codes.exact-match",
    "skos:closeMatch": "codes.close-match",
    "skos:broadMatch": "codes.broad-match",
    "skos:narrowMatch": "codes.narrow-match",
    "skos:relatedMatch": "codes.related-match",
    "rdfs:subClassOf": "vocabulary.above-class",
    "rdfs:subPropertyOf": "vocabulary.above-property",
    "owl:inverseOf": "vocabulary.inverse",
}
"""The relations in which terms stand to terms elsewhere, with the texts that say them."""


@dataclass(frozen=True)
class Said:
    """What is said of a term in one language."""

    language: str
    label: Name | None
    definition: Name | None


@dataclass(frozen=True)
class Constraint:
    """What a shape of a class says of the property of the page."""

    shape: Mention
    href: str | None
    says: PropertyShape


def term_context(
    known: Vocabulary, found: Term, speaker: Speaker, counts: Mapping[str, int]
) -> dict[str, object]:
    """Return what the page of a term lays out; `counts` has the number of things by class."""
    about, iri, language = known.ontology, found.iri, speaker.words.language
    spoken = sorted(
        {v.language for v in about.values(iri, LABEL) if isinstance(v, Literal) and v.language}
    )
    wording = Wording(known.shapes, speaker)
    context: dict[str, object] = {
        "term": found,
        "iri": iri.value,
        "prefixed": compact(iri.value),
        "label": about.text(iri, LABEL, language) or speaker.unnamed(iri.value),
        "definition": about.text(iri, DEFINITION, language),
        "scope": about.text(iri, SCOPE, language),
        "example": about.text(iri, EXAMPLE, language),
        "changes": about.text(iri, CHANGE, language),
        "status": about.text(iri, term("vs:term_status"), language),
        "deprecated": any(_is_true(v) for v in about.values(iri, term("owl:deprecated"))),
        "successors": [
            told(speaker, i.value) for i in about.iris(iri, term("dcterms:isReplacedBy"))
        ],
        "module": MODULES.get(found.module),
        "others": [
            Said(code, about.text(iri, LABEL, code), about.text(iri, DEFINITION, code))
            for code in spoken
            if code != language
        ],
        "alignments": _alignments(known, iri, speaker),
        "relations": RELATIONS,
        "things": counts.get(iri.value, 0),
        "speaker": speaker,
    }
    if found.kind == CLASS:
        return context | _of_class(known, iri, wording, speaker)
    return context | _of_property(known, iri, wording, speaker)


def _of_class(
    known: Vocabulary, iri: NamedNode, wording: Wording, speaker: Speaker
) -> dict[str, object]:
    about = known.ontology
    shapes: list[NodeShape] = [
        node_shape(known.shapes, shape, wording, speaker) for shape in shapes_of(known.shapes, iri)
    ]
    constrained = {path for s in shapes_of(known.shapes, iri) for path in _paths(known, s)}
    free = [p for d in DOMAINS for p in about.pointing(d, iri) if p not in constrained]
    into = {p for r in RANGES for p in about.pointing(r, iri)}
    return {
        "above": [told(speaker, i.value) for i in about.iris(iri, SUBCLASS)],
        "below": [told(speaker, i.value) for i in about.pointing(SUBCLASS, iri)],
        "shapes": shapes,
        "properties": [told(speaker, p.value) for p in sorted(set(free), key=str)],
        "into": [told(speaker, p.value) for p in sorted(into, key=str)],
    }


def _paths(known: Vocabulary, shape: NamedNode) -> list[NamedNode]:
    properties = known.shapes.values(shape, term("sh:property"))
    return [path for p in properties for path in known.shapes.iris(p, term("sh:path"))]


def _of_property(
    known: Vocabulary, iri: NamedNode, wording: Wording, speaker: Speaker
) -> dict[str, object]:
    about = known.ontology
    return {
        "above": [told(speaker, i.value) for i in about.iris(iri, SUBPROPERTY)],
        "below": [told(speaker, i.value) for i in about.pointing(SUBPROPERTY, iri)],
        "domains": [told(speaker, i.value) for d in DOMAINS for i in about.iris(iri, d)],
        "ranges": [told(speaker, v.value) for r in RANGES for v in about.iris(iri, r)],
        "constraints": list(_constraints(known, iri, wording, speaker)),
    }


def _constraints(
    known: Vocabulary, iri: NamedNode, wording: Wording, speaker: Speaker
) -> list[Constraint]:
    """Return what the shapes say of a property, a class after the other."""
    found = []
    for shape in known.shapes.pointing(term("sh:path"), iri):
        owners = known.shapes.pointing(term("sh:property"), shape)
        for owner in owners:
            mention = speaker.thing(owner.value)
            says = property_shape(known.shapes, shape, wording, speaker)
            found.append(Constraint(mention, shape_page(shape.value), says))
    return found


def _alignments(known: Vocabulary, iri: NamedNode, speaker: Speaker) -> dict[str, list[Mention]]:
    """Return the terms elsewhere that a term is aligned with, by the name of the relation."""
    matched = _matched(known, iri)
    found: dict[str, list[Mention]] = {}
    for name in RELATIONS:
        others = [target for relation, target in matched if relation == term(name)]
        known_here = set(known.ontology.iris(iri, term(name)))
        foreign = [o for o in others if _is_foreign(o) and o not in known_here]
        if foreign:
            found[name] = [told(speaker, o.value) for o in foreign]
    return found


def _matched(known: Vocabulary, iri: NamedNode) -> list[tuple[NamedNode, NamedNode]]:
    """Return the relation and the other end of each mapping of a term, as SSSOM has them in RDF."""
    about = known.alignments
    return [
        (relation, target)
        for mapping in about.pointing(term("owl:annotatedSource"), iri)
        for relation in about.iris(mapping, term("owl:annotatedProperty"))
        for target in about.iris(mapping, term("owl:annotatedTarget"))
    ]


def _is_true(value: object) -> bool:
    return isinstance(value, Literal) and is_true(value)


def _is_foreign(iri: NamedNode) -> bool:
    return not iri.value.startswith(PREFIXES["vises"])
