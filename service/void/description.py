"""The statements of the VoID description (Describing Linked Datasets with the VoID Vocabulary).

Each named graph is a dataset in its own right, with partitions and linksets; the whole is their
union. The numbers of the whole are sums over the graphs, as the endpoint counts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, serialize

from vises.namespaces import PREFIXES, VOCABULARY_BASE, term
from vises.service.formats import GRAPH_TYPES
from vises.service.sparql.description import format_iri

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from vises.store.partitions import Partitions
    from vises.store.releases import Release

DATASET = "#dataset"
"""What follows the address of the description in the IRI of the whole."""

_TYPE = term("rdf:type")
_DATASET = term("void:Dataset")


@dataclass(frozen=True)
class VoidFacts:
    """What the description is made of.

    `document` is its own absolute address, `endpoint` that of the SPARQL service and `home` that of
    the home page; `base` is what the IRIs of our data start with; `graphs` has the partitions of
    each graph; `hidden` are the graphs that the request may not read, of which nothing is said and
    nothing is counted; `dumps` are the addresses of the files of each graph.
    """

    document: str
    endpoint: str
    home: str
    base: str
    release: Release
    graphs: Mapping[str, Partitions]
    hidden: Collection[str] = field(default_factory=frozenset)
    dumps: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def shown(self) -> dict[str, Partitions]:
        """The graphs that the request may read."""
        return {g: parts for g, parts in sorted(self.graphs.items()) if g not in self.hidden}


def void_description(facts: VoidFacts, media_type: str) -> bytes:
    """Return the description as RDF."""
    form = RdfFormat.from_media_type(media_type)
    assert form is not None
    body = serialize(_statements(facts), format=form, prefixes=PREFIXES)
    assert body is not None
    return body


def _statements(facts: VoidFacts) -> Iterator[Triple]:
    document, whole = NamedNode(facts.document), NamedNode(facts.document + DATASET)
    yield Triple(document, _TYPE, term("void:DatasetDescription"))
    yield Triple(document, term("foaf:primaryTopic"), whole)
    yield from _whole(whole, facts)
    for number, (graph, parts) in enumerate(facts.shown.items()):
        yield Triple(whole, term("void:subset"), NamedNode(graph))
        yield from _graph(NamedNode(graph), parts, str(number), facts)


def _whole(whole: NamedNode, facts: VoidFacts) -> Iterator[Triple]:
    release, shown = facts.release, facts.shown.values()
    modified = Literal(release.created.isoformat(timespec="seconds"), datatype=term("xsd:dateTime"))
    yield Triple(whole, _TYPE, _DATASET)
    yield Triple(whole, term("dcterms:hasVersion"), Literal(release.id))
    yield Triple(whole, term("dcterms:modified"), modified)
    yield Triple(whole, term("void:sparqlEndpoint"), NamedNode(facts.endpoint))
    yield Triple(whole, term("void:uriSpace"), Literal(facts.base))
    yield Triple(whole, term("foaf:homepage"), NamedNode(facts.home))
    for short in GRAPH_TYPES:
        yield Triple(whole, term("void:feature"), format_iri(short))
    yield from _sizes(
        whole,
        sum(sum(parts.properties.values()) for parts in shown),
        {name for parts in shown for name in parts.classes},
        {name for parts in shown for name in parts.properties},
    )


def _sizes(
    dataset: NamedNode, triples: int, classes: Collection[str], properties: Collection[str]
) -> Iterator[Triple]:
    yield Triple(dataset, term("void:triples"), Literal(triples))
    yield Triple(dataset, term("void:classes"), Literal(len(classes)))
    yield Triple(dataset, term("void:properties"), Literal(len(properties)))
    for namespace in sorted({_namespace(name) for name in (*classes, *properties)}):
        yield Triple(dataset, term("void:vocabulary"), NamedNode(namespace))


def _graph(graph: NamedNode, parts: Partitions, key: str, facts: VoidFacts) -> Iterator[Triple]:
    yield Triple(graph, _TYPE, _DATASET)
    for address in facts.dumps.get(graph.value, ()):
        yield Triple(graph, term("void:dataDump"), NamedNode(address))
    yield from _sizes(graph, sum(parts.properties.values()), parts.classes, parts.properties)
    classes = {BlankNode(f"g{key}c{n}"): c for n, c in enumerate(sorted(parts.classes.items()))}
    properties = {
        BlankNode(f"g{key}p{n}"): p for n, p in enumerate(sorted(parts.properties.items()))
    }
    for part in classes:
        yield Triple(graph, term("void:classPartition"), part)
    for part in properties:
        yield Triple(graph, term("void:propertyPartition"), part)
    for part, (name, count) in classes.items():
        yield Triple(part, term("void:class"), NamedNode(name))
        yield Triple(part, term("void:entities"), Literal(count))
    for part, (name, count) in properties.items():
        yield Triple(part, term("void:property"), NamedNode(name))
        yield Triple(part, term("void:triples"), Literal(count))
    yield from _linksets(graph, parts, key, facts)


def _linksets(graph: NamedNode, parts: Partitions, key: str, facts: VoidFacts) -> Iterator[Triple]:
    """Describe the links to what others describe: a linkset for each property and URI space.

    Links to the front pages of sites have no more in common than `https://`, and are in none.
    """
    links = (
        (link, start, count)
        for link, starts in sorted(parts.links.items())
        for start, count in sorted(starts.items())
        if start and not start.endswith("://")
        if not start.startswith((facts.base, VOCABULARY_BASE))
    )
    for number, (link, start, count) in enumerate(links):
        linkset, target = BlankNode(f"g{key}l{number}"), BlankNode(f"g{key}t{number}")
        yield Triple(graph, term("void:subset"), linkset)
        yield Triple(linkset, _TYPE, term("void:Linkset"))
        yield Triple(linkset, term("void:linkPredicate"), NamedNode(link))
        yield Triple(linkset, term("void:subjectsTarget"), graph)
        yield Triple(linkset, term("void:objectsTarget"), target)
        yield Triple(linkset, term("void:triples"), Literal(count))
        yield Triple(target, _TYPE, _DATASET)
        yield Triple(target, term("void:uriSpace"), Literal(start))


def _namespace(iri: str) -> str:
    """Return the IRI of a term up to its local name: a prefix of ours, else to its # or last /."""
    ours = [space for space in PREFIXES.values() if iri.startswith(space)]
    if ours:
        return max(ours, key=len)
    start, mark, _ = iri.rpartition("#" if "#" in iri else "/")
    return start + mark or iri
