"""Who gets a process next, without processes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import pytest

from tests.store.clock import pass_time, run
from vises.settings import Settings
from vises.store.accounts import ClientLimited
from vises.store.engine import EngineBusy
from vises.store.lanes import Lanes
from vises.store.limits import FRESH_SECONDS, Limits, Rate
from vises.store.observer import Unobserved
from vises.store.tickets import Ticket

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from vises.store.process import WorkerProcess


@dataclass(eq=False)
class FakeProcess:
    name: str
    snapshots: list[str] = field(default_factory=list)
    ahead: list[Ticket | None] = field(default_factory=list)
    ended: bool = False
    at_work: bool = False
    busy: bool = True

    @property
    def spent(self) -> FakeProcess:
        return self

    def reaches(self, _: float) -> bool:
        return self.busy

    def __post_init__(self) -> None:
        self.closed = asyncio.get_running_loop().create_future()

    def unwanted(self, *tickets: Ticket) -> None:
        self.ahead = [None if ticket in tickets else ticket for ticket in self.ahead]


class Queue(Unobserved):
    waiting = 0

    def queue_changed(self, waiting: int) -> None:
        self.waiting = waiting


class Play:
    """Lanes with so many idle processes; `ask` begins to wait and notes when it has one."""

    def __init__(self, processes: int, at_once: int | None = None) -> None:
        self.queue = Queue()
        self.limits = Limits(60, processes, 512, at_once=at_once)
        self.lanes = Lanes(self.limits, self.queue)
        self.processes = [cast("WorkerProcess", FakeProcess(str(i))) for i in range(processes)]
        for process in self.processes:
            self.lanes.offer(process)
        self.running: dict[str, tuple[Ticket, WorkerProcess]] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}

    async def ask(self, name: str, client: str = "", *, long: bool = False) -> None:
        ticket = Ticket(client, "", long=long)

        async def get() -> None:
            self.running[name] = (ticket, await self.lanes.acquire(ticket, 60))

        self.tasks[name] = asyncio.create_task(get())
        await asyncio.sleep(0)

    async def end(self, name: str) -> None:
        ticket, process = self.running.pop(name)
        self.lanes.give_back(ticket)
        self.lanes.offer(process)
        for _ in range(3):
            await asyncio.sleep(0)

    async def leave(self, name: str) -> None:
        self.tasks[name].cancel()
        await asyncio.gather(self.tasks[name], return_exceptions=True)


def play(
    processes: int, scene: Callable[[Play], Awaitable[None]], at_once: int | None = None
) -> None:
    async def main() -> None:
        stage = Play(processes, at_once)
        await scene(stage)
        while stage.running:
            await stage.end(next(iter(stage.running)))
        for task in stage.tasks.values():
            task.cancel()
        await asyncio.gather(*stage.tasks.values(), return_exceptions=True)
        assert stage.queue.waiting == 0
        assert stage.lanes.long == 0
        assert stage.lanes._clients == {}

    run(main())


def test_the_limits_leave_a_process_for_short_queries_and_for_others() -> None:
    for processes in range(2, 20):
        limits = Limits(60, processes, 512)
        assert 1 <= limits.long_places < processes
        assert 1 <= limits.client_processes < processes
        assert limits.client_long_places <= limits.client_processes
        assert limits.client_waiting < limits.waiting
    assert Limits(60, 4, 512).long_places == 2
    assert Limits(60, 1, 512).long_places == 1


def test_the_limits_of_the_settings() -> None:
    settings = Settings.from_env({"VISES_WORKERS": "6", "VISES_CLIENT_SECONDS": "6/12"})
    limits = Limits.of(settings)
    assert (limits.processes, limits.seconds, limits.errors) == (6, Rate(6, 12), Rate(30, 60))
    assert limits.seconds.window == 120


def test_long_queries_leave_processes_for_short_ones() -> None:
    async def scene(stage: Play) -> None:
        for client in "abcd":
            await stage.ask(f"long {client}", client, long=True)
        assert set(stage.running) == {"long a", "long b"}
        assert len(stage.lanes.idle) == 2
        for client in "ef":
            await stage.ask(f"short {client}", client)
        assert set(stage.running) == {"long a", "long b", "short e", "short f"}
        await stage.end("short e")
        assert len(stage.running) == 3, "a place of short ones is not for long ones"
        await stage.end("long a")
        assert "long c" in stage.running

    play(4, scene)


def test_a_running_query_becomes_long_where_there_is_a_place() -> None:
    async def scene(stage: Play) -> None:
        for client in "abc":
            await stage.ask(client, client)
        tickets = {name: ticket for name, (ticket, _) in stage.running.items()}
        assert stage.lanes.promote(tickets["a"])
        assert stage.lanes.promote(tickets["a"]), "once more changes nothing"
        assert stage.lanes.promote(tickets["b"])
        assert not stage.lanes.promote(tickets["c"])
        await stage.end("a")
        assert stage.lanes.promote(tickets["c"])

    play(4, scene)


def test_one_client_holds_neither_all_processes_nor_all_long_places() -> None:
    async def scene(stage: Play) -> None:
        for number in range(4):
            await stage.ask(f"long {number}", "a", long=True)
            await stage.ask(f"short {number}", "a")
        assert sorted(stage.running) == ["long 0", "short 0", "short 1"]
        assert len(stage.lanes.idle) == 1
        await stage.ask("other", "b")
        assert "other" in stage.running

    play(4, scene)


def test_the_service_itself_is_not_bounded() -> None:
    async def scene(stage: Play) -> None:
        for number in range(4):
            await stage.ask(str(number))
        assert len(stage.running) == 4

    play(4, scene)


def test_clients_take_turns_and_each_goes_in_order() -> None:
    async def scene(stage: Play) -> None:
        for name in ("a0", "a1", "a2", "a3", "b0", "b1", "c0"):
            await stage.ask(name, name[0])
        order = []
        while stage.running:
            (name,) = stage.running
            order.append(name)
            await stage.end(name)
        assert order == ["a0", "b0", "c0", "a1", "b1", "a2", "a3"]

    play(1, scene)


def test_the_last_idle_process_is_for_clients_without_long_queries() -> None:
    async def scene(stage: Play) -> None:
        for client in "abc":
            await stage.ask(f"first {client}", client)
        tickets = [stage.running[f"first {client}"][0] for client in "abc"]
        assert [stage.lanes.promote(ticket) for ticket in tickets] == [True, True, False]
        await stage.end("first c")
        for client in "abc":
            await stage.ask(f"second {client}", client)
        assert sorted(stage.running) == ["first a", "first b", "second a"]
        await stage.ask("light", "d")
        assert "light" in stage.running
        await stage.end("light")
        assert len(stage.running) == 3
        await stage.end("second a")
        assert sorted(stage.running) == ["first a", "first b", "second c"]

    play(4, scene)


def test_waiting_for_a_long_place_does_not_stop_the_short_ones_of_a_client() -> None:
    async def scene(stage: Play) -> None:
        await stage.ask("long 1", "a", long=True)
        await stage.ask("long 2", "a", long=True)
        await stage.ask("short", "a")
        assert sorted(stage.running) == ["long 1", "short"]

    play(4, scene)


def test_one_client_does_not_fill_the_queue() -> None:
    async def scene(stage: Play) -> None:
        bound = stage.limits.client_waiting
        for number in range(1 + bound + 1):
            await stage.ask(str(number), "a")
        refused = stage.tasks[str(1 + bound)].exception()
        assert isinstance(refused, ClientLimited)
        assert refused.retry_after == 1
        for number in range(bound):
            await stage.ask(f"b{number}", "b")
        await stage.ask("c", "c")
        assert isinstance(stage.tasks["c"].exception(), EngineBusy)
        for task in stage.tasks.values():
            if not task.done():
                task.cancel()

    play(1, scene)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_process_given_to_one_who_leaves_is_passed_on(moment: str) -> None:
    async def scene(stage: Play) -> None:
        for name in "abc":
            await stage.ask(name, name)
        if moment == "before":
            await stage.leave("b")
            await stage.end("a")
        else:
            ticket, process = stage.running.pop("a")
            stage.lanes.give_back(ticket)
            stage.lanes.offer(process)
            await stage.leave("b")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert set(stage.running) == {"c"}

    play(1, scene)


def test_a_dead_process_is_not_given() -> None:
    async def scene(stage: Play) -> None:
        dead = stage.processes[1]
        dead.ended = True
        await stage.ask("a")
        assert stage.running["a"][1] is stage.processes[0]
        await stage.ask("b")
        assert "b" not in stage.running
        await stage.end("a")
        assert "b" in stage.running

    play(2, scene)


def test_a_process_that_has_the_release_open_is_preferred() -> None:
    async def scene(stage: Play) -> None:
        stage.processes[0].snapshots.append("")
        await stage.ask("a")
        assert stage.running["a"][1] is stage.processes[0]

    play(3, scene)


def test_closing_ends_the_waiting() -> None:
    async def scene(stage: Play) -> None:
        await stage.ask("a")
        await stage.ask("b")
        stage.lanes.close(EngineBusy("closed"))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert isinstance(stage.tasks["b"].exception(), EngineBusy)

    play(1, scene)


def test_so_many_begin_at_once_and_more_when_these_are_not_fresh() -> None:
    async def scene(stage: Play) -> None:
        for name in "abc":
            await stage.ask(name, name)
        assert set(stage.running) == {"a", "b"}
        await pass_time(2 * FRESH_SECONDS)
        assert set(stage.running) == {"a", "b", "c"}

    play(4, scene, at_once=2)


def test_a_query_that_ends_makes_room_for_another_at_once() -> None:
    async def scene(stage: Play) -> None:
        for name in "abc":
            await stage.ask(name, name)
        await stage.end("a")
        assert set(stage.running) == {"b", "c"}

    play(4, scene, at_once=2)


def test_one_that_waits_gets_its_turn_when_those_before_it_take_long() -> None:
    """The process that is kept from their client must not keep the time from being looked at."""

    async def scene(stage: Play) -> None:
        await stage.ask("heavy", "h")
        stage.lanes.promote(stage.running["heavy"][0])
        for name in "bc":
            await stage.ask(name, name)
            await pass_time(2 * FRESH_SECONDS)
        await stage.ask("first", "h")
        await pass_time(2 * FRESH_SECONDS)
        assert "first" not in stage.running, "the last idle process is not for heavy clients"
        await stage.ask("second", "h")
        await stage.end("b")
        assert "first" in stage.running
        await pass_time(2 * FRESH_SECONDS)
        await stage.end("c")
        assert "second" in stage.running

    play(4, scene, at_once=1)


def test_what_was_sent_behind_one_that_takes_long_is_asked_elsewhere() -> None:
    async def scene(stage: Play) -> None:
        await stage.ask("a", "a")
        ticket, process = stage.running["a"]
        await stage.ask("b", "b")
        (waiting,) = stage.lanes._clients["b"].short
        waiting.sent_to = process
        process.ahead.append(waiting)
        assert "b" not in stage.running
        await pass_time(2 * FRESH_SECONDS)
        assert stage.running["b"][1] is not process
        assert (waiting.sent_to, process.ahead[0]) == (None, None)
        assert ticket.client in stage.lanes.slow
        process.ahead.clear()

    play(2, scene, at_once=1)


def test_what_was_sent_ahead_begins_when_its_process_rests() -> None:
    async def scene(stage: Play) -> None:
        await stage.ask("a", "a")
        ticket, process = stage.running.pop("a")
        process.at_work = True
        await stage.ask("b", "b")
        (waiting,) = stage.lanes._clients["b"].short
        waiting.sent_to = process
        process.ahead.append(waiting)
        stage.lanes.look()
        assert "b" not in stage.running
        process.at_work = False
        stage.lanes.give_back(ticket, process)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert stage.running["b"][1] is process
        process.ahead.clear()

    play(2, scene, at_once=1)


def test_one_that_had_no_processor_yet_stays_fresh() -> None:
    """On a busy machine the clock says nothing."""

    async def main() -> None:
        play = Play(processes=3, at_once=1)
        play.processes[-1].busy = False  # type: ignore[attr-defined]
        await play.ask("first")
        await play.ask("second")
        await asyncio.sleep(2 * FRESH_SECONDS)
        assert "second" not in play.running
        play.processes[-1].busy = True  # type: ignore[attr-defined]
        await play.tasks["second"]

    asyncio.run(main())
