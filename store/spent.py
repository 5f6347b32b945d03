"""How much time a process has had since a moment.

What counts is its time on a processor: on a busy machine the clock would call every query long. But
a process that waits for a disk, or does not come to an end for another reason, has next to none.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vises.store.process import WorkerProcess

CLOCK_FACTOR = 10
"""So many times as long by the clock counts as much as on a processor."""


class Spent:
    """The time of a process since this was made."""

    __slots__ = ("_cpu_begun", "_loop", "_process", "begun")

    def __init__(self, process: WorkerProcess) -> None:
        """Begin now."""
        self._process = process
        self._loop = asyncio.get_running_loop()
        self.begun = self._loop.time()
        self._cpu_begun = process.cpu_seconds()

    @property
    def seconds(self) -> float:
        """By the clock."""
        return self._loop.time() - self.begun

    @property
    def cpu_seconds(self) -> float:
        """On a processor."""
        return self._process.cpu_seconds() - self._cpu_begun

    def reaches(self, seconds: float) -> bool:
        """Tell whether it is so much of a processor, or ten times as much by the clock."""
        past = self.seconds
        if past < seconds:
            return False
        return past >= CLOCK_FACTOR * seconds or self.cpu_seconds >= seconds
