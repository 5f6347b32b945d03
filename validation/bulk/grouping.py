"""N-Triples cut into pieces that each have all that is said of their subjects, out of core."""

from __future__ import annotations

from array import array
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import RdfFormat, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

PIECE_BYTES = 1 << 20
"""How large a piece is about; judging one takes some twenty times that of memory."""

MOST_FILES = 200
_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True)
class Piece:
    """A part of a file, in whole lines."""

    path: Path
    start: int
    length: int

    def read(self) -> bytes:
        """Return the lines. Raises `OSError`."""
        with self.path.open("rb") as file:
            file.seek(self.start)
            return file.read(self.length)


def pieces(paths: Sequence[Path], folder: Path, size: int = PIECE_BYTES) -> list[Piece]:
    """Cut files of N-Triples into pieces of about `size` bytes.

    Where all lines on a subject stand together in the files, as those of a mapping do, the pieces
    are parts of these; else the lines are first spread over files in `folder`, by their subjects.
    Memory is 8 bytes for each subject. Raises `OSError`.
    """
    subjects = array("q")
    cut = [piece for path in paths for piece in _cut(path, size, subjects)]
    if not _repeats(subjects):
        return cut
    return list(_spread(paths, folder, 1 + sum(p.length for p in cut) // size))


def _cut(path: Path, size: int, subjects: array[int]) -> Iterator[Piece]:
    """Yield the pieces of a file, cut where the subject changes, and note each run's subject."""
    start = at = 0
    last = b""
    with path.open("rb") as file:
        for line in file:
            subject = _subject(line)
            if subject and subject != last:
                subjects.append(hash(subject))
                last = subject
                if at - start >= size:
                    yield Piece(path, start, at - start)
                    start = at
            at += len(line)
    if at > start:
        yield Piece(path, start, at - start)


def _repeats(subjects: array[int]) -> bool:
    import numpy as np  # noqa: PLC0415 (it takes 0.1 s to import)

    hashes = np.frombuffer(subjects, dtype=np.int64) if subjects else np.zeros(0, np.int64)
    ordered = np.sort(hashes)
    return bool((ordered[1:] == ordered[:-1]).any())


def _spread(paths: Iterable[Path], folder: Path, parts: int) -> Iterator[Piece]:
    """Write each line to one of several files, by its subject, and yield these."""
    parts = min(parts, MOST_FILES)
    targets = [folder / f"part-{number}.nt" for number in range(parts)]
    with ExitStack() as stack:
        files = [stack.enter_context(target.open("wb")) for target in targets]
        for path in paths:
            with path.open("rb") as file:
                while lines := file.readlines(_BLOCK_BYTES):
                    waiting: list[list[bytes]] = [[] for _ in files]
                    for line in lines:
                        waiting[hash(_subject(line)) % parts].append(
                            line if line.endswith(b"\n") else line + b"\n"
                        )
                    for opened, part in zip(files, waiting, strict=True):
                        opened.writelines(part)
    for target in targets:
        yield Piece(target, 0, target.stat().st_size)


def _subject(line: bytes) -> bytes:
    """Return the subject of a line, always spelt the same; nothing where the line has none."""
    parts = line.split(None, 1)
    if not parts or parts[0].startswith(b"#"):
        return b""
    if b"\\" in parts[0] or b">" in parts[0][:-1]:
        return b"".join(str(q.subject).encode() for q in parse(line, RdfFormat.N_TRIPLES))
    return parts[0]
