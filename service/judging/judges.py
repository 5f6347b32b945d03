"""Judging in sealed processes, from the event loop."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from vises.errors import sentence
from vises.ingest.jsonld import BadJsonLd, RemoteContext
from vises.ingest.partners.errors import ForeignGraph, ForgedProvenance
from vises.service.judging.errors import JudgingFailed, JudgingMemory, JudgingTimeout
from vises.store.caller import CALLER
from vises.store.engine import MemoryExceeded
from vises.store.frames import ERROR, frame, read_error
from vises.store.process import WorkerGoneError
from vises.store.standby import Standby
from vises.store.turns import turn
from vises.validation.shapes import ShapesError
from vises.validation.syntax import RdfSyntaxError

if TYPE_CHECKING:
    from vises.errors import VisesError
    from vises.store.accounts import Accounts
    from vises.store.process import WorkerProcess

MODULE = "vises.service.judging.worker"

JUDGE = ord("J")

_ERRORS: dict[str, type[VisesError]] = {
    kind.kind: kind
    for kind in (
        BadJsonLd,
        ForeignGraph,
        ForgedProvenance,
        JudgingFailed,
        JudgingMemory,
        RdfSyntaxError,
        RemoteContext,
        ShapesError,
    )
}
_FAULTS = (JudgingFailed, JudgingMemory, JudgingTimeout)


class Work(Protocol):
    """A piece of work, as the process is told of it."""

    def to_json(self) -> bytes:
        """Write it for the process."""


class Judges:
    """Judges at most `size` pieces of work at once, each in a process killed after `seconds`.

    A process has `mebibytes` of address space and no network. It is started with the first work
    that needs it, and does the next; whoever does not wait for an answer any more ends it. The time
    that a client holds one is charged to its account, as that of queries is.
    """

    def __init__(
        self,
        *,
        size: int,
        seconds: float,
        mebibytes: int,
        accounts: Accounts | None,
        module: str = MODULE,
    ) -> None:
        """Remember the limits; no process is started yet. `module` is what it runs."""
        self._seconds = seconds
        self._accounts = accounts
        self._free = asyncio.Semaphore(size)
        self._processes = Standby(mebibytes, module)

    async def close(self) -> None:
        """End the processes that wait for work."""
        await self._processes.close()

    async def judge(self, work: Work) -> None:
        """Do a piece of work; its folder has the report then.

        Raises `ClientLimited`, `EngineBusy`, `JudgingTimeout`, `JudgingMemory`, `JudgingFailed`,
        `RdfSyntaxError` and `ShapesError`.
        """
        caller = CALLER.get()
        if caller is not None and self._accounts is not None:
            self._accounts.admit(caller.key, written=True)
        late = sentence(
            "judging-late", "Others have data judged, and that takes all the time there is."
        )
        async with turn(self._free, self._seconds, late):
            now = asyncio.get_running_loop().time
            begun, faults = now(), 0
            try:
                await self._done(work)
            except _FAULTS:
                faults = 1
                raise
            finally:
                self._charge(now() - begun, faults)

    async def _done(self, work: Work) -> None:
        worker = await self._processes.take()
        worker.send(frame(JUDGE, work.to_json()))
        kind, payload = await self._answered(worker)
        self._processes.give_back(worker)
        if kind == ERROR:
            raise read_error(payload, _ERRORS)

    async def _answered(self, worker: WorkerProcess) -> tuple[int, bytes]:
        """Wait for the answer until the deadline; a process that does not give one is ended."""
        try:
            async with asyncio.timeout(self._seconds):
                return await worker.frame()
        except WorkerGoneError:
            cause = await worker.cause_of_death()
            if isinstance(cause, MemoryExceeded):
                raise JudgingMemory from None
            raise JudgingFailed(
                sentence("judging-died", "The process that judged died of the data or the shapes."),
                remedy=sentence(
                    "nest-less",
                    "Nest them less deeply; look for shapes that refer to themselves.",
                ),
            ) from cause
        except TimeoutError:
            await worker.end()
            raise JudgingTimeout(
                sentence(
                    "judging-deadline",
                    "Judging was stopped at its deadline of {seconds:g} s.",
                    seconds=self._seconds,
                ),
                remedy=sentence(
                    "judge-simpler",
                    "Send less data at once, or simpler shapes; SPARQL constraints take most.",
                ),
            ) from None
        except BaseException:
            worker.kill()
            raise

    def _charge(self, seconds: float, faults: int) -> None:
        caller = CALLER.get()
        if caller is None:
            return
        caller.seconds += seconds
        if self._accounts is not None:
            self._accounts.charge(caller.key, seconds, faults)
