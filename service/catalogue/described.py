"""A dataset as the statements of DCAT-AP 3.0.1 and StatDCAT-AP 1.0.1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Triple

from vises.namespaces import term
from vises.service.catalogue.distributions import Offered, distributions
from vises.service.catalogue.entries import official, regions
from vises.service.catalogue.quality import quality
from vises.service.catalogue.terms import (
    FILE_TYPES,
    HVD_LAW,
    MEDIA_TYPES,
    authority,
    licence_type,
    name,
    typed,
)
from vises.service.iris import last_part
from vises.service.pages.labels import LABEL_PROPERTIES
from vises.store.dumps.labels import titles
from vises.store.dumps.structure import structure

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vises.service.catalogue.distributions import Distribution
    from vises.service.catalogue.entries import Entry
    from vises.service.catalogue.frame import Frame
    from vises.service.dumps.endpoint import Dump

_MOST_KEYWORDS = 5
"""How many classes of a dataset give it keywords: those with the most things."""

_KINDS = {
    "alignments": "MAPPING",
    "codes": "CODE_LIST",
    "ontology": "ONTOLOGY",
    "shapes": "SCHEMA",
}
"""The types (authority list dataset-type) of the datasets that the package brings."""


def dataset(entry: Entry, frame: Frame, dumps: Sequence[Dump]) -> Iterator[Triple]:
    """Yield the description of a dataset with its distributions."""
    yield from _named(entry, frame)
    yield from _filed(entry, frame)
    yield from _coverage(entry, frame)
    yield from _history(entry)
    yield from quality(entry, frame)
    yield from _statistics(entry)
    for standard in frame.standards.get(entry.iri.value, ()):
        yield Triple(entry.iri, name("dcterms:conformsTo"), standard)
        yield Triple(standard, name("rdf:type"), name("dcterms:Standard"))
    offered = Offered(
        entry, frame.origin, frame.release, frame.release_id, dumps, frame.stream(entry)
    )
    for made in distributions(offered):
        yield Triple(entry.iri, name("dcat:distribution"), NamedNode(made.iri))
        yield from _distribution(made, entry, frame)


def _named(entry: Entry, frame: Frame) -> Iterator[Triple]:
    iri = entry.iri
    yield Triple(iri, name("rdf:type"), name("dcat:Dataset"))
    yield Triple(iri, name("dcterms:identifier"), Literal(iri.value))
    for title in frame.titles(entry):
        yield Triple(iri, name("dcterms:title"), title)
    for text in frame.descriptions(entry):
        yield Triple(iri, name("dcterms:description"), text)
    yield Triple(iri, name("dcat:landingPage"), NamedNode(frame.page(iri)))
    for publisher in entry.things_of("dcterms:publisher")[:1] or [frame.publisher]:
        yield Triple(iri, name("dcterms:publisher"), publisher)
        yield from _agent(publisher, entry, frame)
    yield Triple(iri, name("dcat:contactPoint"), frame.contact)


def _agent(publisher: NamedNode, entry: Entry, frame: Frame) -> Iterator[Triple]:
    """Yield who publishes: as the data say, or the service itself, which says it elsewhere."""
    if publisher == frame.publisher:
        return
    said = entry.thing(publisher)
    names = said.get(name("foaf:name")) or said.get(name("skos:prefLabel")) or []
    yield Triple(publisher, name("rdf:type"), name("foaf:Agent"))
    for text in names or [Literal(last_part(publisher.value))]:
        yield Triple(publisher, name("foaf:name"), text)
    kinds = [k for k in said.get(term("dcterms:type"), ()) if isinstance(k, NamedNode)]
    if publisher.value in frame.ours:
        kinds = [frame.publisher_type]
    for kind in kinds[:1]:
        yield Triple(publisher, name("dcterms:type"), kind)


def _filed(entry: Entry, frame: Frame) -> Iterator[Triple]:
    """Yield what portals file a dataset under: themes, keywords, its type, its law."""
    iri = entry.iri
    for theme in entry.things_of("dcat:theme"):
        yield Triple(iri, name("dcat:theme"), official(entry, theme))
    if not entry.things_of("dcat:theme"):
        yield Triple(iri, name("dcat:theme"), frame.theme)
    for word in _keywords(entry, frame):
        yield Triple(iri, name("dcat:keyword"), word)
    for kind in _types(entry, frame):
        yield Triple(iri, name("dcterms:type"), authority(f"dataset-type/{kind}"))
    rights = "RESTRICTED" if iri.value in frame.closed else "PUBLIC"
    yield Triple(iri, name("dcterms:accessRights"), authority(f"access-right/{rights}"))
    for category in entry.things_of("dcatap:hvdCategory"):
        yield Triple(iri, name("dcatap:hvdCategory"), category)
        yield Triple(iri, name("dcatap:applicableLegislation"), HVD_LAW)


def _keywords(entry: Entry, frame: Frame) -> list[Literal]:
    """Return the keywords that are stated, the names of the themes, and those of the classes."""
    found = dict.fromkeys(entry.texts("dcat:keyword"))
    for theme in entry.things_of("dcat:theme"):
        for prop in LABEL_PROPERTIES:
            labels = entry.thing(theme).get(prop, ())
            found |= dict.fromkeys(v for v in labels if isinstance(v, Literal))
    ordered = sorted(entry.parts.classes.items(), key=lambda item: (-item[1], item[0]))
    named = [texts for iri, _ in ordered if (texts := titles(iri))]
    for texts in named[:_MOST_KEYWORDS]:
        found |= dict.fromkeys(Literal(t, language=tag) for tag, t in texts.items())
    return list(found) or frame.texts("catalogue.keyword")


def _types(entry: Entry, frame: Frame) -> Iterator[str]:
    if entry.fictitious:
        yield "TEST_DATA"
    if entry.structure:
        yield "STATISTICAL"
    kind = _KINDS.get(frame.local(entry.iri))
    if kind:
        yield kind


def _coverage(entry: Entry, frame: Frame) -> Iterator[Triple]:
    """Yield the regions and the days that the data are about, as far as that is known."""
    iri = entry.iri
    for region in regions(entry):
        yield Triple(iri, name("dcterms:spatial"), region)
    if entry.period is None:
        return
    period = NamedNode(f"{frame.document}#period-{frame.key(iri)}")
    yield Triple(iri, name("dcterms:temporal"), period)
    yield from period_of_time(period, *entry.period)


def period_of_time(period: NamedNode, first: str, last: str) -> Iterator[Triple]:
    """Yield a dcterms:PeriodOfTime from one day to another."""
    yield Triple(period, name("rdf:type"), name("dcterms:PeriodOfTime"))
    yield Triple(period, name("dcat:startDate"), typed(first, "date"))
    yield Triple(period, name("dcat:endDate"), typed(last, "date"))


def _history(entry: Entry) -> Iterator[Triple]:
    """Yield when it came and changed, how often that is to be, and what made it (PROV-O)."""
    iri, lived = entry.iri, entry.lived
    for prop, moment in (("issued", lived.issued), ("modified", lived.modified)):
        text = moment.isoformat(timespec="seconds")
        yield Triple(iri, name(f"dcterms:{prop}"), typed(text, "dateTime"))
    yield Triple(iri, name("dcat:version"), Literal(lived.version))
    for frequency in entry.things_of("dcterms:accrualPeriodicity")[:1]:
        yield Triple(iri, name("dcterms:accrualPeriodicity"), frequency)
    for activity in entry.things_of("prov:wasGeneratedBy"):
        yield Triple(iri, name("prov:wasGeneratedBy"), activity)
        yield Triple(activity, name("rdf:type"), name("prov:Activity"))
        for prop in ("prov:startedAtTime", "prov:endedAtTime"):
            for instant in entry.thing(activity).get(name(prop), ()):
                yield Triple(activity, name(prop), instant)
    for source in entry.things_of("prov:wasDerivedFrom"):
        yield Triple(iri, name("prov:wasDerivedFrom"), source)


def _statistics(entry: Entry) -> Iterator[Triple]:
    """Yield what StatDCAT-AP adds for figures: dimensions, attributes, units, number of series."""
    found = structure(entry.structure) if entry.structure else None
    if found is None:
        return
    iri = entry.iri
    yield Triple(iri, name("dcterms:conformsTo"), found.iri)
    for dimension in found.dimensions:
        yield Triple(iri, name("cv:dimension"), dimension)
    for attribute in found.attributes:
        yield Triple(iri, name("cv:attribute"), attribute)
    for unit in entry.units:
        yield Triple(iri, name("cv:statUnitMeasure"), unit)
    if entry.series is not None:
        yield Triple(iri, name("cv:numSeries"), Literal(entry.series))


def _distribution(made: Distribution, entry: Entry, frame: Frame) -> Iterator[Triple]:
    iri = NamedNode(made.iri)
    yield Triple(iri, name("rdf:type"), name("dcat:Distribution"))
    yield Triple(iri, name("dcterms:title"), Literal(made.title))
    for text in frame.texts("catalogue.distribution", form=made.title):
        yield Triple(iri, name("dcterms:description"), text)
    yield Triple(iri, name("dcat:accessURL"), NamedNode(made.access))
    if made.download:
        yield Triple(iri, name("dcat:downloadURL"), NamedNode(made.download))
    yield Triple(iri, name("dcat:mediaType"), NamedNode(MEDIA_TYPES + made.media_type))
    kind = FILE_TYPES[made.media_type]
    yield Triple(iri, name("dcterms:format"), authority(f"file-type/{kind}"))
    if made.compression:
        packed = NamedNode(MEDIA_TYPES + made.compression)
        yield Triple(iri, name("dcat:compressFormat"), packed)
    for standard in made.conforms_to:
        yield Triple(iri, name("dcterms:conformsTo"), NamedNode(standard))
    if made.service:
        service = NamedNode(f"{frame.document}#{made.service}")
        yield Triple(iri, name("dcat:accessService"), service)
    stable = "STABLE" if made.sha256 else "AVAILABLE"
    yield Triple(iri, name("dcatap:availability"), authority(f"planned-availability/{stable}"))
    if terms := frame.licence_of(entry):
        yield Triple(iri, name("dcterms:license"), terms)
        yield from licence(terms)
    if entry.things_of("dcatap:hvdCategory"):
        yield Triple(iri, name("dcatap:applicableLegislation"), HVD_LAW)
    yield from _measured(iri, made)


def _measured(iri: NamedNode, made: Distribution) -> Iterator[Triple]:
    if made.size is not None:
        yield Triple(iri, name("dcat:byteSize"), typed(str(made.size), "nonNegativeInteger"))
    if made.sha256:
        checksum = NamedNode(f"{made.access}#checksum")
        yield Triple(iri, name("spdx:checksum"), checksum)
        yield Triple(checksum, name("rdf:type"), name("spdx:Checksum"))
        algorithm = name("spdx:checksumAlgorithm_sha256")
        yield Triple(checksum, name("spdx:algorithm"), algorithm)
        yield Triple(checksum, name("spdx:checksumValue"), typed(made.sha256, "hexBinary"))


def licence(iri: NamedNode) -> Iterator[Triple]:
    """Yield a licence with its type, where that is known."""
    kind = licence_type(iri.value)
    if kind is not None:
        yield Triple(iri, name("rdf:type"), name("dcterms:LicenseDocument"))
        yield Triple(iri, name("dcterms:type"), kind)
