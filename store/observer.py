"""What a pool tells about itself, for whoever counts it."""

from __future__ import annotations

from typing import Protocol


class PoolObserver(Protocol):
    """Is told what happens in a pool, as it happens; must not take long."""

    def query_ended(self, outcome: str, seconds: float, waited: float) -> None:
        """Count a query that gave its process back or lost it.

        `outcome` is "answered", "disconnected", "preempted" or the kind of its error.
        """

    def process_ended(self, why: str) -> None:
        """Count a process that is gone.

        `why` is "deadline", "memory", "disconnected", "preempted", "long" (it had been made slow
        for a long query that ended), "died" or "stopped".
        """

    def processes_changed(self, alive: int, long: int) -> None:
        """Note how many processes live, and how many of them hold long queries."""

    def queue_changed(self, waiting: int) -> None:
        """Note how many queries wait."""


class Unobserved:
    """Nobody counts (a `PoolObserver`)."""

    def query_ended(self, outcome: str, seconds: float, waited: float) -> None:
        """Do nothing."""

    def process_ended(self, why: str) -> None:
        """Do nothing."""

    def processes_changed(self, alive: int, long: int) -> None:
        """Do nothing."""

    def queue_changed(self, waiting: int) -> None:
        """Do nothing."""
