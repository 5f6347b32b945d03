"""Files of triples: written whole, as N-Triples or as quads of a graph, and joined."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from vises.compressed import zstd
from vises.ingest.parallel.whole import whole
from vises.store.sums import digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from vises.progress import Progress

_CHUNK = 1 << 26
_READ_BYTES = 1 << 20
_LEVEL = 3


@dataclass(frozen=True)
class MadeFile:
    """A file of triples or quads: how many lines it has, and where it is compressed, its digest."""

    path: Path
    statements: int
    sha256: str


def triples_path(folder: Path, name: str, graph: str | None) -> Path:
    """Return where the triples with that name are."""
    return folder / f"{name}.{'nq.zst' if graph else 'nt'}"


@contextmanager
def triples_written(path: Path, graph: str | None) -> Iterator[Callable[[bytes], object]]:
    """Give a function that writes lines of N-Triples into a file, which appears when it is whole.

    Where `graph` is given they become N-Quads in it, compressed with Zstandard.
    """
    with whole(path) as raw:
        if graph is None:
            yield raw.write
        else:
            ending = f" <{graph}> .\n".encode()
            with zstd.open(raw, "wb", level=_LEVEL) as target:
                yield lambda lines: target.write(lines.replace(b" .\n", ending))


def digest_of(path: Path, graph: str | None) -> str:
    """Return the SHA-256 of a file of quads, which its manifest tells; none of triples."""
    return "" if graph is None else digest(path)


def join(paths: Sequence[Path], graph: str | None, target: Path, progress: Progress) -> None:
    """Write the triples of all files into one file of N-Triples; where they have a graph, without.

    Raises `OSError`.
    """
    with target.open("wb", buffering=0) as joined:
        for path in paths:
            if graph is None:
                _append(path, joined)
            else:
                for block in _triples(path, graph):
                    joined.write(block)
            progress.advance(path.stat().st_size)


def _append(path: Path, joined: BinaryIO) -> None:
    """Copy a file behind another one, within the kernel where that is possible."""
    with path.open("rb") as triples:
        if hasattr(os, "copy_file_range"):
            while os.copy_file_range(triples.fileno(), joined.fileno(), _CHUNK):
                pass
        else:
            shutil.copyfileobj(triples, joined)


def _triples(path: Path, graph: str) -> Iterator[bytes]:
    """Yield a part as N-Triples; a literal has no line feed, so the ends of lines are known."""
    ending = f" <{graph}> .\n".encode()
    with zstd.open(path, "rb") as quads:
        while lines := quads.readlines(_READ_BYTES):
            yield b"".join(lines).replace(ending, b" .\n")
