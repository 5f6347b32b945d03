"""Holding a release while it is read, so that pruning waits."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STORE, COMPACTED = "store", "compacted"
"""The folders of a snapshot: as it was published, and the same content with its files merged."""

_POLL_SECONDS = 0.05


class Lease:
    """A shared lock (flock) on a release's folder; `snapshot` is the store to read in it.

    Any number of readers may hold one, in any process; the kernel gives it up when the process
    dies. Ends with `close` or with its `with` block. Making one raises `OSError`.
    """

    def __init__(self, release: Path) -> None:
        """Take the lock, after whoever removes the snapshot at this moment."""
        self._descriptor: int | None = os.open(release, os.O_RDONLY)
        fcntl.flock(self._descriptor, fcntl.LOCK_SH)
        self.snapshot = snapshot_of(release)

    def close(self) -> None:
        """Give the lock up; more than once does no harm."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Give the lock up."""
        self.close()


def snapshot_of(release: Path) -> Path:
    """Return the store in a release's folder: the compacted one where there is one."""
    compacted = release / COMPACTED
    return compacted if compacted.is_dir() else release / STORE


@contextmanager
def unread(release: Path, wait_seconds: float) -> Iterator[bool]:
    """Hold a release's folder against readers; gives False where some still hold it in the end.

    Raises `OSError`.
    """
    descriptor = os.open(release, os.O_RDONLY)
    try:
        yield _locked(descriptor, time.monotonic() + wait_seconds)
    finally:
        os.close(descriptor)


def _locked(descriptor: int, deadline: float) -> bool:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(_POLL_SECONDS)
        else:
            return True
