"""An event loop whose clock is set: what is due by the time comes when a test says so."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Coroutine


class SetClock(asyncio.SelectorEventLoop):
    """An event loop whose clock stands still, until it is set."""

    now = 0.0

    def time(self) -> float:
        return self.now


async def pass_time(seconds: float) -> None:
    """Let what is due within some seconds happen, and what follows from it."""
    loop = cast("SetClock", asyncio.get_running_loop())
    loop.now += seconds
    for _ in range(5):
        await asyncio.sleep(0)


def run(main: Coroutine[object, object, None]) -> None:
    """Run what a test does, on such a clock."""
    with asyncio.Runner(loop_factory=SetClock) as runner:
        runner.run(main)
