"""The shapes that say what good data look like, for people."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from vises.namespaces import PREFIXES, term
from vises.service.vocabulary.rules import shape_page
from vises.service.vocabulary.terms import told

if TYPE_CHECKING:
    from vises.service.graph import Term
    from vises.service.pages.labels import Name
    from vises.service.pages.mentions import Speaker
    from vises.service.pages.model import Mention
    from vises.service.vocabulary.about import About
    from vises.service.vocabulary.rules import Rule, Wording

_LAST = 1e9
_PATH = term("sh:path")
_TARGETS = {
    "targetClass": "rule.target-class",
    "targetNode": "rule.target-node",
    "targetSubjectsOf": "rule.target-subjects",
    "targetObjectsOf": "rule.target-objects",
}


@dataclass(frozen=True)
class PropertyShape:
    """What a shape says of one property: `name` is the fragment of its IRI, if it has one."""

    name: str | None
    property: Mention | None
    path: str
    description: Name | None
    message: Name | None
    severity: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class NodeShape:
    """What a shape says of a thing, and of which things (`targets`: a sentence and a term)."""

    name: str
    title: Name
    href: str | None
    description: Name | None
    message: Name | None
    severity: str
    targets: tuple[tuple[str, Mention], ...]
    rules: tuple[Rule, ...]
    properties: tuple[PropertyShape, ...]


def node_shapes(about: About) -> list[NamedNode]:
    """Return the node shapes of ours, in alphabetical order."""
    found = about.pointing(term("rdf:type"), term("sh:NodeShape"))
    return [iri for iri in found if iri.value.startswith(PREFIXES["shapes"])]


def shapes_of(about: About, class_iri: NamedNode) -> list[NamedNode]:
    """Return the node shapes that speak of the things of a class, its own shape first."""
    found = about.pointing(term("sh:targetClass"), class_iri)
    own = f"{class_iri.value.partition('#')[2]}Shape"
    return sorted(found, key=lambda s: (not s.value.endswith(f"#{own}"), s.value))


def properties_of(about: About, shape: Term) -> list[Term]:
    """Return the property shapes of a shape, in their order."""
    found = about.values(shape, term("sh:property"))

    def place(prop: Term) -> tuple[float, str]:
        order = about.value(prop, term("sh:order"))
        return (float(order.value) if isinstance(order, Literal) else _LAST), str(prop)

    return sorted(found, key=place)


def parts_of(about: About, shape: NamedNode) -> list[Term]:
    """Return the property shapes of a shape, then those named after it that it puts together.

    `shape_page` leads to the page of the shape for each of them.
    """
    found = properties_of(about, shape)
    named = [p for p in about.subjects() if p.value.startswith(f"{shape.value}-")]
    return [*found, *(p for p in named if p not in found and about.value(p, _PATH))]


def node_shape(about: About, iri: NamedNode, wording: Wording, speaker: Speaker) -> NodeShape:
    """Return a node shape with its properties."""
    language = speaker.words.language
    targets = [
        (speaker.words(key), told(speaker, target.value))
        for name, key in _TARGETS.items()
        for target in about.iris(iri, term(f"sh:{name}"))
    ]
    name = iri.value.partition("#")[2]
    return NodeShape(
        name=name,
        title=about.text(iri, term("sh:name"), language) or speaker.unnamed(iri.value),
        href=shape_page(iri.value),
        description=about.text(iri, term("sh:description"), language),
        message=about.text(iri, term("sh:message"), language),
        severity=_severity(about, iri),
        targets=tuple(targets),
        rules=wording.rules(iri),
        properties=tuple(property_shape(about, p, wording, speaker) for p in parts_of(about, iri)),
    )


def property_shape(about: About, shape: Term, wording: Wording, speaker: Speaker) -> PropertyShape:
    """Return what a property shape says."""
    language = speaker.words.language
    path = about.value(shape, _PATH)
    own = about.text(shape, term("sh:name"), language)
    return PropertyShape(
        name=shape.value.partition("#")[2] if isinstance(shape, NamedNode) else None,
        property=_property(path, own, speaker) if isinstance(path, NamedNode) else None,
        path=own.text if own else "",
        description=about.text(shape, term("sh:description"), language),
        message=about.text(shape, term("sh:message"), language),
        severity=_severity(about, shape),
        rules=wording.rules(shape),
    )


def _property(path: NamedNode, own: Name | None, speaker: Speaker) -> Mention:
    """Return the mention of a property; the shape names one that has no name itself (`own`)."""
    mention = told(speaker, path.value)
    if own is None or speaker.is_named(path.value):
        return mention
    return replace(mention, name=own, code=mention.name.text)


def _severity(about: About, shape: Term) -> str:
    """Return the local name of a severity; without one it is a violation (section 2.1.4)."""
    severity = about.value(shape, term("sh:severity"))
    return severity.value.rpartition("#")[2] if isinstance(severity, NamedNode) else "Violation"
