"""N-Triples cut into pieces that each have all that is said of their subjects, out of core."""

from __future__ import annotations

from array import array
from contextlib import ExitStack
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from pyoxigraph import RdfFormat, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

PIECE_BYTES = 1 << 20
"""How large a piece is about; judging one takes some twenty times that of memory."""

MOST_FILES = 200


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

    Pieces are parts of the files, as far as all lines on their subjects stand together there, as
    those of a mapping do. The lines on other subjects are spread over files in `folder`, by their
    subjects, and what stood between them is copied. Memory is 9 bytes for each subject, and three
    times that for a moment. Raises `OSError`.
    """
    subjects, cut, ends = array("q"), [], []
    for path in paths:
        for piece in _cut(path, size, subjects):
            cut.append(piece)
            ends.append(len(subjects))
    repeats = _repeats(subjects)
    if not repeats.any():
        return cut
    apart, rest = folder / "apart.nt", folder / "rest.nt"
    with rest.open("wb") as kept, apart.open("wb") as taken:
        left = [
            _parted(piece, repeats[start:end].tolist(), kept, taken)
            if repeats[start:end].any()
            else piece
            for piece, start, end in zip(cut, [0, *ends], ends, strict=False)
        ]
    spread = _spread(apart, folder, 1 + apart.stat().st_size // size)
    return [piece for piece in (*left, *spread) if piece.length]


def _cut(path: Path, size: int, subjects: array[int]) -> Iterator[Piece]:
    """Yield the pieces of a file, cut where the subject changes, and note each run's subject.

    When a piece is yielded the runs up to its end are noted.
    """
    start = 0
    with path.open("rb") as file:
        for subject, at in _runs(file):
            if at - start >= size:
                yield Piece(path, start, at - start)
                start = at
            subjects.append(hash(subject))
        end = file.tell()
    if end > start:
        yield Piece(path, start, end - start)


def _runs(lines: Iterable[bytes]) -> Iterator[tuple[bytes, int]]:
    """Yield the subject of each run of lines that share it, with where the run starts."""
    at = 0
    last, begun = b"", b"\n"  # no line begins with this one
    for line in lines:
        if not line.startswith(begun):
            subject = _subject(line)
            if subject and subject != last:
                yield subject, at
                last, begun = subject, subject + b" "
        at += len(line)


def _repeats(subjects: array[int]) -> NDArray[np.bool_]:
    """Tell of each run whether there is another one with its subject."""
    import numpy as np  # noqa: PLC0415 (it takes 0.1 s to import)

    hashes = np.frombuffer(subjects, dtype=np.int64) if subjects else np.zeros(0, np.int64)
    ordered = np.sort(hashes)
    repeated = ordered[1:][ordered[1:] == ordered[:-1]]
    if not len(repeated):
        return np.zeros(len(hashes), np.bool_)
    places = np.searchsorted(repeated, hashes)
    places[places == len(repeated)] = 0
    found: NDArray[np.bool_] = repeated[places] == hashes
    return found


def _parted(piece: Piece, repeats: Iterable[bool], kept: BinaryIO, taken: BinaryIO) -> Piece:
    """Write the lines of runs that are repeated to one file and the others to another one.

    Returns the piece that these are there.
    """
    start, runs = kept.tell(), iter(repeats)
    last, target = b"", kept
    for line in BytesIO(piece.read()):
        subject = _subject(line)
        if subject and subject != last:
            last, target = subject, taken if next(runs) else kept
        target.write(line if line.endswith(b"\n") else line + b"\n")
    return Piece(Path(kept.name), start, kept.tell() - start)


def _spread(path: Path, folder: Path, parts: int) -> Iterator[Piece]:
    """Write each line to one of several files, by its subject, and yield these."""
    parts = min(parts, MOST_FILES)
    targets = [folder / f"part-{number}.nt" for number in range(parts)]
    with path.open("rb") as lines, ExitStack() as stack:
        files = [stack.enter_context(target.open("wb")) for target in targets]
        for line in lines:
            files[hash(_subject(line)) % parts].write(line)
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
