"""Files cut into pieces, each of which a process can read alone."""

from __future__ import annotations

import shutil
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import count
from typing import TYPE_CHECKING

from vises.errors import sentence
from vises.ingest.files import Kind
from vises.ingest.parallel.left import done, write_done
from vises.ingest.parallel.whole import whole
from vises.ingest.tables import projected, rows
from vises.ingest.tables.delimited import (
    Head,
    Stretch,
    StretchRows,
    open_stretch,
    read_head,
    row_starts,
)
from vises.ingest.tables.objects import (
    ObjectRows,
    line_names,
    line_starts,
    open_object_stretch,
)
from vises.ingest.tables.parquet import open_row_groups, row_group_sizes
from vises.progress import SILENCE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from vises.ingest.files import InputFile
    from vises.ingest.rules import Refusal
    from vises.progress import Progress

PIECE_BYTES = 1 << 23
"""How much a piece has, about: some tens of thousands of rows."""


@dataclass(frozen=True)
class _Unpacked:
    """What is to be known of an unpacked file: nothing but that it is there, whole."""


@dataclass(frozen=True)
class Piece:
    """So many bytes of a file (`size`): a stretch of text, some row groups, or all of it.

    `before` is how many physical lines a stretch has before it, as far as that is known.
    """

    file: InputFile
    size: int
    stretch: Stretch | None = None
    groups: tuple[int, int] | None = None

    def joined(self, following: Piece) -> Piece:
        """Return this stretch and the one behind it as one."""
        first, second = self.stretch, following.stretch
        assert first is not None
        assert second is not None
        stretch = replace(first, stop=second.stop, last=second.last)
        return replace(self, size=self.size + following.size, stretch=stretch)

    def after(self, lines: int) -> Piece:
        """Return it with the number of lines before it, which its errors then tell."""
        return replace(self, stretch=self.stretch and replace(self.stretch, before=lines))

    @property
    def bounds(self) -> tuple[int, int]:
        """Where it begins and ends, in bytes or row groups; (0, 0) for a whole file."""
        if self.stretch:
            return self.stretch.start, self.stretch.stop
        return self.groups or (0, 0)


@contextmanager
def open_piece(
    piece: Piece, wanted: Sequence[str]
) -> Iterator[
    tuple[Iterable[tuple[int, tuple[str, ...] | Refusal]], StretchRows | ObjectRows | None]
]:
    """Open a piece; give its rows, as `tables.rows` does, and of a stretch how it ends.

    The places of rows in a stretch begin behind what stands `before` it. Raises as `rows` does.
    """
    if piece.stretch:
        by_objects = piece.file.kind is Kind.OBJECTS
        with (open_object_stretch if by_objects else open_stretch)(piece.stretch) as found:
            yield projected(found, piece.stretch.head.names, wanted), found
    elif piece.groups:
        with open_row_groups(piece.file, *piece.groups, wanted) as table:
            yield projected(table.rows, table.names, wanted), None
    else:
        with nullcontext(rows(piece.file, wanted, SILENCE)) as found_rows:
            yield found_rows, None


def cut(file: InputFile, folder: Path, size: int, progress: Progress) -> Iterator[Piece]:
    """Cut a file into pieces of about `size` bytes, where it has more and is of a kind that can be.

    A file with corrections or a layout of its own is not: these are told by its lines.

    Text out of a zip or gzip file is unpacked into `folder` first. Raises what opening files and
    `BadTable`.
    """
    if file.size <= size or file.corrections or file.layout:
        yield Piece(file, file.size)
    elif file.kind is Kind.DELIMITED:
        yield from _stretches(file, _unpacked(file, folder, progress), size)
    elif file.kind is Kind.OBJECTS and (names := line_names(file)) is not None:
        yield from _object_stretches(file, names, _unpacked(file, folder, progress), size)
    elif file.kind is Kind.PARQUET and file.member is None and not file.gzipped:
        yield from _row_groups(file, size)
    else:
        yield Piece(file, file.size)


def _stretches(file: InputFile, path: Path, size: int) -> Iterator[Piece]:
    head = read_head(file)
    total = path.stat().st_size
    start, before = head.size, head.size
    for stop in row_starts(path, head, size):
        yield _piece(file, path, head, (start, stop), last=stop == total, more=before)
        start, before = stop, 0


def _object_stretches(
    file: InputFile, names: Sequence[str], path: Path, size: int
) -> Iterator[Piece]:
    head, start, total = Head(tuple(names), "", 0, 0), 0, path.stat().st_size
    for stop in line_starts(path, size):
        yield _piece(file, path, head, (start, stop), last=stop == total, more=0)
        start = stop


def _piece(  # noqa: PLR0913 (what a stretch is)
    file: InputFile, path: Path, head: Head, bounds: tuple[int, int], *, last: bool, more: int
) -> Piece:
    start, stop = bounds
    return Piece(file, stop - start + more, Stretch(file, path, head, start, stop, last))


def _row_groups(file: InputFile, size: int) -> Iterator[Piece]:
    """Yield pieces of row groups; the bytes of the file are shared out by their unpacked sizes."""
    sizes = [unpacked for _, unpacked in row_group_sizes(file)]
    total, told, start, held = sum(sizes) or 1, 0, 0, 0
    for number, unpacked in zip(count(1), sizes, strict=False):
        held += unpacked
        if held >= size or number == len(sizes):
            share = file.size * sum(sizes[:number]) // total - told
            yield Piece(file, share, groups=(start, number))
            told, start, held = told + share, number, 0
    if not sizes:
        yield Piece(file, file.size)


def _unpacked(file: InputFile, folder: Path, progress: Progress) -> Path:
    """Return where the plain bytes of a file are; they are written where not all are there yet."""
    if file.member is None and not file.gzipped:
        return file.path
    name = sha256(file.place.encode()).hexdigest()[:16]
    path, record = folder / f"unpacked-{name}", folder / f"unpacked-{name}.done"
    if done(record, file.place) is None:
        step = sentence("step-unpacking", "unpacking {file}", file=file.name)
        progress.start(step, file.size)
        with file.open(progress) as packed, whole(path) as plain:
            shutil.copyfileobj(packed, plain, 1 << 20)
        write_done(record, file.place, _Unpacked(), [path])
    return path
