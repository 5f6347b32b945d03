"""The batches of a data folder: those that graph/provenance tells of, and those that were given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from vises.ingest.ledger import UnknownBatch
from vises.ingest.provenance import (
    PROVENANCE,
    SourceFile,
    activity_iri,
    batch_iri,
    generator,
    is_content,
)
from vises.namespaces import Iris, term

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pyoxigraph import Store

    from vises.ingest.ledger import Given, Ledger
    from vises.store.releases import ReleaseStore

ROWS = ("rowsIn", "rowsPublished", "rowsQuarantined", "rowsOutOfScope")


class State(StrEnum):
    """What became of a batch."""

    current = "current"
    replaced = "replaced"
    withdrawn = "withdrawn"
    unpublished = "not published"


@dataclass(frozen=True)
class Told:
    """A batch as provenance tells it.

    `rows` are those read, published, quarantined and out of scope; `files` and `plans` were used;
    `corrects` is the batch whose refused rows it corrected.
    """

    dataset: str
    batch: str
    state: State
    started: datetime
    author: str
    rows: Mapping[str, int]
    files: tuple[SourceFile, ...] = ()
    plans: tuple[SourceFile, ...] = ()
    as_of: str | None = None
    licence: str | None = None
    corrects: str | None = None
    withdrawn: str | None = None


def batches(releases: ReleaseStore, ledger: Ledger, base_iri: str) -> list[Told]:
    """Return the batches of a data folder, the oldest first."""
    iris, release = Iris(base_iri), releases.current()
    published: list[Told] = []
    if release is not None:
        with releases.open(release.id) as store:
            published = list(Provenance(store, iris).batches())
    return sorted([*published, *unpublished(ledger, published)], key=lambda told: told.started)


def unpublished(ledger: Ledger, published: Iterable[Told]) -> list[Told]:
    """Return the batches that were given and are not among the published ones."""
    known = {(told.dataset, told.batch) for told in published}
    given = (g for g in ledger.all() if (g.dataset, g.batch) not in known)
    return [_unpublished(each) for each in given]


def find_batch(found: list[Told], name: str) -> Told:
    """Return the batch that a name means: its id, the start of it, or DATASET/ID.

    Raises `UnknownBatch` where there is none, or more than one.
    """
    dataset, slash, start = name.rpartition("/")
    fitting = [
        told
        for told in found
        if start and told.batch.startswith(start) and (not slash or told.dataset == dataset)
    ]
    if len(fitting) != 1:
        several = ", ".join(f"{told.dataset}/{told.batch}" for told in fitting[:5])
        raise UnknownBatch(
            f"{name[:80]!r} may be {several}." if several else f"There is no batch {name[:80]!r}.",
            remedy="`vises batches list` shows all of them.",
        )
    return fitting[0]


class Provenance:
    """What graph/provenance of a store says of ingests."""

    def __init__(self, store: Store, iris: Iris) -> None:
        """Take the store; nothing is read yet."""
        self._store = store
        self._iris = iris
        self._graph = iris.graph(PROVENANCE)

    def batches(self) -> Iterator[Told]:
        """Yield every ingest that there is."""
        kind = term("vises:IngestActivity")
        quads = self._store.quads_for_pattern(None, term("rdf:type"), kind, self._graph)
        for quad in quads:
            assert isinstance(quad.subject, NamedNode)
            for graph in self._values(quad.subject, "prov:generated"):
                yield self._told(quad.subject, graph.value)

    def _told(self, activity: NamedNode, graph: str) -> Told:
        dataset = graph.removeprefix(self._iris.graph("").value)
        batch = activity.value.removeprefix(activity_iri(self._iris, dataset, "").value)
        files = [each for each in self._values(activity, "prov:used") if is_content(each)]
        association = self._values(activity, "prov:qualifiedAssociation")
        plans = [plan for each in association for plan in self._values(each, "prov:hadPlan")]
        corrects = self._text(activity, "prov:wasInformedBy")
        held = batch_iri(self._iris, dataset, batch)
        withdrawn = self._text(held, "prov:invalidatedAtTime")
        return Told(
            dataset=dataset,
            batch=batch,
            state=self._state(activity, dataset, withdrawn),
            started=datetime.fromisoformat(self._text(activity, "prov:startedAtTime") or ""),
            author=self._text(activity, "dcterms:creator") or "",
            rows={name: int(self._text(activity, f"vises:{name}") or 0) for name in ROWS},
            files=_sorted(self._used(activity, files)),
            plans=_sorted(self._file(plan, plan) for plan in plans),
            as_of=self._text(activity, "dcterms:date"),
            licence=next(filter(None, (self._text(f, "dcterms:license") for f in files)), None),
            corrects=corrects.rpartition("-")[2] if corrects else None,
            withdrawn=withdrawn,
        )

    def _state(self, activity: NamedNode, dataset: str, withdrawn: str | None) -> State:
        if withdrawn:
            return State.withdrawn
        made = generator(self._store, self._iris, dataset)
        return State.current if made == activity else State.replaced

    def _used(self, activity: NamedNode, files: list[NamedNode]) -> Iterator[SourceFile]:
        """Yield files under the names that the ingest used them by.

        An ingest of a release from before usages were told has none: the names are the files' own.
        """
        usages = self._values(activity, "prov:qualifiedUsage")
        for usage in usages:
            for file in self._values(usage, "prov:entity"):
                yield self._file(file, usage)
        for file in files if not usages else ():
            yield self._file(file, file)

    def _file(self, content: NamedNode, named: NamedNode) -> SourceFile:
        identifier = self._text(content, "dcterms:identifier") or ""
        return SourceFile(
            self._text(named, "dcterms:title") or "", identifier.removeprefix("sha256:")
        )

    def _values(self, subject: NamedNode, name: str) -> list[NamedNode]:
        quads = self._store.quads_for_pattern(subject, term(name), None, self._graph)
        return [quad.object for quad in quads if isinstance(quad.object, NamedNode)]

    def _text(self, subject: NamedNode, name: str) -> str | None:
        quads = self._store.quads_for_pattern(subject, term(name), None, self._graph)
        values = (q.object.value for q in quads if isinstance(q.object, Literal | NamedNode))
        return min(values, default=None)


def _sorted(files: Iterable[SourceFile]) -> tuple[SourceFile, ...]:
    return tuple(sorted(files, key=lambda file: file.name))


def _unpublished(given: Given) -> Told:
    return Told(
        dataset=given.dataset,
        batch=given.batch,
        state=State.unpublished,
        started=datetime.fromisoformat(given.started),
        author=given.author,
        rows={},
        files=tuple(SourceFile(name, sha) for name, sha in sorted(given.digests.items())),
        as_of=given.as_of,
        corrects=given.corrects,
    )
