"""Who gets a query process next: short queries beside long ones, clients in turn."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from vises.errors import sentence
from vises.store.accounts import ClientLimited
from vises.store.lately import Lately
from vises.store.limits import FRESH_SECONDS
from vises.store.tickets import Client, busy, queue_of

if TYPE_CHECKING:
    from vises.store.engine import EngineBusy
    from vises.store.limits import Limits
    from vises.store.observer import PoolObserver
    from vises.store.process import WorkerProcess
    from vises.store.tickets import Ticket, Waiter


_HEAVY_SECONDS = 10.0
_HELD_UP_SECONDS = 1.0
_LOOK_SECONDS = 0.005


class Lanes:
    """Hands out idle processes.

    Long queries hold at most `Limits.long_places` of the processes, so that at least one takes
    short ones only; a client holds at most `client_processes`, and `client_long_places` of them
    with long queries. Of four processes or more, the last idle one is kept for the short queries of
    clients that had no long one lately. Where queries wait, the client that holds fewest processes
    is next, and each client's queries go in order.

    At most `Limits.at_once` short ones have begun within the last 20 ms, so that short ones are
    asked of few processes, one after the other: a process that worked a moment ago has in the
    caches of the processor what it needs, and takes half the time. A process may have been sent
    queries that wait (`Ticket.sent_to`), so that it need not sleep between two. They get their
    turn there, or elsewhere when the one before them takes longer; then it works on them in vain.
    """

    def __init__(self, limits: Limits, observer: PoolObserver) -> None:
        """Begin without processes."""
        self.idle: list[WorkerProcess] = []
        self._limits = limits
        self._observer = observer
        self._clients: dict[str, Client] = {}
        self._heavy = Lately(_HEAVY_SECONDS)
        self.slow = Lately(_HELD_UP_SECONDS)
        self._waiting = 0
        self._begun = 0
        self._fresh: dict[Ticket, tuple[float, WorkerProcess]] = {}
        self._ageing: asyncio.TimerHandle | None = None
        self.long = 0

    def close(self, error: EngineBusy) -> None:
        """Forget the processes; whoever waits gets an error."""
        self.idle.clear()
        for client in self._clients.values():
            for ticket in (*client.short, *client.long):
                if ticket.waiter and not ticket.waiter.done():
                    ticket.waiter.set_exception(error)
            client.short.clear()
            client.long.clear()
        self._clients = {name: c for name, c in self._clients.items() if c.held}
        self._count_waiting(-self._waiting)

    async def acquire(self, ticket: Ticket, seconds: float) -> WorkerProcess:
        """Return a process for a query, and count it as held until `give_back`.

        Waits for `seconds` at most. Raises `EngineBusy`, also where too many wait already, and
        `ClientLimited` where too many of this client do.
        """
        worker = self.take(ticket)
        return worker if worker is not None else await self._waited(ticket, seconds)

    def take(self, ticket: Ticket) -> WorkerProcess | None:
        """Return a process as `acquire` does, None where the query has to wait."""
        client = self._clients.get(ticket.client)
        if client is not None and queue_of(ticket, client):
            return None
        known = client is not None
        client = client or Client()
        if not self._fits(ticket, client):
            return None
        worker = self._idle_for(ticket.snapshot)
        if worker is not None:
            if not known:
                self._clients[ticket.client] = client
            self._hold(ticket, client, worker)
        return worker

    def wait(self, ticket: Ticket, waiter: Waiter) -> None:
        """Let a query wait until `waiter` is told of a process, or `leave`. Raises as `acquire`."""
        client = self._clients.setdefault(ticket.client, Client())
        self._check_room(ticket, client)
        ticket.waiter = waiter
        queue_of(ticket, client).append(ticket)
        self._count_waiting(1)
        self._age_later()

    def leave(self, ticket: Ticket) -> None:
        """Let a query wait no longer that was not told of a process yet."""
        client = self._clients[ticket.client]
        queue_of(ticket, client).remove(ticket)
        self._forget_idle(ticket.client, client)
        self._count_waiting(-1)

    def promote(self, ticket: Ticket) -> bool:
        """Give a place of long queries to one that runs; False where there is none for it."""
        client = self._clients[ticket.client]
        self._heavy.note(ticket.client)
        if ticket.long or not self._long_fits(ticket, client):
            return ticket.long
        ticket.long = True
        client.held_long += 1
        self.long += 1
        return True

    def others(self, ticket: Ticket) -> bool:
        """Tell whether a query has begun after one that runs, or still runs beside it."""
        return self._begun > ticket.number or sum(c.held for c in self._clients.values()) > 1

    def give_back(self, ticket: Ticket, worker: WorkerProcess | None = None) -> None:
        """Count a query as ended. Its process comes back with it, by `offer`, or not at all."""
        if worker is not None:
            self.idle.append(worker)
        self._fresh.pop(ticket, None)
        client = self._clients[ticket.client]
        client.held -= 1
        if ticket.long:
            self._heavy.note(ticket.client)
            client.held_long -= 1
            self.long -= 1
        del self._clients[ticket.client]
        if not client.idle:
            self._clients[ticket.client] = client
        if self._waiting:
            self._hand_out()

    def offer(self, worker: WorkerProcess) -> None:
        """Take a process that has nothing to do."""
        self.idle.append(worker)
        if self._waiting:
            self._hand_out()

    def withdraw(self, worker: WorkerProcess) -> None:
        """Forget a process that has died."""
        if worker in self.idle:
            self.idle.remove(worker)

    def _fits(self, ticket: Ticket, client: Client) -> bool:
        if not ticket.long and self._are_enough_fresh():
            return False
        if ticket.client and client.held >= self._limits.client_processes:
            return False
        if ticket.long:
            return self._long_fits(ticket, client)
        if len(self.idle) > 1 or not self._limits.keeps_one_clear:
            return True
        return not self._is_heavy(ticket, client)

    def _are_enough_fresh(self) -> bool:
        """Whether no short query may begin now."""
        at_once = self._limits.at_once
        return at_once is not None and len(self._fresh) >= at_once

    def _is_heavy(self, ticket: Ticket, client: Client) -> bool:
        """Whether a client has, waits for, or had within the last 10 s, a place of long ones."""
        if not ticket.client:
            return False
        if client.held_long or client.long:
            return True
        return ticket.client in self._heavy

    def _long_fits(self, ticket: Ticket, client: Client) -> bool:
        if self.long >= self._limits.long_places:
            return False
        return not ticket.client or client.held_long < self._limits.client_long_places

    def _hold(self, ticket: Ticket, client: Client, worker: WorkerProcess) -> None:
        self._begun += 1
        ticket.number = self._begun
        client.held += 1
        if ticket.long:
            client.held_long += 1
            self.long += 1
        elif self._limits.at_once is not None:
            self._fresh[ticket] = asyncio.get_running_loop().time(), worker

    def _age_later(self) -> None:
        """Look at the queries that have just begun when the first of them has not any more."""
        if self._fresh and self._waiting and self._ageing is None:
            loop = asyncio.get_running_loop()
            first, _ = next(iter(self._fresh.values()))
            soon = max(first + FRESH_SECONDS, loop.time() + _LOOK_SECONDS)
            self._ageing = loop.call_at(soon, self._age)

    def _age(self) -> None:
        self._ageing = None
        old = [
            (ticket, worker)
            for ticket, (_, worker) in self._fresh.items()
            if worker.spent.reaches(FRESH_SECONDS)
        ]
        for ticket, worker in old:
            del self._fresh[ticket]
            if any(worker.ahead):
                self.slow.note(ticket.client)
                _call_off(worker)
        if self._waiting:
            self._hand_out()
        self._age_later()

    def _idle_for(self, snapshot: str) -> WorkerProcess | None:
        """Take an idle process that has nothing ahead, rather one that has the release open."""
        found: WorkerProcess | None = None
        for worker in reversed(self.idle):
            if worker.ahead or worker.ended:
                continue
            if found is None or snapshot in worker.snapshots:
                found = worker
            if snapshot in worker.snapshots:
                break
        if found is not None:
            self.idle.remove(found)
        return found

    def _clear_one(self) -> None:
        """Let an idle process drop what it has ahead, so that another client can have it."""
        for worker in reversed(self.idle):
            if any(worker.ahead):
                _call_off(worker)
                return

    def look(self) -> None:
        """See whether an idle process can be given that could not before."""
        if self._waiting:
            self._hand_out()

    async def _waited(self, ticket: Ticket, seconds: float) -> WorkerProcess:
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[WorkerProcess] = loop.create_future()
        self.wait(ticket, waiter)
        late = loop.call_later(seconds, self._give_up, ticket, seconds)
        try:
            return await asyncio.shield(waiter)
        except asyncio.CancelledError:
            self._pass_on(ticket, waiter)
            raise
        finally:
            late.cancel()

    def _check_room(self, ticket: Ticket, client: Client) -> None:
        if self._waiting >= self._limits.waiting:
            self._forget_idle(ticket.client, client)
            raise busy(
                sentence(
                    "busy-waiting",
                    "All query processes are busy, and {waiting} others wait for one already.",
                    waiting=self._waiting,
                )
            )
        waiting = len(client.short) + len(client.long)
        if ticket.client and waiting >= self._limits.client_waiting:
            raise ClientLimited(
                sentence(
                    "client-waiting",
                    "{waiting} queries of this client wait already.",
                    waiting=waiting,
                ),
                remedy=sentence("ask-fewer", "Ask fewer queries at once."),
                policy="waiting",
            )

    def _give_up(self, ticket: Ticket, seconds: float) -> None:
        if ticket.waiter and not ticket.waiter.done():
            self.leave(ticket)
            late = sentence(
                "busy-late",
                "All query processes are busy, and none came free in {seconds} s.",
                seconds=f"{seconds:.3g}",
            )
            ticket.waiter.set_exception(busy(late))

    def _pass_on(self, ticket: Ticket, waiter: asyncio.Future[WorkerProcess]) -> None:
        """Leave the queue, and pass on the process that was given in the same moment."""
        if not waiter.done():
            self.leave(ticket)
        elif waiter.exception() is None:
            self.give_back(ticket)
            if not waiter.result().closed.done():
                self.offer(waiter.result())

    def _forget_idle(self, name: str, client: Client) -> None:
        if client.idle:
            self._clients.pop(name, None)

    def _hand_out(self) -> None:
        """Give idle processes to those that wait, as far as they may have them."""
        while self.idle and self._hand_one():
            pass
        self._age_later()

    def _hand_one(self) -> bool:
        """Give an idle process to who is next; tell whether there was one for it."""
        found = self._next()
        if found is None:
            return False
        ticket, client = found
        worker = ticket.sent_to
        if worker is not None:
            self.idle.remove(worker)
        else:
            worker = self._idle_for(ticket.snapshot)
        if worker is None:
            self._clear_one()
            return False
        queue_of(ticket, client).remove(ticket)
        self._hold(ticket, client, worker)
        self._count_waiting(-1)
        assert ticket.waiter is not None
        ticket.waiter.set_result(worker)
        return True

    def _next(self) -> tuple[Ticket, Client] | None:
        """Return who is next: of those that hold fewest processes, who had none for longest."""
        found: tuple[Ticket, Client] | None = None
        long_only = self._are_enough_fresh()
        for client in self._clients.values():
            if found is not None and client.held >= found[1].held:
                continue
            for queue in (client.long,) if long_only else (client.short, client.long):
                ticket = next(filter(_may_begin, queue), None)
                if ticket is not None and self._fits(ticket, client):
                    found = ticket, client
                    break
        return found

    def _count_waiting(self, more: int) -> None:
        self._waiting += more
        self._observer.queue_changed(self._waiting)


def _may_begin(ticket: Ticket) -> bool:
    """Tell whether a query has not been sent anywhere, or is the next of a process that rests."""
    worker = ticket.sent_to
    return worker is None or (worker.ahead[0] is ticket and not worker.at_work)


def _call_off(worker: WorkerProcess) -> None:
    """Let a process do nothing of what it has ahead."""
    tickets = [ticket for ticket in worker.ahead if ticket is not None]
    for ticket in tickets:
        ticket.sent_to = None
    worker.unwanted(*tickets)
