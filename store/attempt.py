"""A query without a task of its own: what comes soon and whole costs little.

A task that waits for a process, and then for its frames, costs as much as a look-up does. Nearly
every query is answered long before anything has to be decided about it, so it begins as an attempt:
the answer is taken where it comes. Whatever else happens (it takes longer, is large, is an error,
the process dies) is not for the attempt to deal with: `WorkerPool.answer` goes on with it, as if it
had begun the query itself.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple, Protocol

from vises.store.exchange import Exchange, Owner
from vises.store.frames import read_form
from vises.store.spent import CLOCK_FACTOR

if TYPE_CHECKING:
    from collections.abc import Callable

    from vises.store.engine import DescribeRequest, EngineBusy, QueryRequest
    from vises.store.lanes import Lanes
    from vises.store.limits import Limits
    from vises.store.process import WorkerProcess
    from vises.store.tickets import Ticket

SOON_SECONDS = 0.05
"""How much time it may take, as `Spent.reaches` counts; it may wait ten times as long before."""


class Whole(NamedTuple):
    """An answer that is there: its media type, its content coding, its bytes, its head as sent."""

    media_type: str
    coding: str
    body: bytes
    head: bytes


class Holder(Owner, Protocol):
    """Who holds the release for a query."""

    def given(self, worker: WorkerProcess, ticket: Ticket, waited: float) -> None:
        """Take note of the process, and of how long it was waited for."""

    def send_ahead(self, attempt: Attempt) -> None:
        """Send a query that waits to a process that is at work, if there is room."""

    def forget(self, attempt: Attempt) -> None:
        """Do without what was sent ahead of a query that leaves while it waits."""

    def near(self, worker: WorkerProcess, *, is_near: bool) -> None:
        """Say whether queries may be sent ahead to a process."""

    def close(self) -> None:
        """Give up the release; once, however often it is called."""


class Rounds:
    """Looks at all attempts from time to time: a timer for each would cost more than it does."""

    def __init__(self) -> None:
        """Begin with none."""
        self._attempts: dict[Attempt, None] = {}
        self._timer: asyncio.TimerHandle | None = None

    def add(self, attempt: Attempt) -> None:
        """Look at an attempt from now on."""
        self._attempts[attempt] = None
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(SOON_SECONDS / 2, self._look)

    def remove(self, attempt: Attempt) -> None:
        """Look at an attempt no longer."""
        self._attempts.pop(attempt, None)

    def _look(self) -> None:
        attempts = [*self._attempts]
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(SOON_SECONDS / 2, self._look) if attempts else None
        for attempt in attempts:
            attempt.look()


class Attempt:
    """A query that is asked in a process as soon as there is one.

    `done` is called once, and never from `begin`: with the answer, or with None where
    `WorkerPool.answer` is to go on. It is not called after `close`.
    """

    def __init__(  # noqa: PLR0913, PLR0917 (what a query begins with)
        self,
        request: QueryRequest | DescribeRequest,
        release_id: str,
        message: bytes,
        ticket: Ticket,
        holder: Holder,
        limits: Limits,
        rounds: Rounds,
        done: Callable[[Whole | None], None],
    ) -> None:
        """Take a request to a process as it is and as a frame."""
        self.request = request
        self.release_id = release_id
        self.message = message
        self.ticket = ticket
        self._holder = holder
        self._limits = limits
        self._rounds = rounds
        self._done: Callable[[Whole | None], None] | None = done
        self._lanes: Lanes | None = None
        self._exchange: Exchange | None = None

    def begin(self, lanes: Lanes) -> None:
        """Take a process, or begin to wait for one. Raises as `Lanes.acquire` does."""
        self._loop = asyncio.get_running_loop()
        self._begun = self._loop.time()
        worker = lanes.take(self.ticket)
        if worker is None:
            lanes.wait(self.ticket, self)
            self._lanes = lanes
            lanes.look()
            if self._lanes is not None:
                self._holder.send_ahead(self)
        else:
            self.set_result(worker)
        self._rounds.add(self)

    def done(self) -> bool:
        """Tell whether it waits no longer (as a `Waiter`)."""
        return self._lanes is None

    def set_result(self, worker: WorkerProcess, /) -> None:
        """Ask a process (as a `Waiter`)."""
        self._lanes = None
        self._holder.given(worker, self.ticket, self._loop.time() - self._begun)
        if self.ticket.sent_to is None:
            worker.send(self.message)
        else:
            worker.ahead.popleft()
            self.ticket.sent_to = None
        seconds = self._limits.query_seconds
        self._exchange = Exchange(worker, self.ticket, self._holder, self._limits, seconds, seconds)
        worker.listen(self.heard)
        self._holder.near(worker, is_near=True)

    def set_exception(self, _: EngineBusy, /) -> None:
        """Let who goes on meet the same error (as a `Waiter`)."""
        self._lanes = None
        self._holder.forget(self)
        self._loop.call_soon(self._leave_it)

    def heard(self) -> None:
        """Take the answer, if it is there (called by the process)."""
        assert self._exchange is not None
        found = self._exchange.at_once()
        if found is not None:
            self._exchange = None
            self._tell(Whole(*read_form(found[0]), found[1], found[0]))
        elif not self._exchange.worker.awaits_more:
            self._leave_it()

    def look(self) -> None:
        """Leave it to others where it takes long, or waits too long (called by `Rounds`)."""
        if self._exchange is not None:
            late = self._exchange.spent.reaches(SOON_SECONDS)
        else:
            late = self._loop.time() - self._begun >= CLOCK_FACTOR * SOON_SECONDS
        if late:
            self._leave_it()

    def go_on(self) -> Exchange | None:
        """Return the exchange to who goes on with it, None where none has begun."""
        exchange, self._exchange = self._exchange, None
        return exchange

    def close(self) -> None:
        """Leave the queue, or let the process come to an end, and kill it if it does not soon.

        A new process costs a thousand times what is left of a look-up.
        """
        if self._done is None:
            self._stop()
        self._done = None
        self._stop_waiting()

    def _leave_it(self) -> None:
        """Let others go on; stop where nobody wants to."""
        self._stop_waiting()
        if self._exchange is not None:
            self._exchange.worker.listener = None
            self._holder.near(self._exchange.worker, is_near=False)
        if self._done is None:
            self._stop()
        else:
            self._tell(None)

    def _tell(self, answer: Whole | None) -> None:
        self._rounds.remove(self)
        done, self._done = self._done, None
        if done is not None:
            done(answer)

    def _stop_waiting(self) -> None:
        """Give up a place in the queue, and the release with it."""
        if self._lanes is not None:
            self._lanes.leave(self.ticket)
            self._lanes = None
            self._holder.forget(self)
        if self._exchange is None:
            self._rounds.remove(self)
            self._holder.close()

    def _stop(self) -> None:
        self._rounds.remove(self)
        if self._exchange is not None:
            self._exchange.worker.listener = None
            self._exchange.stop()
            self._exchange = None
