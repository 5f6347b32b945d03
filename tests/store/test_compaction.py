from __future__ import annotations

import errno
import os
import pathlib
import shutil
import weakref
from contextlib import suppress
from functools import partial
from secrets import token_hex
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import NamedNode

from vises.progress import Silence
from vises.store import compaction, files, sums
from vises.store.files import DataFolderError
from vises.store.lock import StoreBusy, WriterLock
from vises.store.retention import Retention

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.store.conftest import World

GRAPH = NamedNode("https://example.org/graph/a")
NOTHING = Retention(last=0, hourly=0, daily=0, monthly=0)


@pytest.fixture
def loaded(world: World) -> Path:
    """Publish a graph and return the folder of its release."""
    with world.begin() as transaction:
        transaction.replace_graph(GRAPH, world.written(world.lines(range(500))))
    return world.data / "releases" / "000001"


def faults(world: World, release_id: str) -> list[str]:
    return list(world.releases.verify(release_id, Silence(), content=True))


def test_the_content_stays_and_the_old_files_go(world: World, loaded: Path) -> None:
    before = world.releases.current()
    assert world.releases.compact()
    assert not (loaded / "store").exists()
    assert (loaded / "compacted").is_dir()
    assert world.releases.current() == before
    assert len(world.opened("000001")) == 500
    assert faults(world, "000001") == []
    assert not world.releases.compact()
    assert not (world.data / "compacting").exists()


def test_what_comes_after_shares_the_merged_files(
    world: World, loaded: Path, tmp_path: Path
) -> None:
    world.releases.compact()
    world.publish(world.quad("one"))
    merged = {path.stat().st_ino for path in (loaded / "compacted").glob("*.sst")}
    child = world.data / "releases" / "000002" / "store"
    shared = merged & {path.stat().st_ino for path in child.glob("*.sst")}
    assert len(shared) > len(merged) / 2
    assert faults(world, "000002") == []
    assert world.releases.rollback("000001", author="a").id == "000003"
    world.releases.backup(tmp_path / "backup", Silence())
    assert list(world.releases.prune(NOTHING).gone) == ["000001", "000002"]
    assert not (loaded / "compacted").exists()
    assert [faults(world, f"00000{n}") for n in (1, 2, 3)] == [[], [], []]


def test_readers_keep_what_they_hold(
    world: World, loaded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compaction, "_READER_SECONDS", 0.0)
    with world.releases.open("000001") as store:
        assert world.releases.compact()
        assert len(store) == 500
        with world.releases.open("000001") as again:
            assert len(again) == 500
        assert (loaded / "store").exists()
    assert not world.releases.compact(), "it was merged before"
    assert not (loaded / "store").exists(), "and nobody reads the old files now"
    assert faults(world, "000001") == []


@pytest.mark.parametrize("sweep", ["compact", "prune"])
def test_old_files_that_were_read_go_when_other_releases_came(
    world: World, loaded: Path, monkeypatch: pytest.MonkeyPatch, sweep: str
) -> None:
    monkeypatch.setattr(compaction, "_READER_SECONDS", 0.0)
    with world.releases.open("000001"):
        assert world.releases.compact()
        world.publish(world.quad("one"))
    assert (loaded / "store").exists()
    if sweep == "compact":
        assert world.releases.compact()
    else:
        assert not world.releases.prune(Retention()).gone
    assert not (loaded / "store").exists()
    assert faults(world, "000001") == []
    assert len(world.opened("000001")) == 500


