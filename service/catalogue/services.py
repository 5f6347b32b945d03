"""The data services of the catalogue (dcat:DataService)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, Triple

from vises.service.catalogue.distributions import (
    API,
    EVENTS,
    GRAPH_STORE,
    RECONCILIATION,
    SPARQL,
)
from vises.service.catalogue.terms import HVD_LAW, authority, name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vises.service.catalogue.entries import Entry
    from vises.service.catalogue.frame import Frame


@dataclass(frozen=True)
class _Service:
    """A data service: its path, where it is described, what it conforms to, its texts."""

    path: str
    description: str
    standards: Sequence[str]
    title: str
    about: str


_SERVICES = {
    SPARQL: _Service(
        "/sparql",
        "/sparql",
        ("http://www.w3.org/TR/sparql11-protocol/", "http://www.w3.org/TR/sparql11-query/"),
        "catalogue.sparql",
        "catalogue.sparql-about",
    ),
    API: _Service(
        "/api",
        "/api/openapi.json",
        ("https://spec.openapis.org/oas/v3.1.0",),
        "catalogue.api",
        "catalogue.api-about",
    ),
    GRAPH_STORE: _Service(
        "/graphs",
        "/sparql",
        ("http://www.w3.org/TR/sparql11-http-rdf-update/",),
        "catalogue.graphs",
        "catalogue.graphs-about",
    ),
    EVENTS: _Service(
        "/ldes",
        "/ldes",
        ("https://w3id.org/ldes/specification",),
        "catalogue.ldes",
        "catalogue.ldes-about",
    ),
    RECONCILIATION: _Service(
        "/reconcile",
        "/reconcile",
        (
            "https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/",
            "https://reconciliation-api.github.io/specs/1.0-draft/",
        ),
        "catalogue.reconcile",
        "catalogue.reconcile-about",
    ),
}
"""The data services, by the part of the catalogue's document that each is."""


def services(frame: Frame, entries: Sequence[Entry]) -> Iterator[Triple]:
    """Yield the descriptions of all services; each serves all of these datasets."""
    for fragment, service in _SERVICES.items():
        yield from _described(fragment, service, frame, entries)


def _described(
    fragment: str, service: _Service, frame: Frame, entries: Sequence[Entry]
) -> Iterator[Triple]:
    iri = frame.part(fragment)
    yield Triple(frame.catalogue, name("dcat:service"), iri)
    yield Triple(iri, name("rdf:type"), name("dcat:DataService"))
    yield from frame.named(iri, service.title, service.about)
    yield Triple(iri, name("dcat:endpointURL"), NamedNode(frame.here(service.path)))
    described = NamedNode(frame.here(service.description))
    yield Triple(iri, name("dcat:endpointDescription"), described)
    for standard in service.standards:
        yield Triple(iri, name("dcterms:conformsTo"), NamedNode(standard))
    yield Triple(iri, name("dcterms:publisher"), frame.publisher)
    yield Triple(iri, name("dcat:contactPoint"), frame.contact)
    yield Triple(iri, name("dcat:theme"), frame.theme)
    yield Triple(iri, name("dcterms:accessRights"), authority("access-right/PUBLIC"))
    for word in frame.texts("catalogue.keyword"):
        yield Triple(iri, name("dcat:keyword"), word)
    categories = set()
    for entry in entries:
        yield Triple(iri, name("dcat:servesDataset"), entry.iri)
        categories.update(entry.things_of("dcatap:hvdCategory"))
    for category in sorted(categories, key=lambda found: found.value):
        yield Triple(iri, name("dcatap:hvdCategory"), category)
        yield Triple(iri, name("dcatap:applicableLegislation"), HVD_LAW)
