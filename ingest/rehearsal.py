"""A dry run: everything that an ingest does, but for the publishing."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from pyoxigraph import RdfFormat, parse, serialize

from vises.ingest.batch import identify, prepare
from vises.ingest.ledger import Ledger
from vises.ingest.locating import PlacingGate
from vises.ingest.pipeline import Run, ledger_entry
from vises.ingest.workspace import workspace
from vises.namespaces import PREFIXES
from vises.store.transaction import ChangeRefused

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from vises.ingest.options import IngestOptions
    from vises.ingest.report import IngestReport
    from vises.ingest.source import Source
    from vises.progress import Progress
    from vises.store.releases import ReleaseStore
    from vises.store.transaction import Candidate, Gate, Verdict

MOST_TRIPLES = 500
"""How many triples a preview shows."""


@dataclass(frozen=True)
class Rehearsal:
    """What an ingest would come to.

    `preview` are the first triples, in Turtle; `verdict` is what the gate said of the data as it
    would be published, None where it would not change.
    """

    report: IngestReport
    preview: bytes
    verdict: Verdict | None


class _Rehearsed:
    """A gate that asks another one, keeps what it says, and lets nothing pass."""

    accepted = False

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        self.verdict: Verdict | None = None

    def __call__(self, candidate: Candidate) -> _Rehearsed:
        self.verdict = self.gate(candidate)
        return self

    @property
    def violations(self) -> int:
        return self.verdict.violations if self.verdict else 0

    @property
    def warnings(self) -> int:
        return self.verdict.warnings if self.verdict else 0

    def summary(self) -> str:
        return self.verdict.summary() if self.verdict else ""

    def turtle(self) -> Iterable[bytes]:
        return self.verdict.turtle() if self.verdict else ()


def rehearse(  # noqa: PLR0913, PLR0917 (what an ingest needs)
    source: Source,
    files: Sequence[Path],
    releases: ReleaseStore,
    gate: Gate,
    options: IngestOptions,
    progress: Progress,
) -> Rehearsal:
    """Read, judge and map the rows of `files`, and validate what would be published of them.

    Raises what `vises.ingest.pipeline.ingest` does, but `ChangeRefused`: what the gate says is in
    what is returned.
    """
    source = source.of(files)
    rehearsed = _Rehearsed(gate)
    run = Run(source.name, source.description, releases, rehearsed, options, source.plans)
    given = identify(source, files, options, progress)
    if run.published(given.batch):
        return Rehearsal(run.unchanged(given.batch), b"", None)
    Ledger(options.data_folder).write(ledger_entry(given, files, options))
    with workspace(options.data_folder) as folder:
        batch = prepare(given, folder, options, progress)
        if not batch.complete:
            run.forbid_replacing(files)
        preview = _preview(batch.triples)
        rehearsed.gate = PlacingGate(gate, batch.locate)
        try:
            published = run.publish(given.batch, given.files, batch, progress)
        except ChangeRefused:
            report = run.report(given.batch, batch, _lines(batch.triples), rehearsed)
            return Rehearsal(report, preview, rehearsed.verdict)
    return Rehearsal(published, b"", None)  # by another process: nothing passes this gate


def _preview(triples: Path) -> bytes:
    with triples.open("rb") as file:
        first = b"".join(islice(file, MOST_TRIPLES))
    quads = parse(first, format=RdfFormat.N_TRIPLES)
    turtle = serialize((q.triple for q in quads), format=RdfFormat.TURTLE, prefixes=PREFIXES)
    assert turtle is not None  # it is written to no file
    return turtle


def _lines(triples: Path) -> int:
    with triples.open("rb") as file:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))
