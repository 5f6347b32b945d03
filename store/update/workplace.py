"""Folders for what is under way in this process: bodies, and copies that updates write to."""

from __future__ import annotations

import fcntl
import os
import shutil
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from vises.store.files import DataFolderError, explained

if TYPE_CHECKING:
    from collections.abc import Iterator

UPDATING = "updating"
_HELD = "held"


@contextmanager
def workplace(data: Path) -> Iterator[Path]:
    """Give a folder in the data folder, on the file system of the releases; drop it at the end.

    A lock on a file in it tells that somebody is at work there; the kernel gives it up when the
    process dies. Raises `DataFolderError`.
    """
    place = data / UPDATING / token_hex(8)
    with explained(place):
        place.mkdir(parents=True)
        descriptor = os.open(place / _HELD, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)
        os.close(descriptor)


@contextmanager
def room(data: Path) -> Iterator[Path]:
    """Give a folder for what is read alone: as `workplace`, or of the system where that fails."""
    with ExitStack() as stack:
        try:
            place = stack.enter_context(workplace(data))
        except DataFolderError:
            place = Path(stack.enter_context(TemporaryDirectory(prefix="vises-")))
        yield place


def sweep_workplaces(data: Path) -> None:
    """Remove the folders of processes that died. Raises `DataFolderError`."""
    with explained(data):
        places = [*(data / UPDATING).iterdir()] if (data / UPDATING).is_dir() else []
        for place in places:
            with suppress(FileNotFoundError, BlockingIOError):
                _remove(place)


def _remove(place: Path) -> None:
    """Remove a folder that no process holds. Raises `BlockingIOError` where one does."""
    descriptor = os.open(place / _HELD, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(place)
    finally:
        os.close(descriptor)
