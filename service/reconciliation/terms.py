"""The types and properties of the reconciliation service, and how its things are identified."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from vises.namespaces import term
from vises.service.iris import as_iri

if TYPE_CHECKING:
    from collections.abc import Mapping

PATH, DRAFT_PATH = "/reconcile", "/reconcile/v1"
"""The bases: of 0.2 with what 1.0-draft has below it, and of 1.0-draft with its manifest."""

ENTERPRISE = "Enterprise"

TYPES: Mapping[str, tuple[str, str]] = {
    ENTERPRISE: ("enterprise", "search.enterprise"),
    "Region": ("region", "search.region"),
    "Indicator": ("indicator", "search.indicator"),
    "Publication": ("publication", "search.publication"),
}
"""The types: by their identifier in the ontology, the kind in the index, and the text."""

TYPE_OF_KIND = {kind: name for name, (kind, _) in TYPES.items()}
IDENTIFIER, REGION, PLACE = "identifier", "region", "place"

MATCHED: Mapping[str, tuple[str, str]] = {
    IDENTIFIER: (IDENTIFIER, "reconcile.any-identifier"),
    "siren": (IDENTIFIER, "reconcile.siren"),
    "siret": (IDENTIFIER, "reconcile.siret"),
    "rna": (IDENTIFIER, "reconcile.rna"),
    "kbo": (IDENTIFIER, "reconcile.kbo"),
    REGION: (REGION, "reconcile.region"),
    PLACE: (PLACE, "reconcile.place"),
}
"""The properties that candidates are compared by: which of three comparisons, and the text."""


@dataclass(frozen=True)
class Property:
    """A property that can be fetched: what it is in the graph, and its text.

    `of_entities` says that its values are things that this service knows.
    """

    iri: NamedNode
    text: str
    of_entities: bool = False


FETCHED: Mapping[str, Property] = {
    "name": Property(term("legal:legalName"), "reconcile.name"),
    "alias": Property(term("skos:altLabel"), "reconcile.alias"),
    IDENTIFIER: Property(term("adms:identifier"), "reconcile.identifier"),
    "legalForm": Property(term("vises:legalForm"), "reconcile.legal-form"),
    REGION: Property(term("vises:region"), "reconcile.region", of_entities=True),
    "activity": Property(term("vises:activity"), "reconcile.activity"),
    "sizeBand": Property(term("vises:sizeBand"), "reconcile.size-band"),
    "status": Property(term("vises:operatingStatus"), "reconcile.status"),
    "founded": Property(term("schema:foundingDate"), "reconcile.founded"),
    "homepage": Property(term("foaf:homepage"), "reconcile.homepage"),
    "postCode": Property(term("locn:postCode"), "reconcile.post-code"),
    "town": Property(term("locn:postName"), "reconcile.town"),
}
"""The properties of an enterprise that can be fetched, by their identifier."""


def identifier_of(iri: str, base: str) -> str:
    """Return the identifier of a thing: its IRI, without the base of our data where it has it.

    >>> identifier_of("https://data.example/enterprise/fr-1", "https://data.example/")
    'enterprise/fr-1'
    """
    return iri.removeprefix(base)


def iri_of(identifier: str, base: str) -> NamedNode | None:
    """Return the IRI of an identifier, None where it can be none.

    >>> iri_of("enterprise/fr-1", "https://data.example/").value
    'https://data.example/enterprise/fr-1'
    """
    absolute = identifier.startswith(("http://", "https://"))
    try:
        return NamedNode(as_iri(identifier if absolute else base + identifier))
    except ValueError:
        return None
