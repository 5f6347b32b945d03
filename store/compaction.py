"""Merging the files of a release after a large load, beside readers and writers.

A bulk load leaves table files that overlap; RocksDB would merge them in the clone of one of the
next changes, which then holds a second copy of everything. Here they are merged once, before that,
in a copy beside the release, which then takes the place of its snapshot. The content is the same.
"""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from typing import TYPE_CHECKING

from pyoxigraph import Store

from vises.store import sums
from vises.store.files import clone_snapshot, explained, sync, write_durably
from vises.store.lease import COMPACTED, STORE, unread
from vises.store.lock import StoreBusy, WriterLock

if TYPE_CHECKING:
    from pathlib import Path

    from vises.store.folder import DataFolder

LARGE = 100_000
"""A change of so many quads leaves files worth merging."""

_READER_SECONDS = 5.0


def compact(folder: DataFolder, wait_seconds: float) -> bool:
    """Merge the files of the current release; tell whether it was done.

    Not where it is compacted already, where another compaction runs, or where another release was
    published meanwhile. Writers wait only for the last step. Readers go on with what they hold; the
    old files go as soon as nobody reads them, or with the next call (`let_go`). Killed at any point
    it leaves the release whole, and the next call or change sweeps up. Raises `StoreBusy` where a
    writer has the data folder for too long, `DataFolderError`, `StoreDamaged`; then no copy stays.
    """
    work = folder.compacting
    with explained(folder.root), ExitStack() as stack:
        try:
            stack.enter_context(WriterLock(folder.compacting_lock, 0))
        except StoreBusy:
            return False
        stack.callback(shutil.rmtree, work, ignore_errors=True)
        return _compact(folder, work, wait_seconds)


def _compact(folder: DataFolder, work: Path, wait_seconds: float) -> bool:
    current = folder.current_id()
    if current is None:
        return False
    release = folder.releases / current
    if work.exists():
        shutil.rmtree(work)
    if not (release / COMPACTED).exists():
        work.mkdir()
        with folder.lease(current) as lease:
            _merge(lease.snapshot, work)
    with WriterLock(folder.lock, wait_seconds):
        done = work.exists() and folder.current_id() == current
        if done:
            (work / COMPACTED).rename(release / COMPACTED)
            sync(release)
        let_go(folder, _READER_SECONDS)
    return done


def let_go(folder: DataFolder, reader_seconds: float) -> None:
    """Take away the old files of every release that has merged ones, but those that are read.

    Those of one that is no longer current go, too: a long query may have read them, or a process
    been killed, when they were merged. Only the holder of the lock may. Raises `OSError`.
    """
    for release in (folder.releases / release_id for release_id in folder.ids()):
        if not ((release / STORE).exists() and (release / COMPACTED).exists()):
            continue
        _record(release)
        with unread(release, reader_seconds) as free:
            if free:
                shutil.rmtree(release / STORE)
                sync(release)


def _merge(snapshot: Path, work: Path) -> None:
    """Make a compacted copy of a snapshot in the folder `work`, synced."""
    clone_snapshot(snapshot, work / "clone")
    store = Store(str(work / "clone"))
    try:
        store.optimize()
        store.backup(work / COMPACTED)
    finally:
        del store  # the error would keep it open, with files of its own in the way of the removal
    shutil.rmtree(work / "clone")
    for path in (work / COMPACTED).iterdir():
        sync(path)
    sync(work / COMPACTED)


def _record(release: Path) -> None:
    """Let `SHA256SUMS` name the files of the compacted snapshot in place of the others."""
    known = sums.read_sums(release)
    if any(name.startswith(f"{COMPACTED}/") for name in known):
        return
    new = {
        f"{COMPACTED}/{path.name}": sums.digest(path) for path in (release / COMPACTED).iterdir()
    }
    write_durably(release / sums.NAME, sums.as_text({**sums.without_snapshot(known), **new}))
