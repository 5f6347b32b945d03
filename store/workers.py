"""The row store as an engine: a pool of sealed processes that can be killed."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from vises.errors import Unavailable, VisesError
from vises.store.engine import Answer, DescribeRequest, EngineBusy, QueryRequest, QueryTimeout
from vises.store.frames import BODY, END, HEAD, read_error, read_head, request_frame
from vises.store.process import WorkerGoneError, WorkerProcess

if TYPE_CHECKING:
    from vises.store.lease import Lease
    from vises.store.releases import ReleaseStore

_WAITING_PER_WORKER = 16
_RESTART_SECONDS = 1.0

_log = logging.getLogger(__name__)


class WorkerPool:
    """Answers queries in `size` processes, each on one release at a time (an `Engine`).

    A request that outlives `query_seconds` dies with its process, and so does one whose client has
    gone; another process takes the place at once. A process has `mebibytes` of address space.
    While all are busy requests wait in order, each for `query_seconds` at most, and at most 16 per
    process. A request holds its release against pruning from its beginning to its end.
    `protections` has a sentence for each protection that this platform does not give.
    """

    def __init__(
        self, releases: ReleaseStore, *, size: int, query_seconds: float, mebibytes: int
    ) -> None:
        """Remember the limits; `start` starts the processes."""
        self.protections: list[str] = []
        self._releases = releases
        self._size = size
        self._query_seconds = query_seconds
        self._mebibytes = mebibytes
        self._idle: list[WorkerProcess] = []
        self._waiting: deque[asyncio.Future[WorkerProcess]] = deque()
        self._keepers: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Start the processes and wait until all are ready. Raises `Unavailable`."""
        starts = [WorkerProcess.start(self._mebibytes) for _ in range(self._size)]
        started = await asyncio.gather(*starts, return_exceptions=True)
        workers = [w for w in started if isinstance(w, WorkerProcess)]
        failures = [e for e in started if isinstance(e, BaseException)]
        if failures:
            for worker in workers:
                await worker.end()
            raise failures[0]
        self.protections = list(dict.fromkeys(s for w in workers for s in w.missing))
        self._keepers = [asyncio.create_task(self._keep(worker)) for worker in workers]
        await asyncio.sleep(0)

    async def close(self) -> None:
        """Kill all processes; what still waits or runs gets an error."""
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        self._keepers.clear()
        self._idle.clear()
        while self._waiting:
            self._waiting.popleft().set_exception(_stopping())

    def accepts(self, query: str) -> bool:  # noqa: ARG002 (it takes every one)
        """Take every query."""
        return True

    async def answer(self, request: QueryRequest | DescribeRequest, release_id: str) -> Answer:
        """Begin an answer, as `Engine.answer` says."""
        lease = self._releases.lease(release_id)
        snapshot = str(lease.snapshot)
        try:
            worker = await self._acquire(snapshot)
        except BaseException:
            lease.close()
            raise
        exchange = _Exchange(worker, lease, self._release, self._query_seconds)
        media_type, coding = await exchange.begin(request_frame(snapshot, request))
        return Answer(media_type, exchange, coding)

    async def _keep(self, worker: WorkerProcess) -> None:
        """Offer a process while it lives, and put another in its place when it has died."""
        while True:
            self._release(worker)
            try:
                await asyncio.shield(worker.closed)
            except asyncio.CancelledError:
                await worker.end()
                raise
            with suppress(ValueError):
                self._idle.remove(worker)
            worker = await self._restart()

    async def _restart(self) -> WorkerProcess:
        while True:
            try:
                return await WorkerProcess.start(self._mebibytes)
            except Unavailable as error:
                _log.error("%s", error)
                await asyncio.sleep(_RESTART_SECONDS)

    async def _acquire(self, snapshot: str) -> WorkerProcess:
        """Take an idle process, rather one that has the release open, or wait for one."""
        if not self._keepers:
            raise _stopping()
        while self._idle:
            known = (w for w in reversed(self._idle) if snapshot in w.snapshots)
            worker = next(known, self._idle[-1])
            self._idle.remove(worker)
            if not worker.closed.done():
                return _noted(worker, snapshot)
        if len(self._waiting) >= _WAITING_PER_WORKER * self._size:
            raise _busy(f"{len(self._waiting)} others wait for one already")
        waiter: asyncio.Future[WorkerProcess] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            async with asyncio.timeout(self._query_seconds):
                return _noted(await asyncio.shield(waiter), snapshot)
        except TimeoutError:
            self._stop_waiting(waiter)
            raise _busy(f"none came free in {self._query_seconds:g} s") from None
        except asyncio.CancelledError:
            self._stop_waiting(waiter)
            raise

    def _stop_waiting(self, waiter: asyncio.Future[WorkerProcess]) -> None:
        """Leave the queue, and pass on the process that was given in the same moment."""
        if not waiter.done():
            self._waiting.remove(waiter)
        elif waiter.exception() is None:
            self._release(waiter.result())

    def _release(self, worker: WorkerProcess) -> None:
        """Give a process to the first who waits, or keep it for the next."""
        if worker.closed.done():
            return
        if self._waiting:
            self._waiting.popleft().set_result(worker)
        else:
            self._idle.append(worker)


