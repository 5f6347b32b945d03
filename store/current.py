"""The release that is current, asked for so often that it must cost almost nothing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vises.store.folder import DataFolder
    from vises.store.record import Release

Identity = tuple[int, int, int]


class CurrentRelease:
    """Follows the file ``current``: its record is read again only when the file was replaced.

    A flip replaces the file by a rename, so the new one is another file (inode) with another time
    of change. Every request asks, and sees a flip at once.
    """

    def __init__(self, folder: DataFolder) -> None:
        """Follow a folder."""
        self._folder = folder
        self._known: tuple[Identity, Release] | None = None

    def get(self) -> Release | None:
        """Return the published release; raises as `DataFolder.current` does."""
        identity = self._identity()
        known = self._known
        if identity is not None and known is not None and known[0] == identity:
            return known[1]
        release = self._folder.current()
        self._known = None if release is None or identity is None else (identity, release)
        return release

    def _identity(self) -> Identity | None:
        """Return what tells one version of the file from another, None where there is none.

        It is taken before the file is read: a flip in between makes the next call read again.
        """
        try:
            status = os.stat(self._folder.current_file)  # noqa: PTH116 (half the time of the method)
        except OSError:
            return None  # reading the file says what is wrong
        return status.st_ino, status.st_mtime_ns, status.st_ctime_ns
