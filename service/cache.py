"""Keeping what is computed once per release."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")


class PerRelease(Generic[T]):
    """The value of the release asked for last; many who ask at once wait for one computation."""

    def __init__(self) -> None:
        """Hold nothing yet."""
        self._lock = asyncio.Lock()
        self._held: tuple[str, T] | None = None

    async def get(self, release_id: str, compute: Callable[[], Awaitable[T]]) -> T:
        """Return the value for a release; what `compute` raises is raised and not kept."""
        async with self._lock:
            if self._held is None or self._held[0] != release_id:
                self._held = release_id, await compute()
            return self._held[1]
