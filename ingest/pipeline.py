"""From files to a published release: identify, prepare, replace the graph, record."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING

from vises.errors import Refused, Unavailable, sentence
from vises.ingest.batch import CHECKSUM, Batch, batch_id, identify, prepare
from vises.ingest.files import digest
from vises.ingest.ledger import Given, Ledger
from vises.ingest.locating import PlacingGate, in_documents
from vises.ingest.provenance import (
    DatasetDescription,
    IngestRecord,
    SourceFile,
    is_published,
    provenance_change,
)
from vises.ingest.rdf import write_ntriples
from vises.ingest.report import FileCounts, IngestReport
from vises.ingest.vocabulary import digest as vocabulary_digest
from vises.ingest.vocabulary import synchronise
from vises.ingest.warnings import warnings_change
from vises.ingest.workspace import resumable, workspace
from vises.namespaces import Iris
from vises.store.compaction import LARGE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pyoxigraph import NamedNode

    from vises.ingest.batch import Input
    from vises.ingest.options import IngestOptions
    from vises.ingest.source import Source
    from vises.progress import Progress
    from vises.store.record import Release
    from vises.store.releases import ReleaseStore
    from vises.store.transaction import Gate, Verdict

    Judged = Release | Verdict


class PartialExtract(Refused):
    """An update of a register was given where the whole of it is to be replaced."""

    kind = "partial-extract"
    title = "This is an update, not the whole register"


def ingest(  # noqa: PLR0913, PLR0917 (what an ingest needs)
    source: Source,
    files: Sequence[Path],
    releases: ReleaseStore,
    gate: Gate,
    options: IngestOptions,
    progress: Progress,
) -> IngestReport:
    """Publish the rows of `files` as the dataset `options.dataset`, in one release.

    The same input twice changes nothing: the report says `unchanged`. Raises `BadInput`
    (`BadTable`, `NotUtf8`, `BadZip`, `MissingColumn`, `WrongFiles`, `MappingError`,
    `ChangedMeanwhile`), `InputMissing`, `TooManyRefused`, `NothingInScope`, `PartialExtract`,
    `ChangeRefused` from the gate, and `Unavailable` where the data folder cannot be written to; in
    every case the published release stays as it was.
    """
    source = source.of(files)
    run = Run(source.name, source.description, releases, gate, options, source.plans)
    given = identify(source, files, options, progress)
    if run.published(given.batch):
        return run.unchanged(given.batch)
    Ledger(options.data_folder).write(ledger_entry(given, files, options))
    with resumable(options.data_folder, given.batch) as folder:
        batch = prepare(given, folder, options, progress)
        if not batch.complete:
            run.forbid_replacing(files)
        return run.publish(given.batch, given.files, batch, progress)


def ledger_entry(given: Input, files: Sequence[Path], options: IngestOptions) -> Given:
    """Return what the ledger keeps of a batch."""
    corrections = options.corrections
    return Given(
        dataset=options.dataset,
        batch=given.batch,
        source=given.source.name,
        author=options.author,
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        as_of=options.as_of.isoformat() if options.as_of else None,
        fictitious=options.fictitious,
        rows=options.max_refused.rows,
        share=options.max_refused.share,
        paths=tuple(str(path.absolute()) for path in files),
        digests={file.name: file.sha256 for file in given.files},
        corrects=corrections.corrects if corrections else None,
        corrections=corrections.cells if corrections else {},
    )


def ingest_rdf(  # noqa: PLR0913, PLR0917 (what an ingest needs)
    description: DatasetDescription,
    files: Sequence[Path],
    releases: ReleaseStore,
    gate: Gate,
    options: IngestOptions,
    progress: Progress,
    sources: Sequence[NamedNode] = (),
) -> IngestReport:
    """Publish the triples of RDF files as the dataset `options.dataset`, in one release.

    `sources` are the graphs and the release that the files were derived from, which the record of
    the ingest names. In the report a row is a triple. Raises `BadRdf`, `InputMissing`,
    `ChangeRefused` and `Unavailable`.
    """
    run = Run("rdf", description, releases, gate, options, sources=sources)
    progress.start(CHECKSUM, None)
    used = tuple(SourceFile(path.name, digest(path, progress)) for path in files)
    made_of = [
        version("vises"),
        options.base_iri,
        str(options.fictitious),
        *(vocabulary_digest(name) for name in ("ontology", "codes", "shapes")),
        *(file.sha256 for file in used),
    ]
    identifier = batch_id(made_of)
    if run.published(identifier):
        return run.unchanged(identifier)
    with workspace(options.data_folder) as folder:
        triples = folder / "triples.nt"
        count = write_ntriples(files, options.base_iri, triples)
        names = ", ".join(path.name for path in files)
        counts = (FileCounts(names, count, count, 0, {}),)
        batch = Batch(triples, counts, None, None, in_documents(files, options.base_iri))
        return run.publish(identifier, used, batch, progress)


class Run:
    """What the ways of ingesting have in common."""

    def __init__(  # noqa: PLR0913, PLR0917 (what an ingest needs)
        self,
        source: str,
        description: DatasetDescription,
        releases: ReleaseStore,
        gate: Gate,
        options: IngestOptions,
        plans: Sequence[SourceFile] = (),
        sources: Sequence[NamedNode] = (),
    ) -> None:
        """Begin the clock; `plans` are the mapping and contracts that are followed.

        `sources` are graphs and releases that are used beside the files.
        """
        self._source = source
        self._description = description.invented() if options.fictitious else description
        self._releases = releases
        self._gate = gate
        self._options = options
        self._plans = plans
        self._sources = sources
        self._iris = Iris(options.base_iri)
        self._started = datetime.now(UTC)
        self._clock = time.monotonic()

    def published(self, batch: str) -> bool:
        """Tell whether the current release has this batch as its content of the dataset."""
        release = self._releases.current()
        if release is None:
            return False
        with self._releases.open(release.id) as store:
            return is_published(store, self._iris, self._options.dataset, batch)

    def forbid_replacing(self, files: Sequence[Path]) -> None:
        """Raise `PartialExtract` where the dataset holds something: it would lose the rest."""
        release = self._releases.current()
        if release and self._iris.graph(self._options.dataset).value in release.counts:
            raise PartialExtract(
                sentence(
                    "only-changes",
                    "The extract holds only what changed, and {dataset} would lose all the rest.",
                    dataset=self._options.dataset,
                ),
                place=", ".join(map(str, files)),
                remedy=sentence(
                    "full-first",
                    "Name the full extract before its updates, in the order of their numbers, or"
                    " give this one a dataset of its own with --dataset.",
                ),
            )

    def unchanged(self, batch: str) -> IngestReport:
        """Report that nothing had to be done."""
        release = self._releases.current()
        assert release is not None
        return IngestReport(
            source=self._source,
            dataset=self._options.dataset,
            batch=batch,
            unchanged=True,
            release=release.id,
            as_of=None,
            files=(),
            quarantine=None,
            triples=release.counts.get(self._iris.graph(self._options.dataset).value, 0),
            violations=0,
            warnings=0,
            seconds=time.monotonic() - self._clock,
        )

    def publish(
        self, batch: str, used: Sequence[SourceFile], made: Batch, progress: Progress
    ) -> IngestReport:
        """Replace the graph, bring the vocabulary up to date, and record the ingest.

        What the gate finds says which rows it comes from. Another ingest may have published the
        same batch meanwhile; then nothing is left to do.
        """
        options, record = self._options, self._record(batch, used, made)
        message = f"Ingest of {options.dataset} from {', '.join(file.name for file in used)}"
        with self._releases.transaction(
            author=options.author,
            message=message,
            gate=PlacingGate(self._gate, made.locate),
            progress=progress,
        ) as transaction:
            if is_published(transaction.store, self._iris, options.dataset, batch):
                return self.unchanged(batch)
            synchronise(transaction, options.base_iri, made.triples.parent)
            transaction.apply(provenance_change(transaction.store, self._iris, record))
            transaction.replace_graph(self._iris.graph(options.dataset), made.triples)
            transaction.annotate = partial(warnings_change, self._iris)
        assert transaction.release is not None  # the activity is new, so there is a change
        release = transaction.release
        if release.added + release.removed >= LARGE:
            self._compact(progress)
        triples = release.counts.get(self._iris.graph(options.dataset).value, 0)
        return self.report(batch, made, triples, release, release.id)

    def report(
        self, batch: str, made: Batch, triples: int, judged: Judged, release: str | None = None
    ) -> IngestReport:
        """Report what a batch came to, with the release that it was published in, if it was."""
        return IngestReport(
            source=self._source,
            dataset=self._options.dataset,
            batch=batch,
            unchanged=False,
            release=release,
            as_of=made.as_of.isoformat() if made.as_of else None,
            files=made.files,
            quarantine=str(made.quarantine) if made.quarantine else None,
            triples=triples,
            violations=judged.violations,
            warnings=judged.warnings,
            seconds=time.monotonic() - self._clock,
        )

    def _record(self, batch: str, used: Sequence[SourceFile], made: Batch) -> IngestRecord:
        options = self._options
        return IngestRecord(
            dataset=options.dataset,
            batch=batch,
            author=options.author,
            files=used,
            counts=made.files,
            started=self._started,
            ended=max(self._started, datetime.now(UTC)),  # the clock may have been set back
            fictitious=options.fictitious,
            description=self._description,
            plans=self._plans,
            sources=self._sources,
            as_of=made.as_of,
            corrects=options.corrections.corrects if options.corrections else None,
        )

    def _compact(self, progress: Progress) -> None:
        """Merge the files that a large change leaves; the release is published already."""
        progress.start(sentence("step-merging", "merging files"), None)
        try:
            self._releases.compact()
        except Unavailable as error:
            progress.note(f"The files of the release were not merged. {error.detail}")
