"""Making the dumps of a release.

``python -m vises.store.dumps.make DATA ID BASE MEBIBYTES PARENT [CLOSED...]`` is a process of its
own, because it reads every quad and compresses for minutes. The files of a dataset come into their
place together, by a rename, so that a kill leaves those that were finished and nothing half. One
process at a time makes them; the lock ends with its process.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from vises.store.dumps.cubes import write_cube
from vises.store.dumps.kept import LOCK, MAKING, KeptDumps
from vises.store.dumps.lines import write_sorted
from vises.store.dumps.tables import write_tables
from vises.store.dumps.triples import write_graph, write_names
from vises.store.files import explained, make_durably
from vises.store.lock import StoreBusy, WriterLock
from vises.store.releases import ReleaseStore
from vises.store.sealing import seal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from pyoxigraph import Store

    from vises.store.dumps.output import DumpFile
    from vises.store.record import Release

_WAIT_SECONDS = 6 * 3600.0
_NICENESS = 15

BUSY = os.EX_TEMPFAIL
"""The exit code of the process where another one is at work."""


def ensure(
    releases: ReleaseStore,
    kept: KeptDumps,
    release_id: str,
    closed: Collection[str],
    wait_seconds: float = _WAIT_SECONDS,
) -> Iterator[tuple[str, Sequence[DumpFile]]]:
    """See to it that each dataset of a release that is not closed has its files.

    Yields the name and the files of each dataset as soon as they are made; the work is done when
    nothing more comes. What no release needs any more is removed. Waits so long for another process
    at it. Raises `UnknownRelease`, `ReleasePruned`, `StoreBusy` and `DataFolderError`.
    """
    with explained(kept.folder):
        make_durably(kept.folder)
        with WriterLock(kept.folder / LOCK, wait_seconds):
            kept.sweep(releases, closed)
            release = releases.get(release_id)
            with releases.open(release_id) as store:
                for graph, name in _without_files(kept, release, closed):
                    yield name, _published(kept, kept.place(release, graph), store, graph, name)


def _without_files(
    kept: KeptDumps, release: Release, closed: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Yield the graphs that are to have files and have none yet, each with its name."""
    for graph in sorted(set(release.counts) - set(closed)):
        name = kept.name(graph)
        if name is not None and kept.files(release, graph) is None:
            yield graph, name


def _published(
    kept: KeptDumps, place: Path, store: Store, graph: str, name: str
) -> Sequence[DumpFile]:
    """Make the files of a graph beside their place, and put them there."""
    making = place.with_name(f"{MAKING}{place.name}")
    try:
        made = _make(store, graph, name, making)
        kept.publish(making, place, made)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return made


def _make(store: Store, graph: str, name: str, making: Path) -> Sequence[DumpFile]:
    making.mkdir()
    lines = making / "lines"
    write_sorted(store, NamedNode(graph), lines)
    files = [
        *write_graph(lines, making),
        *write_names(lines, making),
        *write_tables(name, lines, making),
        *write_cube(name, lines, making),
    ]
    lines.unlink()
    return files


def remove_dumps(kept: KeptDumps, releases: ReleaseStore, closed: Collection[str]) -> bool:
    """Remove the files that no release needs any more; tell whether that was possible.

    While another process makes some it is not, and the next making does it. Raises
    `DataFolderError`.
    """
    if not kept.folder.is_dir():
        return True
    try:
        with explained(kept.folder), WriterLock(kept.folder / LOCK, 0):
            kept.sweep(releases, closed)
    except StoreBusy:
        return False
    return True


def main(data: str, release_id: str, base: str, limits: Sequence[str]) -> None:
    """Make the dumps of a release; `limits` are the last arguments of the command line.

    Ends with `BUSY` where another process makes some.
    """
    mebibytes, parent, *closed = limits
    seal(int(mebibytes), int(parent))
    os.nice(_NICENESS)
    folder = Path(data)
    kept = KeptDumps(folder, base)
    try:
        for name, files in ensure(ReleaseStore(folder), kept, release_id, closed, wait_seconds=0):
            sys.stdout.write(f"{name} {len(files)}\n")
    except StoreBusy:
        sys.exit(BUSY)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:])
