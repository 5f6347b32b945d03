"""The vocabularies and the authority lists of the European Union that the catalogue uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from vises.namespaces import PREFIXES

if TYPE_CHECKING:
    from datetime import datetime

NAMESPACES = PREFIXES | {
    "dcatap": "http://data.europa.eu/r5r/",
    "dqv": "http://www.w3.org/ns/dqv#",
    "hydra": "http://www.w3.org/ns/hydra/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
}
AUTHORITY = "http://publications.europa.eu/resource/authority/"
MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
LANGUAGE_CODES = {"en": "ENG", "fr": "FRA", "nl": "NLD"}
"""The codes of the list language, by the tags of the languages that we speak."""

HVD_LAW = NamedNode("http://data.europa.eu/eli/reg_impl/2023/138/oj")
"""Commission Implementing Regulation (EU) 2023/138, which names the high-value datasets."""

FILE_TYPES = {
    "application/ld+json": "JSON_LD",
    "application/n-quads": "RDF_N_QUADS",
    "application/n-triples": "RDF_N_TRIPLES",
    "application/rdf+xml": "RDF_XML",
    "application/sparql-query": "SPARQLQ",
    "application/trig": "RDF_TRIG",
    "application/vnd.apache.parquet": "PARQUET",
    "application/vnd.sdmx.data+csv": "CSV",
    "application/csvm+json": "JSON",
    "application/json": "JSON",
    "text/csv": "CSV",
    "text/plain": "TXT",
    "text/turtle": "RDF_TURTLE",
}
"""The codes of the list file-type, by media type."""

LICENCE_TYPES = {
    "creativecommons.org/licenses/by/4.0": "Attribution",
    "creativecommons.org/licenses/by-sa/4.0": "ViralEffect-ShareAlike",
    "creativecommons.org/publicdomain/zero/1.0": "PublicDomain",
    "spdx.org/licenses/CC-BY-4.0": "Attribution",
    "spdx.org/licenses/CC0-1.0": "PublicDomain",
    "spdx.org/licenses/etalab-2.0": "Attribution",
    "spdx.org/licenses/ODbL-1.0": "ViralEffect-ShareAlike",
}
"""The types of licences (ADMS), by their addresses without scheme and last slash."""

UNKNOWN_LICENCE = NamedNode("http://purl.org/adms/licencetype/UnknownIPR")
"""The type of what is no single licence."""


def name(prefixed: str) -> NamedNode:
    """Return the IRI of a prefixed name of one of `NAMESPACES`.

    >>> name("spdx:Checksum").value
    'http://spdx.org/rdf/terms#Checksum'
    """
    prefix, _, local = prefixed.partition(":")
    return NamedNode(NAMESPACES[prefix] + local)


def authority(path: str) -> NamedNode:
    """Return the IRI of a concept of an authority list, such as `frequency/ANNUAL`."""
    return NamedNode(AUTHORITY + path)


def typed(text: str, datatype: str) -> Literal:
    """Return a literal of a datatype of XML Schema."""
    return Literal(text, datatype=name(f"xsd:{datatype}"))


def moment(when: datetime) -> Literal:
    """Return a moment as a literal."""
    return typed(when.isoformat(timespec="seconds"), "dateTime")


def licence_type(licence: str) -> NamedNode | None:
    """Return the type of a licence by its address, None where it is not known here."""
    found = LICENCE_TYPES.get(licence.partition("://")[2].rstrip("/"))
    return NamedNode(f"http://purl.org/adms/licencetype/{found}") if found else None
