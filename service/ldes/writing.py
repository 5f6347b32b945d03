"""A page of a stream in a format of RDF."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from pyoxigraph import DefaultGraph, Quad, RdfFormat, Triple, parse

from vises.service.formats import GRAPH_TYPES
from vises.store.description import used_prefixes
from vises.store.evaluation import write_graph
from vises.store.streams.terms import NAMESPACES, name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from vises.store.streams.pages import Page


def page_bytes(said: Iterable[Triple], page: Page, media_type: str) -> bytes:
    """Return what is said of a page and its members, in their order.

    A format with graphs has the statements of a member in the graph that it names, about the thing
    itself. Others have them about the member, which is a version of the thing. Raises
    `NotAcceptable` where the format cannot say them.
    """
    if media_type == GRAPH_TYPES["nq"]:
        return "".join(f"{triple} .\n" for triple in said).encode() + bytes(page.body)
    form = RdfFormat.from_media_type(media_type)
    assert form is not None
    members = parse(bytes(page.body), RdfFormat.N_QUADS)
    if form.supports_datasets:
        head = (Quad(t.subject, t.predicate, t.object) for t in said)
        return _serialized(list(chain(head, members)), form)
    return _serialized(list(chain(said, _versions(members))), form)


def root_bytes(said: Iterable[Triple], media_type: str) -> bytes:
    """Return what is said of a root."""
    form = RdfFormat.from_media_type(media_type)
    assert form is not None
    return _serialized(list(dict.fromkeys(said)), form)


def _versions(quads: Iterable[Quad]) -> Iterator[Triple]:
    """Yield members with their statements about themselves."""
    things: dict[object, object] = {}
    for quad in quads:
        if isinstance(quad.graph_name, DefaultGraph):
            if quad.predicate == name("dcterms:isVersionOf"):
                things[quad.subject] = quad.object
            yield quad.triple
        else:
            member, thing = quad.graph_name, things[quad.graph_name]
            value = member if quad.object == thing else quad.object
            yield Triple(member, quad.predicate, value)


def _serialized(statements: Sequence[Triple] | Sequence[Quad], form: RdfFormat) -> bytes:
    prefixes = used_prefixes(dict.fromkeys(statements), NAMESPACES)
    body = write_graph(statements, form, prefixes=prefixes)
    assert body is not None  # it is written to no file
    return body
