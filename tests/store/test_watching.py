"""How far the engine is with a file that it reads by itself."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import pytest

from vises.progress import Silence
from vises.store import watching
from vises.store.watching import watched

if TYPE_CHECKING:
    from pathlib import Path

BOUND_SECONDS = 30


class Counted(Silence):
    done = 0

    def advance(self, done: int) -> None:
        self.done += done

    def wait_for(self, done: int) -> None:
        until = time.monotonic() + BOUND_SECONDS
        while self.done < done and time.monotonic() < until:
            time.sleep(0.01)
        assert self.done == done


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(watching, "_SECONDS", 0.01)
    file = tmp_path / "data.nt"
    file.write_bytes(b"x" * 1000)
    return file


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the places of descriptors")
def test_it_is_told_while_it_is_read(path: Path) -> None:
    progress = Counted()
    with path.open("rb", buffering=0) as file, watched(path, progress):
        for done in (10, 400, 1000):
            file.read(done - progress.done)
            progress.wait_for(done)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the places of descriptors")
def test_who_is_least_far_counts(path: Path) -> None:
    progress = Counted()
    with (
        path.open("rb", buffering=0) as fast,
        path.open("rb", buffering=0) as slow,
        watched(path, progress),
    ):
        fast.read(900)
        slow.read(300)
        progress.wait_for(300)
        slow.close()
        progress.wait_for(900)


def test_where_the_platform_does_not_tell_nothing_is_told(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "_OPEN", tmp_path / "none")
    progress = Counted()
    with path.open("rb") as file, watched(path, progress):
        file.read()
        time.sleep(0.05)
    assert progress.done == 0


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the places of descriptors")
def test_a_full_disk_of_who_is_told_does_not_end_it(path: Path) -> None:
    class Full(Counted):
        asked = 0

        def advance(self, done: int) -> None:
            self.asked += 1
            if self.asked < 3:
                raise OSError(28, "No space left on device")
            super().advance(done)

    progress = Full()
    with path.open("rb", buffering=0) as file, watched(path, progress):
        file.read(700)
        progress.wait_for(700)


def test_an_error_ends_it(path: Path) -> None:
    with pytest.raises(ValueError, match="broken"), watched(path, Silence()):
        raise ValueError("broken")
