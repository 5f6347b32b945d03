"""The series of the releases that can be cited (DCAT 3, section 11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Triple

from vises.service.catalogue.described import licence, period_of_time
from vises.service.catalogue.distributions import SPARQL
from vises.service.catalogue.terms import UNKNOWN_LICENCE, authority, moment, name
from vises.service.iris import in_release

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from vises.service.catalogue.frame import Frame
    from vises.store.releases import Release


def series(frame: Frame, began: datetime, changed: datetime) -> Iterator[Triple]:
    """Yield the series itself: when its first release came and the last."""
    iri = frame.part("releases")
    yield Triple(frame.catalogue, name("dcat:dataset"), iri)
    yield Triple(iri, name("rdf:type"), name("dcat:DatasetSeries"))
    yield from frame.named(iri, "catalogue.series", "catalogue.series-about")
    yield Triple(iri, name("dcterms:publisher"), frame.publisher)
    yield Triple(iri, name("dcat:contactPoint"), frame.contact)
    yield Triple(iri, name("dcterms:accrualPeriodicity"), authority("frequency/IRREG"))
    yield Triple(iri, name("dcterms:issued"), moment(began))
    yield Triple(iri, name("dcterms:modified"), moment(changed))
    for region in frame.spatial:
        yield Triple(iri, name("dcterms:spatial"), region)


def member(
    frame: Frame, release: Release, before: Release | None, tags: Sequence[str]
) -> Iterator[Triple]:
    """Yield a release as a dataset of the series: all graphs, as they were then."""
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
    yield Triple(iri, name("dcat:inSeries"), frame.part("releases"))
    if before is not None:
        yield Triple(iri, name("dcat:prev"), NamedNode(f"{frame.base}release/{before.id}"))
    yield Triple(iri, name("dcterms:issued"), moment(release.created))
    yield Triple(iri, name("dcterms:publisher"), frame.publisher)
    yield Triple(iri, name("dcat:contactPoint"), frame.contact)
    yield Triple(iri, name("dcat:theme"), frame.theme)
    yield Triple(iri, name("dcterms:accessRights"), authority("access-right/PUBLIC"))
    page_address = f"{frame.origin}/releases/{release.id}"
    yield Triple(iri, name("dcat:landingPage"), NamedNode(page_address))
    for word in frame.texts("catalogue.keyword"):
        yield Triple(iri, name("dcat:keyword"), word)
    if release.id == frame.release_id:
        yield from _coverage(iri, frame)
    yield from _distribution(iri, release, frame)


def _coverage(iri: NamedNode, frame: Frame) -> Iterator[Triple]:
    """Yield what the release that answers covers; of others it is not known what they held."""
    for region in frame.spatial:
        yield Triple(iri, name("dcterms:spatial"), region)
    if frame.period:
        period = frame.part(f"period-release-{frame.release_id}")
        yield Triple(iri, name("dcterms:temporal"), period)
        yield from period_of_time(period, *frame.period)


def _distribution(iri: NamedNode, release: Release, frame: Frame) -> Iterator[Triple]:
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


def licences(frame: Frame) -> Iterator[Triple]:
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
