from __future__ import annotations

import asyncio

import pytest

from vises.service.cache import MOST_RELEASES, PerRelease


def test_it_computes_once_per_release_however_many_ask() -> None:
    computed: list[str] = []

    async def scenario() -> None:
        cache: PerRelease[int] = PerRelease()

        def maker(release: str) -> object:
            async def make() -> int:
                await asyncio.sleep(0)
                computed.append(release)
                return len(computed)

            return make

        found = await asyncio.gather(*(cache.get("1", maker("1")) for _ in range(5)))  # type: ignore[arg-type]
        assert found == [1] * 5
        assert await cache.get("2", maker("2")) == 2  # type: ignore[arg-type]

    asyncio.run(scenario())
    assert computed == ["1", "2"]


def test_the_releases_asked_for_last_are_kept() -> None:
    async def scenario() -> list[str]:
        cache: PerRelease[str] = PerRelease()
        computed: list[str] = []

        async def ask(release: str) -> None:
            async def make() -> str:
                computed.append(release)
                return release

            assert await cache.get(release, make) == release

        for number in range(MOST_RELEASES):
            await ask(f"{number}")
        for release in ("0", "new", "0", "1"):
            await ask(release)
        return computed[MOST_RELEASES:]

    assert asyncio.run(scenario()) == ["new", "1"]


def test_a_slow_computation_holds_up_no_other_release() -> None:
    async def scenario() -> tuple[int, int]:
        cache: PerRelease[int] = PerRelease()
        other_is_done = asyncio.Event()

        async def slow() -> int:
            await other_is_done.wait()
            return 1

        async def quick() -> int:
            return 2

        waiting = asyncio.create_task(cache.get("1", slow))
        await asyncio.sleep(0)
        second = await asyncio.wait_for(cache.get("2", quick), 20)
        other_is_done.set()
        return await waiting, second

    assert asyncio.run(scenario()) == (1, 2)


def test_a_failure_is_not_kept() -> None:
    async def scenario() -> int:
        cache: PerRelease[int] = PerRelease()

        async def fail() -> int:
            raise RuntimeError

        async def work() -> int:
            return 1

        with pytest.raises(RuntimeError):
            await cache.get("1", fail)
        return await cache.get("1", work)

    assert asyncio.run(scenario()) == 1
