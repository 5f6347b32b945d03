"""The description of the endpoint for machines (SPARQL 1.1 Service Description, and VoID)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, serialize

from vises.namespaces import PREFIXES, term
from vises.service.formats import GRAPH_TYPES, RESULT_TYPES
from vises.service.sparql.protocol import MOST_BYTES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from vises.settings import Settings
    from vises.store.releases import Release

SD = "http://www.w3.org/ns/sparql-service-description#"
FORMATS = "http://www.w3.org/ns/formats/"
MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
ENTAILMENT = "http://www.w3.org/ns/entailment/Simple"
GRAPH_STORE_PROTOCOL = "http://www.w3.org/TR/sparql11-http-rdf-update/"

FORMAT_NAMES = {
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
"""The names of our formats in the list of W3C, which has none for Arrow and Parquet."""

_TYPE = term("rdf:type")
_WHOLE = "Answers are whole or an error, never cut short."
_UNION = "The default graph is the union of the named graphs; what two of them say counts twice."


@dataclass(frozen=True)
class Limit:
    """A limit in force: a name for machines, its value, the unit (UCUM or a word), a sentence."""

    name: str
    value: float
    unit: str
    about: str


@dataclass(frozen=True)
class ServiceFacts:
    """What the description says besides the release.

    `endpoint` is the absolute address of the service and `dataset` the IRI of its dataset in VoID.
    `updates` says whether the endpoint takes SPARQL Update from those who may; `graph_store` is the
    address of the Graph Store Protocol, None where there is none; `partners` are the endpoints that
    a query may call; `hidden` are the graphs that the request may not read.
    """

    endpoint: str
    dataset: str
    limits: Sequence[Limit] = ()
    updates: bool = False
    graph_store: str | None = None
    partners: Sequence[str] = ()
    hidden: Collection[str] = field(default_factory=frozenset)


def limits_in_force(settings: Settings) -> tuple[Limit, ...]:
    """Return the limits that the settings put on a query."""
    return (
        Limit("query-deadline", settings.query_seconds, "s", "A query is stopped after this time."),
        Limit(
            "query-memory", settings.worker_mebibytes, "MiBy", "A query may use this much memory."
        ),
        Limit("query-processes", settings.workers, "queries", "So many run at once; others wait."),
        Limit(
            "client-seconds",
            settings.client_seconds[0],
            "s/min",
            "A client may use the query processes for so long in each minute.",
        ),
        Limit(
            "client-seconds-at-once",
            settings.client_seconds[1],
            "s",
            "A client that used nothing before may use so much at once.",
        ),
        Limit(
            "client-errors",
            settings.client_errors[0],
            "errors/min",
            "So many queries of a client may fail in each minute by their own fault.",
        ),
        Limit("request-body", MOST_BYTES, "By", "The body of a query may be this large."),
        Limit("upload", settings.upload_mebibytes, "MiBy", "A graph may be this large."),
    )


def service_description(facts: ServiceFacts, release: Release, media_type: str) -> bytes:
    """Return the description of the endpoint as RDF, for one release."""
    form = RdfFormat.from_media_type(media_type)
    assert form is not None
    prefixes = {**PREFIXES, "sd": SD, "formats": FORMATS}
    body = serialize(_statements(facts, release), format=form, prefixes=prefixes)
    assert body is not None
    return body


def format_iri(short: str) -> NamedNode:
    """Return the IRI of one of our formats: W3C's, else that of its registered media type."""
    if short in FORMAT_NAMES:
        return NamedNode(FORMATS + FORMAT_NAMES[short])
    return NamedNode(MEDIA_TYPES + {**RESULT_TYPES, **GRAPH_TYPES}[short])


def _statements(facts: ServiceFacts, release: Release) -> Iterator[Triple]:
    service, dataset = NamedNode(facts.endpoint), NamedNode(facts.dataset)
    yield Triple(service, _TYPE, _sd("Service"))
    yield Triple(service, _sd("endpoint"), service)
    yield Triple(service, _sd("supportedLanguage"), _sd("SPARQL11Query"))
    yield Triple(service, _sd("feature"), _sd("UnionDefaultGraph"))
    yield Triple(service, _sd("defaultEntailmentRegime"), NamedNode(ENTAILMENT))
    yield Triple(service, term("rdfs:comment"), Literal(_comment(facts), language="en"))
    yield from _formats(service)
    yield from _writing(service, dataset, facts)
    yield from _federation(service, facts.partners)
    for limit in facts.limits:
        yield from _limit(service, limit)
    yield Triple(service, _sd("defaultDataset"), dataset)
    yield from _dataset(dataset, release, facts.hidden)


