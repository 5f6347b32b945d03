"""Evaluating updates and reading bodies in sealed processes, from the event loop."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from vises.errors import sentence
from vises.store.difference import as_quads
from vises.store.frames import END, frame, read_error
from vises.store.process import WorkerGoneError
from vises.store.standby import Standby
from vises.store.transaction import Change
from vises.store.turns import turn
from vises.store.update.request import UpdateRequest, UpdateTimeout
from vises.store.update.worker import CHANGE, PAYLOAD, TRIPLES, UPDATE

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from vises.store.process import WorkerProcess
    from vises.store.releases import ReleaseStore
    from vises.store.update.request import PayloadRequest

MODULE = "vises.store.update.worker"

_LATE = sentence("updates-late", "Other updates take all the time there is.")


@dataclass(frozen=True)
class Evaluated:
    """The change that an update asks for, and the graphs that it read, None for all of them."""

    change: Change
    reads: frozenset[str] | None


@dataclass(frozen=True)
class Payload:
    """A body as a file of N-Triples, and how many there are."""

    triples: Path
    count: int


class Evaluator:
    """Evaluates at most `size` requests at once, each in a process that is killed after `seconds`.

    A process has `mebibytes` of address space and no network. It is started with the first request
    that needs it, and serves the next ones; whoever does not wait for an answer any more ends it.
    """

    def __init__(
        self, releases: ReleaseStore, *, size: int, seconds: float, mebibytes: int
    ) -> None:
        """Remember the limits; no process is started yet."""
        self._releases = releases
        self._seconds = seconds
        self._free = asyncio.Semaphore(size)
        self._processes = Standby(mebibytes, MODULE)

    async def close(self) -> None:
        """End the processes that wait for a request."""
        await self._processes.close()

    async def update(self, request: UpdateRequest, release_id: str, work: Path) -> Evaluated:
        """Evaluate an update on a release. `work` is a folder in the data folder, for this alone.

        Raises what `vises.store.update.evaluation.evaluate_update` does, and `UpdateTimeout`,
        `EngineBusy`, `MemoryExceeded`, `UnknownRelease`, `ReleasePruned`, `StoreDamaged`.
        """
        with self._releases.lease(release_id) as lease:
            done = await self._ask(UPDATE, request, work, str(lease.snapshot))
        change = await asyncio.to_thread(_read_change, work / CHANGE)
        reads = done["reads"]
        return Evaluated(change, None if reads is None else frozenset(reads))

    async def payload(self, request: PayloadRequest, work: Path) -> Payload:
        """Read a body. Raises `PayloadSyntaxError`, and as `update` does."""
        done = await self._ask(PAYLOAD, request, work)
        return Payload(work / TRIPLES, done["count"])

    async def _ask(
        self, kind: int, request: UpdateRequest | PayloadRequest, work: Path, snapshot: str = ""
    ) -> dict[str, Any]:
        asked = {"request": json.dumps(asdict(request)), "work": str(work), "snapshot": snapshot}
        async with turn(self._free, self._seconds, _LATE):
            worker = await self._processes.take()
            worker.send(frame(kind, json.dumps(asked).encode()))
            answer, payload = await self._answered(worker)
            self._processes.give_back(worker)
        if answer != END:
            raise read_error(payload)
        done: dict[str, Any] = json.loads(payload)
        return done

    async def _answered(self, worker: WorkerProcess) -> tuple[int, bytes]:
        """Wait for the answer until the deadline; a process that does not give one is ended."""
        try:
            async with asyncio.timeout(self._seconds):
                return await worker.frame()
        except WorkerGoneError:
            raise await worker.cause_of_death() from None
        except TimeoutError:
            await worker.end()
            raise UpdateTimeout(
                sentence(
                    "update-deadline",
                    "The update was stopped at its deadline of {seconds:g} s; nothing changed.",
                    seconds=self._seconds,
                ),
                remedy=sentence(
                    "update-cheaper",
                    "Make it cheaper: name the graphs, narrow the pattern, or do it in parts.",
                ),
            ) from None
        except BaseException:
            worker.kill()
            raise


def _read_change(path: Path) -> Change:
    removed: list[bytes] = []
    added: list[bytes] = []
    with path.open("rb") as file:
        for line in file:
            (removed if line.startswith(b"D ") else added).append(line[2:])
    return Change(frozenset(as_quads(removed)), frozenset(as_quads(added)))
