"""What each client has left: two token buckets, which several server processes may share."""

from __future__ import annotations

import fcntl
import math
import mmap
import os
import struct
import time
from functools import lru_cache, partial
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

from vises.errors import VisesError, sentence

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vises.store.limits import Rate

_ENTRY = struct.Struct("<Qddd")
_ENTRIES = 1 << 16
_PROBES = 8
_SIZE = _ENTRIES * _ENTRY.size

_Found = tuple[int, float, float]

_SECONDS_USED = partial(
    sentence,
    "share-of-seconds",
    "This client has used its share: {rate} seconds of query processing per minute, "
    "{burst} at once.",
)
_ERRORS_USED = partial(
    sentence,
    "share-of-errors",
    "This client has used its share: {rate} queries that fail per minute, {burst} at once.",
)


class ClientLimited(VisesError):
    """A client has used what it may use for now (RFC 6585, section 4)."""

    kind = "client-limited"
    title = "Too much for now"
    status = 429
    exit_code = 5

    def __init__(
        self,
        detail: str,
        *,
        place: str | None = None,
        remedy: str | None = None,
        retry_after: int = 1,
        policy: str = "",
    ) -> None:
        """Keep the seconds to wait, and the name of the policy, apart from the sentence."""
        super().__init__(detail, place=place, remedy=remedy)
        self.retry_after = retry_after
        self.policy = policy


class Standing(NamedTuple):
    """What a client has left of its seconds and errors; below 0 it is in debt."""

    seconds: float
    errors: float


class Accounts:
    """Token buckets of seconds and of errors for each client.

    A client is let in while it has some seconds left, and with what it wrote itself while it has a
    whole error left, too: fixed queries of pages cannot fail by its fault. What a query costs is
    taken after it, so a bucket may go below nothing and fills up first. The table has room for
    65,536 clients. Where it is full round about an entry, the client that has most left is
    forgotten: it gains a full bucket and no more. With a file, all processes that name it share one
    table; the clock must be one that they share, too.
    """

    def __init__(
        self,
        seconds: Rate,
        errors: Rate,
        file: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Open the table, in memory or in a file that is made where it is missing.

        Raises `OSError` where the disk has no room for it.
        """
        self.seconds = seconds
        self.errors = errors
        self._seconds_back, self._errors_back = seconds.per_second, errors.per_second
        self._most = seconds.burst, errors.burst
        self._clock = clock
        self._file: int | None = None
        if file is None:
            self._table = mmap.mmap(-1, _SIZE)
            return
        self._file = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.posix_fallocate(self._file, 0, _SIZE)  # a hole that a full disk cannot fill is SIGBUS
        self._table = mmap.mmap(self._file, _SIZE)

    def close(self) -> None:
        """Give up the table."""
        self._table.close()
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def admit(self, client: str, *, written: bool) -> None:
        """Let a client in; `written` says that it wrote what it asks. Raises `ClientLimited`."""
        _, seconds, errors = self._find(_digest(client), self._clock())
        if seconds <= 0:
            raise _limited("seconds", seconds, self.seconds)
        if written and errors < 1:
            raise _limited("errors", errors - 1, self.errors)

    def charge(self, client: str, seconds: float, errors: int = 0) -> Standing:
        """Take what a query has cost; return what is left."""
        if self._file is None:
            return self._take(client, seconds, errors)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            return self._take(client, seconds, errors)
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def standing(self, client: str) -> Standing:
        """Return what a client has left."""
        _, seconds, errors = self._find(_digest(client), self._clock())
        return Standing(seconds, errors)

    def _take(self, client: str, seconds: float, errors: int) -> Standing:
        digest, now = _digest(client), self._clock()
        offset, seconds_left, errors_left = self._find(digest, now)
        left = Standing(seconds_left - seconds, errors_left - errors)
        _ENTRY.pack_into(self._table, offset, digest, now, *left)
        return left

    def _find(self, digest: int, now: float) -> _Found:
        """Return the place of a client, or one it may take, and what it has left."""
        best, most = 0, -math.inf
        for probe in range(_PROBES):
            offset = (digest + probe) % _ENTRIES * _ENTRY.size
            owner, then, seconds, errors = _ENTRY.unpack_from(self._table, offset)
            seconds += (now - then) * self._seconds_back
            if owner == digest:
                errors += (now - then) * self._errors_back
                most_seconds, most_errors = self._most
                return offset, min(most_seconds, seconds), min(most_errors, errors)
            left = seconds if owner else math.inf
            if left > most:
                best, most = offset, left
        return best, self.seconds.burst, self.errors.burst


@lru_cache(maxsize=4096)
def _digest(client: str) -> int:
    """Return the number of a client, never 0, the same in every process."""
    return int.from_bytes(blake2b(client.encode(), digest_size=8).digest(), "little") or 1


def _limited(policy: str, left: float, rate: Rate) -> ClientLimited:
    used = _SECONDS_USED if policy == "seconds" else _ERRORS_USED
    wait = max(1, math.ceil(-left / rate.per_second))
    return ClientLimited(
        used(rate=f"{rate.per_minute:g}", burst=f"{rate.burst:g}"),
        remedy=sentence(
            "ask-again",
            "Ask again in {wait} s. What is cached is answered meanwhile.",
            wait=wait,
        ),
        retry_after=wait,
        policy=policy,
    )
