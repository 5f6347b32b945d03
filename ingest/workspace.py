"""A folder to work in: inside the data folder, swept away afterwards and after a crash.

That of a batch is kept where its process was killed or the machine did not let it go on, so that
the next one for the same batch goes on from there.

``incoming/lock`` is the door: who holds it may make, lock, rename or remove such a folder, and
nobody else does. So a folder in which there is no lock then is nobody's.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from tempfile import mkdtemp
from typing import TYPE_CHECKING, BinaryIO

from vises.errors import Unavailable
from vises.store.files import NO_ROOM, unusable

if TYPE_CHECKING:
    from collections.abc import Iterator

LOCK = "lock"
KEPT_SECONDS = 7 * 24 * 3600
"""How long the work on a batch waits to be gone on with."""

_ONCE, _BATCH = "ingest-", "batch-"


class DataFolderUnwritable(Unavailable):
    """The data folder cannot be written to."""

    kind = "data-folder"
    title = "The data folder cannot be written to"


@contextmanager
def workspace(data_folder: Path) -> Iterator[Path]:
    """Make an empty folder under `data_folder`/incoming, and remove it in the end.

    It holds a lock for as long as it is in use, so that what a killed process left behind can be
    told from the work of a living one, and is removed. Raises `DataFolderUnwritable`.
    """
    with _incoming(data_folder) as parent:
        folder = Path(mkdtemp(prefix=_ONCE, dir=parent))
        lock = _locked(folder)
    with _removed_after(folder, lock):
        yield folder


@contextmanager
def resumable(data_folder: Path, batch: str) -> Iterator[Path]:
    """Give the folder of a batch, with what was done before, and remove it in the end.

    It stays where the block ends by `Unavailable`, `OSError`, want of memory or an interrupt, and
    where the process is killed, for a week. While another process has it, an empty one is given
    instead. Raises `DataFolderUnwritable`, and `DataFolderError` where a disk or a limit leaves the
    block no room.
    """
    with _incoming(data_folder) as parent:
        folder = parent / f"{_BATCH}{batch}"
        folder.mkdir(exist_ok=True)
        lock = _locked(folder)
        if lock is None:
            folder = Path(mkdtemp(prefix=_ONCE, dir=parent))
            lock = _locked(folder)
        os.utime(folder)
    kept = (Unavailable, OSError, MemoryError, KeyboardInterrupt)
    with _removed_after(folder, lock, unless=kept):
        try:
            yield folder
        except OSError as error:
            if error.errno not in NO_ROOM:
                raise
            raise unusable(error, folder) from error


@contextmanager
def _incoming(data_folder: Path) -> Iterator[Path]:
    """Give the folder of all such folders, locked and swept; explain why that is not possible."""
    parent = data_folder / "incoming"
    try:
        parent.mkdir(parents=True, exist_ok=True)
        with _door(parent):
            _sweep(parent)
            yield parent
    except OSError as error:
        raise DataFolderUnwritable(
            f"It is not possible to write there: {error.strerror}.",
            place=str(data_folder),
            remedy="Give yourself write permission, free some space, or set VISES_DATA to another"
            " folder.",
        ) from None


@contextmanager
def _door(parent: Path) -> Iterator[None]:
    with (parent / LOCK).open("wb") as door:
        fcntl.flock(door, fcntl.LOCK_EX)
        yield


def _locked(folder: Path) -> BinaryIO | None:
    """Lock a folder; return None where another process has it."""
    lock = (folder / LOCK).open("wb")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return lock


@contextmanager
def _removed_after(
    folder: Path, lock: BinaryIO | None, unless: tuple[type[BaseException], ...] = ()
) -> Iterator[None]:
    assert lock is not None  # a folder that was just made
    with lock:
        try:
            yield
        except unless:
            raise
        except BaseException:
            _leave(folder)
            raise
        else:
            _leave(folder)


def _leave(folder: Path) -> None:
    """Remove a folder; what cannot be removed now, a later sweep will."""
    with suppress(OSError), _door(folder.parent):
        _remove(folder)


def _sweep(parent: Path) -> None:
    """Remove the folders whose process is gone; those of batches only when they are old."""
    for folder in (*parent.glob(f"{_ONCE}*"), *parent.glob(f"{_BATCH}*")):
        with suppress(OSError):
            if _is_over(folder):
                _remove(folder)


def _is_over(folder: Path) -> bool:
    """Tell whether nobody works in a folder or may go on with it. Raises `OSError`.

    A time ahead of the clock, which was set back, counts as if it were as long ago.
    """
    try:
        with (folder / LOCK).open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return True
    except BlockingIOError:
        return False
    kept = folder.name.startswith(_BATCH)
    return not kept or abs(time.time() - folder.stat().st_mtime) >= KEPT_SECONDS


def _remove(folder: Path) -> None:
    """Remove a folder, only under the door. Raises `OSError`.

    It gets the name of one that nobody goes on with first: killed meanwhile, a part of the work on
    a batch is not taken for the whole.
    """
    gone = folder.with_name(f"{_ONCE}{token_hex(8)}")
    folder.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)
