from __future__ import annotations

import asyncio

import pytest

from vises.service.cache import PerRelease


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
