"""The quality of a dataset (Data Quality Vocabulary), from what validation and ingest counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Triple

from vises.namespaces import VOCABULARY_BASE, term
from vises.service.catalogue.terms import name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vises.service.catalogue.entries import Entry
    from vises.service.catalogue.frame import Frame

METRICS = {
    "warnings": "catalogue.warnings",
    "rows": "catalogue.rows",
    "refused": "catalogue.refused",
}
"""The metrics, as parts of the catalogue's document, with the texts that define them."""

SHAPES = NamedNode(f"{VOCABULARY_BASE}shapes")


def quality(entry: Entry, frame: Frame) -> Iterator[Triple]:
    """Yield that a dataset conforms to the shapes (else it were not published), and its numbers."""
    yield Triple(entry.iri, name("dcterms:conformsTo"), SHAPES)
    for metric, value in _measured(entry).items():
        measured = NamedNode(f"{frame.document}#quality-{frame.key(entry.iri)}-{metric}")
        yield Triple(entry.iri, name("dqv:hasQualityMeasurement"), measured)
        yield Triple(measured, name("rdf:type"), name("dqv:QualityMeasurement"))
        yield Triple(measured, name("dqv:computedOn"), entry.iri)
        yield Triple(measured, name("dqv:isMeasurementOf"), frame.part(metric))
        yield Triple(measured, name("dqv:value"), Literal(value))


def metrics(frame: Frame) -> Iterator[Triple]:
    """Yield the metrics that the measurements are of."""
    for metric, key in METRICS.items():
        iri = frame.part(metric)
        yield Triple(iri, name("rdf:type"), name("dqv:Metric"))
        yield Triple(iri, name("dqv:expectedDataType"), name("xsd:integer"))
        for text in frame.texts(key):
            yield Triple(iri, name("skos:definition"), text)


def _measured(entry: Entry) -> dict[str, int]:
    """Return the numbers of a dataset; rows only where an ingest counted them."""
    found = {"warnings": entry.warnings}
    for activity in entry.things_of("prov:wasGeneratedBy"):
        said = entry.thing(activity)
        for metric, prop in (("rows", "vises:rowsIn"), ("refused", "vises:rowsQuarantined")):
            for value in said.get(term(prop), ()):
                if isinstance(value, Literal):
                    found[metric] = int(value.value)
    return found
