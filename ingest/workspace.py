"""A folder to work in: inside the data folder, swept away afterwards and after a crash."""

from __future__ import annotations

import fcntl
import shutil
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

from vises.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

LOCK = "lock"


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
    parent = data_folder / "incoming"
    try:
        parent.mkdir(parents=True, exist_ok=True)
        with (parent / LOCK).open("wb") as door:
            fcntl.flock(door, fcntl.LOCK_EX)
            _sweep(parent)
            folder = Path(mkdtemp(prefix="ingest-", dir=parent))
            lock = (folder / LOCK).open("wb")
            fcntl.flock(lock, fcntl.LOCK_EX)
    except OSError as error:
        raise DataFolderUnwritable(
            f"It is not possible to write there: {error.strerror}.",
            place=str(data_folder),
            remedy="Give yourself write permission, free some space, or set VISES_DATA to another"
            " folder.",
        ) from None
    with lock:
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _sweep(parent: Path) -> None:
    """Remove the folders whose process is gone."""
    for folder in parent.glob("ingest-*"):
        try:
            with (folder / LOCK).open("rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue
