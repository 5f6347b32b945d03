"""Which kind of thing has which page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vises.namespaces import term
from vises.service.citation import citation
from vises.service.iris import vocabulary_of
from vises.service.pages import resource
from vises.service.pages.compose import compose
from vises.service.pages.kinds import region
from vises.service.pages.kinds.alignment import MAPPING_SET, lay_out_alignment
from vises.service.pages.kinds.concept import lay_out_concept
from vises.service.pages.kinds.dataset.page import dataset
from vises.service.pages.kinds.documents import lay_out_document
from vises.service.pages.kinds.enterprise.page import enterprise
from vises.service.pages.kinds.indicator.page import indicator
from vises.service.pages.kinds.method import METHOD_KINDS
from vises.service.pages.kinds.scheme import lay_out_scheme
from vises.service.pages.kinds.source.page import source
from vises.service.pages.subject import Laid

if TYPE_CHECKING:
    from vises.service.pages.subject import Layouts, Subject

LAYOUTS: Layouts = {
    term("vises:Region").value: region.lay_out,
    **METHOD_KINDS,
    term("vises:Enterprise").value: enterprise,
    term("vises:Indicator").value: indicator,
    term("vises:Publication").value: source,
    term("dcat:Dataset").value: dataset,
    MAPPING_SET.value: lay_out_alignment,
    term("skos:ConceptScheme").value: lay_out_scheme,
    term("skos:Concept").value: lay_out_concept,
}
"""The pages of their own, by the IRI of the class; what is of several takes the first one."""


async def lay_out(subject: Subject) -> Laid:
    """Return the page of a resource. Raises what `Graph.select` does."""
    if vocabulary_of(subject.iri.value):
        return await lay_out_document(subject)
    if subject.iri.value in subject.visit.reading.counts:
        return await dataset(subject)
    layouts = (layout for name, layout in LAYOUTS.items() if name in subject.types)
    return await next(layouts, _anything)(subject)


async def _anything(subject: Subject) -> Laid:
    found = await resource.description(
        subject.visit.graph, subject.iri, subject.quads, subject.described.left_out
    )
    speaker = await subject.speaker(found.mentioned())
    context = {"page": compose(found, speaker), "cited": citation(subject, speaker)}
    return Laid("resource.html", context)
