"""Short queries before long ones, and each client its share."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.store.pools import LARGE, MIDDLE, POINT, SLOW, Counted, ask, idle_again, pids, play
from vises.store.accounts import Accounts, ClientLimited
from vises.store.caller import CALLER, Caller
from vises.store.engine import QuerySyntaxError, QueryTimeout
from vises.store.limits import Rate
from vises.store.workers import WorkerPool

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from tests.store.conftest import World


def killed_for(observer: Counted) -> list[str]:
    return sorted(observer.processes)


def as_client(name: str, work: Coroutine[object, object, bytes]) -> asyncio.Task[bytes]:
    caller = CALLER.set(Caller(name))
    try:
        return asyncio.create_task(work)
    finally:
        CALLER.reset(caller)


def test_short_queries_do_not_wait_behind_long_ones(world: World) -> None:
    async def scene(pool: WorkerPool) -> None:
        long = [as_client(name, ask(pool, SLOW)) for name in "abcd" for _ in range(2)]
        async with asyncio.timeout(20):
            while not pool._observer.processes:  # noqa: ASYNC110 (a test may poll)
                await asyncio.sleep(0.05)
        for _ in range(20):
            async with asyncio.timeout(15):
                assert await as_client("light", ask(pool, POINT)) == b"o\r\nv\r\n"
        assert not any(task.done() for task in long)
        counted = pool._observer
        assert isinstance(counted, Counted)
        assert counted.most_long == pool.limits.long_places == 2
        assert set(counted.queries) == {"answered", "preempted"}
        assert killed_for(counted) == ["preempted"] * len(counted.processes)
        for task in long:
            task.cancel()
        await asyncio.gather(*long, return_exceptions=True)

    play(world, scene, size=4)


def test_a_long_query_is_begun_again_when_its_turn_comes(world: World) -> None:
    async def scene(pool: WorkerPool) -> None:
        hogs = [as_client(name, ask(pool, SLOW)) for name in "ab"]
        async with asyncio.timeout(30):
            while pool._lanes.long < 2:  # noqa: ASYNC110 (a test may poll)
                await asyncio.sleep(0.05)
        others = [as_client("c", ask(pool, MIDDLE)), as_client("d", ask(pool, LARGE))]
        async with asyncio.timeout(30):
            while pool._observer.queries.count("preempted") < 2:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        assert not any(task.done() for task in others)
        for hog in hogs:
            hog.cancel()
        await asyncio.gather(*hogs, return_exceptions=True)
        middle, large = await asyncio.gather(*others)
        assert middle == b"n\r\n1000000\r\n"
        assert len(large.splitlines()) == 1 + 20_000

    play(world, scene, quads=1000, size=4, query_seconds=120)


async def begun(pool: WorkerPool) -> asyncio.Task[bytes]:
    """Begin a slow query, and return when it holds a place of long ones."""
    slow = asyncio.create_task(ask(pool, SLOW))
    async with asyncio.timeout(20):
        while not pool._lanes.long:  # noqa: ASYNC110 (a test may poll)
            await asyncio.sleep(0.05)
    return slow


def test_a_slow_query_gives_way_and_its_process_is_not_used_again(world: World) -> None:
    async def scene(pool: WorkerPool) -> None:
        before = pids(pool)
        normal = os.getpriority(os.PRIO_PROCESS, before[0])
        slow = await begun(pool)
        (pid,) = set(before) - set(pids(pool))
        assert await ask(pool, POINT)
        async with asyncio.timeout(20):
            while os.getpriority(os.PRIO_PROCESS, pid) == normal:  # noqa: ASYNC110 (a test may poll)
                await asyncio.sleep(0.05)
        assert os.getpriority(os.PRIO_PROCESS, pid) > normal
        slow.cancel()
        await asyncio.gather(slow, return_exceptions=True)
        async with idle_again(pool):
            assert await ask(pool, POINT)
        assert pid not in pids(pool)

    play(world, scene, size=2)


def test_a_slow_query_that_is_alone_keeps_its_process(world: World) -> None:
    async def scene(pool: WorkerPool) -> None:
        before = set(pids(pool))
        pool.limits = replace(pool.limits, long_seconds=0.01, slow_seconds=0.02)
        for _ in range(2):
            assert await ask(pool, MIDDLE) == b"n\r\n90000\r\n"
        assert pool._known_long
        assert set(pids(pool)) == before

    play(world, scene, size=2)


def test_what_a_client_uses_is_charged(world: World) -> None:
    world.publish(*(world.quad(i) for i in range(300)))
    counted = Counted()

    async def main() -> None:
        accounts = Accounts(Rate(1, 1.5), Rate(1, 2))
        pool = WorkerPool(
            world.releases,
            size=2,
            query_seconds=2,
            mebibytes=512,
            accounts=accounts,
            observer=counted,
        )
        assert pool.limits.seconds == Rate(1, 1.5)
        await pool.start()
        try:
            await as_client("light", ask(pool, POINT))
            for _ in range(2):
                with pytest.raises(QuerySyntaxError):
                    await as_client("clumsy", ask(pool, "SELECT"))
            with pytest.raises(ClientLimited, match="queries that fail"):
                await as_client("clumsy", ask(pool, POINT, written=True))
            await as_client("clumsy", ask(pool, POINT))  # as a page asks
            with pytest.raises(QueryTimeout):
                await as_client("heavy", ask(pool, SLOW))
            with pytest.raises(ClientLimited, match="seconds of query") as limited:
                await as_client("heavy", ask(pool, POINT))
            assert limited.value.retry_after >= 30
            await as_client("light", ask(pool, POINT))
            await ask(pool, POINT)
        finally:
            await pool.close()
        assert accounts.standing("heavy").seconds < -0.4
        assert accounts.standing("light").seconds > 0.1

    asyncio.run(main())
    assert counted.queries.count("query-syntax") == 2
    assert counted.queries.count("query-timeout") == 1
    assert counted.processes.count("deadline") == 1
