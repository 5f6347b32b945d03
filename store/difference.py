"""What a sequence of additions and removals comes to, in bounded memory."""

from __future__ import annotations

import marshal
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import RdfFormat, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from pyoxigraph import Quad

ADD, DELETE = b"A", b"D"
"""The operations of a change, named as in RDF Patch."""

RESTART = b"="
"""An operation without lines: what the others come to is the state before, and nothing is left."""

MOST_LINES = 1_000_000
"""How many lines are compared at once; a line takes about 300 bytes."""

Operation = tuple[bytes, "Sequence[bytes]"]


@dataclass(frozen=True)
class Difference:
    """Lines that were there before and are not after, and the other way round.

    `before` is how many lines there were before that some operation named.
    """

    removed: AbstractSet[bytes]
    added: AbstractSet[bytes]
    before: int

    def by_graph(self) -> dict[str, Difference]:
        """Return the same graph by graph, by their IRIs."""
        parts: dict[str, tuple[set[bytes], set[bytes]]] = {}
        for side, lines in enumerate((self.removed, self.added)):
            for line in lines:
                parts.setdefault(graph_of(line), (set(), set()))[side].add(line)
        return {graph: Difference(gone, come, 0) for graph, (gone, come) in parts.items()}


def net_effect(
    operations: Iterable[Operation], size: int, folder: Path, most: int = MOST_LINES
) -> Iterator[Difference]:
    """Yield what is left of operations once those that cancel out are taken away.

    An operation is `ADD` or `DELETE` with lines, or `RESTART`. What is deleted first was there
    before; what is added first was not; an operation done twice is done once. `size` is about how
    many lines there are. Above `most` of them they are first spread, by their hash, over files in
    `folder`, so that memory does not grow with their number; then there are several differences,
    which share no line. Raises `OSError`.
    """
    partitions = 1 + size // most
    if partitions == 1:
        yield compared(operations)
        return
    paths = [folder / f"partition-{number}" for number in range(partitions)]
    try:
        _spread(operations, paths)
        for path in paths:
            yield compared(_read(path))
    finally:
        for path in paths:
            path.unlink(missing_ok=True)


def graph_of(line: bytes) -> str:
    """Return the IRI of the graph that a line of N-Quads ends with."""
    return line[line.rindex(b"<") + 1 : -4].decode()


def as_lines(quads: Iterable[Quad]) -> frozenset[bytes]:
    """Write quads as lines of N-Quads."""
    return frozenset(f"{quad} .\n".encode() for quad in quads)


def as_quads(lines: Iterable[bytes]) -> Iterator[Quad]:
    """Read quads from lines of N-Quads."""
    return parse(b"".join(lines), RdfFormat.N_QUADS)


def compared(operations: Iterable[Operation]) -> Difference:
    """Return what is left of operations, in memory; see `net_effect`."""
    before: set[bytes] = set()
    gone: set[bytes] = set()  # of those that were there before
    come: set[bytes] = set()  # of those that were not
    dropped: set[bytes] = set()  # that came, and went again
    for kind, lines in operations:
        if kind == RESTART:
            before -= gone
            before |= come
            gone, come, dropped = set(before), set(), set()
        elif kind == ADD:
            gone.difference_update(lines)
            come.update(set(lines) - before if before else lines)
        else:
            deleted = set(lines)
            before |= deleted - come - dropped
            dropped |= deleted & come
            come -= deleted
            gone |= deleted & before
    return Difference(gone, come, len(before))


def _spread(operations: Iterable[Operation], paths: Sequence[Path]) -> None:
    partitions = len(paths)
    with ExitStack() as stack:
        files = [stack.enter_context(path.open("wb")) for path in paths]
        for kind, lines in operations:
            parts: list[list[bytes]] = [[] for _ in paths]
            into = [part.append for part in parts]
            for line in lines:
                into[hash(line) % partitions](line)
            for file, part in zip(files, parts, strict=True):
                if part or kind == RESTART:
                    marshal.dump((kind, part), file)


def _read(path: Path) -> Iterator[Operation]:
    size = path.stat().st_size
    with path.open("rb") as file:
        while file.tell() < size:
            yield marshal.load(file)  # noqa: S302 (a file of ours, written a moment ago)
