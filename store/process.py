"""One query process as the pool sees it: frames in, frames out, and its death."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import time
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, cast

from vises.errors import Unavailable, VisesError, sentence
from vises.store.deaths import ending, fields_of, last_line
from vises.store.engine import RESULTS_TYPES, MemoryExceeded, QueryFailed, QueryRequest
from vises.store.frames import BODY, END, ERROR, HEADER, READY, request_frame
from vises.store.spent import Spent

if TYPE_CHECKING:
    from collections.abc import Callable

    from vises.store.federation.relay import Relay
    from vises.store.tickets import Ticket

_STDOUT, _STDERR = 1, 2
_HELD_BYTES = 1 << 18
_STDERR_BYTES = 1 << 13
_START_SECONDS = 30
_SLOW_NICENESS = 10
_DRAIN_SECONDS = 0.05
_HEADER_BYTES = HEADER.size
_ALLOCATOR = "glibc.malloc.tcache_count=500"
"""A query frees some thousand small things; kept at hand, they cost a look-up a seventh less."""

_ALLOCATION_FAILED = ("memory allocation of", "bad_alloc", "MemoryError")
_ORDER_BROKEN = "does not correctly implement a total order"

_log = logging.getLogger(__name__)


class WorkerGoneError(Exception):
    """The process died before the frame that was waited for."""


class ProcessNotStarted(Unavailable):
    """A process for queries, changes, searches or validation did not start."""


class WorkerProcess(asyncio.SubprocessProtocol):
    """A process of `vises.store.worker`.

    Frames are taken apart as bytes come in; when more than 256 KiB wait to be fetched, reading
    pauses, and the process with it. `snapshots` are those it was last asked about, `missing` the
    protections that the platform did not give it, `start_seconds` is the time of a processor that
    its start took. `ahead` are the queries that it has been sent besides the one that it works for
    now, in their order, so that it need not sleep between two; None stands for one whose answer
    nobody wants any more. `drained` is called when it has got rid of all of these. `spent` is the
    time that it has had for the query that it works for.

    A `listener` is called where otherwise who waits for a frame would wake up: it need be no task.
    `slow` says that it has given way to others for good, `why` for what it was killed.

    It is in the session of the service, because Linux weighs the priorities of processes within a
    session only (autogroup, sched(7)).
    """

    def __init__(self) -> None:
        """Begin with nothing: the event loop calls this, everyone else calls `start`."""
        loop = asyncio.get_running_loop()
        self.closed: asyncio.Future[None] = loop.create_future()
        self.missing: list[str] = []
        self.start_seconds = 0.0
        self.slow = False
        self.why = ""
        self.snapshots: deque[str] = deque(maxlen=2)
        self.relay: Relay | None = None
        self.listener: Callable[[], None] | None = None
        self.ahead: deque[Ticket | None] = deque()
        self.drained: Callable[[], None] | None = None
        self.at_work = False
        self.spent: Spent
        self._draining: asyncio.TimerHandle | None = None
        self._transport: asyncio.SubprocessTransport
        self._rest = b""
        self._frames: deque[tuple[int, bytes]] = deque()
        self._held = 0
        self._paused = False
        self._waking = False
        self.ended = False
        self._waiter: asyncio.Future[None] | None = None
        self._stderr = bytearray()

    @classmethod
    async def start(
        cls, mebibytes: int, module: str = "vises.store.worker", relay: Relay | None = None
    ) -> WorkerProcess:
        """Start the process of a module and wait until it is ready. Raises `ProcessNotStarted`.

        `relay` is its way to partners; it is shut when the process is gone.
        """
        loop = asyncio.get_running_loop()
        arguments = ["-P", "-m", module, str(mebibytes), str(os.getpid())]
        tunables = ":".join(filter(None, (os.environ.get("GLIBC_TUNABLES"), _ALLOCATOR)))
        environment = {**os.environ, "RUST_BACKTRACE": "0", "GLIBC_TUNABLES": tunables}
        passed: tuple[int, ...] = ()
        if relay:
            arguments += relay.arguments
            passed = relay.descriptors
        try:
            _, worker = await loop.subprocess_exec(
                cls, sys.executable, *arguments, env=environment, pass_fds=passed
            )
        except OSError as error:
            if relay:
                relay.shut()
            raise _not_started(str(error)) from error
        worker.relay = relay
        try:
            async with asyncio.timeout(_START_SECONDS):
                kind, payload = await worker.frame()
            if relay:
                await relay.serve()
        except (WorkerGoneError, TimeoutError) as error:
            await worker.end()
            said = last_line(worker.last_words()) or "it said nothing"
            raise _not_started(f"{said} ({ending(worker.exit_code())})") from error
        except BaseException:
            await worker.end()
            raise
        assert kind == READY
        worker.missing = json.loads(payload)
        worker.start_seconds = worker.cpu_seconds()
        return worker

    async def warm_up(self, snapshot: str) -> None:
        """Let the process open a release, so that its first query does not wait for that.

        Whether it can is of no importance: the first query will tell. One that takes too long ends.
        """
        self.send(request_frame(snapshot, QueryRequest("ASK {}", RESULTS_TYPES[0], None)))
        try:
            async with asyncio.timeout(_START_SECONDS):
                while (await self.frame())[0] not in {END, ERROR}:
                    pass
        except (WorkerGoneError, TimeoutError):
            self.kill()
        except BaseException:
            await self.end()
            raise
        self.snapshots.append(snapshot)

    def send(self, data: bytes) -> None:
        """Send bytes to the process; where it is dead, the next `frame` says so."""
        stdin = cast("asyncio.WriteTransport", self._transport.get_pipe_transport(0))
        stdin.write(data)

    async def frame(self) -> tuple[int, bytes]:
        """Return the next frame; one caller at a time. Raises `WorkerGoneError`."""
        while not self._frames:
            if self.ended:
                raise WorkerGoneError
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        return self._take(0)[0]

    def whole(self) -> tuple[bytes, bytes] | None:
        """Take the head and the body of an answer that is there from its head to its end.

        None where it is not, or is no answer; then nothing is taken.
        """
        last = self._last()
        if last is None or last[0] != END:
            return None
        taken = self._take(last[1])
        return taken[0][1], b"".join([payload for kind, payload in taken if kind == BODY])

    @property
    def awaits_more(self) -> bool:
        """Whether what has come is a part of an answer, or nothing, and more may come."""
        return not (self.ended or self._paused or self._last())

    def listen(self, listener: Callable[[], None]) -> None:
        """Call a listener when more comes; soon, where an answer was there before its turn."""
        self.listener = listener
        if self._frames and not self._waking:
            asyncio.get_running_loop().call_soon(self._wake)

    def begin(self) -> Spent:
        """Belong to a query from now on, until `rest`: what comes is its answer."""
        self.at_work = True
        self.spent = Spent(self)
        return self.spent

    def rest(self) -> None:
        """Belong to no query any more."""
        self.at_work = False
        if self.ahead:
            self._drain()

    def send_ahead(self, ticket: Ticket, message: bytes) -> None:
        """Send a query that it is to answer after those that it was sent before."""
        self.ahead.append(ticket)
        self.send(message)

    def unwanted(self, *tickets: Ticket) -> None:
        """Drop the answers to queries that it was sent ahead."""
        self.ahead = deque([None if ticket in tickets else ticket for ticket in self.ahead])
        if not self.at_work:
            self._drain()

    def _drain(self) -> None:
        """Drop answers that nobody wants. Where one does not come soon, that is the end of it."""
        before = len(self.ahead)
        while self.ahead and self.ahead[0] is None and (last := self._last()):
            self._take(last[1])
            self.ahead.popleft()
        loop = asyncio.get_running_loop()
        waits = bool(self.ahead) and self.ahead[0] is None
        if self._draining is not None and (len(self.ahead) < before or not waits):
            self._draining.cancel()
            self._draining = None
        if waits:
            if self._draining is None:
                self._draining = loop.call_later(_DRAIN_SECONDS, self._not_drained, Spent(self))
        elif len(self.ahead) < before and self.drained is not None:
            loop.call_soon(self.drained)

    def _not_drained(self, spent: Spent) -> None:
        if spent.reaches(_DRAIN_SECONDS):
            self.why = "preempted"
            self.kill()
        else:
            loop = asyncio.get_running_loop()
            self._draining = loop.call_later(_DRAIN_SECONDS, self._not_drained, spent)

    def _forget_ahead(self) -> None:
        """Answer nothing more: what was sent ahead is to be asked elsewhere."""
        if self._draining is not None:
            self._draining.cancel()
            self._draining = None
        for ticket in self.ahead:
            if ticket is not None:
                ticket.sent_to = None
        self.ahead.clear()
        if self.drained is not None:
            asyncio.get_running_loop().call_soon(self.drained)

    def _last(self) -> tuple[int, int] | None:
        """Return the kind and the number of the frame that ends the first answer."""
        for number, (kind, _) in enumerate(self._frames):
            if kind in {END, ERROR}:
                return kind, number
        return None

    def _take(self, last: int) -> list[tuple[int, bytes]]:
        """Take the frames up to one."""
        frames = self._frames
        taken = [frames.popleft() for _ in range(last + 1)]
        self._held -= sum([len(payload) for _, payload in taken])
        if self._paused and self._held < _HELD_BYTES:
            self._resume()
        return taken

    def kill(self) -> None:
        """Kill the process and drop what it has sent; `closed` is set when it is gone."""
        with suppress(ProcessLookupError):
            self._transport.kill()
        self._end()

    def cpu_seconds(self) -> float:
        """Return how much of the processors it has had; of the clock, where that is not told."""
        try:
            return time.clock_gettime(self._cpu_clock)
        except OSError:
            return asyncio.get_running_loop().time()

    def slow_down(self) -> None:
        """Give way to the other processes from now on: Linux takes no priority back."""
        self.slow = True
        process = self._transport.get_pid()
        tasks = Path(f"/proc/{process}/task")
        with suppress(OSError):
            threads = [int(task.name) for task in tasks.iterdir()] if tasks.exists() else [process]
            for thread in threads:
                os.setpriority(os.PRIO_PROCESS, thread, _SLOW_NICENESS)

    async def end(self) -> None:
        """Kill the process and wait until it is gone."""
        self.kill()
        await asyncio.shield(self.closed)

    async def cause_of_death(self) -> VisesError:
        """Return the error for a process that died on its own. Waits until it is gone.

        What killed it is told to the log, where the error does not say it.
        """
        await asyncio.shield(self.closed)
        words, code = self.last_words(), self.exit_code()
        if any(sign in words for sign in _ALLOCATION_FAILED):
            return MemoryExceeded()
        if _ORDER_BROKEN in words:
            return QueryFailed(
                sentence(
                    "unsortable",
                    "The query engine cannot sort these values: they are of kinds that it has no "
                    "consistent order for, such as numbers, dates and texts in one variable.",
                ),
                remedy=sentence(
                    "sort-one-kind",
                    "Sort by one kind: ORDER BY STR(?x), or keep one kind with FILTER.",
                ),
            )
        _log.error("A process died (%s).", ending(code), extra={"fields": fields_of(code, words)})
        return QueryFailed(
            sentence("process-died", "The process that evaluated the query died."),
            remedy=sentence(
                "simplify",
                "Simplify the query, above all where it nests deeply, or tell the operator of the "
                "service, whose log says why.",
            ),
        )

    def last_words(self) -> str:
        """Return the end of what the process wrote to standard error."""
        return self._stderr.decode(errors="replace").strip()

    def exit_code(self) -> int:
        """Return the exit code of the process that has ended, negative for a signal."""
        return self._transport.get_returncode() or 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport (called by the event loop)."""
        self._transport = cast("asyncio.SubprocessTransport", transport)
        self._cpu_clock = ~(self._transport.get_pid() or 0) << 3 | 2  # clock_getcpuclockid(3)
        self.spent = Spent(self)

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """Take frames apart (called by the event loop)."""
        if fd == _STDERR:
            self._stderr += data
            del self._stderr[:-_STDERR_BYTES]
        elif not self.ended:
            self._take_frames(self._rest + data)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:  # noqa: ARG002 (asyncio)
        """Notice the end (called by the event loop)."""
        if fd == _STDOUT:
            self.ended = True
            self._forget_ahead()
            self._wake()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (asyncio)
        """Notice that the process is gone and its pipes are empty (called by the event loop)."""
        self.ended = True
        self._wake()
        self._transport.close()
        if self.relay:
            self.relay.shut()
        if not self.closed.done():
            self.closed.set_result(None)

    def _take_frames(self, data: bytes) -> None:
        start, size = 0, len(data)
        while (begin := start + _HEADER_BYTES) <= size:
            kind, length = HEADER.unpack_from(data, start)
            end = begin + length
            if size < end:
                break
            self._frames.append((kind, data[begin:end]))
            self._held += length
            start = end
        self._rest = data[start:]
        if not self._paused and self._held >= _HELD_BYTES:
            self._paused = True
            self._stdout().pause_reading()
        if self.ahead and not self.at_work:
            self._drain()
        self._wake()

    def _end(self) -> None:
        self.ended = True
        self._forget_ahead()
        self._frames.clear()
        self._rest = b""
        self._held = 0
        if self._paused:
            self._resume()
        self._wake()

    def _resume(self) -> None:
        self._paused = False
        self._stdout().resume_reading()

    def _stdout(self) -> asyncio.ReadTransport:
        return cast("asyncio.ReadTransport", self._transport.get_pipe_transport(_STDOUT))

    def _wake(self) -> None:
        listener = self.listener
        if listener is not None:
            self._tell(listener)
        elif self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _tell(self, listener: Callable[[], None]) -> None:
        """Call a listener, and then those that it makes room for, as far as there are answers."""
        self._waking = True
        try:
            listener()
            while self.listener not in {None, listener} and self._frames:
                listener = self.listener
                listener()
        finally:
            self._waking = False


def _not_started(why: str) -> ProcessNotStarted:
    return ProcessNotStarted(
        f"A query process did not start: {why}.",
        remedy="See whether the machine has memory and processes left, then start again.",
    )
