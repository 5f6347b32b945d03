"""The catalogue as RDF: DCAT-AP 3.0.1, a page of its datasets, and where the other pages are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Triple

from vises.service.catalogue.described import dataset, licence, period_of_time
from vises.service.catalogue.distributions import (
    API,
    EVENTS,
    GRAPH_STORE,
    RECONCILIATION,
    SPARQL,
)
from vises.service.catalogue.frame import LICENCE
from vises.service.catalogue.quality import metrics
from vises.service.catalogue.terms import (
    HVD_LAW,
    LANGUAGE_CODES,
    UNKNOWN_LICENCE,
    authority,
    name,
    typed,
)
from vises.service.iris import in_release

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from vises.service.catalogue.entries import Entry
    from vises.service.catalogue.frame import Frame
    from vises.service.dumps.endpoint import Dump
    from vises.store.releases import Release

PER_PAGE = 20


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


@dataclass(frozen=True)
class Paging:
    """One page of the list of datasets: its number from 1 on, how many there are, and of what.

    `document` is the absolute address of the first page in the form of this answer.
    """

    number: int
    pages: int
    total: int
    document: str

    def address(self, number: int) -> str:
        """Return the absolute address of a page."""
        if number == 1:
            return self.document
        return f"{self.document}{'&' if '?' in self.document else '?'}page={number}"

    @property
    def neighbours(self) -> dict[str, str]:
        """The addresses of the other pages by their relations; the walk ends at either end."""
        found = {"first": 1, "last": self.pages}
        if self.number > 1:
            found["previous"] = self.number - 1
        if self.number < self.pages:
            found["next"] = self.number + 1
        return {relation: self.address(number) for relation, number in found.items()}


@dataclass(frozen=True)
class Catalogue:
    """A page of the catalogue.

    `entries` are its datasets, with their dumps; `releases` the releases that the page describes,
    each with the one before it in the series and with its tags; `began` and `changed` are when the
    first release came and the last.
    """

    frame: Frame
    entries: Sequence[tuple[Entry, Sequence[Dump]]]
    releases: Sequence[tuple[Release, Release | None, Sequence[str]]]
    paging: Paging
    began: datetime
    changed: datetime


def statements(page: Catalogue) -> Iterator[Triple]:
    """Yield the description of a page of the catalogue."""
    frame = page.frame
    yield from _catalogue(page)
    yield from _people(frame)
    yield from licence(LICENCE)
    yield from metrics(frame)
    for entry, dumps in page.entries:
        yield Triple(frame.catalogue, name("dcat:dataset"), entry.iri)
        yield from dataset(entry, frame, dumps)
    for release, before, tags in page.releases:
        yield from _release(page, release, before, tags)
    if page.releases:
        yield from _series(page)
        yield from _licences(frame)
    if page.entries:
        for service in _SERVICES:
            yield from _service(service, page)
    yield from _view(page)


def _catalogue(page: Catalogue) -> Iterator[Triple]:
    frame, iri = page.frame, page.frame.catalogue
    yield Triple(iri, name("rdf:type"), name("dcat:Catalog"))
    yield from _texts(iri, "catalogue.title", "catalogue.about", frame)
    yield Triple(iri, name("dcterms:publisher"), frame.publisher)
    yield Triple(iri, name("dcat:contactPoint"), frame.contact)
    yield Triple(iri, name("dcterms:license"), LICENCE)
    yield Triple(iri, name("foaf:homepage"), NamedNode(frame.origin + "/"))
    for code in LANGUAGE_CODES.values():
        yield Triple(iri, name("dcterms:language"), authority(f"language/{code}"))
    yield Triple(iri, name("dcterms:issued"), _moment(page.began))
    yield Triple(iri, name("dcterms:modified"), _moment(page.changed))
    yield Triple(iri, name("dcat:themeTaxonomy"), authority("data-theme"))
    for region in frame.spatial:
        yield Triple(iri, name("dcterms:spatial"), region)
    if any(entry.things_of("dcatap:hvdCategory") for entry, _ in page.entries):
        yield Triple(iri, name("dcatap:applicableLegislation"), HVD_LAW)


def _people(frame: Frame) -> Iterator[Triple]:
    iri, contact = frame.publisher, frame.contact
    yield Triple(iri, name("rdf:type"), name("foaf:Agent"))
    yield Triple(iri, name("foaf:name"), Literal(frame.publisher_name))
    yield Triple(iri, name("dcterms:type"), frame.publisher_type)
    yield Triple(iri, name("foaf:homepage"), NamedNode(frame.origin + "/"))
    yield Triple(contact, name("rdf:type"), name("vcard:Organization"))
    yield Triple(contact, name("vcard:fn"), Literal(frame.publisher_name))
    address = frame.contact_address or frame.origin + "/"
    how = "vcard:hasEmail" if address.startswith("mailto:") else "vcard:hasURL"
    yield Triple(contact, name(how), NamedNode(address))


def _service(fragment: str, page: Catalogue) -> Iterator[Triple]:
    frame, iri = page.frame, page.frame.part(fragment)
    service = _SERVICES[fragment]
    yield Triple(frame.catalogue, name("dcat:service"), iri)
    yield Triple(iri, name("rdf:type"), name("dcat:DataService"))
    yield from _texts(iri, service.title, service.about, frame)
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
    for entry, _ in page.entries:
        yield Triple(iri, name("dcat:servesDataset"), entry.iri)
        categories.update(entry.things_of("dcatap:hvdCategory"))
    for category in sorted(categories, key=lambda found: found.value):
        yield Triple(iri, name("dcatap:hvdCategory"), category)
        yield Triple(iri, name("dcatap:applicableLegislation"), HVD_LAW)


def _series(page: Catalogue) -> Iterator[Triple]:
    """Yield the series of the releases that can be cited (DCAT 3, section 11)."""
    frame, iri = page.frame, page.frame.part("releases")
    yield Triple(frame.catalogue, name("dcat:dataset"), iri)
    yield Triple(iri, name("rdf:type"), name("dcat:DatasetSeries"))
    yield from _texts(iri, "catalogue.series", "catalogue.series-about", frame)
    yield Triple(iri, name("dcterms:publisher"), frame.publisher)
    yield Triple(iri, name("dcat:contactPoint"), frame.contact)
    yield Triple(iri, name("dcterms:accrualPeriodicity"), authority("frequency/IRREG"))
    yield Triple(iri, name("dcterms:issued"), _moment(page.began))
    yield Triple(iri, name("dcterms:modified"), _moment(page.changed))
    for region in frame.spatial:
        yield Triple(iri, name("dcterms:spatial"), region)


def _release(
    page: Catalogue, release: Release, before: Release | None, tags: Sequence[str]
) -> Iterator[Triple]:
    """Yield a release as a dataset of the series: all graphs, as they were then."""
    frame, series = page.frame, page.frame.part("releases")
    iri = NamedNode(f"{frame.base}release/{release.id}")
    yield Triple(frame.catalogue, name("dcat:dataset"), iri)
    yield Triple(iri, name("rdf:type"), name("dcat:Dataset"))
    called = ", ".join((release.id, *tags))
    for text in frame.texts("catalogue.release", release=called):
        yield Triple(iri, name("dcterms:title"), text)
    for text in frame.texts("catalogue.release-about", release=release.id):
        yield Triple(iri, name("dcterms:description"), text)
    yield Triple(iri, name("dcterms:identifier"), Literal(iri.value))
    yield Triple(iri, name("dcat:version"), Literal(release.id))
    yield Triple(iri, name("dcat:inSeries"), series)
    if before is not None:
        yield Triple(iri, name("dcat:prev"), NamedNode(f"{frame.base}release/{before.id}"))
    yield Triple(iri, name("dcterms:issued"), _moment(release.created))
    yield Triple(iri, name("dcterms:publisher"), frame.publisher)
    yield Triple(iri, name("dcat:contactPoint"), frame.contact)
    yield Triple(iri, name("dcat:theme"), frame.theme)
    yield Triple(iri, name("dcterms:accessRights"), authority("access-right/PUBLIC"))
    page_address = f"{frame.origin}/releases/{release.id}"
    yield Triple(iri, name("dcat:landingPage"), NamedNode(page_address))
    for word in frame.texts("catalogue.keyword"):
        yield Triple(iri, name("dcat:keyword"), word)
    if release.id == frame.release_id:
        yield from _release_coverage(iri, frame)
    yield from _release_distribution(iri, release, frame)


def _release_coverage(iri: NamedNode, frame: Frame) -> Iterator[Triple]:
    """Yield what the release that answers covers; of others it is not known what they held."""
    for region in frame.spatial:
        yield Triple(iri, name("dcterms:spatial"), region)
    if frame.period:
        period = frame.part(f"period-release-{frame.release_id}")
        yield Triple(iri, name("dcterms:temporal"), period)
        yield from period_of_time(period, *frame.period)


def _release_distribution(iri: NamedNode, release: Release, frame: Frame) -> Iterator[Triple]:
    address = frame.origin + in_release("/sparql", release.id)
    made = NamedNode(f"{address}#distribution")
    yield Triple(iri, name("dcat:distribution"), made)
    yield Triple(made, name("rdf:type"), name("dcat:Distribution"))
    yield Triple(made, name("dcterms:title"), Literal(f"SPARQL ({release.id})"))
    for text in frame.texts("catalogue.distribution", form="SPARQL"):
        yield Triple(made, name("dcterms:description"), text)
    yield Triple(made, name("dcat:accessURL"), NamedNode(address))
    yield Triple(made, name("dcat:accessService"), frame.part(SPARQL))
    yield Triple(made, name("dcterms:format"), authority("file-type/SPARQLQ"))
    yield Triple(made, name("dcterms:license"), frame.licence or frame.licences)
    yield Triple(made, name("dcatap:availability"), authority("planned-availability/STABLE"))


def _licences(frame: Frame) -> Iterator[Triple]:
    """Yield what stands for the licence of a release: those of its datasets, where they differ."""
    if frame.licence is not None:
        yield from licence(frame.licence)
        return
    iri = frame.licences
    yield Triple(iri, name("rdf:type"), name("dcterms:LicenseDocument"))
    yield Triple(iri, name("dcterms:type"), UNKNOWN_LICENCE)
    for text in frame.texts("catalogue.licences"):
        yield Triple(iri, name("dcterms:title"), text)
    yield Triple(iri, name("rdfs:seeAlso"), NamedNode(frame.here("/datasets")))


def _view(page: Catalogue) -> Iterator[Triple]:
    """Yield where the other pages are (Hydra Core Vocabulary, section 5.1).

    The class and the properties of earlier drafts are there too, as harvesters of CKAN look for
    the one and older ones of them for the others.
    """
    paging, collection = page.paging, page.frame.catalogue
    here = NamedNode(paging.address(paging.number))
    yield Triple(collection, name("rdf:type"), name("hydra:Collection"))
    yield Triple(collection, name("hydra:totalItems"), Literal(paging.total))
    yield Triple(collection, name("hydra:view"), here)
    yield Triple(here, name("rdf:type"), name("hydra:PartialCollectionView"))
    yield Triple(here, name("rdf:type"), name("hydra:PagedCollection"))
    yield Triple(here, name("hydra:itemsPerPage"), Literal(PER_PAGE))
    for relation, address in paging.neighbours.items():
        yield Triple(here, name(f"hydra:{relation}"), NamedNode(address))
        yield Triple(here, name(f"hydra:{relation}Page"), NamedNode(address))


def _texts(iri: NamedNode, title: str, about: str, frame: Frame) -> Iterator[Triple]:
    for prop, key in (("dcterms:title", title), ("dcterms:description", about)):
        for text in frame.texts(key):
            yield Triple(iri, name(prop), text)


def _moment(moment: datetime) -> Literal:
    return typed(moment.isoformat(timespec="seconds"), "dateTime")
