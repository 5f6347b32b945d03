"""How far a file is read that the store reads by itself, told to who waits."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vises.progress import Progress

_OPEN = Path("/proc/self/fd")
_PLACES = Path("/proc/self/fdinfo")
_SECONDS = 0.5


@contextmanager
def watched(path: Path, progress: Progress) -> Iterator[None]:
    """Tell how many bytes of a file are read, while this process reads it from start to end.

    Where several parts of it read the file, the one that is least far counts. Linux knows the
    places (proc(5), /proc/PID/fdinfo); elsewhere nothing is told.
    """
    over = Event()
    thread = Thread(target=_watch, args=(path.resolve(), progress, over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _watch(path: Path, progress: Progress, over: Event) -> None:
    told, size = 0, path.stat().st_size
    while not over.wait(_SECONDS):
        with suppress(OSError):  # no descriptor is left for looking, or a disk is full
            places = [*_places(path)]
            if places and told < (place := min(size, *places)):
                progress.advance(place - told)
                told = place


def _places(path: Path) -> Iterator[int]:
    """Yield how far each of this process's descriptors of a file is. Raises `OSError`."""
    for opened in _OPEN.iterdir():
        with suppress(FileNotFoundError):  # it is closed by now, as the one that listed them is
            if opened.readlink() == path:
                yield _position((_PLACES / opened.name).read_text("ascii"))


def _position(text: str) -> int:
    fields = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    return int(fields["pos"])
