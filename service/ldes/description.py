"""A stream as RDF: what it is, its pages (TREE), and what it promises to keep (LDES)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Triple

from vises.namespaces import VOCABULARY_BASE
from vises.store.streams.terms import COMPLETED, GENID, StreamIris, name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vises.store.streams.pages import Index, Listed, Page, State

PATH = "/ldes"
POLLING_SECONDS = 60
PAGES_IN_A_ROW = 20
"""A root links to the first page of each row of so many; within a row each page links to the next.

So one page alone links to another one, which makes it a search tree (TREE, section 2); clients may
take that for granted, and fetch a page once for each link to it.
"""

DIGEST = NamedNode(f"{VOCABULARY_BASE}ldes#digest")
"""What names the way a digest is computed: docs/ldes.md says it in words."""

_SKOLEM = NamedNode("https://www.w3.org/TR/rdf11-concepts/#section-skolemization")


@dataclass(frozen=True)
class Places:
    """Where the streams are: `origin` is the public address, `base` the base of the data."""

    origin: str
    base: str

    @property
    def all(self) -> NamedNode:
        """The root of the stream of all datasets."""
        return NamedNode(f"{self.origin}{PATH}")

    def root(self, stream: str) -> NamedNode:
        """Return the root of the stream of a name."""
        return NamedNode(f"{self.origin}{PATH}/{stream}")

    def page(self, stream: str, number: int) -> NamedNode:
        """Return a page of a stream."""
        return NamedNode(f"{self.origin}{PATH}/{stream}/{number}")


def stream_of(root: NamedNode) -> NamedNode:
    """Return the stream (the collection) that a root gives a view of."""
    return NamedNode(f"{root.value}#stream")


def whole(places: Places, indexes: Sequence[Index], release_id: str) -> Iterator[Triple]:
    """Yield the root of the stream of all datasets, up to a release: it leads to their roots."""
    root = places.all
    yield from _stream(root, places.base)
    yield Triple(root, name("dcterms:identifier"), Literal(release_id))
    times = sorted(index.pages[0].first for index in indexes if index.pages)
    yield from _retention(root, times[0] if times else None, any(i.skipped for i in indexes))
    for index in indexes:
        below = places.root(StreamIris(places.base, index.graph).name)
        yield from _dataset(below, index)
        if index.pages:
            time = index.pages[0].first
            yield from _relation(root, below, "tree:GreaterThanOrEqualToRelation", time)


def root(places: Places, index: Index, release_id: str) -> Iterator[Triple]:
    """Yield the root of the stream of one dataset: it leads to the first page of each row."""
    stream = StreamIris(places.base, index.graph).name
    here = places.root(stream)
    yield from _stream(here, places.base)
    yield from _dataset(here, index)
    yield Triple(here, name("dcterms:identifier"), Literal(release_id))
    yield from _retention(here, index.pages[0].first if index.pages else None, index.skipped)
    for begin in range(0, len(index.pages), PAGES_IN_A_ROW):
        row = index.pages[begin : begin + PAGES_IN_A_ROW]
        target = places.page(stream, row[0].number)
        yield from _relation(here, target, "tree:GreaterThanOrEqualToRelation", row[0].first)
        if len(row) == PAGES_IN_A_ROW and index.immutable(row[-1].number):
            yield from _relation(here, target, "tree:LessThanOrEqualToRelation", row[-1].last)


def page(places: Places, index: Index, listed: Listed, content: Page) -> Iterator[Triple]:
    """Yield what is said of a page beside its members: that they are members, and what is next."""
    iris = StreamIris(places.base, index.graph)
    here = places.page(iris.name, listed.number)
    streams = [stream_of(places.root(iris.name)), stream_of(places.all)]
    yield Triple(here, name("rdf:type"), name("tree:Node"))
    for member in content.members:
        for stream in streams:
            yield Triple(stream, name("tree:member"), NamedNode(member))
    for state in content.states:
        yield from _state(NamedNode(iris.state(state.release)), state, index.graph, places.base)
    if index.immutable(listed.number):
        yield Triple(here, name("ldes:immutable"), _typed("true", "boolean"))
        following = index.page(listed.number + 1)
        assert following is not None  # that makes it immutable
        target = places.page(iris.name, following.number)
        yield Triple(here, name("as:next"), target)
        if (listed.number - index.before) % PAGES_IN_A_ROW:
            kind = "tree:GreaterThanOrEqualToRelation"
            yield from _relation(here, target, kind, following.first)


def _stream(root: NamedNode, base: str) -> Iterator[Triple]:
    stream, shape = stream_of(root), NamedNode(f"{root.value}#shape")
    yield Triple(stream, name("rdf:type"), name("ldes:EventStream"))
    yield Triple(stream, name("tree:view"), root)
    paths = {
        "ldes:timestampPath": "prov:generatedAtTime",
        "ldes:versionOfPath": "dcterms:isVersionOf",
        "ldes:versionCreateObject": "as:Create",
        "ldes:versionUpdateObject": "as:Update",
        "ldes:versionDeleteObject": "as:Delete",
        "ldes:transactionPath": "dcterms:isPartOf",
        "ldes:transactionFinalizedPath": "adms:status",
    }
    for prop, value in paths.items():
        yield Triple(stream, name(prop), name(value))
    yield Triple(stream, name("ldes:transactionFinalizedObject"), COMPLETED)
    yield Triple(stream, name("ldes:pollingInterval"), _typed(str(POLLING_SECONDS), "integer"))
    yield Triple(stream, name("tree:shape"), shape)
    yield from _shape(shape)
    yield Triple(root, name("rdf:type"), name("tree:Node"))
    yield Triple(root, name("rdf:type"), name("ldes:EventSource"))
    skolem = NamedNode(f"{root.value}#skolem")
    yield Triple(skolem, name("void:uriSpace"), Literal(base + GENID))
    yield Triple(skolem, name("dcterms:conformsTo"), _SKOLEM)


def _shape(shape: NamedNode) -> Iterator[Triple]:
    """Yield the shape of the envelope of a member; its content is judged by the shapes of data."""
    yield Triple(shape, name("rdf:type"), name("sh:NodeShape"))
    yield Triple(shape, name("sh:nodeKind"), name("sh:IRI"))
    iri, time = (name("sh:nodeKind"), name("sh:IRI")), (name("sh:datatype"), name("xsd:dateTime"))
    for path, constraint in (
        ("prov:generatedAtTime", time),
        ("dcterms:isVersionOf", iri),
        ("dcterms:isPartOf", iri),
        ("void:inDataset", iri),
        ("rdf:type", iri),
    ):
        rule = NamedNode(f"{shape.value}-{path.partition(':')[2]}")
        yield Triple(shape, name("sh:property"), rule)
        yield Triple(rule, name("sh:path"), name(path))
        yield Triple(rule, *constraint)
        yield Triple(rule, name("sh:minCount"), _typed("1", "integer"))


def _dataset(root: NamedNode, index: Index) -> Iterator[Triple]:
    """Yield of which dataset a stream is: it is one of its distributions."""
    yield Triple(NamedNode(index.graph), name("dcat:distribution"), root)
    if index.pages:
        text = index.pages[0].first
        yield Triple(root, name("dcat:startDate"), _typed(text, "dateTime"))


def _retention(root: NamedNode, start: str | None, skipped: bool) -> Iterator[Triple]:  # noqa: FBT001
    if start is None:
        return
    policy = NamedNode(f"{root.value}#retention")
    yield Triple(root, name("ldes:retentionPolicy"), policy)
    yield Triple(policy, name("rdf:type"), name("ldes:RetentionPolicy"))
    yield Triple(policy, name("ldes:startingFrom"), _typed(start, "dateTime"))
    if skipped:
        yield Triple(policy, name("ldes:versionAmount"), _typed("1", "integer"))


def _state(state: NamedNode, told: State, graph: str, base: str) -> Iterator[Triple]:
    checksum = NamedNode(f"{state.value}-digest")
    yield Triple(state, name("rdf:type"), name("prov:Entity"))
    yield Triple(state, name("dcterms:identifier"), Literal(told.release))
    yield Triple(state, name("dcterms:isVersionOf"), NamedNode(graph))
    yield Triple(state, name("dcterms:isPartOf"), NamedNode(f"{base}release/{told.release}"))
    yield Triple(state, name("prov:generatedAtTime"), _typed(told.time, "dateTime"))
    yield Triple(state, name("void:triples"), _typed(str(told.triples), "integer"))
    yield Triple(state, name("spdx:checksum"), checksum)
    yield Triple(checksum, name("rdf:type"), name("spdx:Checksum"))
    yield Triple(checksum, name("spdx:algorithm"), DIGEST)
    yield Triple(checksum, name("spdx:checksumValue"), _typed(told.digest, "hexBinary"))


def _relation(here: NamedNode, target: NamedNode, kind: str, time: str) -> Iterator[Triple]:
    number = "from" if "Greater" in kind else "to"
    relation = NamedNode(f"{here.value}#{number}-{target.value.rpartition('/')[2]}")
    yield Triple(here, name("tree:relation"), relation)
    yield Triple(relation, name("rdf:type"), name(kind))
    yield Triple(relation, name("tree:node"), target)
    yield Triple(relation, name("tree:path"), name("prov:generatedAtTime"))
    yield Triple(relation, name("tree:value"), _typed(time, "dateTime"))


def _typed(text: str, datatype: str) -> Literal:
    return Literal(text, datatype=name(f"xsd:{datatype}"))
