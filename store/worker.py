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
from time import monotonic
from typing import IO, TYPE_CHECKING, cast

from pyoxigraph import Store

from vises.errors import VisesError
from vises.store.description import describe
from vises.store.encoding import IDENTITY, encoder
from vises.store.engine import (
    PARQUET,
    XLSX,
    Described,
    MemoryExceeded,
    QueryFailed,
    QueryRequest,
)
from vises.store.evaluation import evaluate
from vises.store.federation.loopback import open_way_out
from vises.store.files import is_of_the_process, unusable
from vises.store.folder import unreadable
from vises.store.frames import (
    BODY,
    END,
    READY,
    answer_stream,
    error_frame,
    frame,
    frame_header,
    head_frame,
    read_frame,
    read_request,
)
from vises.store.sealing import seal
from vises.store.xmloutput import output_of

if TYPE_CHECKING:
    from vises.store.encoding import Encoder
    from vises.store.engine import DescribeRequest


CHUNK_BYTES = 1 << 16
_MOST_SECONDS = 0.5
"""After how long what is held leaves, though it is little: rows that come slowly are seen."""
_MOST_STORES = 2
ALLOCATION = {"ARROW_DEFAULT_MEMORY_POOL": "system", "OPENBLAS_NUM_THREADS": "1"}
"""Keeps pyarrow, and numpy where there is one, from reserving address space, which is limited."""
COMPRESSED = {PARQUET, XLSX}
"""The media types that compress what they hold themselves."""
_DAMAGE = ("Corruption", "IO error")


def main(mebibytes: int, parent: int, *federation: str) -> None:
    """Answer requests until standard input ends."""
    requests = sys.stdin.buffer
    os.environ.update(ALLOCATION)
    answers = answer_stream()
    missing = seal(mebibytes, parent)
    way_out = open_way_out(int(federation[0]), federation[1:], missing) if federation else None
    answers.write(frame(READY, json.dumps(missing).encode()))
    stores: dict[str, Store] = {}
    while message := read_frame(requests):
        snapshot, request = read_request(*message)
        try:
            store, described = _opened(stores, snapshot), Described()
            if isinstance(request, QueryRequest):
                media_type, write = evaluate(store, request, way_out)
            else:
                media_type, write, described = describe(store, request)
            body = _Body(answers, media_type, request, described)
            write(output_of(media_type, cast("IO[bytes]", body)))
            body.end()
        except MemoryError:
            answers.write(error_frame(MemoryExceeded()))
        except (VisesError, OSError, RuntimeError, ValueError) as error:
            answers.write(error_frame(_named(error, Path(snapshot))))


def _named(error: Exception, snapshot: Path) -> VisesError:
    """Return the error to send: what RocksDB says of damaged or missing files has its own."""
    failed = isinstance(error, OSError | RuntimeError | QueryFailed)
    of_files = failed and str(error).startswith(_DAMAGE)
    said = OSError(str(error)) if of_files else error
    if isinstance(said, OSError) and is_of_the_process(said):
        return unusable(said, snapshot)
    if of_files:
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
    """The body of an answer: what is written leaves as frames of about 64 KiB, or after a while.

    Its form goes with the first of them, so that what fails before has no body yet; where the first
    is the last, so does its length. Compressing it here, and not where all requests meet, costs no
    other request anything.
    """

    def __init__(
        self,
        answers: IO[bytes],
        media_type: str,
        request: QueryRequest | DescribeRequest,
        described: Described,
    ) -> None:
        self._answers = answers
        self._media_type = media_type
        self._described = described
        self._coding, self._least = IDENTITY, 0
        if media_type not in COMPRESSED:
            self._coding, self._least = request.coding, request.least_bytes
        self._encoder: Encoder | None = None
        self._begun = False
        self._held = bytearray()
        self._since = monotonic()

    def write(self, data: bytes) -> int:
        self._held += data
        late = monotonic() - self._since > _MOST_SECONDS
        if late or len(self._held) >= CHUNK_BYTES:
            begins = self._begin()
            part = self._encoded(flush=late or begins)
            self._send(self._head(None) if begins else b"", part)
            self._since = monotonic()
        return len(data)

    def flush(self) -> None:
        """Do nothing: small writes are gathered."""

    def end(self) -> None:
        """Send what is held, and say that it was all."""
        if not self._begun and len(self._held) < self._least:
            self._coding = IDENTITY
        begins = self._begin()
        last = self._encoded() + (self._encoder.end() if self._encoder else b"")
        self._send(self._head(len(last)) if begins else b"", last, frame(END))

    def _begin(self) -> bool:
        """Get ready to encode; tell whether this is the first part of the answer."""
        if self._begun:
            return False
        self._begun = True
        if self._coding != IDENTITY:
            self._encoder = encoder(self._coding)
        return True

    def _head(self, length: int | None) -> bytes:
        return head_frame(self._media_type, self._coding, length, self._described)

    def _encoded(self, *, flush: bool = False) -> bytes | bytearray:
        data, self._held = self._held, bytearray()
        if self._encoder is None:
            return data
        return self._encoder.feed(bytes(data)) + (self._encoder.flush() if flush else b"")

    def _send(self, head: bytes, data: bytes | bytearray, after: bytes = b"") -> None:
        before = frame_header(BODY, len(data)) if data else b""
        if message := b"".join((head, before, data, after)):
            _write_all(self._answers, message)


def _write_all(file: IO[bytes], data: bytes) -> None:
    """Write all of it: a pipe may take less at a time."""
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
