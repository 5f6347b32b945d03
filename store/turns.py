"""Waiting for one's turn no longer than is worth it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from vises.errors import TRY_LATER
from vises.store.engine import EngineBusy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@asynccontextmanager
async def turn(
    places: asyncio.Lock | asyncio.Semaphore, seconds: float, late: str
) -> AsyncIterator[None]:
    """Hold one of the places in the block.

    Raises `EngineBusy`, with the sentence `late`, where none comes free in time.
    """
    try:
        async with asyncio.timeout(seconds):
            await places.acquire()
    except TimeoutError:
        raise EngineBusy(late, remedy=TRY_LATER) from None
    try:
        yield
    finally:
        places.release()
