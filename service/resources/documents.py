"""Which IRIs name documents, and which name things that no document is (httpRange-14).

The rule: an IRI names a document where what it names is information as such, which its class says
(`CLASSES`), or where it stands for all of a graph (the vocabularies, and the versions of them that
the graph says it is). A document answers 200
itself, in the form that was asked for. Everything else is a thing, also what has no class: its IRI
answers 303 with the address of a document about it, which is the IRI with the ending of a form. An
address with such an ending answers 200 for both.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from starlette.responses import Response

from vises.namespaces import term
from vises.service.headers import ANY_ORIGIN
from vises.service.iris import vocabulary_of
from vises.service.memento import Mementos
from vises.service.pages.visit import state_headers
from vises.service.resources.links import Links

if TYPE_CHECKING:
    from starlette.requests import Request

    from vises.service.graph import Graph
    from vises.service.iris import Addresses
    from vises.service.resources.asked import Asked
    from vises.service.site import Reading
    from vises.store.engine import Described

CLASSES = frozenset(
    term(name).value
    for name in (
        "owl:Ontology",
        "dcat:Dataset",
        "dcat:Distribution",
        "skos:ConceptScheme",
        "foaf:Document",
        "vises:Publication",
    )
) | {"https://w3id.org/sssom/MappingSet"}
"""Vocabularies and alignments, datasets and their files, lists of codes, publications."""

NEGOTIATED = "Accept, Accept-Profile"
"""What decides between the forms of an address without an ending."""


def is_document(described: Described) -> bool:
    """Tell whether what was described is a document itself."""
    return bool(vocabulary_of(described.iri)) or not CLASSES.isdisjoint(described.types)


def see_other(request: Request, asked: Asked, described: Described, reading: Reading) -> Response:
    """Return the way from a thing to the document about it (RFC 9110, section 15.4.4).

    The form, the profile and all parameters of the request go along.
    """
    moment = ", Accept-Datetime" if reading.chosen is None else ""
    links = Links(asked, described, reading.chosen).listed()
    mementos = Mementos.of(request, request.scope["path"]).links()
    headers = {
        **state_headers(reading),
        **reading.rights.headers("no-cache", NEGOTIATED + moment),
        "Location": asked.location(request.query_params.multi_items()),
        "Content-Profile": asked.profile.content_profile,
        "Link": ", ".join([*links, *mementos]),
        **ANY_ORIGIN,
    }
    return Response(status_code=303, headers=headers)


async def under_whole_name(
    request: Request, asked: Asked, graph: Graph, addresses: Addresses, reading: Reading
) -> Response | None:
    """Return the way to a thing whose own name ends in what asks for a form; None for no such."""
    if not asked.ending:
        return None
    whole = replace(asked, path=f"{asked.path}.{asked.ending}")
    described = await graph.types(addresses.candidates(whole.path))
    return see_other(request, whole, described, reading) if described.iri else None
