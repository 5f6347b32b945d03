"""A job: what was asked, what became of it, and its folder in the data folder.

    jobs/ID/job.json        what was asked, and the state: replaced as a whole
    jobs/ID/input/          the files, until the job has ended
    jobs/ID/progress.json   how far it is, written by the process that does the work
    jobs/ID/outcome.json    what came of it, written by the same at its end
    jobs/ID/cancelled       is there once somebody cancelled it

ID is random, so that it cannot be guessed; who may see a job is decided by its owner all the same.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import shutil
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from vises.errors import sentence
from vises.service.problems import Nothing
from vises.store.files import explained, make_durably, write_durably

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_log = logging.getLogger(__name__)

FOLDER = "jobs"
KEPT = timedelta(days=7)
"""How long a job that has ended is kept."""

_HALF = timedelta(hours=1)
"""After how long a folder without a job in it counts as left behind."""

_ID = re.compile(r"[0-9a-f]{32}")
PROGRESS, OUTCOME, CANCELLED = "progress.json", "outcome.json", "cancelled"
PREVIEW, VALIDATION, REFUSED = "preview.ttl", "validation.ttl", "quarantine.jsonl"
VALIDATION_PAGE = "validation.html"
"""The result that is made of `vises.validation.summary` when it is asked for."""


class NoSuchJob(Nothing):
    """There is no such job, or it is another one's."""

    kind = "no-such-job"
    title = "There is no such job"


class State(StrEnum):
    """Where a job is."""

    waiting = "waiting"
    running = "running"
    published = "published"
    unchanged = "unchanged"
    rehearsed = "rehearsed"
    failed = "failed"
    cancelled = "cancelled"
    interrupted = "interrupted"

    @property
    def ended(self) -> bool:
        """Whether nothing more will become of it."""
        return self not in {State.waiting, State.running}


@dataclass(frozen=True)
class Asked:
    """What somebody asks for: the options of an ingest, as `vises ingest` takes them."""

    source: str
    dataset: str
    as_of: str | None
    fictitious: bool
    max_refused: str
    dry_run: bool


@dataclass(frozen=True)
class Job:
    """A job. Moments are in ISO 8601, UTC; `files` are the names of its files."""

    id: str
    owner: str
    asked: Asked
    files: tuple[str, ...]
    state: State
    created: str
    started: str | None = None
    ended: str | None = None

    @property
    def address(self) -> str:
        """The path of its resource."""
        return f"/ingest/jobs/{self.id}"


class JobFolder:
    """The jobs of a data folder. Every method raises `DataFolderError`."""

    def __init__(self, data: Path) -> None:
        """Take the data folder; nothing is opened yet."""
        self.data = data
        self.root = data / FOLDER

    def make(self, owner: str, asked: Asked, files: list[Path]) -> Job:
        """Make a job of files, which are moved into its folder."""
        job = Job(
            id=secrets.token_hex(16),
            owner=owner,
            asked=asked,
            files=tuple(file.name for file in files),
            state=State.waiting,
            created=now(),
        )
        folder = self.of(job)
        with explained(folder):
            make_durably(folder / "input")
            for file in files:
                file.rename(folder / "input" / file.name)
        self.write(job)
        return job

    def of(self, job: Job) -> Path:
        """Return the folder of a job."""
        return self.root / job.id

    def write(self, job: Job) -> None:
        """Keep a job as it is now."""
        path = self.of(job) / "job.json"
        with explained(path):
            write_durably(path, json.dumps(asdict(job), indent=1).encode(), private=True)

    def read(self, identifier: str) -> Job:
        """Return a job. Raises `NoSuchJob`."""
        path = self.root / identifier / "job.json"
        job = _job(path) if _ID.fullmatch(identifier) else None
        if job is None:
            raise no_such_job(identifier)
        return job

    def all(self) -> list[Job]:
        """Return every job whose record can be read, the oldest first."""
        with explained(self.root):
            found = [_job(path) for path in self.root.glob("*/job.json")]
        jobs = [job for job in found if job is not None]
        return sorted(jobs, key=lambda job: (job.created, job.id))

    def told(self, job: Job, name: str) -> dict[str, Any]:
        """Return what the process said of the work: its progress or its outcome."""
        return _read(self.of(job) / name) or {}

    def tell(self, job: Job, outcome: Mapping[str, Any]) -> None:
        """Keep what came of the work."""
        path = self.of(job) / OUTCOME
        with explained(path):
            write_durably(path, json.dumps(outcome).encode(), private=True)

    def cancel(self, job: Job) -> None:
        """Say that a job is not wanted any more."""
        with explained(self.root):
            (self.of(job) / CANCELLED).touch()

    def is_cancelled(self, job: Job) -> bool:
        """Tell whether somebody cancelled it."""
        return (self.of(job) / CANCELLED).exists()

    def end(self, job: Job, state: State) -> None:
        """Keep the end of a job; its files go."""
        shutil.rmtree(self.of(job) / "input", ignore_errors=True)
        self.write(replace(job, state=state, ended=now()))

    def remove(self, job: Job) -> None:
        """Take a job away, and all that it left."""
        shutil.rmtree(self.of(job), ignore_errors=True)

    def sweep(self) -> None:
        """Take away jobs that ended long ago, and folders of uploads that never became one.

        Those whose record cannot be read are logged, and kept as long as jobs that have ended. A
        time ahead of the clock, which was set back, counts as if it were as long ago.
        """
        moment = datetime.now(UTC)
        jobs = self.all()
        for job in jobs:
            if job.ended and abs(moment - datetime.fromisoformat(job.ended)) > KEPT:
                self.remove(job)
        with explained(self.root):
            for folder in {*self.root.glob("*/")} - {self.of(job) for job in jobs}:
                made = datetime.fromtimestamp(folder.stat().st_mtime, UTC)
                is_damaged = (folder / "job.json").exists()
                if is_damaged:
                    _log.warning("the record of the job in %s cannot be read", folder)
                if abs(moment - made) > (KEPT if is_damaged else _HALF):
                    shutil.rmtree(folder, ignore_errors=True)


def now() -> str:
    """Return this moment in ISO 8601, UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def no_such_job(identifier: str) -> NoSuchJob:
    """Return the error for a job that is not there, or not for who asks."""
    return NoSuchJob(
        sentence("no-such-job", "There is no job {job!r} of yours.", job=identifier[:40]),
        place="address",
        remedy=sentence(
            "job-seen-by",
            "A job can be seen with a token of who started it, for a week after its end.",
        ),
    )


def _read(path: Path) -> dict[str, Any] | None:
    """Return a record, None where it is not there (any more), or a power cut left none of it."""
    try:
        record = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    return record if isinstance(record, dict) else None


def _job(path: Path) -> Job | None:
    """Return the job of a record, None where it says none, such as one of another version."""
    record = _read(path) or {}
    try:
        asked, state = Asked(**record["asked"]), State(record["state"])
        return Job(**{**record, "asked": asked, "files": tuple(record["files"]), "state": state})
    except (KeyError, TypeError, ValueError):
        return None
