"""The catalogue as RDF: DCAT-AP 3.0.1, a page of its datasets, and where the other pages are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Triple

from vises.service.catalogue.described import dataset, licence
from vises.service.catalogue.frame import LICENCE
from vises.service.catalogue.paging import PER_PAGE
from vises.service.catalogue.quality import metrics
from vises.service.catalogue.series import licences, member, series
from vises.service.catalogue.services import services
from vises.service.catalogue.terms import HVD_LAW, LANGUAGE_CODES, authority, moment, name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from vises.service.catalogue.entries import Entry
    from vises.service.catalogue.frame import Frame
    from vises.service.catalogue.paging import Paging
    from vises.service.dumps.endpoint import Dump
    from vises.store.releases import Release


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
        yield from member(frame, release, before, tags)
    if page.releases:
        yield from series(frame, page.began, page.changed)
        yield from licences(frame)
    if page.entries:
        yield from services(frame, [entry for entry, _ in page.entries])
    yield from _view(page)


def _catalogue(page: Catalogue) -> Iterator[Triple]:
    frame, iri = page.frame, page.frame.catalogue
    yield Triple(iri, name("rdf:type"), name("dcat:Catalog"))
    yield from frame.named(iri, "catalogue.title", "catalogue.about")
    yield Triple(iri, name("dcterms:publisher"), frame.publisher)
    yield Triple(iri, name("dcat:contactPoint"), frame.contact)
    yield Triple(iri, name("dcterms:license"), LICENCE)
    yield Triple(iri, name("foaf:homepage"), NamedNode(frame.origin + "/"))
    for code in LANGUAGE_CODES.values():
        yield Triple(iri, name("dcterms:language"), authority(f"language/{code}"))
    yield Triple(iri, name("dcterms:issued"), moment(page.began))
    yield Triple(iri, name("dcterms:modified"), moment(page.changed))
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
