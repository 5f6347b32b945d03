"""One writer at a time: a lock on the data folder that says who holds it."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Self

from vises.errors import Unavailable

_POLL_SECONDS = 0.05


class StoreBusy(Unavailable):
    """Another transaction holds the lock."""

    kind = "store-busy"
    title = "Another change is being made"


class WriterLock:
    """An exclusive lock on a file (flock), for the length of a `with` block.

    The kernel gives it up when the process dies, whatever it dies of. While it is held the file
    names the process, its host and command, and since when; on a full disk it names none, so that
    pruning can make room. Entering waits at most `wait_seconds` and then raises `StoreBusy`; it
    raises `OSError` where the file cannot be made.
    """

    def __init__(self, path: Path, wait_seconds: float) -> None:
        """Remember which file and how long; nothing is opened yet."""
        self._path = path
        self._wait_seconds = wait_seconds
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        """Take the lock."""
        file = os.fdopen(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644), "r+b", buffering=0)
        try:
            self._wait(file)
            file.truncate(0)
            with suppress(OSError):
                file.write(_who())
        except BaseException:
            file.close()
            raise
        self._file = file
        return self

    def __exit__(self, *_: object) -> None:
        """Give the lock up."""
        assert self._file is not None
        with self._file as file:
            file.truncate(0)
        self._file = None

    def _wait(self, file: IO[bytes]) -> None:
        deadline = time.monotonic() + self._wait_seconds
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise self._busy(file) from None
                time.sleep(_POLL_SECONDS)
            else:
                return

    def _busy(self, file: IO[bytes]) -> StoreBusy:
        file.seek(0)
        try:
            holder = json.loads(file.read())
            by = "process {pid} on {host} ({command}) since {since}".format_map(holder)
        except (ValueError, KeyError, TypeError):
            by = "a process that has not written its name"
        return StoreBusy(
            f"After {self._wait_seconds:g} s the data folder is still locked by {by}.",
            place=str(self._path),
            remedy="Wait for it to end, or end it; a lock never outlives its process.",
        )


def _who() -> bytes:
    command = " ".join([Path(sys.argv[0]).name, *sys.argv[1:]])
    holder = {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "command": command[:200],
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    return json.dumps(holder).encode()
