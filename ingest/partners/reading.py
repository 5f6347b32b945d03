"""The document of a delivery as the triples of one graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import DefaultGraph, RdfFormat

from vises.errors import sentence
from vises.ingest import jsonld
from vises.ingest.cids import standard
from vises.ingest.cids.document import read_document
from vises.ingest.cids.tiers import speaks_cids
from vises.ingest.partners.errors import ForeignGraph
from vises.validation.syntax import read

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyoxigraph import NamedNode, Quad, Triple

    from vises.validation.report import Result

MOST_CONTEXTS = 1000
"""How many contexts a document may have: each that is named stands for thousands of characters."""

Read = tuple[frozenset["Triple"], list["Result"]]


def read_delivery(data: bytes, media_type: str, graph: NamedNode, place: str) -> Read:
    """Return the triples of a document, and the defects of its contexts where it is CIDS data.

    TriG and N-Quads may name the graph of the partner, `graph`; relative IRIs are below it.
    Raises `BadJsonLd`, `RemoteContext`, `RdfSyntaxError` and `ForeignGraph`.
    """
    syntax = RdfFormat.from_media_type(media_type)
    assert syntax is not None
    if syntax == RdfFormat.JSON_LD:
        return _read_json_ld(data, graph, place)
    quads = read(data, syntax, place=place, base_iri=_base(graph), rename_blank_nodes=True)
    return frozenset(_own(quads, graph, place)), []


def _read_json_ld(data: bytes, graph: NamedNode, place: str) -> Read:
    """Read CIDS data by the context of CIDS, other JSON-LD by those that it has."""
    document = jsonld.read_json(data, place)
    if (count := _contexts(document)) > MOST_CONTEXTS:
        raise jsonld.BadJsonLd(
            sentence(
                "many-contexts",
                "The document has {count:,} contexts, and {most:,} are read at most.",
                count=count,
                most=MOST_CONTEXTS,
            ),
            place=place,
            remedy=sentence("one-context", "Give one context, at its beginning."),
        )
    quads, defects = read_document(data, place, _base(graph))
    triples = frozenset(quad.triple for quad in quads)
    if speaks_cids(triples):
        return triples, defects
    known = jsonld.package_contexts() | {iri: {} for iri in standard.context_iris()}
    local = jsonld.localise(document, known, place)
    return frozenset(q.triple for q in jsonld.statements(local, place, _base(graph))), []


def _contexts(document: jsonld.Json) -> int:
    """Return how many contexts a document has; an array of them counts as each of its members."""
    count = 0
    waiting = [(document, False)]
    while waiting:
        item, is_context = waiting.pop()
        if isinstance(item, list):
            waiting += [(member, is_context) for member in item]
            continue
        count += is_context
        if isinstance(item, dict):
            waiting += [(value, key == "@context") for key, value in item.items()]
    return count


def _own(quads: Iterable[Quad], graph: NamedNode, place: str) -> Iterable[Triple]:
    for quad in quads:
        if quad.graph_name not in {DefaultGraph(), graph}:
            raise ForeignGraph(
                sentence(
                    "in-other-graph",
                    "There are statements in the graph {graph}.",
                    graph=str(quad.graph_name),
                ),
                place=place,
                remedy=sentence(
                    "name-own-graph",
                    "Leave the names of graphs out, or name {graph} alone.",
                    graph=str(graph),
                ),
            )
        yield quad.triple


def _base(graph: NamedNode) -> str:
    return f"{graph.value}/"
