"""A folder to work in that is swept, now or later."""

from __future__ import annotations

import errno
import fcntl
import os
import pickle
import shutil
import time
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from vises.errors import Refused, Unavailable
from vises.ingest.parallel.whole import whole
from vises.ingest.workspace import KEPT_SECONDS, DataFolderUnwritable, resumable, workspace
from vises.store.files import DataFolderError

if TYPE_CHECKING:
    from collections.abc import Callable

FULL = Path("/dev/full")


def test_it_is_gone_afterwards_even_after_an_error(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "x").write_text("x")
        raise KeyError

    with pytest.raises(KeyError), workspace(tmp_path) as folder:
        fail(folder)
    assert list((tmp_path / "incoming").glob("ingest-*")) == []


def test_what_a_killed_process_left_is_swept_and_living_work_is_not(tmp_path: Path) -> None:
    dead = tmp_path / "incoming" / "ingest-dead"
    dead.mkdir(parents=True)
    (dead / "lock").touch()
    (dead / "triples.nt").touch()
    with workspace(tmp_path) as living, workspace(tmp_path) as other:
        assert not dead.exists()
        assert living.exists()
        assert other.exists()


def test_a_data_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    with (
        pytest.raises(DataFolderUnwritable, match="not possible to write") as caught,
        workspace(tmp_path / "data"),
    ):
        pass
    assert caught.value.place == str(tmp_path / "data")
    assert "VISES_DATA" in str(caught.value.remedy)


@pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), Unavailable("x"), OSError(5, "I/O"), MemoryError()]
)
def test_the_work_on_a_batch_is_there_again_where_it_was_broken_off(
    tmp_path: Path, error: BaseException
) -> None:
    def fail(folder: Path) -> None:
        (folder / "x").write_text("done")
        raise error

    with pytest.raises(type(error)), resumable(tmp_path, "b1") as folder:
        fail(folder)
    with workspace(tmp_path), resumable(tmp_path, "b1") as folder:
        assert (folder / "x").read_text() == "done"
    assert not folder.exists()


def test_where_there_is_no_room_is_told_and_the_work_is_kept(tmp_path: Path) -> None:
    if not FULL.exists():
        pytest.skip("there is no /dev/full")

    def fill(folder: Path) -> None:
        (folder / "x").write_text("done")
        with FULL.open("wb", buffering=0) as full:
            full.write(b"x")

    with (
        pytest.raises(DataFolderError, match="No space left") as caught,
        resumable(tmp_path, "b1") as folder,
    ):
        fill(folder)
    assert caught.value.place == str(folder)
    with resumable(tmp_path, "b1") as again:
        assert (again / "x").read_text() == "done"


def test_a_file_for_which_there_is_no_room_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.rows"

    def fill() -> None:
        with whole(path):
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space left") as caught:
        fill()
    assert pickle.loads(pickle.dumps(caught.value)).filename == str(path)
    assert not list(tmp_path.iterdir())


def test_the_work_on_a_batch_is_gone_where_the_data_was_refused(tmp_path: Path) -> None:
    def fail() -> None:
        raise Refused("x")

    with pytest.raises(Refused), resumable(tmp_path, "b1") as folder:
        fail()
    assert not folder.exists()


def test_while_a_batch_is_worked_on_another_one_begins_anew(tmp_path: Path) -> None:
    with resumable(tmp_path, "b1") as first, resumable(tmp_path, "b1") as second:
        (first / "x").touch()
        assert list(second.glob("x")) == []
    assert not list((tmp_path / "incoming").glob("*-*"))


@pytest.mark.parametrize("ahead", [-1, 1], ids=["long ago", "the clock was set back"])
def test_what_nobody_went_on_with_for_a_week_is_swept(tmp_path: Path, ahead: int) -> None:
    left = tmp_path / "incoming" / "batch-b1"
    left.mkdir(parents=True)
    (left / "lock").touch()
    with workspace(tmp_path):
        assert left.exists()
    then = time.time() + ahead * (KEPT_SECONDS + 10)
    os.utime(left, (then, then))
    with workspace(tmp_path):
        assert not left.exists()


@pytest.mark.parametrize("name", ["ingest-dead", "batch-b1"])
def test_a_folder_without_a_lock_is_nobodys(tmp_path: Path, name: str) -> None:
    """Its process was killed before it had one, or while it removed the folder."""
    left = tmp_path / "incoming" / name
    left.mkdir(parents=True)
    (left / "triples.nt").touch()
    with workspace(tmp_path):
        assert not left.exists()


class Killed(BaseException):
    pass


def end(data_folder: Path) -> None:
    with resumable(data_folder, "b1") as folder:
        (folder / "x").touch()


def sweep(data_folder: Path) -> None:
    left = data_folder / "incoming" / "batch-b1"
    left.mkdir(parents=True)
    for name in ("lock", "x"):
        (left / name).touch()
    os.utime(left, (0, 0))
    with workspace(data_folder):
        pass


@pytest.mark.parametrize("removing", [end, sweep])
def test_a_part_of_the_work_is_not_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, removing: Callable[[Path], None]
) -> None:
    """Kill a process when it has removed one file of a batch."""

    def killed(folder: Path, **_: bool) -> None:
        (folder / "lock").unlink()
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", killed)
        with pytest.raises(Killed):
            removing(tmp_path)
    with resumable(tmp_path, "b1") as folder:
        assert {path.name for path in folder.iterdir()} == {"lock"}
    assert {path.name for path in folder.parent.iterdir()} == {"lock"}


def test_nothing_is_removed_while_another_process_comes_in(tmp_path: Path) -> None:
    work = resumable(tmp_path, "b1")
    folder = work.__enter__()
    leaving = Thread(target=work.__exit__, args=(None, None, None))
    with (folder.parent / "lock").open("rb") as door:
        fcntl.flock(door, fcntl.LOCK_EX)
        leaving.start()
        leaving.join(0.2)
        assert (folder / "lock").exists()
    leaving.join(10)
    assert not folder.exists()
