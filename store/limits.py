"""What one query and one client may use: read by the pool, the service and its description."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from vises.settings import Settings

LONG_SECONDS = 0.1
"""A query that has had a processor for longer takes one of the places of long ones."""

SLOW_SECONDS = 0.5
"""A query that runs longer gives way to short ones, in a process that is not used again."""

WAITING_PER_PROCESS = 64
"""How many queries may wait, for each process."""

FRESH_SECONDS = 0.02
"""How long a short query keeps others from beginning beside it (`Limits.at_once`)."""

_FEW = 4


class Rate(NamedTuple):
    """What may be used for good in each minute, and at once by who used nothing before."""

    per_minute: float
    burst: float

    @property
    def per_second(self) -> float:
        """How much comes back in a second."""
        return self.per_minute / 60

    @property
    def window(self) -> int:
        """In how many seconds all of it comes back."""
        return max(1, round(self.burst / self.per_second))


SECONDS = Rate(60, 120)
"""Seconds of query processes, as Wikidata grants them."""

ERRORS = Rate(30, 60)
"""Queries that failed by their own fault, as Wikidata grants them."""


@dataclass(frozen=True)
class Limits:
    """The limits of a pool of `processes`, which each have `mebibytes` of address space.

    A query may take `query_seconds` (a client may ask for less). Each client may use `seconds` of
    processes and make `errors`; None means that clients are not told apart. Of the queries that
    have just begun (`FRESH_SECONDS`) there are `at_once` at most (None: as many as there are
    processes): more would only take the processors from each other, in processes that are cold.
    """

    query_seconds: float
    processes: int
    mebibytes: int
    seconds: Rate | None = SECONDS
    errors: Rate | None = ERRORS
    long_seconds: float = LONG_SECONDS
    slow_seconds: float = SLOW_SECONDS
    at_once: int | None = None

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """Return the limits of each server process of the service, as its settings say."""
        return cls(
            query_seconds=settings.query_seconds,
            processes=settings.workers,
            mebibytes=settings.worker_mebibytes,
            seconds=Rate(*settings.client_seconds),
            errors=Rate(*settings.client_errors),
        )

    @cached_property
    def long_places(self) -> int:
        """How many processes long queries may hold: all but two of four or more, else but one."""
        kept = 2 if self.processes >= _FEW else 1
        return max(1, self.processes - kept)

    @cached_property
    def keeps_one_clear(self) -> bool:
        """Whether the last idle process is kept from clients that had a long query lately."""
        return self.processes >= _FEW

    @property
    def spares(self) -> int:
        """How many processes stand by, without a query, to take the place of one that died."""
        return min(2, self.processes - 1)

    @cached_property
    def client_processes(self) -> int:
        """How many processes one client may hold."""
        return max(1, self.processes - 1)

    @cached_property
    def client_long_places(self) -> int:
        """How many of them with long queries."""
        return max(1, self.long_places - 1)

    @cached_property
    def waiting(self) -> int:
        """How many queries may wait."""
        return WAITING_PER_PROCESS * self.processes

    @cached_property
    def client_waiting(self) -> int:
        """How many of them of one client."""
        return self.waiting // 2
