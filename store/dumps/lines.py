"""The lines of a graph in order, whatever its size: sorted runs on disk, merged in the end."""

from __future__ import annotations

import heapq
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from vises.store.digest import graph_lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pyoxigraph import NamedNode, Store

RUN_LINES = 200_000
"""How many lines are sorted at once: some 60 MB of memory."""

MOST_RUNS = 200
"""How many runs are merged at once, each of which is an open file."""


def write_sorted(store: Store, graph: NamedNode, path: Path) -> None:
    """Write a graph as lines of canonical N-Quads, in the order of their bytes.

    Needs room beside `path` for the runs: as much again as the file. Raises `OSError`.
    """
    runs: list[Path] = []
    held: list[bytes] = []
    for lines in graph_lines(store, graph):
        held += lines
        if len(held) >= RUN_LINES:
            runs.append(_run(held, path, len(runs)))
            held = []
    held.sort()
    made = len(runs)
    while len(runs) > MOST_RUNS:
        first, runs = runs[:MOST_RUNS], runs[MOST_RUNS:]
        made += 1
        runs.append(_beside(path, made))
        with merged(first) as lines_in_order:
            _write(lines_in_order, runs[-1])
        for run in first:
            run.unlink()
    with merged(runs) as from_files:
        _write(heapq.merge(from_files, held), path)
    for run in runs:
        run.unlink()


@contextmanager
def merged(runs: list[Path]) -> Iterator[Iterator[bytes]]:
    """Open files of sorted lines; give their lines in order. Raises `OSError`."""
    with ExitStack() as files:
        yield heapq.merge(*(files.enter_context(run.open("rb")) for run in runs))


def _run(lines: list[bytes], path: Path, number: int) -> Path:
    run = _beside(path, number)
    lines.sort()
    _write(iter(lines), run)
    return run


def _beside(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.run{number}")


def _write(lines: Iterator[bytes], path: Path) -> None:
    with path.open("wb") as file:
        file.writelines(lines)
