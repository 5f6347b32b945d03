"""The graphs that the store has, at its own address.

The Graph Store HTTP Protocol says what POST to that address does, and leaves GET free. A catalogue
names the address as a `dcat:endpointURL`, so it answers with what can be asked for there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from pyoxigraph import NamedNode, Triple
from starlette.responses import RedirectResponse, Response

from vises.namespaces import PREFIXES, term
from vises.service.conditional import etag, is_fresh
from vises.service.formats import GRAPH_ALIASES, GRAPH_TYPES, HTML, HTML_ALIASES, content_type
from vises.service.graphstore.target import GRAPHS
from vises.service.headers import ANY_ORIGIN
from vises.service.iris import in_release
from vises.service.language import chosen_language
from vises.service.negotiation import best_media_type, unacceptable
from vises.service.public import origin_of
from vises.service.rdf import written
from vises.service.sparql.description import SD, named_graphs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from starlette.requests import Request

    from vises.service.graphstore.target import Target
    from vises.service.site import Site

_DATASETS = "/datasets"
"""The page that lists the same for people."""


def graph_list(site: Site, request: Request, target: Target) -> Response:
    """Return the graphs that a request may read, as RDF, or the way to the page about them.

    Each is a named graph (SPARQL 1.1 Service Description, section 3.3) with the number of its
    statements and its address here. Raises `NotAcceptable` and what `Site.reading` does.
    """
    reading = site.reading(target.release, site.access.of(request.scope))
    found = best_media_type(
        request.headers.get("accept"),
        [*GRAPH_TYPES.values(), HTML, *GRAPH_ALIASES, *HTML_ALIASES],
    )
    if found is None:
        raise unacceptable([*GRAPH_TYPES.values(), HTML])
    headers = {
        **ANY_ORIGIN,
        "Cache-Control": reading.cache_control,
        "Vary": reading.rights.vary("Accept"),
        "X-Release": reading.release.id,
    }
    if found == HTML or found in HTML_ALIASES:
        address = in_release(_DATASETS, reading.chosen, chosen_language(request))
        return RedirectResponse(address, 303, headers)
    media_type = GRAPH_ALIASES.get(found, found)
    store = origin_of(request) + GRAPHS
    chosen = reading.chosen
    headers["ETag"] = etag(
        reading.release.id, store, str(chosen), media_type, *reading.rights.etag_parts
    )
    if is_fresh(request.headers.get("if-none-match"), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    headers["Content-Type"] = content_type(media_type)
    body = written(_statements(store, reading.counts, chosen), media_type, {**PREFIXES, "sd": SD})
    return Response(body, headers=headers)


def _statements(store: str, counts: Mapping[str, int], release: str | None) -> Iterator[Triple]:
    collection = NamedNode(in_release(store, release))
    yield Triple(collection, term("rdf:type"), NamedNode(f"{SD}GraphCollection"))
    yield from named_graphs(collection, counts)
    for graph in counts:
        address = in_release(f"{store}?graph={quote(graph, safe='')}", release)
        yield Triple(NamedNode(graph), term("void:dataDump"), NamedNode(address))