def test_one_that_was_stopped_is_ended_when_other_releases_came(
    world: World, loaded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader has the merged files from when they are there, so their digests must be, too."""
    with monkeypatch.context() as patch:
        patch.setattr(compaction, "write_durably", stopped)
        with pytest.raises(Stopped):
            world.releases.compact()
    assert {path.name for path in loaded.iterdir()} >= {"store", "compacted"}
    world.publish(world.quad("one"))
    world.releases.compact()
    assert not (loaded / "store").exists()
    assert any(name.startswith("compacted/") for name in sums.read_sums(loaded))


def stopped(*_: object) -> None:
    raise Stopped


def test_a_release_that_came_meanwhile_goes_before(
    world: World, loaded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    merge = compaction._merge

    def publishing(snapshot: Path, work: Path) -> None:
        merge(snapshot, work)
        world.publish(world.quad("one"))

    monkeypatch.setattr(compaction, "_merge", publishing)
    assert not world.releases.compact()
    assert (loaded / "store").exists()
    assert not (loaded / "compacted").exists()
    assert [faults(world, r.id) for r in world.releases.list()] == [[], []]


def test_two_compactions_do_not_meet(world: World, loaded: Path) -> None:
    with WriterLock(world.data / "compacting.lock", 0):
        assert not world.releases.compact()
    assert (loaded / "store").exists()


def test_a_writer_that_takes_too_long_is_told_and_no_copy_is_left(
    world: World, loaded: Path
) -> None:
    with WriterLock(world.data / "lock", 0), pytest.raises(StoreBusy, match="still locked"):
        world.releases.compact(wait_seconds=0)
    assert not (world.data / "compacting").exists()
    assert not (loaded / "compacted").exists()
    assert world.releases.compact()


@pytest.mark.parametrize("step", ["optimize", "backup"])
def test_a_full_disk_leaves_no_copy(
    world: World, loaded: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """The store is closed before its folder is removed: an open one would go on to write there."""
    opened: list[weakref.ref[Full]] = []

    def act(name: str, *_: object) -> None:
        if name == step:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    class Full:
        optimize, backup = partial(act, "optimize"), partial(act, "backup")

        def __init__(self, _: str) -> None:
            opened.append(weakref.ref(self))

    rmtree = shutil.rmtree

    def removed(path: Path, **options: bool) -> None:
        assert [store() for store in opened] == [None]
        rmtree(path, **options)

    with monkeypatch.context() as patch:
        patch.setattr(compaction, "Store", Full)
        patch.setattr(shutil, "rmtree", removed)
        with pytest.raises(DataFolderError, match="No space left"):
            world.releases.compact()
    assert not (world.data / "compacting").exists()
    assert faults(world, loaded.name) == []
    assert world.releases.compact()


SWEEPS: dict[str, Callable[[World], object]] = {
    "a change": lambda world: world.publish(world.quad(token_hex(4))),
    "prune": lambda world: world.releases.prune(Retention()),
    "the start of the service": lambda world: world.releases.recover(
        thorough=False, progress=Silence()
    ),
}


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("sweep", SWEEPS)
def test_what_a_killed_one_left_goes_with_the_next_change(world: World, sweep: str) -> None:
    left = world.data / "compacting"
    (left / "clone").mkdir(parents=True)
    with WriterLock(world.data / "compacting.lock", 0):
        SWEEPS[sweep](world)
        assert left.exists(), "it is under way"
    SWEEPS[sweep](world)
    assert not left.exists()


class Stopped(Exception):
    """What a process that is killed does, as far as the disk can tell."""


@pytest.mark.parametrize("steps", range(12))
def test_one_that_is_stopped_at_any_step_leaves_the_release_whole(
    world: World, loaded: Path, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    """Stop it before its nth change of the disk, then look, then do it again."""
    left = [steps]

    def counted(function: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **options: object) -> object:
            if not left[0]:
                raise Stopped
            left[0] -= 1
            return function(*arguments, **options)

        return call

    targets = [
        *((compaction, "_merge"), (compaction, "sync"), (compaction, "write_durably")),
        *((files, "sync"), (shutil, "rmtree"), (pathlib.Path, "rename")),
    ]
    with monkeypatch.context() as patch:
        for place, name in targets:
            patch.setattr(place, name, counted(getattr(place, name)))
        with suppress(Stopped):
            world.releases.compact()
    with world.releases.open("000001") as store:
        assert len(store) == 500
    assert faults(world, "000001") == []
    world.releases.compact()
    assert not (loaded / "store").exists()
    assert faults(world, "000001") == []
    assert any(name.startswith("compacted/") for name in sums.read_sums(loaded))
    assert not (world.data / "compacting").exists()


def test_nothing_to_merge(world: World) -> None:
    world.data.mkdir()
    assert not world.releases.compact()
