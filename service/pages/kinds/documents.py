"""The pages of the ontology and of the shapes: what each holds, under the anchors of its IRIs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from vises.namespaces import PREFIXES, term
from vises.service.iris import vocabulary_of
from vises.service.pages import resource
from vises.service.pages.compose import compose
from vises.service.pages.description import Description
from vises.service.pages.subject import Laid
from vises.service.vocabulary.about import About
from vises.service.vocabulary.modules import MODULES
from vises.service.vocabulary.page import DEFINITION, LABEL
from vises.service.vocabulary.rules import shape_page
from vises.service.vocabulary.shapes import node_shapes, properties_of
from vises.service.vocabulary.terms import CLASS, Term, by_module, terms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vises.service.pages.labels import Name
    from vises.service.pages.mentions import Speaker
    from vises.service.pages.subject import Subject


@dataclass(frozen=True)
class Entry:
    """A term in a list: its anchor, what it is called, what it is, and where it is explained."""

    anchor: str
    label: Name
    definition: Name | None
    href: str


@dataclass(frozen=True)
class Module:
    """The terms of one module; `title` is the text that names it, None for an unknown one."""

    name: str
    title: str | None
    classes: list[Entry]
    properties: list[Entry]


@dataclass(frozen=True)
class ShapeEntry:
    """A shape in a list, with the anchors and names of its properties."""

    anchor: str
    title: Name
    description: Name | None
    href: str | None
    properties: list[tuple[str, Name]]


async def lay_out_document(subject: Subject) -> Laid:
    """Return the page of a vocabulary or its version. Raises what `Graph.select` does."""
    about = About(subject.quads)
    whole = NamedNode(vocabulary_of(subject.iri.value) or subject.iri.value)
    own = about.own(whole)
    speaker = await subject.speaker(resource.named_in(own))
    page = compose(Description(whole, own, (), ()), speaker, cite=False)
    if whole.value + "#" == PREFIXES["vises"]:
        modules = [
            _module(name, found, about, speaker) for name, found in by_module(terms(about)).items()
        ]
        defined = sum(len(m.classes) + len(m.properties) for m in modules)
        return Laid("ontology.html", {"page": page, "modules": modules, "defined": defined})
    shapes = [_shape(about, iri, speaker) for iri in node_shapes(about)]
    targeted = {
        i.value.partition("#")[2] for i in node_shapes(about) if _speaks_of_things(about, i)
    }
    shown = {a for s in shapes for a in (s.anchor, *(anchor for anchor, _ in s.properties))}
    context = {
        "page": page,
        "others": [o for o in _others(about, speaker) if o.anchor not in shown],
        "rules": [s for s in shapes if s.anchor in targeted],
        "conditions": [s for s in shapes if s.anchor not in targeted],
    }
    return Laid("shapes.html", context)


def _module(name: str, found: Sequence[Term], about: About, speaker: Speaker) -> Module:
    return Module(
        name,
        MODULES.get(name),
        [_entry(t, about, speaker) for t in found if t.kind == CLASS],
        [_entry(t, about, speaker) for t in found if t.kind != CLASS],
    )


def _entry(found: Term, about: About, speaker: Speaker) -> Entry:
    language = speaker.words.language
    return Entry(
        found.name,
        about.text(found.iri, LABEL, language) or speaker.unnamed(found.iri.value),
        about.text(found.iri, DEFINITION, language) if found.kind == CLASS else None,
        f"/vocabulary/terms/{found.name}",
    )


def _shape(about: About, iri: NamedNode, speaker: Speaker) -> ShapeEntry:
    language = speaker.words.language
    properties = [
        (
            prop.value.partition("#")[2],
            about.text(prop, term("sh:name"), language) or speaker.unnamed(prop.value),
        )
        for prop in properties_of(about, iri)
        if isinstance(prop, NamedNode)
    ]
    return ShapeEntry(
        iri.value.partition("#")[2],
        about.text(iri, term("sh:name"), language) or speaker.unnamed(iri.value),
        about.text(iri, term("sh:description"), language),
        shape_page(iri.value),
        properties,
    )


def _others(about: About, speaker: Speaker) -> list[ShapeEntry]:
    """Return everything that the shapes name: groups, conditions in SPARQL, and parts of shapes."""
    language = speaker.words.language
    found = [i for i in about.subjects() if i.value.startswith(PREFIXES["shapes"])]
    return [
        ShapeEntry(
            iri.value.partition("#")[2],
            about.text(iri, term("sh:name"), language)
            or about.text(iri, LABEL, language)
            or speaker.unnamed(iri.value),
            about.text(iri, term("sh:description"), language),
            None,
            [],
        )
        for iri in found
    ]


def _speaks_of_things(about: About, iri: NamedNode) -> bool:
    names = ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf", "target")
    return any(about.values(iri, term(f"sh:{name}")) for name in names)
