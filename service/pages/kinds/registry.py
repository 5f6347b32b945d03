"""Which kind of thing has which page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vises.namespaces import PREFIXES
from vises.service.pages import resource
from vises.service.pages.compose import compose
from vises.service.pages.kinds.concept import lay_out_concept
from vises.service.pages.kinds.scheme import lay_out_scheme
from vises.service.pages.subject import Laid
from vises.service.pages.vocabulary import compose_vocabulary

if TYPE_CHECKING:
    from vises.service.pages.subject import Layouts, Subject

LAYOUTS: Layouts = {
    PREFIXES["skos"] + "ConceptScheme": lay_out_scheme,
    PREFIXES["skos"] + "Concept": lay_out_concept,
}
"""The pages of their own, by the IRI of the class; what is of several takes the first one."""


async def lay_out(subject: Subject) -> Laid:
    """Return the page of a resource. Raises what `Graph.select` does."""
    if subject.iri.value in resource.VOCABULARIES:
        return await _vocabulary(subject)
    layouts = (layout for name, layout in LAYOUTS.items() if name in subject.types)
    return await next(layouts, _anything)(subject)


async def _vocabulary(subject: Subject) -> Laid:
    speaker = await subject.speaker(resource.named_in(subject.quads))
    vocabulary = compose_vocabulary(subject.iri, subject.quads, speaker)
    return Laid("vocabulary.html", {"vocabulary": vocabulary})


async def _anything(subject: Subject) -> Laid:
    found = await resource.description(subject.visit.graph, subject.iri, subject.quads)
    speaker = await subject.speaker(found.mentioned())
    return Laid("resource.html", {"page": compose(found, speaker)})
