"""What else refers to the thing of a page, beside what its sections show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from vises.namespaces import term
from vises.service.pages.description import Description

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pyoxigraph import Quad

    from vises.service.pages.subject import Subject
    from vises.service.pages.things import Found, Thing

_MAPPING = term("owl:annotatedSource")
"""Mappings are left out: what they state is said of the thing itself."""

MOST_OTHERS = 20
MOST_LOOKED_AT = 60


def referring(subject: Subject, shown: Iterable[NamedNode]) -> list[NamedNode]:
    """Return what refers to a thing, `MOST_LOOKED_AT` at the most, without what is shown."""
    known = set(shown)
    found = dict.fromkeys(
        q.subject
        for q in subject.quads
        if q.object == subject.iri
        and q.predicate != _MAPPING
        and isinstance(q.subject, NamedNode)
        and q.subject not in known
    )
    return list(found)[:MOST_LOOKED_AT]


def others(
    subject: Subject, sections: Mapping[str, Found], about: Mapping[NamedNode, Thing]
) -> Description:
    """Describe what refers to a thing and is in none of the sections of its page.

    `sections` have what a page shows, by class (such as `vises:Trial`); `about` is what is said of
    those that `referring` returns. Where a section says that there is more than it shows, what is
    of its class is left to it.
    """
    shown = {thing.iri for section in sections.values() for thing in section.things}
    cut = {term(name) for name, section in sections.items() if section.cut}
    looked_at = set(referring(subject, shown))
    left = {iri for iri in looked_at if iri in about and cut & set(about[iri].values("rdf:type"))}
    incoming = [q for q in subject.quads if q.object == subject.iri and q.subject not in shown]
    rest = [q for q in incoming if q.subject in looked_at - left]
    kept = rest[:MOST_OTHERS]
    said = [about[iri] for iri in dict.fromkeys(_subjects(kept)) if iri in about]
    return Description(
        subject.iri,
        (),
        (),
        kept,
        [quad for thing in said for quad in thing.quads()],
        cut=len(kept) < len(rest) or len(looked_at) == MOST_LOOKED_AT or subject.described.more,
    )


def _subjects(quads: Iterable[Quad]) -> Iterator[NamedNode]:
    for quad in quads:
        if isinstance(quad.subject, NamedNode):
            yield quad.subject
