"""Short queries that are sent to a process while it works for another one.

So it need not sleep between two. That pays where all are short, and costs where one is not: what
was sent behind it is asked elsewhere, and done here in vain. So a client whose query has held up
others, or who left one behind, has nothing sent ahead for a while, and nobody is sent behind it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vises.store.attempt import Attempt
    from vises.store.lately import Lately
    from vises.store.process import WorkerProcess

MOST_AHEAD = 3


class Ahead:
    """The processes that work on short queries, and the queries that are sent to them."""

    def __init__(self, slow: Lately) -> None:
        """Begin without processes; `slow` are the clients that are left out."""
        self._slow = slow
        self._near: dict[WorkerProcess, None] = {}
        self._behind: dict[Attempt, None] = {}

    def begun(self, worker: WorkerProcess, client: str) -> None:
        """Send queries behind one of a client that a process works on now."""
        if client not in self._slow:
            self._near[worker] = None

    def over(self, worker: WorkerProcess) -> None:
        """Send no more queries to a process: it has ended its query, or takes long."""
        self._near.pop(worker, None)

    def send(self, attempt: Attempt) -> None:
        """Send a query that waits to the process that has fewest, or keep it for `catch_up`."""
        if attempt.ticket.client in self._slow:
            return
        worker = min(self._near, key=_ahead, default=None)
        if worker is None or len(worker.ahead) >= MOST_AHEAD or None in worker.ahead:
            self._behind[attempt] = None
            return
        attempt.ticket.sent_to = worker
        worker.send_ahead(attempt.ticket, attempt.message)

    def catch_up(self) -> None:
        """Send ahead one that could not be, and still waits."""
        while self._behind:
            attempt = next(iter(self._behind))
            del self._behind[attempt]
            if not attempt.done() and attempt.ticket.sent_to is None:
                self.send(attempt)
                return

    def forget(self, attempt: Attempt) -> None:
        """Do without a query that leaves while it waits."""
        self._behind.pop(attempt, None)
        ticket = attempt.ticket
        if ticket.sent_to is not None:
            worker, ticket.sent_to = ticket.sent_to, None
            worker.unwanted(ticket)
            self._slow.note(ticket.client)


def _ahead(worker: WorkerProcess) -> int:
    return len(worker.ahead)
