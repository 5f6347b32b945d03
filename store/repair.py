"""Serving a whole release again when the current one is damaged, and losing none for it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from vises.store.files import explained
from vises.store.folder import StoreDamaged
from vises.store.lock import WriterLock
from vises.store.verification import file_faults, is_whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vises.progress import Progress
    from vises.store.folder import DataFolder

_log = logging.getLogger(__name__)


def set_damaged_aside(
    folder: DataFolder, *, thorough: bool, wait_seconds: float, progress: Progress
) -> Sequence[str]:
    """See to it that the current release is whole; return the ids of those set aside.

    A damaged one is moved to ``damaged/`` and the newest whole release becomes current. `thorough`
    reads every file; otherwise only what is missing or does not open is found, in milliseconds. The
    same where ``current`` names none, or a pruned one. Interrupted work of others is swept first.
    It can be interrupted at any point and done again: until the end ``current`` names the damaged
    release. Raises `StoreDamaged` where no release is whole, `StoreBusy`, `DataFolderError`.
    """
    with explained(folder.root):
        if not folder.root.exists():
            return []
        # The whole of a large release takes long to read: others may publish meanwhile.
        if thorough and _is_served_whole(folder, progress):
            return []
    with explained(folder.root), WriterLock(folder.lock, wait_seconds):
        folder.sweep()
        name = folder.current_name()
        candidates = [x for x in reversed(folder.ids()) if name is None or int(x) <= int(name)]
        if name is not None and name not in candidates:
            candidates.insert(0, name)
        bad = []
        for candidate in candidates:
            if folder.is_pruned(candidate):
                continue
            if _is_sound(folder, candidate, thorough=thorough, progress=progress):
                break
            bad.append(candidate)
        else:
            if not bad:
                return []
            raise StoreDamaged(
                f"None of the releases {', '.join(bad)} is whole.",
                place=str(folder.releases),
                remedy="Move that folder away, then put a backup back: `vises releases restore`.",
            )
        for release_id in bad:
            folder.set_aside(release_id)
        if candidate != name:
            folder.publish_again(candidate)
            _log.warning("Release %s is served; %s named %s.", candidate, folder.root, name)
        return bad


def _is_served_whole(folder: DataFolder, progress: Progress) -> bool:
    name = folder.current_name()
    if name not in folder.ids() or folder.is_pruned(name):
        return False
    return _is_sound(folder, name, thorough=True, progress=progress)


def _is_sound(folder: DataFolder, release_id: str, *, thorough: bool, progress: Progress) -> bool:
    if not is_whole(folder, release_id):
        return False
    return not (thorough and file_faults(folder, folder.record(release_id), progress))
