"""Queries that are sent ahead, without processes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from tests.store.test_lanes import FakeProcess
from vises.store.ahead import Ahead
from vises.store.lately import Lately
from vises.store.tickets import Ticket

if TYPE_CHECKING:
    from collections.abc import Callable

    from vises.store.attempt import Attempt
    from vises.store.process import WorkerProcess


class Process(FakeProcess):
    """A process that takes what it is sent ahead, and answers nothing."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.sent: list[bytes] = []

    def send_ahead(self, ticket: Ticket, message: bytes) -> None:
        self.ahead.append(ticket)
        self.sent.append(message)


@dataclass(eq=False)
class Waiting:
    """An attempt as far as it is sent ahead."""

    ticket: Ticket
    message: bytes = b"?"
    over: bool = False

    def done(self) -> bool:
        return self.over


def beside(scene: Callable[[Ahead, Process, Lately], None]) -> None:
    """Run a scene with a process that works on a short query."""

    async def main() -> None:
        slow, process = Lately(1.0), Process("1")
        ahead = Ahead(slow)
        ahead.begun(cast("WorkerProcess", process), "a")
        scene(ahead, process, slow)

    asyncio.run(main())


def sent(ahead: Ahead, client: str = "a") -> Waiting:
    waiting = Waiting(Ticket(client, ""))
    ahead.send(cast("Attempt", waiting))
    return waiting


def test_three_are_sent_ahead_and_more_when_there_is_room() -> None:
    def scene(ahead: Ahead, process: Process, _: Lately) -> None:
        first, *_more, fourth, fifth = [sent(ahead) for _ in range(5)]
        assert process.ahead[0] is first.ticket
        assert len(process.sent) == 3
        del process.ahead[0]
        fourth.over = True
        ahead.catch_up()
        assert process.ahead[-1] is fifth.ticket
        ahead.over(cast("WorkerProcess", process))
        sent(ahead)
        assert len(process.sent) == 4

    beside(scene)


def test_nothing_is_sent_behind_what_nobody_wants() -> None:
    def scene(ahead: Ahead, process: Process, _: Lately) -> None:
        ahead.forget(cast("Attempt", sent(ahead, "b")))
        assert process.ahead == [None]
        sent(ahead)
        assert len(process.sent) == 1

    beside(scene)


def test_a_client_that_left_one_behind_has_none_sent_for_a_while() -> None:
    """What it left is worked on in vain, and nobody pays for it."""

    def scene(ahead: Ahead, process: Process, slow: Lately) -> None:
        ahead.forget(cast("Attempt", sent(ahead, "b")))
        assert "b" in slow
        assert "a" not in slow
        process.ahead.clear()
        sent(ahead, "b")
        assert len(process.sent) == 1
        other = Process("2")
        ahead.over(cast("WorkerProcess", process))
        ahead.begun(cast("WorkerProcess", other), "b")
        sent(ahead)
        assert not other.sent, "nobody is sent behind its queries"

    beside(scene)


def test_those_that_leave_are_forgotten() -> None:
    def scene(ahead: Ahead, process: Process, _: Lately) -> None:
        ahead.over(cast("WorkerProcess", process))
        for _number in range(1000):
            ahead.forget(cast("Attempt", sent(ahead)))
        assert not ahead._behind

    beside(scene)


def test_the_service_itself_is_never_noted_and_the_oldest_are_forgotten() -> None:
    async def main() -> None:
        lately = Lately(60)
        lately.note("")
        for number in range(5000):
            lately.note(str(number))
        assert "" not in lately
        assert "0" not in lately
        assert "4999" in lately
        assert len(lately._until) == 4096
        past = Lately(0.0)
        past.note("a")
        assert "a" not in past

    asyncio.run(main())
