"""The process of one job: ``python -m vises.service.jobs.work DATA ID BASE MEBIBYTES``.

The service starts it, so that a file that is too much for the machine takes down this process and
not the service. It ends with standard input, which the service holds open: nobody works on after a
service that was killed. What it publishes, a transaction publishes whole or not at all.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import signal
import sys
import threading
import time
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vises.errors import Unavailable, VisesError, sentence
from vises.ingest.batch import identify
from vises.ingest.ledger import Ledger
from vises.ingest.options import IngestOptions
from vises.ingest.pipeline import ingest
from vises.ingest.quarantine import TooManyRefused, parse_threshold
from vises.ingest.rehearsal import rehearse
from vises.ingest.sources import SOURCES
from vises.languages import LANGUAGES
from vises.progress import SILENCE
from vises.service.jobs.job import (
    PREVIEW,
    PROGRESS,
    REFUSED,
    VALIDATION,
    Job,
    JobFolder,
    State,
)
from vises.service.problems import in_each_language
from vises.service.saying import in_words
from vises.service.texts import texts
from vises.store.files import link
from vises.store.releases import ReleaseStore
from vises.store.transaction import ChangeRefused
from vises.validation.gate import package_gate
from vises.validation.report import Report
from vises.validation.summary import keep_summary

if TYPE_CHECKING:
    from vises.ingest.report import IngestReport
    from vises.store.transaction import Verdict

NICE = 10
"""Queries go first."""

_SECONDS = 0.5
"""How often the progress is written down."""


class Written:
    """A progress that is written into a file, at most twice a second.

    A step is written in each language (`steps`).
    """

    def __init__(self, path: Path, **more: str) -> None:
        """Write to `path`; `more` is said with it each time."""
        self._path = path
        self._more = more
        self._steps = dict.fromkeys(LANGUAGES, "")
        self._total: int | None = None
        self._done = 0
        self._rows = self._published = self._quarantined = 0
        self._began = self._last = time.monotonic()

    def start(self, step: str, total: int | None) -> None:
        """Begin a step that reads `total` bytes (None: unknown)."""
        self._total, self._done, self._rows = total, 0, 0
        self._steps = {each: in_words(step, texts(each)) for each in LANGUAGES}
        self._began = time.monotonic()
        self._write()

    def advance(self, done: int) -> None:
        """Count `done` more bytes."""
        self._done += done
        if time.monotonic() - self._last > _SECONDS:
            self._write()

    def count(self, rows: int, published: int, quarantined: int) -> None:
        """Count so many more rows: read, mapped to be published, and refused."""
        self._rows += rows
        self._published += published
        self._quarantined += quarantined

    def note(self, sentence: str) -> None:
        """Say it with the step."""
        self._more["note"] = sentence
        self._write()

    def _write(self) -> None:
        self._last = time.monotonic()
        took = self._last - self._began
        left = None
        if self._total and self._done:
            left = round(took * max(0, self._total - self._done) / self._done, 1)
        record = {
            "steps": self._steps,
            "bytes": self._done,
            "of": self._total,
            "seconds_left": left,
            "rows": self._rows,
            "rows_per_second": round(self._rows / took) if took else 0,
            "published": self._published,
            "quarantined": self._quarantined,
            **self._more,
        }
        partial = self._path.with_suffix(".part")
        partial.write_text(json.dumps(record), encoding="utf-8")
        partial.replace(self._path)


def work(folder: JobFolder, job: Job, base_iri: str) -> dict[str, Any]:
    """Do a job, and return its outcome: `state`, and `report` or `problems` by language.

    What else it leaves is in its folder: a preview, a validation report, the refused rows.
    """
    place = folder.of(job)
    asked = job.asked
    options = IngestOptions(
        dataset=asked.dataset,
        base_iri=base_iri,
        author=job.owner,
        data_folder=folder.data,
        as_of=date.fromisoformat(asked.as_of) if asked.as_of else None,
        fictitious=asked.fictitious,
        max_refused=parse_threshold(asked.max_refused),
    )
    files = [place / "input" / name for name in job.files]
    source = SOURCES[asked.source]
    releases, gate = ReleaseStore(folder.data), package_gate()
    batch = ""
    try:
        batch = identify(source.of(files), files, options, SILENCE).batch
        progress = Written(place / PROGRESS, batch=batch)
        if not asked.dry_run:
            report = ingest(source, files, releases, gate, options, progress)
            state = State.unchanged if report.unchanged else State.published
            return {"state": state, "report": _report(report, folder, place)}
        rehearsal = rehearse(source, files, releases, gate, options, progress)
        if rehearsal.verdict:
            (place / PREVIEW).write_bytes(rehearsal.preview)
            _keep_verdict(rehearsal.verdict, place)
        return {"state": State.rehearsed, "report": _report(rehearsal.report, folder, place)}
    except ChangeRefused as error:
        _keep_verdict(error.verdict, place)
        return {"state": State.failed, "problems": _problems(error, folder, place)}
    except VisesError as error:
        return {"state": State.failed, "problems": _problems(error, folder, place)}
    finally:
        _keep_refused(Ledger(folder.data).quarantine(asked.dataset, batch), place)


def _keep_verdict(verdict: Verdict, place: Path) -> None:
    with (place / VALIDATION).open("wb") as file:
        file.writelines(verdict.turtle())
    if isinstance(verdict, Report):
        keep_summary(verdict, place)


def _report(report: IngestReport, folder: JobFolder, place: Path) -> dict[str, Any]:
    """Return a report as a client is told it, without where things lie on this machine."""
    told = {**asdict(report), "quarantine": None}
    return {name: _hidden(value, folder, place) for name, value in told.items()}


def _problems(error: VisesError, folder: JobFolder, place: Path) -> dict[str, Any]:
    """Return an error as a client is told it, by language; not where things lie on this machine."""
    if isinstance(error, Unavailable):
        logging.getLogger(__name__).error("%s", error)
        error = not_now()
    if isinstance(error, TooManyRefused):
        error = TooManyRefused(
            error.detail,
            place=error.place,
            remedy=sentence(
                "see-quarantine",
                "Each refused row and its reason is in the quarantine of this job. Correct them,"
                " or allow more.",
            ),
        )
    return {each: _hidden(said, folder, place) for each, said in in_each_language(error).items()}


def not_now() -> Unavailable:
    """Return the error for what the machine does not allow, of which the log says more."""
    return Unavailable(
        sentence("not-ingested", "The files could not be ingested now."),
        remedy=sentence(
            "try-or-tell",
            "Try again in a while, or tell the operator of the service, whose log says why.",
        ),
    )


def _hidden(told: object, folder: JobFolder, place: Path) -> object:
    """Return what is told without the folders of this machine in its texts."""
    if isinstance(told, dict):
        return {name: _hidden(value, folder, place) for name, value in told.items()}
    if isinstance(told, list | tuple):
        return [_hidden(value, folder, place) for value in told]
    if not isinstance(told, str):
        return told
    for path in (place / "input", place, folder.data.absolute(), folder.data):
        told = told.replace(f"{path}/", "").replace(str(path), "upload")
    return told


def _keep_refused(kept: Path | None, place: Path) -> None:
    if kept is not None:
        link(kept, place / REFUSED)


def _end_with_the_service() -> None:
    """End all of this process's group once standard input ends."""
    os.read(sys.stdin.fileno(), 1)
    os.killpg(0, signal.SIGKILL)


def main() -> None:
    """Do the job that the command line names.

    Where the disk ends it, the status says so: what was published by then, the data show.
    """
    data, identifier, base_iri, mebibytes = sys.argv[1:]
    os.setpgid(0, 0)
    threading.Thread(target=_end_with_the_service, daemon=True).start()
    os.nice(NICE)
    bytes_ = int(mebibytes) << 20
    resource.setrlimit(resource.RLIMIT_AS, (bytes_, bytes_))
    folder = JobFolder(Path(data))
    job = folder.read(identifier)
    try:
        folder.tell(job, work(folder, job, base_iri))
    except (OSError, Unavailable):
        logging.getLogger(__name__).exception("the job %s was stopped", identifier)
        sys.exit(Unavailable.exit_code)


if __name__ == "__main__":
    main()
