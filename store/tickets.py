"""Queries that wait for a query process or hold one, and their clients."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from vises.errors import TRY_LATER, sentence
from vises.store.engine import EngineBusy

if TYPE_CHECKING:
    from vises.errors import Sentence
    from vises.store.process import WorkerProcess


class Waiter(Protocol):
    """What is told of a process, or that there is none: a future, or what has its methods."""

    def done(self) -> bool:
        """Tell whether it was told already."""

    def set_result(self, result: WorkerProcess, /) -> None:
        """Take the process."""

    def set_exception(self, exception: EngineBusy, /) -> None:
        """Take the error."""


@dataclass(eq=False, slots=True)
class Ticket:
    """A query's place: of which client ("": the service itself), on which snapshot.

    `long` says that it needs, or holds, one of the places of long queries; `number` is which query
    of the pool it was to begin, once it has. `sent_to` is a process that was sent the query while
    it still waits for its turn there.
    """

    client: str
    snapshot: str
    long: bool = False
    number: int = 0
    sent_to: WorkerProcess | None = None
    waiter: Waiter | None = None


@dataclass(eq=False, slots=True)
class Client:
    """What a client waits for and holds."""

    short: deque[Ticket] = field(default_factory=deque)
    long: deque[Ticket] = field(default_factory=deque)
    held: int = 0
    held_long: int = 0

    @property
    def idle(self) -> bool:
        """Whether it neither waits nor holds."""
        return not (self.held or self.short or self.long)


def queue_of(ticket: Ticket, client: Client) -> deque[Ticket]:
    """Return the queue of a client that a query is, or would be, in."""
    return client.long if ticket.long else client.short


def busy(why: Sentence) -> EngineBusy:
    """Return the error for a query that gets no process."""
    return EngineBusy(why, remedy=TRY_LATER)


def stopped() -> EngineBusy:
    """Return the error for a query to a pool that is not running."""
    return busy(sentence("pool-stopped", "The query processes are not running."))
