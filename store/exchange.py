"""One request to a query process, and its answer."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Protocol

from vises.store.engine import MemoryExceeded, QueryTimeout, deadline_met
from vises.store.frames import BODY, END, HEAD, read_error, read_head
from vises.store.process import WorkerGoneError

if TYPE_CHECKING:
    from vises.errors import VisesError
    from vises.store.engine import Described
    from vises.store.limits import Limits
    from vises.store.process import WorkerProcess
    from vises.store.tickets import Ticket

SHORT_BYTES = 1 << 18
"""An answer that is longer takes one of the places of long ones, for it waits for its reader."""

_LOOK_SECONDS = 0.02


class Preempted(Exception):
    """The query is a long one, and others hold the places of long ones: it must wait for one."""


class Owner(Protocol):
    """Whose process it is."""

    def promote(self, exchange: Exchange) -> bool:
        """Give a place of long queries; False where there is none."""

    def others_ask(self, exchange: Exchange) -> bool:
        """Tell whether there are, or were since it began, other queries that want a processor."""

    def ended(self, exchange: Exchange, outcome: str) -> None:
        """Take note of the end, and take the process back where it lives."""


class Exchange(AsyncIterator[bytes]):
    """A request and its answer: the `Chunks` of an `Answer`.

    A query is long when it has had `Limits.long_seconds` of a processor, or ten times as long by
    the clock: on a busy machine the clock alone would call every query long. It takes a place of
    long ones then, and later gives way to others in the use of the processor, if there are any.

    The first bytes go out when the answer is whole, or when it holds a place of long ones. So a
    query that has to wait for such a place can be begun again (`Preempted`), and neither one that
    runs for long nor one that is read slowly keeps a process from short ones.
    """

    def __init__(  # noqa: PLR0913, PLR0917 (what a query begins with)
        self,
        worker: WorkerProcess,
        ticket: Ticket,
        owner: Owner,
        limits: Limits,
        seconds: float,
        deadline: float,
    ) -> None:
        """Begin the time: `seconds` are left of the `deadline` that the query was given."""
        self.worker = worker
        self.ticket = ticket
        self.killed = ""
        self.owner = owner
        self._limits = limits
        self._seconds = seconds
        self._deadline = deadline
        self._held: deque[bytes] = deque()
        self._over = False
        self._error: VisesError | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.spent = worker.begin()

    def at_once(self) -> tuple[bytes, bytes] | None:
        """Return head and body of an answer that is there as a whole, and end the exchange.

        None where it is not, which ends nothing.
        """
        if self.worker.relay and self.worker.relay.failure:
            return None
        found = self.worker.whole()
        if found is not None:
            self.worker.listener = None
            self._end("answered")
        return found

    async def begin(self) -> tuple[str, str, int | None, Described]:
        """Return the media type, the coding, the length where known, and of what the answer is.

        The request has been sent. From here on what becomes of it is looked at from time to time.
        Raises `Preempted` and what `Engine.answer` does.
        """
        self._look_in(self._limits.slow_seconds if self.ticket.long else self._limits.long_seconds)
        kind, head = await self._next()
        assert kind == HEAD
        size = 0
        while not (self._over or self.ticket.long):
            kind, data = await self._next()
            if kind == END:
                self._end("answered")
                break
            self._held.append(data)
            size += len(data)
            if size >= SHORT_BYTES and not self.owner.promote(self):
                self._kill("preempted")
                raise Preempted
        return read_head(head)

    @property
    def whole(self) -> bytes | None:
        """All of the answer, where it is there already."""
        if self._over and self._error is None:
            return b"".join(self._held)
        return None

    async def __anext__(self) -> bytes:
        """Return the next bytes, as `Chunks` says."""
        if self._held:
            return self._held.popleft()
        if self._over:
            if self._error is not None:
                raise self._error
            raise StopAsyncIteration
        kind, payload = await self._next()
        if kind == END:
            self._end("answered")
            raise StopAsyncIteration
        assert kind == BODY
        return payload

    async def aclose(self) -> None:
        """Kill the process if it still works on the answer."""
        self.stop()

    def stop(self) -> None:
        """Do what `aclose` does."""
        self._kill("disconnected")

    async def _next(self) -> tuple[int, bytes]:
        try:
            kind, payload = await self.worker.frame()
        except WorkerGoneError:
            raise await self._failure() from None
        except BaseException:
            self._kill("disconnected")
            raise
        failure = self.worker.relay and self.worker.relay.failure
        if failure is None and kind in {HEAD, BODY, END}:
            return kind, payload
        error = self._error = failure or read_error(payload)
        if kind in {HEAD, BODY}:
            self._kill("partner", error.kind)
        else:
            self._end(error.kind)
        raise error

    async def _failure(self) -> VisesError | Preempted:
        """Return why there is no more of the answer."""
        if self.killed == "preempted":
            return Preempted()
        if self._error is None:
            self._error = await self.worker.cause_of_death()
            self.killed = "memory" if isinstance(self._error, MemoryExceeded) else "died"
            self._end(self._error.kind)
        return self._error

    def _look_in(self, seconds: float) -> None:
        left = self._seconds - self.spent.seconds
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(max(0.0, min(seconds, left)), self._look)

    def _look(self) -> None:
        """See what the time that has passed makes of the query."""
        past, limits = self.spent.seconds, self._limits
        if past >= self._seconds:
            self._expire()
        elif self.ticket.long:
            if past >= limits.slow_seconds and self.owner.others_ask(self):
                self.worker.slow_down()
            soon = max(limits.slow_seconds - past, limits.long_seconds)
            self._look_in(self._seconds if self.worker.slow else soon)
        elif self.spent.reaches(limits.long_seconds):
            if self.owner.promote(self):
                self._look_in(limits.slow_seconds - past)
            else:
                self._kill("preempted")
        else:
            self._look_in(max(_LOOK_SECONDS, limits.long_seconds - self.spent.cpu_seconds))

    def _expire(self) -> None:
        self._error = deadline_met(self._deadline)
        self._kill("deadline", QueryTimeout.kind)

    def _kill(self, why: str, outcome: str = "") -> None:
        if not self._over:
            self.killed = why
            self.worker.kill()
            self._end(outcome or why)

    def _end(self, outcome: str) -> None:
        if not self._over:
            self._over = True
            if self._timer is not None:
                self._timer.cancel()
            if self.worker.relay:
                self.worker.relay.close()
            self.worker.rest()
            self.owner.ended(self, outcome)