class _Exchange(AsyncIterator[bytes]):
    """One request and its answer: the `Chunks` of an `Answer`."""

    def __init__(
        self,
        worker: WorkerProcess,
        lease: Lease,
        release: Callable[[WorkerProcess], None],
        seconds: float,
    ) -> None:
        self._worker = worker
        self._lease = lease
        self._release = release
        self._seconds = seconds
        self._late = False
        self._over = False
        loop = asyncio.get_running_loop()
        self._deadline = loop.call_later(seconds, self._expire)

    async def begin(self, request: bytes) -> tuple[str, str]:
        """Send the request and return the media type and the content coding of the answer."""
        self._worker.send(request)
        kind, payload = await self._next()
        assert kind == HEAD
        return read_head(payload)

    async def __anext__(self) -> bytes:
        if self._over:
            raise StopAsyncIteration
        kind, payload = await self._next()
        if kind == END:
            self._finish()
            raise StopAsyncIteration
        assert kind == BODY
        return payload

    async def aclose(self) -> None:
        """Kill the process if it still works on the answer."""
        if not self._over:
            self._abandon()

    async def _next(self) -> tuple[int, bytes]:
        try:
            kind, payload = await self._worker.frame()
        except WorkerGoneError:
            raise await self._failure() from None
        except BaseException:
            self._abandon()
            raise
        if kind in {HEAD, BODY, END}:
            return kind, payload
        self._finish()
        raise read_error(payload)

    async def _failure(self) -> VisesError:
        self._end()
        if self._late:
            return QueryTimeout(
                f"The query was stopped at its deadline of {self._seconds:g} s.",
                remedy="Make it cheaper: name the graph or the class, narrow the pattern before "
                "ORDER BY, DISTINCT or a count, or ask for a part with LIMIT.",
            )
        return await self._worker.cause_of_death()

    def _expire(self) -> None:
        self._late = True
        self._worker.kill()

    def _abandon(self) -> None:
        self._end()
        self._worker.kill()

    def _finish(self) -> None:
        self._end()
        self._release(self._worker)

    def _end(self) -> None:
        self._over = True
        self._deadline.cancel()
        self._lease.close()


def _noted(worker: WorkerProcess, snapshot: str) -> WorkerProcess:
    if snapshot not in worker.snapshots:
        worker.snapshots.append(snapshot)
    return worker


def _busy(why: str) -> EngineBusy:
    return EngineBusy(f"All query processes are busy, and {why}.", remedy="Try again in a while.")


def _stopping() -> EngineBusy:
    return EngineBusy("The query processes are not running.", remedy="Try again in a while.")
