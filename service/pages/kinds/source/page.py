"""Laying out the page of a source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, Quad

from vises.namespaces import term
from vises.service.citation import citation
from vises.service.pages.compose import compose
from vises.service.pages.description import Description
from vises.service.pages.kinds.source.figures import contradictions, figure
from vises.service.pages.rest import rest
from vises.service.pages.sources import Sources
from vises.service.pages.subject import Laid
from vises.service.pages.telling import Telling
from vises.service.pages.things import described, found, latest_first

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vises.service.graph import Row
    from vises.service.pages.subject import Subject
    from vises.service.pages.things import Found

MOST_VALUES = 20
MOST_FIGURES = 60
MOST_CLAIMS = 30
MOST_PAIRS = 40
_SOURCE = term("dcterms:source")
_PAGE = term("foaf:page")


async def source(subject: Subject) -> Laid:
    """Return the page of a source. Raises what `Graph.select` does."""
    graph, iri = subject.visit.graph, subject.iri
    figures = await found(graph, "publication-figures", [iri], MOST_FIGURES)
    pairs = await graph.select("publication-contradictions", resources=[iri])
    compared = await described(graph, _compared(pairs[:MOST_PAIRS]))
    claims = await found(graph, "publication-claims", [iri], MOST_CLAIMS)
    own = subject.portrait(MOST_VALUES)
    resting = _resting(iri, claims)
    speaker = await subject.speaker(
        {
            *own.mentioned(),
            *resting.mentioned(),
            *figures.mentioned(),
            *(name for thing in compared.values() for name in thing.mentioned()),
        }
    )
    sources = Sources()
    page = compose(own, speaker, sources=sources)
    telling = Telling(speaker, sources)
    incoming = compose(resting, speaker, sources=sources)
    context: dict[str, object] = {
        "page": page,
        "original": _original(subject),
        "figures": [
            figure(thing, telling)
            for thing in latest_first(figures.things, "sdmx-dimension:refPeriod")
        ],
        "figures_cut": figures.cut,
        "figures_link": rest("publication-figures", iri),
        "contradictions": contradictions(pairs[:MOST_PAIRS], compared, telling),
        "contradictions_cut": len(pairs) > MOST_PAIRS,
        "contradictions_link": rest("publication-contradictions", iri),
        "incoming": incoming.incoming,
        "incoming_cut": incoming.incoming_cut,
        "cited": citation(subject, speaker),
    }
    return Laid("source.html", context | {"sources": sources.mentions(speaker)})


def _compared(pairs: Sequence[Row]) -> set[NamedNode]:
    terms = {row[name] for row in pairs for name in ("figure", "thing")}
    return {iri for iri in terms if isinstance(iri, NamedNode)}


def _resting(iri: NamedNode, claims: Found) -> Description:
    """Describe what says that it comes from the source, figures apart."""
    incoming = [Quad(thing.iri, _SOURCE, iri) for thing in claims.things]
    referring = [quad for thing in claims.things for quad in thing.quads()]
    return Description(iri, (), (), incoming, referring, cut=claims.cut)


def _original(subject: Subject) -> str | None:
    """Return the address on the web at which the original can be read, None without one."""
    pages = [
        q.object.value
        for q in subject.quads
        if q.subject == subject.iri and q.predicate == _PAGE and isinstance(q.object, NamedNode)
    ]
    found_ = [subject.addresses.href(page) for page in sorted(pages)]
    return next((href for href in found_ if href), None)
