"""One query process as the pool sees it: frames in, frames out, and its death."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, cast

from vises.errors import Unavailable, VisesError
from vises.store.engine import RESULTS_TYPES, MemoryExceeded, QueryFailed, QueryRequest
from vises.store.frames import BODY, END, ERROR, HEAD, HEADER, READY, request_frame

if TYPE_CHECKING:
    from collections.abc import Callable

    from vises.store.federation.relay import Relay

_STDOUT, _STDERR = 1, 2
_HELD_BYTES = 1 << 18
_STDERR_BYTES = 1 << 13
_START_SECONDS = 30
_SLOW_NICENESS = 10
_ALLOCATOR = "glibc.malloc.tcache_count=500"
"""A query frees some thousand small things; kept at hand, they cost a look-up a seventh less."""

_ALLOCATION_FAILED = ("memory allocation of", "bad_alloc", "MemoryError")
_ORDER_BROKEN = "does not correctly implement a total order"


class WorkerGoneError(Exception):
    """The process died before the frame that was waited for."""


class WorkerProcess(asyncio.SubprocessProtocol):
    """A process of `vises.store.worker`.

    Frames are taken apart as bytes come in; when more than 256 KiB wait to be fetched, reading
    pauses, and the process with it. `snapshots` are those it was last asked about, `missing` the
    protections that the platform did not give it, `start_seconds` is the time of a processor that
    its start took.
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
        self._transport: asyncio.SubprocessTransport
        self._rest = b""
        self._frames: deque[tuple[int, bytes]] = deque()
        self._held = 0
        self._paused = False
        self._ended = False
        self._waiter: asyncio.Future[None] | None = None
        self._stderr = bytearray()

    @classmethod
    async def start(
        cls, mebibytes: int, module: str = "vises.store.worker", relay: Relay | None = None
    ) -> WorkerProcess:
        """Start the process of a module and wait until it is ready. Raises `Unavailable`.

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
            raise _not_started(worker.last_words() or "It said nothing.") from error
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
            if self._ended:
                raise WorkerGoneError
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        kind, payload = self._frames.popleft()
        self._held -= len(payload)
        if self._paused and self._held < _HELD_BYTES:
            self._resume()
        return kind, payload

    def whole(self) -> tuple[bytes, bytes] | None:
        """Take the head and the body of an answer that is there from its head to its end.

        None where it is not, or is no answer; then nothing is taken.
        """
        frames = self._frames
        if not frames or frames[0][0] != HEAD or frames[-1][0] != END:
            return None
        head = frames[0][1]
        body = b"".join([payload for kind, payload in frames if kind == BODY])
        frames.clear()
        self._held = 0
        return head, body

    @property
    def awaits_more(self) -> bool:
        """Whether what has come is a part of an answer, or nothing, and more may come."""
        failed = bool(self._frames) and self._frames[-1][0] == ERROR
        return not (self._ended or self._paused or failed)

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
        """Return the error for a process that died on its own. Waits until it is gone."""
        await asyncio.shield(self.closed)
        words, code = self.last_words(), self._transport.get_returncode() or 0
        if any(sign in words for sign in _ALLOCATION_FAILED):
            return MemoryExceeded()
        if _ORDER_BROKEN in words:
            return QueryFailed(
                "The query engine cannot sort these values: they are of kinds that it has no "
                "consistent order for, such as numbers, dates and texts in one variable.",
                remedy="Sort by one kind: ORDER BY STR(?x), or keep one kind with FILTER.",
            )
        ended = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        return QueryFailed(
            f"The process that evaluated the query died ({ended}). {words[-300:]}".strip(),
            remedy="Simplify the query, above all where it nests deeply, or tell the operator.",
        )

    def last_words(self) -> str:
        """Return the end of what the process wrote to standard error."""
        return self._stderr.decode(errors="replace").strip()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport (called by the event loop)."""
        self._transport = cast("asyncio.SubprocessTransport", transport)
        self._cpu_clock = ~(self._transport.get_pid() or 0) << 3 | 2  # clock_getcpuclockid(3)

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        """Take frames apart (called by the event loop)."""
        if fd == _STDERR:
            self._stderr += data
            del self._stderr[:-_STDERR_BYTES]
        elif not self._ended:
            self._take_frames(self._rest + data)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:  # noqa: ARG002 (asyncio)
        """Notice the end (called by the event loop)."""
        if fd == _STDOUT:
            self._ended = True
            self._wake()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (asyncio)
        """Notice that the process is gone and its pipes are empty (called by the event loop)."""
        self._ended = True
        self._wake()
        self._transport.close()
        if self.relay:
            self.relay.shut()
        if not self.closed.done():
            self.closed.set_result(None)

    def _take_frames(self, data: bytes) -> None:
        start = 0
        while len(data) - start >= HEADER.size:
            kind, length = HEADER.unpack_from(data, start)
            end = start + HEADER.size + length
            if len(data) < end:
                break
            self._frames.append((kind, data[start + HEADER.size : end]))
            self._held += length
            start = end
        self._rest = data[start:]
        if not self._paused and self._held >= _HELD_BYTES:
            self._paused = True
            self._stdout().pause_reading()
        self._wake()

    def _end(self) -> None:
        self._ended = True
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
        if self.listener is not None:
            self.listener()
        elif self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


def _not_started(why: str) -> Unavailable:
    return Unavailable(
        f"A query process did not start: {why[-500:]}",
        remedy="See whether the machine has memory and processes left, then start again.",
    )
