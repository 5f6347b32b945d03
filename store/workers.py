"""The row store as an engine: a pool of sealed processes that can be killed."""

from __future__ import annotations

import asyncio
import logging
import os
from collections import OrderedDict
from contextlib import suppress
from typing import TYPE_CHECKING

from vises.errors import Unavailable, VisesError
from vises.store.accounts import ClientLimited
from vises.store.ahead import Ahead
from vises.store.attempt import Attempt, Rounds
from vises.store.caller import CALLER
from vises.store.engine import Answer, DescribeRequest, EngineBusy, QueryRequest
from vises.store.exchange import Exchange, Preempted
from vises.store.federation.federation import Federation
from vises.store.files import DataFolderError
from vises.store.folder import StoreDamaged
from vises.store.hold import Hold
from vises.store.lanes import Lanes
from vises.store.limits import Limits
from vises.store.observer import PoolObserver, Unobserved
from vises.store.process import WorkerProcess
from vises.store.shared_leases import SharedLeases
from vises.store.tickets import Ticket, stopped

if TYPE_CHECKING:
    from collections.abc import Callable

    from vises.store.accounts import Accounts
    from vises.store.attempt import Whole
    from vises.store.caller import Caller
    from vises.store.releases import ReleaseStore

_RESTART_SECONDS = 1.0
_KNOWN_LONG = 4096
_LEAST_AT_ONCE = 2
_NO_FAULT = {
    "answered",
    "disconnected",
    "preempted",
    DataFolderError.kind,
    StoreDamaged.kind,
    EngineBusy.kind,
}

_log = logging.getLogger(__name__)


