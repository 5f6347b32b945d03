"""Politeness: pauses between requests, and longer ones where an endpoint is busy."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from vises.ingest.harvest.transport import Busy
from vises.waiting import seconds_asked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vises.ingest.harvest.transport import Answer, Transport


class Pacer:
    """Waits between requests, and longer after each one that failed."""

    FIRST, MOST, TRIES = 1.0, 120.0, 5

    def __init__(self, transport: Transport, pause: float) -> None:
        """Ask by `transport`, at most once in `pause` seconds."""
        self._transport = transport
        self._pause = pause
        self._next = 0.0

    def ask(self, query: str, accepted: Sequence[str]) -> Answer:
        """Return the answer, asking again where the endpoint is busy. Raises `HarvestFailed`."""
        why = ""
        for attempt in range(self.TRIES):
            self._wait()
            try:
                return self._transport.ask(query, accepted)
            except Busy as busy:
                why = str(busy)
                asked = seconds_asked(busy.retry_after) or 0.0
                if asked > self.MOST:
                    raise self._transport.failed(
                        f"{why} and asks to come back in {asked:.0f} s",
                        "Give the same command then; what was fetched before is kept.",
                    ) from None
                self._next = time.monotonic() + max(asked, self.FIRST * 2**attempt, self._pause)
            finally:
                self._next = max(self._next, time.monotonic() + self._pause)
        raise self._transport.failed(f"{why} (asked {self.TRIES} times)")

    def _wait(self) -> None:
        time.sleep(max(0.0, self._next - time.monotonic()))
