"""The page of a vocabulary document: its header, and each of its terms under an anchor."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, Quad

from vises.service.pages.compose import compose
from vises.service.pages.description import Description
from vises.service.pages.labels import Name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vises.service.pages.mentions import Speaker
    from vises.service.pages.model import ResourcePage


@dataclass(frozen=True)
class VocabularyTerm:
    """A term of the document and the anchor that its IRI points to."""

    anchor: str
    page: ResourcePage


@dataclass(frozen=True)
class Section:
    """The terms of one kind."""

    heading: Name
    terms: tuple[VocabularyTerm, ...]


@dataclass(frozen=True)
class VocabularyPage:
    """The document itself and its terms by kind."""

    document: ResourcePage
    sections: tuple[Section, ...]


def compose_vocabulary(
    document: NamedNode, quads: Sequence[Quad], speaker: Speaker
) -> VocabularyPage:
    """Return the page of a document from all quads of its graph."""
    about: dict[NamedNode, list[Quad]] = defaultdict(list)
    for quad in quads:
        if isinstance(quad.subject, NamedNode):
            about[quad.subject].append(quad)
    parts = [q for q in quads if not isinstance(q.subject, NamedNode)]
    sections: dict[Name, list[VocabularyTerm]] = defaultdict(list)
    for iri, own in about.items():
        namespace, _, anchor = iri.value.partition("#")
        if namespace == document.value and anchor:
            page = compose(Description(iri, own, parts, ()), speaker, cite=False)
            kind = page.types[0].name if page.types else Name("")
            sections[kind].append(VocabularyTerm(anchor, page))
    header = compose(Description(document, about[document], parts, ()), speaker, cite=False)
    return VocabularyPage(
        header,
        tuple(
            Section(kind, tuple(sorted(terms, key=lambda t: t.anchor)))
            for kind, terms in sorted(sections.items(), key=lambda item: item[0].text)
        ),
    )
