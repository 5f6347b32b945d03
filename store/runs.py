"""Runs of lines: a text is cut where its content says, so that two texts are cut alike.

Each run begins with a line that has a mark (content-defined chunking) and is known by 16 bytes of
its SHA-256. ``python -m vises.store.runs MEBIBYTES PARENT CHANGE MARK LIST`` lists those of a
change while the process that began it reads the other text.
"""

from __future__ import annotations

import logging
import os
import struct
import subprocess
import sys
from contextlib import contextmanager
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from vises.store.patch import patch_text
from vises.store.sealing import seal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

CHUNK_BYTES = 1 << 20
LARGE_BYTES = 1 << 20
"""From which size on a change, which is compressed, is worth a process of its own."""

_MEBIBYTES = 512
_HASH_BYTES = 16
_LISTED = struct.Struct(f"<{_HASH_BYTES}sQQ")
_LISTED_AT_ONCE = 1 << 12

_log = logging.getLogger(__name__)


class Run(NamedTuple):
    """A run as it is listed: what it is known by, its bytes, and how many lines it has."""

    key: bytes
    size: int
    lines: int


def cut(chunks: Iterable[bytes], mark: bytes) -> Iterator[bytes]:
    """Cut a text before each line that has the mark; one without is cut somewhere."""
    rest = b""
    for chunk in chunks:
        text = rest + chunk
        *runs, rest = _cut(text, mark)
        yield from runs
        if len(rest) > CHUNK_BYTES:
            lines, newline, rest = rest.rpartition(b"\n")
            if newline:
                yield lines + newline
    if rest:
        yield rest


def blocks(file: BinaryIO) -> Iterator[bytes]:
    """Yield what is left of a file, much at a time. Raises `OSError`."""
    while chunk := file.read(CHUNK_BYTES):
        yield chunk


def key_of(run: bytes) -> bytes:
    """Return what a run is known by."""
    return sha256(run).digest()[:_HASH_BYTES]


@contextmanager
def listed(change: Path, mark: bytes, target: Path) -> Iterator[Callable[[], Iterator[Run]]]:
    """List the runs of a change while the block does other work; in it, yield what returns them.

    They are listed into the file `target`, which goes with the block, in a process of its own where
    the change is large. Where there can be none, or it fails or dies, this one does its work, and
    what is wrong with the change is raised: `PatchDamaged`, `OSError`.
    """
    process = _start(change, mark, target) if _is_large(change) else None

    def runs() -> Iterator[Run]:
        if process is None:
            _list(change, mark, target)
        elif process.wait():
            _log.warning("The process that lists a change ended with %s.", process.returncode)
            _list(change, mark, target)
        return _read(target)

    try:
        yield runs
    finally:
        if process is not None:
            process.kill()
            process.wait()
        target.unlink(missing_ok=True)


def texts(change: Path, runs: Iterable[Run]) -> Iterator[tuple[Run, bytes]]:
    """Yield each listed run of a change with its text. Raises `PatchDamaged`."""
    chunks = patch_text(change)
    text, at = b"", 0
    for run in runs:
        while len(text) - at < run.size:
            text, at = text[at:] + next(chunks), 0
        yield run, text[at : at + run.size]
        at += run.size


def _cut(text: bytes, mark: bytes) -> Iterator[bytes]:
    starts = [0]
    at = text.find(mark)
    while at >= 0:
        start = text.rfind(b"\n", 0, at) + 1
        if start > starts[-1]:
            starts.append(start)
        at = text.find(mark, at + len(mark))
    return (text[start:end] for start, end in pairwise((*starts, len(text))))


def _is_large(change: Path) -> bool:
    return change.is_file() and change.stat().st_size >= LARGE_BYTES


def _start(change: Path, mark: bytes, target: Path) -> subprocess.Popen[bytes] | None:
    """Start the process; None where there can be no more of them, or no memory is left for it."""
    command = [sys.executable, "-P", "-m", "vises.store.runs", str(_MEBIBYTES), str(os.getpid())]
    arguments = [str(change), mark.hex(), str(target)]
    quiet = subprocess.DEVNULL
    try:
        return subprocess.Popen(  # noqa: S603 (our own module)
            [*command, *arguments], stdin=quiet, stdout=quiet, stderr=quiet
        )
    except OSError as error:
        _log.warning("No process could be started that lists a change: %s.", error)
        return None


def _list(change: Path, mark: bytes, target: Path) -> None:
    with target.open("wb") as file:
        for run in cut(patch_text(change), mark):
            file.write(_LISTED.pack(key_of(run), len(run), run.count(b"\n")))


def _read(target: Path) -> Iterator[Run]:
    with target.open("rb") as file:
        while data := file.read(_LISTED.size * _LISTED_AT_ONCE):
            yield from map(Run._make, _LISTED.iter_unpack(data))


def main(mebibytes: str, parent: str, change: str, mark: str, target: str) -> None:
    """List the runs of a change. Raises `PatchDamaged`, `OSError`, `MemoryError`."""
    seal(int(mebibytes), int(parent))
    _list(Path(change), bytes.fromhex(mark), Path(target))


if __name__ == "__main__":
    main(*sys.argv[1:])
