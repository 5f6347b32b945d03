"""Which terms the reused vocabularies have, so that a misspelt one is seen."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from rdflib import namespace as known

from vises.namespaces import PREFIXES

if TYPE_CHECKING:
    from rdflib.namespace import DefinedNamespace

COMPLETE: tuple[type[DefinedNamespace], ...] = (
    *(known.DCAT, known.DCTERMS, known.FOAF, known.ORG, known.OWL, known.PROV, known.QB),
    *(known.RDF, known.RDFS, known.SDO, known.SH, known.SKOS, known.VANN, known.VOID, known.XSD),
)
"""The vocabularies that rdflib knows term by term."""

NAMESPACES = PREFIXES | {
    "dqv": "http://www.w3.org/ns/dqv#",
    "oa": "http://www.w3.org/ns/oa#",
    "semapv": "https://w3id.org/semapv/vocab/",
    "sssom": "https://w3id.org/sssom/",
}
LISTED = {
    "adms": {"Identifier", "identifier", "schemeAgency", "status"},
    "bibo": {"doi", "status", "status/draft"},
    "cv": {"registeredAddress"},
    "dqv": {"QualityAnnotation"},
    "legal": {
        *("LegalEntity", "companyActivity", "companyStatus", "companyType"),
        "legalName",
    },
    "locn": {
        *("Address", "adminUnitL2", "fullAddress", "locatorDesignator", "postCode"),
        *("postName", "thoroughfare"),
    },
    "p-plan": {"Activity", "Plan", "Step", "correspondsToStep", "isPrecededBy", "isStepOfPlan"},
    "qudt": {"Unit"},
    "sdmx-attribute": {"obsStatus", "unitMeasure"},
    "sdmx-code": {"obsStatus-A", "obsStatus-E", "obsStatus-P"},
    "sdmx-dimension": {"refArea", "refPeriod"},
    "sdmx-measure": {"obsValue"},
    "semapv": {"ManualMappingCuration"},
    "sssom": {
        *("MappingSet", "confidence", "mapping_justification", "mappings", "object_source"),
        *("author_label", "object_source_version", "subject_source"),
    },
    "unit": {"HR", "KiloGM", "NUM", "PERCENT", "UNITLESS"},
    "vs": {"term_status"},
}
"""The others, by prefix, as far as they are reused: checked by hand in the vocabulary itself."""


SUPERSEDED = {
    "http://purl.org/dc/elements/1.1/": PREFIXES["dcterms"],
    "http://www.w3.org/2008/05/skos#": PREFIXES["skos"],
    "http://www.w3.org/ns/regorg#": PREFIXES["legal"],
}
"""Namespaces that another one has taken the place of here."""


def exists(iri: str) -> bool | None:
    """Tell whether a vocabulary has a term; None where the vocabulary is not known here.

    >>> exists("http://www.w3.org/ns/org#FormalOrganization")
    True
    >>> exists("http://www.w3.org/ns/org#FormalOrganisation")
    False
    """
    for namespace, names in _vocabularies().items():
        if iri.startswith(namespace):
            return iri.removeprefix(namespace) in names
    return None


def namespace_meant(iri: str) -> str | None:
    """Return the namespace that an IRI nearly begins with; None where it does, or begins otherwise.

    Scheme, capitals and a leading ``www.`` tell a near miss from the right one, and so does the
    character at the end, where the local name has none.

    >>> namespace_meant("https://www.w3.org/ns/locn#Address")
    'http://www.w3.org/ns/locn#'
    """
    cut = max(iri.rfind("#"), iri.rfind("/")) + 1
    given = iri[:cut]
    meant = SUPERSEDED.get(given) or _skeletons().get(_skeleton(given))
    return None if meant is None or iri.startswith(meant) else meant


@cache
def _vocabularies() -> dict[str, set[str]]:
    """Return the names by namespace; the empty name is the vocabulary itself."""
    found = {NAMESPACES[prefix]: {"", *names} for prefix, names in LISTED.items()}
    for vocabulary in COMPLETE:
        namespace = str(vocabulary._NS)  # noqa: SLF001 (rdflib has no other name for it)
        names = {str(iri).removeprefix(namespace) for iri in dir(vocabulary)}
        names |= set(vocabulary._extras)  # noqa: SLF001 (names that Python cannot have)
        found[namespace] = {"", *names, *found.get(namespace, set())}
    return found


def _skeleton(namespace: str) -> str:
    parts = urlsplit(namespace.lower())
    return parts.netloc.removeprefix("www.") + parts.path.rstrip("/")


@cache
def _skeletons() -> dict[str, str]:
    return {_skeleton(iri): iri for iri in NAMESPACES.values()}
