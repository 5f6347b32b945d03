"""The description of the endpoint for machines (SPARQL 1.1 Service Description, and VoID)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, serialize

from vises.namespaces import PREFIXES
from vises.service.formats import GRAPH_TYPES, RESULT_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vises.service.site import Reading

SD = "http://www.w3.org/ns/sparql-service-description#"
VOID = "http://rdfs.org/ns/void#"
FORMATS = "http://www.w3.org/ns/formats/"
ENTAILMENT = "http://www.w3.org/ns/entailment/Simple"

_FORMAT_NAMES = {
    "json": "SPARQL_Results_JSON",
    "xml": "SPARQL_Results_XML",
    "csv": "SPARQL_Results_CSV",
    "tsv": "SPARQL_Results_TSV",
    "ttl": "Turtle",
    "nt": "N-Triples",
    "nq": "N-Quads",
    "trig": "TriG",
    "rdf": "RDF_XML",
    "jsonld": "JSON-LD",
}
_TYPE = NamedNode(PREFIXES["rdf"] + "type")
_LIMITS = (
    "Answers are whole or an error, never cut short. SERVICE and updates are refused. "
    "The default graph is the union of the named graphs."
)


def service_description(endpoint: str, reading: Reading, media_type: str) -> bytes:
    """Return the description of the endpoint at an absolute address, from one release.

    It tells nothing of graphs that are closed to the request.
    """
    form = RdfFormat.from_media_type(media_type)
    assert form is not None
    prefixes = {**PREFIXES, "sd": SD, "void": VOID}
    body = serialize(_statements(endpoint, reading), format=form, prefixes=prefixes)
    assert body is not None
    return body


def _statements(endpoint: str, reading: Reading) -> Iterator[Triple]:
    service = NamedNode(endpoint)
    dataset, default = BlankNode("dataset"), BlankNode("default")
    yield Triple(service, _TYPE, _sd("Service"))
    yield Triple(service, _sd("endpoint"), service)
    yield Triple(service, _sd("supportedLanguage"), _sd("SPARQL11Query"))
    yield Triple(service, _sd("feature"), _sd("UnionDefaultGraph"))
    yield Triple(service, _sd("defaultEntailmentRegime"), NamedNode(ENTAILMENT))
    yield Triple(service, NamedNode(PREFIXES["rdfs"] + "comment"), Literal(_LIMITS, language="en"))
    for short in (*RESULT_TYPES, *GRAPH_TYPES):
        yield Triple(service, _sd("resultFormat"), NamedNode(FORMATS + _FORMAT_NAMES[short]))
    yield Triple(service, _sd("defaultDataset"), dataset)
    yield Triple(dataset, _TYPE, _sd("Dataset"))
    yield Triple(
        dataset, NamedNode(PREFIXES["dcterms"] + "hasVersion"), Literal(reading.release.id)
    )
    yield Triple(dataset, _sd("defaultGraph"), default)
    yield from _graph(default, sum(reading.counts.values()))
    for number, (name, count) in enumerate(sorted(reading.counts.items())):
        entry, graph = BlankNode(f"named{number}"), BlankNode(f"graph{number}")
        yield Triple(dataset, _sd("namedGraph"), entry)
        yield Triple(entry, _TYPE, _sd("NamedGraph"))
        yield Triple(entry, _sd("name"), NamedNode(name))
        yield Triple(entry, _sd("graph"), graph)
        yield from _graph(graph, count)


def _graph(graph: BlankNode, count: int) -> Iterator[Triple]:
    yield Triple(graph, _TYPE, _sd("Graph"))
    yield Triple(graph, NamedNode(VOID + "triples"), Literal(count))


def _sd(name: str) -> NamedNode:
    return NamedNode(SD + name)
