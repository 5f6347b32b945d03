"""The namespaces in use, the IRIs that the project gives out, and how it writes a moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

if TYPE_CHECKING:
    from datetime import datetime

VOCABULARY_BASE = "https://w3id.org/vises/"

PREFIXES = {
    "vises": "https://w3id.org/vises/ontology#",
    "code": "https://w3id.org/vises/code/",
    "shapes": "https://w3id.org/vises/shapes#",
    "adms": "http://www.w3.org/ns/adms#",
    "bibo": "http://purl.org/ontology/bibo/",
    "cv": "http://data.europa.eu/m8g/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "geo": "http://www.opengis.net/ont/geosparql#",
    "legal": "http://www.w3.org/ns/legal#",
    "locn": "http://www.w3.org/ns/locn#",
    "org": "http://www.w3.org/ns/org#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "p-plan": "http://purl.org/net/p-plan#",
    "prov": "http://www.w3.org/ns/prov#",
    "qb": "http://purl.org/linked-data/cube#",
    "qudt": "http://qudt.org/schema/qudt/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "sdmx-attribute": "http://purl.org/linked-data/sdmx/2009/attribute#",
    "sdmx-code": "http://purl.org/linked-data/sdmx/2009/code#",
    "sdmx-dimension": "http://purl.org/linked-data/sdmx/2009/dimension#",
    "sdmx-measure": "http://purl.org/linked-data/sdmx/2009/measure#",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "unit": "http://qudt.org/vocab/unit/",
    "vann": "http://purl.org/vocab/vann/",
    "void": "http://rdfs.org/ns/void#",
    "vs": "http://www.w3.org/2003/06/sw-vocab-status/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def term(name: str) -> NamedNode:
    """Return the IRI of a prefixed name such as ``skos:prefLabel``.

    >>> term("skos:notation").value
    'http://www.w3.org/2004/02/skos/core#notation'
    """
    prefix, _, local = name.partition(":")
    return NamedNode(PREFIXES[prefix] + local)


def date_time(moment: datetime) -> Literal:
    """Return a moment as xsd:dateTime, to the second.

    >>> from datetime import UTC, datetime
    >>> date_time(datetime(2026, 3, 1, 12, tzinfo=UTC)).value
    '2026-03-01T12:00:00+00:00'
    """
    return Literal(moment.isoformat(timespec="seconds"), datatype=term("xsd:dateTime"))


@dataclass(frozen=True)
class Iris:
    """The IRIs under the configured base (the setting ``VISES_BASE_IRI``)."""

    base: str

    def of(self, path: str) -> NamedNode:
        """Return the IRI of a path such as ``enterprise/fr-123456782``."""
        return NamedNode(self.base + path)

    def graph(self, dataset: str) -> NamedNode:
        """Return the IRI of a dataset, which is also the name of its graph."""
        return self.of(f"graph/{dataset}")


def compact(iri: str) -> str:
    """Return an IRI as a prefixed name where a prefix of ours fits.

    >>> compact("http://www.w3.org/2002/07/owl#Class")
    'owl:Class'
    """
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace) and iri != namespace:
            return f"{prefix}:{iri.removeprefix(namespace)}"
    return iri
