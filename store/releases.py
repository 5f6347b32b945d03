"""The releases of a data folder: reading them, and beginning the transaction that makes one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vises.store.folder import DataFolder, StoreDamaged, UnknownRelease
from vises.store.record import Release
from vises.store.transaction import Gate, Transaction

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from pyoxigraph import Store

__all__ = ["Release", "ReleaseStore", "StoreDamaged", "UnknownRelease"]


class ReleaseStore:
    """The releases under a folder; nothing is written until a transaction begins.

    Every method raises `DataFolderError` where the folder cannot be read and `StoreDamaged` where
    something in it is not as a transaction leaves it.
    """

    def __init__(self, folder: Path) -> None:
        """Remember the folder (the setting ``VISES_DATA``)."""
        self._folder = DataFolder(folder)

    def current(self) -> Release | None:
        """Return the published release, None where nothing was published yet."""
        return self._folder.current()

    def get(self, release_id: str) -> Release:
        """Return one release. Raises `UnknownRelease`."""
        return self._folder.record(release_id)

    def list(self) -> list[Release]:
        """Return all releases, newest first."""
        return [self._folder.record(name) for name in reversed(self._folder.ids())]

    def open(self, release_id: str) -> Store:
        """Return a read-only store over the release's snapshot. Raises `UnknownRelease`.

        It may be held as long as needed: nothing writes to a snapshot.
        """
        return self._folder.open(self.get(release_id).id)

    def snapshot(self, release_id: str) -> Path:
        """Return the RocksDB folder of a release. Raises `UnknownRelease`."""
        return self._folder.snapshot(self.get(release_id).id)

    def report(self, release_id: str) -> Path:
        """Return the stored validation report (Turtle) of a release. Raises `UnknownRelease`."""
        return self._folder.report(self.get(release_id).id)

    def transaction(
        self, *, author: str, message: str, gate: Gate, wait_seconds: float = 60
    ) -> AbstractContextManager[Transaction]:
        """Begin a change; see `Transaction`. Waits for another one at most `wait_seconds`."""
        return Transaction(
            self._folder, author=author, message=message, gate=gate, wait_seconds=wait_seconds
        )
