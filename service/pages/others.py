"""What else refers to the thing of a page, beside what its sections show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vises.namespaces import term
from vises.service.pages import resource
from vises.service.pages.description import Description
from vises.service.pages.labels import TYPE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vises.service.pages.subject import Subject
    from vises.service.pages.things import Found

MOST_OTHERS = 20
MOST_LOOKED_AT = 60


async def others(subject: Subject, sections: Mapping[str, Found]) -> Description:
    """Describe what refers to a thing and is in none of the sections of its page.

    `sections` have what a page shows, by class (such as `vises:Trial`). Where a section says that
    there is more than it shows, what is of its class is left to it. Raises what `Graph.select`
    does.
    """
    graph, iri = subject.visit.graph, subject.iri
    shown = {thing.iri for section in sections.values() for thing in section.things}
    cut = {term(name) for name, section in sections.items() if section.cut}
    incoming = [q for q in subject.quads if q.object == iri and q.subject not in shown]
    about = await resource.description(graph, iri, incoming[:MOST_LOOKED_AT])
    left = {q.subject for q in about.referring if q.predicate == TYPE and q.object in cut}
    rest = [q for q in about.incoming if q.subject not in left]
    kept = {q.subject for q in rest[:MOST_OTHERS]}
    return Description(
        iri,
        (),
        (),
        rest[:MOST_OTHERS],
        [q for q in about.referring if q.subject in kept],
        cut=len(rest) > MOST_OTHERS or len(incoming) > MOST_LOOKED_AT or subject.described.more,
    )