class WorkerPool:
    """Answers queries in `size` processes, each on one release at a time (an `Engine`).

    A request that outlives `query_seconds` dies with its process, and so does one whose client has
    gone; another process takes the place at once. A process has `mebibytes` of address space; never
    more than `size` of them have a query, and up to two stand by. While all are busy requests wait,
    each for `query_seconds` at most; `vises.store.lanes` says who is next, `vises.store.exchange`
    what is done with long ones. With `accounts`, a client that has used its share is refused. A
    request holds its release against pruning from its beginning to its end. `protections` has a
    sentence for each protection that this platform does not give. SERVICE clauses may call the
    partners that `federation` has.
    """

    def __init__(  # noqa: PLR0913 (each is a decision of its own)
        self,
        releases: ReleaseStore,
        *,
        size: int,
        query_seconds: float,
        mebibytes: int,
        accounts: Accounts | None = None,
        observer: PoolObserver | None = None,
        federation: Federation | None = None,
    ) -> None:
        """Remember the limits; `start` starts the processes."""
        self.protections: list[str] = []
        self.limits = Limits(
            query_seconds=query_seconds,
            processes=size,
            mebibytes=mebibytes,
            seconds=accounts.seconds if accounts else None,
            errors=accounts.errors if accounts else None,
            at_once=max(_LEAST_AT_ONCE, os.cpu_count() or 1),
        )
        self._leases = SharedLeases(releases.lease)
        self._accounts = accounts
        self._observer = observer or Unobserved()
        self._federation = federation or Federation()
        self._lanes = Lanes(self.limits, self._observer)
        self._known_long: OrderedDict[int, None] = OrderedDict()
        self.ahead = Ahead(self._lanes.slow)
        self._rounds = Rounds()
        self._keepers: list[asyncio.Task[None]] = []
        self._spares: list[asyncio.Task[WorkerProcess]] = []
        self._alive = 0
        self._snapshot = ""

    async def start(self) -> None:
        """Start the processes and wait until all are ready. Raises `Unavailable`."""
        size = self.limits.processes
        starts = [self._start_one() for _ in range(size + self.limits.spares)]
        started = await asyncio.gather(*starts, return_exceptions=True)
        workers = [w for w in started if isinstance(w, WorkerProcess)]
        failures = [e for e in started if isinstance(e, BaseException)]
        if failures:
            for worker in workers:
                await worker.end()
            raise failures[0]
        self.protections = list(dict.fromkeys(s for w in workers for s in w.missing))
        self._spares = [asyncio.create_task(_made(worker)) for worker in workers[size:]]
        self._keepers = [asyncio.create_task(self._keep(worker)) for worker in workers[:size]]
        await asyncio.sleep(0)

    async def close(self) -> None:
        """Kill all processes; what still waits or runs gets an error."""
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        self._keepers.clear()
        self._lanes.close(stopped())
        for spare in self._spares:
            spare.cancel()
        for worker in await asyncio.gather(*self._spares, return_exceptions=True):
            if isinstance(worker, WorkerProcess):
                await worker.end()
        self._spares.clear()
        await self._federation.aclose()

    def accepts(self, query: str) -> bool:  # noqa: ARG002 (it takes every one)
        """Take every query."""
        return True

    async def answer(self, request: QueryRequest | DescribeRequest, release_id: str) -> Answer:
        """Begin an answer, as `Engine.answer` says."""
        self._federation.refuse_circle(request)
        caller = CALLER.get()
        exchange = _begun_for(caller, request, release_id)
        held = _holder(exchange) if exchange else self._admitted(request, release_id, caller)
        try:
            if exchange is not None:
                with suppress(Preempted):
                    return await _answer_of(exchange)
            return await self._begin(request, held, long=exchange is not None)
        except BaseException:
            held.close()
            raise

    def _admitted(
        self, request: QueryRequest | DescribeRequest, release_id: str, caller: Caller | None
    ) -> Hold:
        """Let a client in, and hold the release. Raises as `Engine.answer` does."""
        if caller is not None:
            if isinstance(request, QueryRequest):
                caller.query = request.query
            if self._accounts is not None:
                written = isinstance(request, QueryRequest) and request.written
                self._accounts.admit(caller.key, written=written)
        return Hold(self, self._leases.join(release_id), caller)

    def attempt(
        self,
        request: QueryRequest | DescribeRequest,
        release_id: str,
        caller: Caller,
        done: Callable[[Whole | None], None],
    ) -> Attempt | None:
        """Begin a query that may be answered soon, as `Attempt` says.

        None where it is known to take long, or cannot be begun: `answer` says why. The request has
        no timeout and calls no partner.
        """
        try:
            held = self._admitted(request, release_id, caller)
        except VisesError:
            return None
        message = held.message(request)
        if held.fingerprint not in self._known_long and self._keepers:
            ticket = Ticket(held.client, held.snapshot)
            attempt = Attempt(
                request, release_id, message, ticket, held, self.limits, self._rounds, done
            )
            with suppress(EngineBusy, ClientLimited):
                attempt.begin(self._lanes)
                return attempt
        held.close()
        return None

    async def _begin(
        self, request: QueryRequest | DescribeRequest, held: Hold, *, long: bool
    ) -> Answer:
        """Begin an answer, and once more where it has to wait for a place of long ones."""
        message = held.message(request)
        now = asyncio.get_running_loop().time
        timeout = request.timeout if isinstance(request, QueryRequest) else None
        seconds = self.limits.query_seconds
        until = None
        if timeout is not None and timeout < seconds:
            seconds, until = timeout, now() + timeout
        long = long or held.fingerprint in self._known_long
        while True:
            ticket = Ticket(held.client, held.snapshot, long=long)
            begun = now()
            left = seconds if until is None else max(0.001, until - begun)
            worker = await self._acquire(ticket, left)
            held.given(worker, ticket, now() - begun)
            left = seconds if until is None else max(0.001, until - now())
            self._federation.open(worker.relay, request)
            exchange = Exchange(worker, ticket, held, self.limits, left, seconds)
            worker.send(message)
            try:
                return await _answer_of(exchange)
            except Preempted:
                long = True

    async def _acquire(self, ticket: Ticket, seconds: float) -> WorkerProcess:
        if not self._keepers:
            raise stopped()
        return await self._lanes.acquire(ticket, seconds)

    async def _keep(self, worker: WorkerProcess) -> None:
        """Offer a process while it lives, and put another in its place when it has died."""
        while True:
            self._count_alive(1)
            worker.drained = self._lanes.look
            self._lanes.offer(worker)
            try:
                await asyncio.shield(worker.closed)
            except asyncio.CancelledError:
                await worker.end()
                self._observer.process_ended(worker.why or "stopped")
                raise
            finally:
                self._count_alive(-1)
            self._lanes.withdraw(worker)
            self._observer.process_ended(worker.why or "died")
            worker = await self._replacement()

    async def _replacement(self) -> WorkerProcess:
        """Return a process that stands by, and start another one in its place."""
        if not self._spares:
            return await self._restart()
        spare = self._spares.pop(0)
        self._spares.append(asyncio.create_task(self._restart()))
        worker = await spare
        return worker if not worker.closed.done() else await self._replacement()

    async def _restart(self) -> WorkerProcess:
        """Start a process, which opens the release that was asked about last."""
        while True:
            try:
                worker = await self._start_one()
            except Unavailable as error:
                _log.error("%s", error)
                await asyncio.sleep(_RESTART_SECONDS)
                continue
            if self._snapshot:
                await worker.warm_up(self._snapshot)
            return worker

    async def _start_one(self) -> WorkerProcess:
        return await WorkerProcess.start(self.limits.mebibytes, relay=self._federation.relay())

    def _count_alive(self, more: int) -> None:
        self._alive += more
        self._observer.processes_changed(self._alive, self._lanes.long)

    def remember_long(self, fingerprint: int) -> None:
        """Give a query a place of long ones from its beginning, next time."""
        self._known_long[fingerprint] = None
        if len(self._known_long) > _KNOWN_LONG:
            self._known_long.popitem(last=False)

    def promote(self, exchange: Exchange) -> bool:
        """Give a place of long queries; False where there is none."""
        given = self._lanes.promote(exchange.ticket)
        self._observer.processes_changed(self._alive, self._lanes.long)
        return given

    def others_ask(self, exchange: Exchange) -> bool:
        """Tell whether another query has begun since this one did, or runs."""
        return self._lanes.others(exchange.ticket)

    def given(self, worker: WorkerProcess, snapshot: str) -> None:
        """Take note of what a process is asked about."""
        self._snapshot = snapshot
        if snapshot not in worker.snapshots:
            worker.snapshots.append(snapshot)

    def ended(self, held: Hold, exchange: Exchange, outcome: str) -> None:
        """Take the process back, and count what it did."""
        worker, seconds = exchange.worker, exchange.spent.seconds
        if outcome == "answered" and held.fingerprint in self._known_long:
            self._forget_long(held, exchange)
        if worker.slow and not exchange.killed:
            exchange.killed = "long"
            worker.kill()
        worker.why = exchange.killed
        self._charge(held.caller, exchange, outcome, seconds)
        self.ahead.over(worker)
        self._lanes.give_back(exchange.ticket, None if worker.why else worker)
        self.ahead.catch_up()
        if exchange.ticket.long:
            self._observer.processes_changed(self._alive, self._lanes.long)
        self._observer.query_ended(outcome, seconds, held.waited)

    def _forget_long(self, held: Hold, exchange: Exchange) -> None:
        """Take a query for a short one again, where it was one."""
        if exchange.spent.cpu_seconds < self.limits.long_seconds:
            del self._known_long[held.fingerprint]

    def _charge(
        self, caller: Caller | None, exchange: Exchange, outcome: str, seconds: float
    ) -> None:
        """Let the client pay for the time of the process, and for a new one where it died."""
        if caller is None:
            return
        if exchange.worker.why:
            seconds += exchange.worker.start_seconds
        failed = outcome not in _NO_FAULT
        caller.seconds += seconds
        if failed:
            caller.error = outcome
        if self._accounts is not None:
            caller.left = self._accounts.charge(caller.key, seconds, int(failed))


def _begun_for(
    caller: Caller | None, request: QueryRequest | DescribeRequest, release_id: str
) -> Exchange | None:
    """Return the exchange of the query that was begun for a request; None where there is none."""
    attempt = caller.begun if caller is not None else None
    if attempt is None or (attempt.request, attempt.release_id) != (request, release_id):
        return None
    assert caller is not None
    caller.begun = None
    return attempt.go_on()


def _holder(exchange: Exchange) -> Hold:
    assert isinstance(exchange.owner, Hold)
    return exchange.owner


async def _answer_of(exchange: Exchange) -> Answer:
    media_type, coding, length, described = await exchange.begin()
    return Answer(media_type, exchange, coding, length, described, exchange.whole)


async def _made(worker: WorkerProcess) -> WorkerProcess:
    return worker
