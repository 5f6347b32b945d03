"""A query process: ``python -m vises.store.worker MEBIBYTES PARENT [FD PARTNER...]``.

The pool starts it. It seals itself, opens the way out to partners where there are any, then reads
requests from standard input and writes frames to standard output, one answer after the other.
Anything else that is printed goes to standard error.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import IO, cast

from pyoxigraph import Store

from vises.errors import VisesError
from vises.store.engine import MemoryExceeded, QueryFailed
from vises.store.evaluation import evaluate
from vises.store.federation.loopback import open_way_out
from vises.store.folder import unreadable
from vises.store.frames import (
    BODY,
    END,
    READY,
    error_frame,
    frame,
    head_frame,
    read_frame,
    read_request,
)
from vises.store.sealing import seal

CHUNK_BYTES = 1 << 16
_MOST_STORES = 2
_DAMAGE = ("Corruption", "IO error")


def main(mebibytes: int, parent: int, *federation: str) -> None:
    """Answer requests until standard input ends."""
    requests = sys.stdin.buffer
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    missing = seal(mebibytes, parent)
    way_out = open_way_out(int(federation[0]), federation[1:], missing) if federation else None
    answers.write(frame(READY, json.dumps(missing).encode()))
    stores: dict[str, Store] = {}
    while message := read_frame(requests):
        snapshot, request = read_request(*message)
        try:
            media_type, write = evaluate(_opened(stores, snapshot), request, way_out)
            body = _Body(answers, media_type)
            write(cast("IO[bytes]", body))
            body.end()
        except MemoryError:
            answers.write(error_frame(MemoryExceeded()))
        except (VisesError, OSError, RuntimeError, ValueError) as error:
            answers.write(error_frame(_named(error, Path(snapshot))))


def _named(error: Exception, snapshot: Path) -> VisesError:
    """Return the error to send: what RocksDB says of damaged or missing files has its own."""
    unnamed = isinstance(error, OSError | RuntimeError | QueryFailed)
    if unnamed and str(error).startswith(_DAMAGE):
        return unreadable(snapshot, error)
    return error if isinstance(error, VisesError) else QueryFailed(f"{str(error).rstrip('.')}.")


def _opened(stores: dict[str, Store], snapshot: str) -> Store:
    """Return the store of a release, keeping the ones used last open."""
    store = stores.pop(snapshot, None)
    if store is None:
        while len(stores) >= _MOST_STORES:
            del stores[next(iter(stores))]
        store = Store.read_only(snapshot)
    stores[snapshot] = store
    return store


class _Body:
    """The body of an answer: what is written leaves as frames of about 64 KiB.

    The media type goes with the first of them, so that what fails before has no body yet. Where the
    first is the last, the length is known and goes too.
    """

    def __init__(self, answers: IO[bytes], media_type: str) -> None:
        self._answers = answers
        self._media_type = media_type
        self._begun = False
        self._held = bytearray()

    def write(self, data: bytes) -> int:
        self._held += data
        if len(self._held) >= CHUNK_BYTES:
            self._send(self._head(None))
        return len(data)

    def flush(self) -> None:
        """Do nothing: small writes are gathered."""

    def end(self) -> None:
        """Send what is held, and say that it was all."""
        self._send(self._head(len(self._held)), frame(END))

    def _head(self, length: int | None) -> bytes:
        if self._begun:
            return b""
        self._begun = True
        return head_frame(self._media_type, length)

    def _send(self, before: bytes, after: bytes = b"") -> None:
        body = frame(BODY, bytes(self._held)) if self._held else b""
        _write_all(self._answers, before + body + after)
        self._held.clear()


def _write_all(file: IO[bytes], data: bytes) -> None:
    """Write all of it: a pipe may take less at a time."""
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
