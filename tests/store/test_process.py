"""What a process has been sent ahead, and what comes of it, by the bytes that it writes."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, cast

import pytest

from tests.store.clock import pass_time, run
from vises.store.engine import Described, QueryFailed
from vises.store.frames import BODY, END, error_frame, frame, head_frame
from vises.store.process import WorkerProcess
from vises.store.tickets import Ticket

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

STDOUT = 1
ERROR = error_frame(QueryFailed("No."))


class Transport:
    """A process that is not there."""

    def __init__(self) -> None:
        self.killed = False
        self.sent: list[bytes] = []

    def get_pid(self) -> int:
        return os.getpid()

    def get_pipe_transport(self, _: int) -> Transport:
        return self

    def write(self, data: bytes) -> None:
        self.sent.append(data)

    def kill(self) -> None:
        self.killed = True


def answer(body: bytes) -> bytes:
    head = head_frame("text/csv", "identity", len(body), Described())
    return head + frame(BODY, body) + frame(END)


class Process(WorkerProcess):
    """One whose time on a processor is set."""

    cpu = 0.0

    def cpu_seconds(self) -> float:
        return self.cpu


def with_process(scene: Callable[[Process, Transport], Awaitable[None]]) -> None:
    async def main() -> None:
        worker, transport = Process(), Transport()
        worker.connection_made(cast("asyncio.BaseTransport", transport))
        await scene(worker, transport)

    run(main())


def body_of(worker: WorkerProcess) -> bytes | None:
    found = worker.whole()
    return found[1] if found else None


def test_answers_come_in_their_order_whatever_the_bytes_are_cut_to() -> None:
    async def scene(worker: WorkerProcess, _: Transport) -> None:
        worker.begin()
        data = answer(b"1") + answer(b"2")
        found = []
        for place in range(len(data)):
            worker.pipe_data_received(STDOUT, data[place : place + 1])
            if (body := body_of(worker)) is not None:
                found.append(body)
        assert found == [b"1", b"2"]

    with_process(scene)


def test_what_is_unwanted_is_dropped_and_nothing_else() -> None:
    async def scene(worker: WorkerProcess, _: Transport) -> None:
        drained = []
        worker.drained = lambda: drained.append(True)
        tickets = [Ticket(name, "") for name in "abc"]
        worker.begin()
        for ticket in tickets:
            worker.send_ahead(ticket, b"?")
        worker.unwanted(*tickets[:2])
        worker.pipe_data_received(STDOUT, answer(b"first"))
        assert body_of(worker) == b"first"
        worker.rest()
        worker.pipe_data_received(STDOUT, answer(b"a") + ERROR + answer(b"c"))
        await asyncio.sleep(0)
        assert list(worker.ahead) == [tickets[2]]
        assert drained == [True]
        assert body_of(worker) == b"c"

    with_process(scene)


def test_an_answer_that_was_there_before_its_turn_is_told() -> None:
    """No more bytes will come of which the process could tell."""

    async def scene(worker: WorkerProcess, _: Transport) -> None:
        worker.begin()
        worker.pipe_data_received(STDOUT, ERROR + answer(b"next"))
        await worker.frame()
        worker.rest()
        worker.begin()
        found: list[bytes | None] = []
        worker.listen(lambda: found.append(body_of(worker)))
        assert not found
        await asyncio.sleep(0)
        assert found == [b"next"]

    with_process(scene)


def test_a_process_that_drops_one_after_the_other_lives() -> None:
    async def scene(worker: WorkerProcess, transport: Transport) -> None:
        tickets = [Ticket(name, "") for name in "abc"]
        for ticket in tickets:
            worker.send_ahead(ticket, b"?")
        worker.unwanted(*tickets)
        for _ in tickets:
            await pass_time(0.03)
            worker.pipe_data_received(STDOUT, answer(b"late"))
        assert not worker.ahead
        assert not transport.killed

    with_process(scene)


@pytest.mark.parametrize(("seconds", "cpu"), [(0.1, 0.06), (0.6, 0.0)])
def test_a_process_that_drops_nothing_is_killed_and_the_others_are_asked_elsewhere(
    seconds: float, cpu: float
) -> None:
    async def scene(worker: Process, transport: Transport) -> None:
        first, second = Ticket("a", ""), Ticket("b", "")
        for ticket in (first, second):
            ticket.sent_to = worker
            worker.send_ahead(ticket, b"?")
        worker.unwanted(first)
        await pass_time(0.09)
        assert not transport.killed, "it has had no processor for it"
        worker.cpu = cpu
        await pass_time(seconds)
        assert transport.killed
        assert (worker.why, second.sent_to, len(worker.ahead)) == ("preempted", None, 0)
        worker.pipe_data_received(STDOUT, answer(b"too late"))
        assert body_of(worker) is None

    with_process(scene)
