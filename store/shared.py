"""Which runs of lines a newer file of triples has just as the change that made the graph has them.

Most of a register is what it was the month before, so that most of its lines need not be compared
one by one. Both sides are cut before each line with a mark that comes again with each thing
(`vises.store.runs`), side by side, and the runs that both have cancel out. Where the cuts are
decides on the cost alone.
"""

from __future__ import annotations

import re
from array import array
from typing import TYPE_CHECKING

from vises.store.canonical import canonical_lines
from vises.store.difference import ADD, RESTART
from vises.store.runs import CHUNK_BYTES, blocks, cut, key_of, listed, texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from pyoxigraph import NamedNode

    from vises.store.canonical import Forms
    from vises.store.difference import Operation
    from vises.store.runs import Run

MOST_RUNS = 3_000_000
"""How many runs are known; one takes about 150 bytes."""

_TYPE = b" <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> "
_MARK = re.compile(_TYPE + rb"\S{1,1000} ")
_LINES = 10_000
_ADDED = b"A "


class SharedRuns:
    """Compares a file of triples with the change that made its graph out of nothing.

    `lines` is how many lines of the change cancelled out, once `operations` were read.
    """

    def __init__(self, change: Path, triples: Path, graph: NamedNode, work: Path) -> None:
        """Remember them; `work` is a folder for what is in between."""
        self.lines = 0
        self._change = change
        self._triples = triples
        self._graph = graph
        self._new = work / "new-lines"
        self._list = work / "runs"
        self._ending = f" {graph} .\n".encode()
        with triples.open("rb") as file:
            found = _MARK.search(file.readline())
        self._mark = found.group() if found else _TYPE

    def operations(self, later: Sequence[Operation], forms: Forms) -> Iterator[Operation]:
        """Yield what is left of the change, `later` operations on the graph, and of the file.

        Between the last two stands a `RESTART`. A line of the file that is left may be one that
        cancelled out elsewhere. Raises `UnreadableTriples`, `PatchDamaged`, `OSError`.
        """
        touched = {_ADDED + line for _, lines in later for line in lines}
        with listed(self._change, self._mark, self._list) as of_change:
            runs = self._of_file()
            yield from self._left(runs, touched, of_change())
        yield from later
        yield RESTART, ()
        try:
            with self._new.open("wb") as written:
                parts = self._unknown(runs)
                for lines in canonical_lines(self._triples, self._graph, forms=forms, parts=parts):
                    written.writelines(lines)
            with self._new.open("rb") as file:
                while lines := file.readlines(CHUNK_BYTES):
                    yield ADD, lines
        finally:
            self._new.unlink(missing_ok=True)

    def _of_file(self) -> _Runs:
        """Return the first runs of the file, `MOST_RUNS` at most."""
        found = _Runs()
        next_line = self._ending + _ADDED
        with self._triples.open("rb") as file:
            for run in cut(blocks(file), self._mark):
                if len(found) >= MOST_RUNS:
                    break
                as_added = _ADDED + _whole(run).replace(b" .\n", next_line).removesuffix(_ADDED)
                found.add(key_of(as_added), len(run), run.count(b"\n"))
        return found

    def _left(
        self, runs: _Runs, touched: AbstractSet[bytes], of_change: Iterable[Run]
    ) -> Iterator[Operation]:
        """Yield the lines on the graph of the runs of the change that the file has not.

        Runs of which a later operation touches a line are among them.
        """
        left: list[bytes] = []
        for run, text in texts(self._change, of_change):
            number = runs.numbers.get(run.key)
            if number is not None and _apart(touched, text):
                runs.shared[number] = True
                self.lines += run.lines
                continue
            left += (
                line[len(_ADDED) :]
                for line in text.splitlines(keepends=True)
                if line.startswith(_ADDED) and line.endswith(self._ending)
            )
            if len(left) >= _LINES:
                yield ADD, left
                left = []
        yield ADD, left

    def _unknown(self, runs: _Runs) -> Iterator[tuple[int, bytes]]:
        """Yield the runs of the file that the change has not, with the number of the first line."""
        with self._triples.open("rb") as file:
            for number, first in enumerate(runs.firsts):
                if not runs.shared[first]:
                    file.seek(runs.offsets[number])
                    run = file.read(runs.offsets[number + 1] - runs.offsets[number])
                    yield runs.lines[number], _whole(run)
            file.seek(runs.offsets[-1])
            line = runs.lines[-1]
            for run in cut(blocks(file), self._mark):
                yield line, _whole(run)
                line += run.count(b"\n")


class _Runs:
    """Runs that follow each other in a file.

    `numbers` has, by hash, the first run of those that are the same; `firsts` its number for each
    run. `offsets` and `lines` say where each begins, and last where all end; `shared` which of the
    first ones another file has.
    """

    def __init__(self) -> None:
        self.numbers: dict[bytes, int] = {}
        self.firsts = array("L")
        self.offsets = array("Q", [0])
        self.lines = array("Q", [1])
        self.shared = bytearray()

    def __len__(self) -> int:
        return len(self.firsts)

    def add(self, key: bytes, size: int, lines: int) -> None:
        self.firsts.append(self.numbers.setdefault(key, len(self)))
        self.offsets.append(self.offsets[-1] + size)
        self.lines.append(self.lines[-1] + lines)
        self.shared.append(False)


def _whole(run: bytes) -> bytes:
    return run if run.endswith(b"\n") else run + b"\n"


def _apart(touched: AbstractSet[bytes], run: bytes) -> bool:
    return not touched or touched.isdisjoint(run.splitlines(keepends=True))
