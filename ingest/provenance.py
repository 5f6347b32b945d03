"""Where data comes from: the description of a dataset, and the activity of each ingest (PROV-O)."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from pyoxigraph import Literal, NamedNode, Quad

from vises.namespaces import PREFIXES, Iris, date_time, term
from vises.store.transaction import Change

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime

    from pyoxigraph import Store

    from vises.ingest.report import FileCounts

LICENCE = "https://creativecommons.org/licenses/by/4.0/"
OURS = "organisation/vises-contributors"
INVENTED = {"fr": "données fictives", "nl": "fictieve gegevens", "en": "fictitious data"}
GENERATED_BY = term("prov:wasGeneratedBy")
USAGE = term("prov:qualifiedUsage")
FORMATS = {
    "ttl": ("Turtle", "text/turtle"),
    "nt": ("N-Triples", "application/n-triples"),
    "rdf": ("RDF/XML", "application/rdf+xml"),
    "jsonld": ("JSON-LD", "application/ld+json"),
}
"""The formats that the endpoint gives a whole dataset in, with their names and media types."""
MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"
FREQUENCIES = "http://publications.europa.eu/resource/authority/frequency/"
HVD_CATEGORIES = "http://data.europa.eu/bna/"
HVD_CATEGORY = NamedNode("http://data.europa.eu/r5r/hvdCategory")
"""What the IRIs of the frequencies and of the categories of high-value datasets begin with."""

PROVENANCE = "provenance"
"""The graph that ingest writes beside each dataset."""

CONTENT = "ni:///sha-256;"
"""What the IRIs of files begin with, by their content."""

WHOLE = "CONSTRUCT WHERE { ?s ?p ?o }"


@dataclass(frozen=True)
class DatasetDescription:
    """What a catalogue says of a dataset.

    `title` is by language; `publisher` is a path such as `organisation/insee`; `licence` is the
    IRI of the licence, where it is known; `spatial` are the NUTS codes of the regions that the data
    covers, and `themes` the codes of its data themes. `frequency` is how often its source comes
    anew, and `hvd` the category of high-value datasets that it belongs to, by their codes in the
    lists of the European Union; None where that is not known or does not apply.
    """

    title: Mapping[str, str]
    publisher: str | None = None
    licence: str | None = None
    description: Mapping[str, str] = field(default_factory=dict)
    spatial: Sequence[str] = ()
    themes: Sequence[str] = ()
    frequency: str | None = None
    hvd: str | None = None

    def invented(self) -> DatasetDescription:
        """Return the description of invented data in the same format: ours, and said to be so."""
        title = {lang: f"{text} ({INVENTED[lang]})" for lang, text in self.title.items()}
        return replace(self, title=title, publisher=OURS, licence=LICENCE, frequency=None, hvd=None)


OF_PROVENANCE = DatasetDescription(
    title={
        "fr": "Provenance des données de VISES",
        "nl": "Herkomst van de gegevens van VISES",
        "en": "Provenance of the data of VISES",
    },
    description={
        "fr": "De quels fichiers, quand et par qui chaque jeu de données a été fait, et sa"
        " description.",
        "nl": "Uit welke bestanden, wanneer en door wie elke dataset gemaakt is, en hoe hij"
        " beschreven is.",
        "en": "From which files, when and by whom each dataset was made, and how each is"
        " described.",
    },
    licence=LICENCE,
)
"""What graph/provenance says of itself."""


@dataclass(frozen=True)
class SourceFile:
    """A file that was read: its name and its SHA-256 in hexadecimal."""

    name: str
    sha256: str


@dataclass(frozen=True)
class IngestRecord:
    """One ingest: what it read, what it made of it, when and by whom.

    `plans` are the mapping and the contracts that it followed, `as_of` the day that the data
    describes, `corrects` the batch whose refused rows were corrected, `sources` what else it used:
    the graphs and the release that a derivation read.
    """

    dataset: str
    batch: str
    author: str
    files: Sequence[SourceFile]
    counts: Sequence[FileCounts]
    started: datetime
    ended: datetime
    fictitious: bool
    description: DatasetDescription
    plans: Sequence[SourceFile] = ()
    as_of: date | None = None
    corrects: str | None = None
    sources: Sequence[NamedNode] = ()


def content_iri(sha256: str) -> NamedNode:
    """Return the IRI that names content by its digest (RFC 6920, ni:).

    >>> content_iri("7f83b165").value
    'ni:///sha-256;f4OxZQ'
    """
    digest = base64.urlsafe_b64encode(bytes.fromhex(sha256)).decode().rstrip("=")
    return NamedNode(f"{CONTENT}{digest}")


def is_content(entity: NamedNode) -> bool:
    """Tell whether what an ingest used is a file, not a graph or a release."""
    return entity.value.startswith(CONTENT)


def activity_iri(iris: Iris, dataset: str, batch: str) -> NamedNode:
    """Return the IRI of the ingest of a batch."""
    return iris.of(f"activity/{dataset}-{batch}")


def batch_iri(iris: Iris, dataset: str, batch: str) -> NamedNode:
    """Return the IRI of what a dataset held when it was made from a batch."""
    return iris.of(f"batch/{dataset}-{batch}")


def generator(store: Store, iris: Iris, dataset: str) -> NamedNode | None:
    """Return the ingest that made what a dataset holds, None where it holds nothing."""
    graph, provenance = iris.graph(dataset), iris.graph(PROVENANCE)
    quads = store.quads_for_pattern(graph, GENERATED_BY, None, provenance)
    return next((q.object for q in quads if isinstance(q.object, NamedNode)), None)


def is_published(store: Store, iris: Iris, dataset: str, batch: str) -> bool:
    """Tell whether what the dataset holds in `store` was made from this batch."""
    activity = activity_iri(iris, dataset, batch)
    return Quad(iris.graph(dataset), GENERATED_BY, activity, iris.graph(PROVENANCE)) in store


def describe(iris: Iris, dataset: str, description: DatasetDescription) -> frozenset[Quad]:
    """Return the quads of graph/provenance that describe a dataset (DCAT 3, section 6.6)."""
    return _quads(iris, _described(iris, dataset, description))


def described(store: Store, iris: Iris, dataset: str) -> frozenset[Quad]:
    """Return what graph/provenance in `store` says of a dataset and its distributions."""
    graph, provenance = iris.graph(dataset), iris.graph(PROVENANCE)
    parts = store.quads_for_pattern(graph, term("dcat:distribution"), None, provenance)
    subjects = {graph, *(quad.object for quad in parts)}
    return frozenset(
        quad
        for subject in subjects
        for quad in store.quads_for_pattern(subject, None, None, provenance)  # type: ignore[arg-type]
    )


def provenance_change(store: Store, iris: Iris, record: IngestRecord) -> Change:
    """Return the change to graph/provenance that an ingest makes.

    The description of the dataset is replaced, that of graph/provenance itself too, and the
    activity where the same batch was ingested before, and perhaps withdrawn since; the activities
    of other batches stay.
    """
    activity = activity_iri(iris, record.dataset, record.batch)
    held = batch_iri(iris, record.dataset, record.batch)
    provenance = iris.graph(PROVENANCE)
    before = described(store, iris, record.dataset) | described(store, iris, PROVENANCE)
    usages = (q.object for q in store.quads_for_pattern(activity, USAGE, None, provenance))
    for subject in (activity, held, *usages):
        before |= set(store.quads_for_pattern(subject, None, None, provenance))  # type: ignore[arg-type]
    added = describe(iris, record.dataset, record.description)
    added |= describe(iris, PROVENANCE, OF_PROVENANCE)
    added |= _quads(iris, (*_generated(iris, record), *_activity(iris, record)))
    return Change(before - added, added)


Statement = tuple[NamedNode, str | NamedNode, NamedNode | Literal]


def _quads(iris: Iris, statements: Iterable[Statement]) -> frozenset[Quad]:
    graph = iris.graph(PROVENANCE)
    return frozenset(
        Quad(s, term(name) if isinstance(name, str) else name, o, graph)
        for s, name, o in statements
    )


def _described(iris: Iris, name: str, description: DatasetDescription) -> Iterator[Statement]:
    dataset = iris.graph(name)
    yield dataset, "rdf:type", term("dcat:Dataset")
    for language, text in description.title.items():
        yield dataset, "dcterms:title", Literal(text, language=language)
    for language, text in description.description.items():
        yield dataset, "dcterms:description", Literal(text, language=language)
    if description.publisher:
        yield dataset, "dcterms:publisher", iris.of(description.publisher)
    if description.licence:
        yield dataset, "dcterms:license", NamedNode(description.licence)
    for region in description.spatial:
        yield dataset, "dcterms:spatial", NamedNode(f"{PREFIXES['code']}nuts/{region}")
    for theme in description.themes:
        yield dataset, "dcat:theme", NamedNode(f"{PREFIXES['code']}data-theme/{theme}")
    if description.frequency:
        frequency = NamedNode(FREQUENCIES + description.frequency)
        yield dataset, "dcterms:accrualPeriodicity", frequency
    if description.hvd:
        yield dataset, HVD_CATEGORY, NamedNode(HVD_CATEGORIES + description.hvd)
    yield from _distributions(iris, name)


def _distributions(iris: Iris, name: str) -> Iterator[Statement]:
    """Yield how to get the whole of a dataset: from the endpoint, in each of its formats."""
    dataset = iris.graph(name)
    for form, (title, media_type) in FORMATS.items():
        fields = {"default-graph-uri": dataset.value, "query": WHOLE, "download": form}
        distribution = iris.of(f"distribution/{name}-{form}")
        yield dataset, "dcat:distribution", distribution
        yield distribution, "rdf:type", term("dcat:Distribution")
        yield distribution, "dcterms:title", Literal(title)
        yield distribution, "dcat:accessURL", iris.of(f"sparql?{urlencode(fields)}")
        yield distribution, "dcat:mediaType", NamedNode(MEDIA_TYPES + media_type)


def _generated(iris: Iris, record: IngestRecord) -> Iterator[Statement]:
    dataset = iris.graph(record.dataset)
    yield dataset, "prov:wasGeneratedBy", activity_iri(iris, record.dataset, record.batch)
    yield dataset, "dcterms:modified", date_time(record.ended)
    if record.fictitious:
        yield dataset, "vises:fictitious", Literal("true", datatype=term("xsd:boolean"))


def _activity(iris: Iris, record: IngestRecord) -> Iterator[Statement]:
    activity = activity_iri(iris, record.dataset, record.batch)
    yield activity, "rdf:type", term("vises:IngestActivity")
    yield activity, "prov:generated", iris.graph(record.dataset)
    yield activity, "prov:startedAtTime", date_time(record.started)
    yield activity, "prov:endedAtTime", date_time(record.ended)
    yield activity, "dcterms:creator", Literal(record.author)
    if record.as_of:
        yield activity, "dcterms:date", Literal(record.as_of.isoformat(), datatype=term("xsd:date"))
    if record.corrects:
        corrected = activity_iri(iris, record.dataset, record.corrects)
        yield activity, "prov:wasInformedBy", corrected
    for name, count in _totals(record.counts).items():
        yield activity, name, Literal(count)
    for number, file in enumerate(record.files, 1):
        yield from _usage(activity, number, file)
        if record.description.licence:
            licence = NamedNode(record.description.licence)
            yield content_iri(file.sha256), "dcterms:license", licence
    for source in record.sources:
        yield activity, "prov:used", source
    yield from _association(iris, activity, record)


def _usage(activity: NamedNode, number: int, file: SourceFile) -> Iterator[Statement]:
    """Yield the use of a file under its name (PROV-O, 3.3).

    The name is not said of the content, which other ingests may have used under another one.
    """
    entity, usage = content_iri(file.sha256), NamedNode(f"{activity.value}/usage-{number}")
    yield activity, "prov:used", entity
    yield entity, "rdf:type", term("prov:Entity")
    yield entity, "dcterms:identifier", _identifier(file)
    yield activity, "prov:qualifiedUsage", usage
    yield usage, "rdf:type", term("prov:Usage")
    yield usage, "prov:entity", entity
    yield usage, "dcterms:title", Literal(file.name)


def _association(iris: Iris, activity: NamedNode, record: IngestRecord) -> Iterator[Statement]:
    """Yield what did the work, by which plans: the mapping and the contracts (PROV-O, 3.3)."""
    release = version("vises")
    association = NamedNode(f"{activity.value}/association")
    software = iris.of(f"software/vises-{release}")
    yield activity, "prov:wasAssociatedWith", software
    yield activity, "prov:qualifiedAssociation", association
    yield software, "rdf:type", term("prov:SoftwareAgent")
    yield software, "dcterms:title", Literal(f"VISES {release}")
    yield association, "rdf:type", term("prov:Association")
    yield association, "prov:agent", software
    for file in record.plans:
        plan = content_iri(file.sha256)
        yield association, "prov:hadPlan", plan
        yield plan, "rdf:type", term("prov:Plan")
        yield plan, "dcterms:title", Literal(file.name)
        yield plan, "dcterms:identifier", _identifier(file)


def _identifier(file: SourceFile) -> Literal:
    return Literal(f"sha256:{file.sha256}")


def _totals(counts: Sequence[FileCounts]) -> dict[str, int]:
    return {
        "vises:rowsIn": sum(c.rows_in for c in counts),
        "vises:rowsPublished": sum(c.published for c in counts),
        "vises:rowsQuarantined": sum(c.quarantined for c in counts),
        "vises:rowsOutOfScope": sum(sum(c.out_of_scope.values()) for c in counts),
    }
