"""Asking indexes in sealed processes, from the event loop."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from vises.errors import Unavailable
from vises.service.search.asking import Answered
from vises.service.search.worker import SEARCH
from vises.store.caller import CALLER
from vises.store.frames import END, frame
from vises.store.process import WorkerGoneError, WorkerProcess
from vises.store.turns import turn

if TYPE_CHECKING:
    from pathlib import Path

    from vises.service.search.asking import Asked
    from vises.settings import Settings

MODULE = "vises.service.search.worker"

_PROCESSES = 2
_SECONDS = 5.0
"""How long a search may wait, and how long it may take: most take some milliseconds."""


class SearchFailed(Unavailable):
    """The index could not be asked."""

    kind = "search-failed"
    title = "The search failed"
    retry_after = 10


class SearchTimeout(Unavailable):
    """A search took too long."""

    kind = "search-timeout"
    title = "The search took too long"


class Searcher:
    """Asks at most two questions at once, each in a process that is killed after 5 seconds.

    A process has the address space of a query process and no network. It is started with the first
    question that needs it, and serves the next ones.
    """

    def __init__(self, settings: Settings) -> None:
        """Take the limit from the settings; no process is started yet."""
        self._mebibytes = settings.worker_mebibytes
        self._free = asyncio.Semaphore(_PROCESSES)
        self._idle: list[WorkerProcess] = []

    async def close(self) -> None:
        """End the processes that wait for a question."""
        while self._idle:
            await self._idle.pop().end()

    async def ask(self, folder: Path, asked: Asked) -> Answered:
        """Ask the index in a folder.

        Raises `SearchFailed` where it cannot be read, `SearchTimeout`, `EngineBusy`, `Unavailable`.
        """
        message = json.dumps({"folder": str(folder), "question": asdict(asked)}).encode()
        async with turn(self._free, _SECONDS, "Other searches take all the time there is."):
            worker = await self._worker()
            begun = asyncio.get_running_loop().time()
            worker.send(frame(SEARCH, message))
            kind, payload = await self._answered(worker)
            self._idle.append(worker)
        caller = CALLER.get()
        if caller is not None:
            caller.seconds += asyncio.get_running_loop().time() - begun
        if kind != END:
            raise _failed(payload.decode(errors="replace"))
        return Answered(**json.loads(payload))

    async def _worker(self) -> WorkerProcess:
        while self._idle:
            worker = self._idle.pop()
            if not worker.closed.done():
                return worker
        return await WorkerProcess.start(self._mebibytes, MODULE)

    async def _answered(self, worker: WorkerProcess) -> tuple[int, bytes]:
        """Wait for the answer until the deadline; a process that does not give one is ended."""
        try:
            async with asyncio.timeout(_SECONDS):
                return await worker.frame()
        except WorkerGoneError:
            await worker.end()
            raise _failed(worker.last_words()[-300:] or "Its process died") from None
        except TimeoutError:
            await worker.end()
            raise SearchTimeout(
                f"The search was stopped at its deadline of {_SECONDS:g} s.",
                remedy="Look for fewer or longer words.",
            ) from None
        except BaseException:
            worker.kill()
            raise


def _failed(why: str) -> SearchFailed:
    return SearchFailed(
        f"The index could not be read: {why.rstrip('.')}.",
        remedy="It is looked at and made anew where that is needed; try again in a while.",
    )