def _comment(facts: ServiceFacts) -> str:
    sentences = [_WHOLE, _UNION]
    if not facts.partners:
        sentences.append("SERVICE is refused.")
    if not facts.updates:
        sentences.append("Updates are refused.")
    return " ".join(sentences)


def _formats(service: NamedNode) -> Iterator[Triple]:
    for short, media_type in {**RESULT_TYPES, **GRAPH_TYPES}.items():
        form = format_iri(short)
        yield Triple(service, _sd("resultFormat"), form)
        if short not in FORMAT_NAMES:
            yield Triple(form, _TYPE, NamedNode(FORMATS + "Format"))
            yield Triple(form, NamedNode(FORMATS + "media_type"), Literal(media_type))


def _writing(service: NamedNode, dataset: NamedNode, facts: ServiceFacts) -> Iterator[Triple]:
    if facts.updates:
        yield Triple(service, _sd("supportedLanguage"), _sd("SPARQL11Update"))
    if facts.graph_store is not None:
        store = NamedNode(facts.graph_store)
        yield Triple(store, _TYPE, term("dcat:DataService"))
        yield Triple(store, term("dcat:endpointURL"), store)
        yield Triple(store, term("dcterms:conformsTo"), NamedNode(GRAPH_STORE_PROTOCOL))
        yield Triple(store, term("dcat:servesDataset"), dataset)


def _federation(service: NamedNode, partners: Sequence[str]) -> Iterator[Triple]:
    """Say which endpoints SERVICE may name; each is a service in its own right."""
    if partners:
        yield Triple(service, _sd("feature"), _sd("BasicFederatedQuery"))
    for partner in map(NamedNode, partners):
        yield Triple(service, term("dcterms:relation"), partner)
        yield Triple(partner, _TYPE, _sd("Service"))
        yield Triple(partner, _sd("endpoint"), partner)


def _limit(service: NamedNode, limit: Limit) -> Iterator[Triple]:
    """Describe a limit as schema.org does a property; no vocabulary has terms for these."""
    node = BlankNode(limit.name)
    yield Triple(service, term("schema:additionalProperty"), node)
    yield Triple(node, _TYPE, term("schema:PropertyValue"))
    yield Triple(node, term("schema:propertyID"), Literal(limit.name))
    yield Triple(node, term("schema:value"), Literal(limit.value))
    yield Triple(node, term("schema:unitText"), Literal(limit.unit))
    yield Triple(node, term("schema:description"), Literal(limit.about, language="en"))


def _dataset(dataset: NamedNode, release: Release, hidden: Collection[str]) -> Iterator[Triple]:
    shown = {name: count for name, count in release.counts.items() if name not in hidden}
    default = BlankNode("default")
    yield Triple(dataset, _TYPE, _sd("Dataset"))
    yield Triple(dataset, _TYPE, term("void:Dataset"))
    yield Triple(dataset, term("dcterms:hasVersion"), Literal(release.id))
    yield Triple(dataset, _sd("defaultGraph"), default)
    yield from _graph(default, sum(shown.values()))
    yield from named_graphs(dataset, shown)


def named_graphs(collection: NamedNode, counts: Mapping[str, int]) -> Iterator[Triple]:
    """Yield what is said of the graphs in a collection, each with how much it holds."""
    for number, (name, count) in enumerate(sorted(counts.items())):
        entry, graph = BlankNode(f"named{number}"), BlankNode(f"graph{number}")
        yield Triple(collection, _sd("namedGraph"), entry)
        yield Triple(entry, _TYPE, _sd("NamedGraph"))
        yield Triple(entry, _sd("name"), NamedNode(name))
        yield Triple(entry, _sd("graph"), graph)
        yield from _graph(graph, count)


def _graph(graph: BlankNode, count: int) -> Iterator[Triple]:
    yield Triple(graph, _TYPE, _sd("Graph"))
    yield Triple(graph, _TYPE, term("void:Dataset"))
    yield Triple(graph, term("void:triples"), Literal(count))


def _sd(name: str) -> NamedNode:
    return NamedNode(SD + name)
