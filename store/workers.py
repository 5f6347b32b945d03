"""The row store as an engine: a pool of sealed processes that can be killed."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from typing import TYPE_CHECKING

from vises.errors import Unavailable
from vises.store.caller import CALLER
from vises.store.engine import Answer, DescribeRequest, EngineBusy, QueryRequest
from vises.store.exchange import Exchange, Preempted
from vises.store.federation.federation import Federation
from vises.store.folder import StoreDamaged
from vises.store.frames import request_frame
from vises.store.lanes import Lanes, Ticket, stopped
from vises.store.limits import Limits
from vises.store.observer import PoolObserver, Unobserved
from vises.store.process import WorkerProcess
from vises.store.shared_leases import SharedLeases

if TYPE_CHECKING:
    from vises.store.accounts import Accounts
    from vises.store.caller import Caller
    from vises.store.releases import ReleaseStore
    from vises.store.shared_leases import SharedLease

_RESTART_SECONDS = 1.0
_KNOWN_LONG = 4096
_NO_FAULT = {"answered", "disconnected", "preempted", StoreDamaged.kind, EngineBusy.kind}

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
        )
        self._leases = SharedLeases(releases.lease)
        self._accounts = accounts
        self._observer = observer or Unobserved()
        self._federation = federation or Federation()
        self._lanes = Lanes(self.limits, self._observer)
        self._known_long: OrderedDict[int, None] = OrderedDict()
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
        if caller is not None:
            if isinstance(request, QueryRequest):
                caller.query = request.query
            if self._accounts is not None:
                self._accounts.admit(caller.key)
        lease = self._leases.join(release_id)
        held = _Held(self, lease, caller)
        try:
            return await self._begin(request, str(lease.snapshot), held)
        except BaseException:
            held.close()
            raise

    async def _begin(
        self, request: QueryRequest | DescribeRequest, snapshot: str, held: _Held
    ) -> Answer:
        """Begin an answer, and once more where it has to wait for a place of long ones."""
        message = request_frame(snapshot, request)
        held.fingerprint = hash(message)
        now = asyncio.get_running_loop().time
        timeout = request.timeout if isinstance(request, QueryRequest) else None
        seconds = self.limits.query_seconds
        until = now() + timeout if timeout is not None and timeout < seconds else None
        ticket = Ticket(held.client, snapshot, long=held.fingerprint in self._known_long)
        while True:
            begun = now()
            left = seconds if until is None else max(0.001, until - begun)
            worker = await self._acquire(ticket, left)
            if held.caller is not None:
                held.caller.waited += now() - begun
            held.waited += now() - begun
            left = seconds if until is None else max(0.001, until - now())
            self._federation.open(worker.relay, request)
            exchange = Exchange(worker, ticket, held, self.limits, left)
            try:
                media_type, coding, length, described = await exchange.begin(message)
            except Preempted:
                ticket = Ticket(held.client, snapshot, long=True)
            else:
                whole = exchange.whole
                return Answer(media_type, exchange, coding, length, described, whole)

    async def _acquire(self, ticket: Ticket, seconds: float) -> WorkerProcess:
        if not self._keepers:
            raise stopped()
        worker = await self._lanes.acquire(ticket, seconds)
        self._snapshot = ticket.snapshot
        if ticket.snapshot not in worker.snapshots:
            worker.snapshots.append(ticket.snapshot)
        return worker

    async def _keep(self, worker: WorkerProcess) -> None:
        """Offer a process while it lives, and put another in its place when it has died."""
        while True:
            self._count_alive(1)
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

    def ended(self, held: _Held, exchange: Exchange, outcome: str) -> None:
        """Take the process back, and count what it did."""
        worker, seconds = exchange.worker, exchange.seconds
        known = held.fingerprint in self._known_long
        if known and outcome == "answered" and exchange.cpu_seconds < self.limits.long_seconds:
            del self._known_long[held.fingerprint]
        if worker.slow and not exchange.killed:
            exchange.killed = "long"
            worker.kill()
        worker.why = exchange.killed
        self._charge(held.caller, exchange, outcome)
        self._lanes.give_back(exchange.ticket)
        if exchange.ticket.long:
            self._observer.processes_changed(self._alive, self._lanes.long)
        if not worker.why:
            self._lanes.offer(worker)
        self._observer.query_ended(outcome, seconds, held.waited)

    def _charge(self, caller: Caller | None, exchange: Exchange, outcome: str) -> None:
        """Let the client pay for the time of the process, and for a new one where it died."""
        if caller is None:
            return
        seconds = exchange.seconds
        if exchange.worker.why:
            seconds += exchange.worker.start_seconds
        failed = outcome not in _NO_FAULT
        caller.seconds += seconds
        if failed:
            caller.error = outcome
        if self._accounts is not None:
            self._accounts.charge(caller.key, seconds, int(failed))


class _Held:
    """A request's hold on a release, from its beginning to its end (the `Owner` of exchanges)."""

    def __init__(self, pool: WorkerPool, lease: SharedLease, caller: Caller | None) -> None:
        self.caller = caller
        self.client = caller.key if caller is not None else ""
        self.fingerprint = 0
        self.waited = 0.0
        self._pool = pool
        self._lease = lease
        self._closed = False

    def promote(self, exchange: Exchange) -> bool:
        """Pass it on, and remember that the query is a long one."""
        self._pool.remember_long(self.fingerprint)
        return self._pool.promote(exchange)

    def others_ask(self, exchange: Exchange) -> bool:
        """Pass it on."""
        return self._pool.others_ask(exchange)

    def ended(self, exchange: Exchange, outcome: str) -> None:
        """Pass it on, and give up the release unless the query is begun again."""
        self._pool.ended(self, exchange, outcome)
        if outcome != "preempted":
            self.close()

    def close(self) -> None:
        """Give up the release; once, however often it is called."""
        if not self._closed:
            self._closed = True
            self._lease.close()


async def _made(worker: WorkerProcess) -> WorkerProcess:
    return worker
