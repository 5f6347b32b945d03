"""A request at the pool: who asks, on which release, and what it has waited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vises.store.frames import request_frame

if TYPE_CHECKING:
    from vises.store.attempt import Attempt
    from vises.store.caller import Caller
    from vises.store.engine import DescribeRequest, QueryRequest
    from vises.store.exchange import Exchange
    from vises.store.process import WorkerProcess
    from vises.store.shared_leases import SharedLease
    from vises.store.tickets import Ticket
    from vises.store.workers import WorkerPool


class Hold:
    """A request's hold on a release, from its beginning to its end (the `Holder` of exchanges)."""

    def __init__(self, pool: WorkerPool, lease: SharedLease, caller: Caller | None) -> None:
        """Hold what a lease holds, for a caller (None: the service itself)."""
        self.caller = caller
        self.client = caller.key if caller is not None else ""
        self.snapshot = str(lease.snapshot)
        self.fingerprint = 0
        self.waited = 0.0
        self._pool = pool
        self._lease = lease
        self._closed = False

    def message(self, request: QueryRequest | DescribeRequest) -> bytes:
        """Return the frame of a request, and know the query by it from now on."""
        frame = request_frame(self.snapshot, request)
        self.fingerprint = hash(frame)
        return frame

    def given(self, worker: WorkerProcess, ticket: Ticket, waited: float) -> None:
        """Pass it on, and count what was waited."""
        self._pool.given(worker, ticket.snapshot)
        self.waited += waited
        if self.caller is not None:
            self.caller.waited += waited

    def send_ahead(self, attempt: Attempt) -> None:
        """Pass it on."""
        self._pool.ahead.send(attempt)

    def forget(self, attempt: Attempt) -> None:
        """Pass it on."""
        self._pool.ahead.forget(attempt)

    def near(self, worker: WorkerProcess, *, is_near: bool) -> None:
        """Pass it on."""
        if is_near:
            self._pool.ahead.begun(worker, self.client)
        else:
            self._pool.ahead.over(worker)

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
