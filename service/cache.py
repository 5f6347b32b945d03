"""Keeping what is computed once per release."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable

T = TypeVar("T")

MOST_RELEASES = 8
"""Of how many keys the values are kept: the current one and some that people look back at."""


@dataclass
class _Slot(Generic[T]):
    """The value of one release, once it is there, and what those who wait for it hold."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    held: list[T] = field(default_factory=list)


class PerRelease(Generic[T]):
    """The values of the releases asked for last; many who ask at once wait for one computation.

    A key is a release and what of it is hidden, so that nothing computed for some rights is shown
    to others.

    Who asks for one release does not wait for the computation of another one.
    """

    def __init__(self) -> None:
        """Hold nothing yet."""
        self._slots: dict[Hashable, _Slot[T]] = {}

    async def get(self, key: Hashable, compute: Callable[[], Awaitable[T]]) -> T:
        """Return the value for a key; what `compute` raises is raised and not kept."""
        slot = self._slots.pop(key, None) or _Slot()
        self._slots[key] = slot
        if len(self._slots) > MOST_RELEASES:
            del self._slots[next(iter(self._slots))]
        async with slot.lock:
            if not slot.held:
                slot.held.append(await compute())
            return slot.held[0]
