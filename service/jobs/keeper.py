"""Who does the jobs: one at a time, each in a process of its own, in the order they came."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import signal
import sys
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from vises.errors import TRY_LATER, Unavailable, VisesError, sentence
from vises.ingest.batches import State as BatchState
from vises.ingest.batches import batches
from vises.ingest.ledger import Ledger
from vises.service.jobs import work
from vises.service.jobs.job import OUTCOME, PROGRESS, JobFolder, State, now
from vises.service.problems import in_each_language
from vises.store.files import make_durably

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from vises.service.jobs.job import Asked, Job
    from vises.service.site import Site

MOST_WAITING = 8
"""How many jobs may wait."""

LOOK_SECONDS = 0.5
"""How often is looked whether a job that runs was cancelled."""

_IDLE_SECONDS = 2.0
"""How often is looked for jobs that other server processes took."""

_SWEEP_SECONDS = 3600.0
_LAST_WORDS = 500

_log = logging.getLogger(__name__)


class QueueFull(Unavailable):
    """As many jobs wait as may wait."""

    kind = "queue-full"
    title = "Too many files wait to be ingested"
    retry_after = 60


class JobDied(Unavailable):
    """The process that ingested the files died before it could say what came of them."""

    kind = "job-died"
    title = "The ingest broke off"


class JobKeeper:
    """Takes jobs and does them, from the start of the service to its end.

    Several server processes of one data folder share its jobs: a lock on a file says which of them
    has one done. The process that does it holds the lock too, so that no other begins before it is
    gone.
    """

    def __init__(self, site: Site) -> None:
        """Take the site; nothing is done before `running`."""
        self.folder = JobFolder(site.settings.data)
        self._site = site
        self._woken = asyncio.Event()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Do jobs within the block; one that is under way at its end is interrupted."""
        task = asyncio.create_task(self._work())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def demand_room(self) -> None:
        """Raise `QueueFull` where as many jobs wait as may wait."""
        waiting = [job for job in self.folder.all() if job.state is State.waiting]
        if len(waiting) >= MOST_WAITING:
            raise QueueFull(
                sentence(
                    "uploads-wait", "{waiting} uploads wait to be ingested.", waiting=len(waiting)
                ),
                remedy=TRY_LATER,
            )

    def take(self, owner: str, asked: Asked, files: list[Path]) -> Job:
        """Make a job of files, which are moved. Raises `QueueFull`, `DataFolderError`."""
        self.demand_room()
        job = self.folder.make(owner, asked, files)
        self._woken.set()
        return job

    def drop(self, job: Job) -> None:
        """Cancel a job, or take it away where it has ended."""
        if job.state.ended:
            self.folder.remove(job)
        else:
            self.folder.cancel(job)
            self._woken.set()

    async def _work(self) -> None:
        swept = -_SWEEP_SECONDS
        clock = asyncio.get_running_loop().time
        while True:
            try:
                if clock() - swept > _SWEEP_SECONDS:
                    await asyncio.to_thread(self.folder.sweep)
                    swept = clock()
                if not await self._turn():
                    await self._idle()
            except (VisesError, OSError) as error:
                _log.error("jobs cannot be done: %s", error)
                await asyncio.sleep(_IDLE_SECONDS)

    async def _idle(self) -> None:
        """Wait until there is something to do, or until it is time to look."""
        self._woken.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), _IDLE_SECONDS)

    async def _turn(self) -> bool:
        """Do the job whose turn it is; tell whether there was one, and nobody else at work."""
        if not self.folder.root.is_dir():
            return False
        jobs = [job for job in await asyncio.to_thread(self.folder.all) if not job.state.ended]
        if not jobs:
            return False
        descriptor = self._locked()
        if descriptor is None:
            return False
        try:
            for job in jobs:
                if job.state is State.running:
                    await self._settle(job, State.interrupted)
            waiting = [job for job in jobs if job.state is State.waiting]
            if waiting:
                await self._do(waiting[0], descriptor)
            return bool(waiting)
        finally:
            os.close(descriptor)

    def _locked(self) -> int | None:
        """Return the open lock, None where somebody is at work."""
        make_durably(self.folder.root)
        descriptor = os.open(self.folder.root / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        return descriptor

    async def _do(self, job: Job, lock: int) -> None:
        if self.folder.is_cancelled(job):
            self.folder.end(job, State.cancelled)
            return
        job = replace(job, state=State.running, started=now())
        self.folder.write(job)
        state, problem = State.interrupted, None
        try:
            state, problem = await self._watched(job, lock)
        finally:
            await asyncio.shield(self._settle(job, state, problem))

    async def _watched(self, job: Job, lock: int) -> tuple[State, VisesError | None]:
        """Let a process do a job; return what became of it and why, unless it says so itself."""
        process = await self._started(job, lock)
        assert process.stderr
        said = asyncio.create_task(process.stderr.read())
        state = State.failed
        try:
            while process.returncode is None:
                with suppress(TimeoutError):
                    await asyncio.wait_for(process.wait(), LOOK_SECONDS)
                if process.returncode is None and self.folder.is_cancelled(job):
                    state = State.cancelled
                    _kill(process)
        finally:
            _kill(process)
            await process.wait()
        if words := (await said).decode(errors="replace").strip()[-_LAST_WORDS:]:
            _log.warning("the ingest of job %s said: %s", job.id, words)
        if state is State.cancelled:
            return state, None
        stopped = process.returncode == Unavailable.exit_code
        return state, work.not_now() if stopped else _died()

    async def _started(self, job: Job, lock: int) -> asyncio.subprocess.Process:
        settings = self._site.settings
        mebibytes = 2 * settings.worker_mebibytes
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", work.__name__),
            *(str(settings.data), job.id, settings.base_iri, str(mebibytes)),
            stdin=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            pass_fds=(lock,),
        )

    async def _settle(self, job: Job, otherwise: State, problem: VisesError | None = None) -> None:
        """Keep the end of a job whose process is gone: as it said, or as the data show."""
        outcome = self.folder.told(job, OUTCOME)
        if outcome:
            state = State(outcome["state"])
        elif await asyncio.to_thread(self._is_published, job):
            state = State.published
        else:
            state = otherwise
            if problem:
                self.folder.tell(job, {"state": state, "problems": in_each_language(problem)})
        self.folder.end(job, state)

    def _is_published(self, job: Job) -> bool:
        """Tell whether a process that did not live to say so had published its batch."""
        batch = self.folder.told(job, PROGRESS).get("batch")
        if not batch or job.asked.dry_run or job.started is None:
            return False
        ledger = Ledger(self.folder.data)
        begun = datetime.fromisoformat(job.started)
        return any(
            told.batch == batch and told.state is BatchState.current and told.started >= begun
            for told in batches(self._site.releases, ledger, self._site.settings.base_iri)
        )


def _died() -> JobDied:
    return JobDied(
        sentence("ingest-died", "The process that ingested the files died; nothing was published."),
        remedy=sentence(
            "ingest-less",
            "They may need more memory than it may use: send less at once, or ingest them on the"
            " machine of the service.",
        ),
    )


def _kill(process: asyncio.subprocess.Process) -> None:
    """Kill a process, and those of its group, which it leads once it has begun."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    with suppress(ProcessLookupError):
        process.kill()
