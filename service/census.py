"""How many connections there may be and are, in all and of one address."""

from __future__ import annotations

import resource
from collections import Counter
from dataclasses import dataclass, field

MOST_CONNECTIONS = 1 << 12
_OTHER_FILES = 200
"""How many file descriptors are left for everything that is not a connection."""


def most_connections() -> int:
    """Return how many connections this process can hold, having raised its limit on open files."""
    wanted = MOST_CONNECTIONS + _OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return MOST_CONNECTIONS
    soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return max(_OTHER_FILES, soft - _OTHER_FILES)


@dataclass(frozen=True)
class ConnectionLimits:
    """How many connections there may be, of one address at most a quarter; the limits on time.

    `head_bytes` bounds the request line with the headers; `seconds` is how long a request may take
    to come, and what was written of an answer to be fetched: one more for each `bytes_per_second`.
    """

    connections: int = field(default_factory=most_connections)
    head_bytes: int = 1 << 16
    seconds: float = 20
    bytes_per_second: int = 500

    @property
    def per_address(self) -> int:
        """How many connections one address may have."""
        return max(1, self.connections // 4)


class Census:
    """How many connections there are, and of which address."""

    def __init__(self, limits: ConnectionLimits) -> None:
        """Count none yet."""
        self.limits = limits
        self._of: Counter[str] = Counter()

    def admit(self, address: str) -> bool:
        """Count a connection, unless there are too many."""
        full = self._of.total() >= self.limits.connections
        if full or self._of[address] >= self.limits.per_address:
            return False
        self._of[address] += 1
        return True

    def leave(self, address: str) -> None:
        """Count a connection out."""
        self._of[address] -= 1
        if not self._of[address]:
            del self._of[address]
