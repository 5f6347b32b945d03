"""What is synced to the disk before what.

A loss of power cannot be made here. What can be shown is the order of the calls: what a name points
to is on the disk before the name, and what is acknowledged is on the disk before that.
"""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from vises.store.releases import ReleaseStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Operations = Mapping[str, Callable[[ReleaseStore, str], str | None]]
    State = tuple[int, ...]


@dataclass
class Journal:
    """The calls that sync and rename, in their order, of paths in a data folder."""

    root: Path
    calls: list[tuple[str, str]] = field(default_factory=list)
    synced: dict[State, int] = field(default_factory=dict)
    """When a file was first synced in a state: its identity, size and time of change."""

    def note(self, kind: str, path: str | Path) -> None:
        self.calls.append((kind, os.path.relpath(path, self.root)))

    def forget(self) -> None:
        """Begin a new list of calls; what was synced stays so."""
        self.calls.clear()
        self.synced = dict.fromkeys(self.synced, -1)

    def in_order(self, *calls: str) -> int:
        """See that calls ("sync x", "rename to x") were made in this order; return the last's time.

        Others may stand between them.
        """
        time = -1
        for call in calls:
            kind, _, name = call.partition(" ")
            time = self.calls.index((kind, name.removeprefix("to ")), time + 1)
        return time

    def holds(self, folder: Path, before: int) -> bool:
        """Tell whether all that is in a folder was synced before a time, and not changed since."""
        return all(
            self.synced.get(_state(path), before) < before for path in (folder, *folder.rglob("*"))
        )


def _state(path: Path | int) -> State:
    status = os.stat(path)  # noqa: PTH116 (of a descriptor, too)
    if stat.S_ISDIR(status.st_mode):
        return status.st_dev, status.st_ino
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


@contextmanager
def journal(root: Path) -> Iterator[Journal]:
    """Note what this process syncs and renames."""
    noted = Journal(root)
    fsync = os.fsync

    def noting_fsync(descriptor: int) -> None:
        fsync(descriptor)
        noted.synced.setdefault(_state(descriptor), len(noted.calls))
        noted.note("sync", Path(f"/proc/self/fd/{descriptor}").readlink())

    def noting(
        rename: Callable[[str | Path, str | Path], None],
    ) -> Callable[[str | Path, str | Path], None]:
        def renamed(source: str | Path, target: str | Path) -> None:
            rename(source, target)
            noted.note("rename", target)

        return renamed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", noting_fsync)
        patch.setattr(os, "rename", noting(os.rename))
        patch.setattr(os, "replace", noting(os.replace))
        yield noted


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "new" / "data"


def test_a_release_is_on_the_disk_before_it_has_its_name(
    root: Path, operations: Operations
) -> None:
    with journal(root) as noted:
        for value, release_id in (("one", "000001"), ("two", "000002")):
            noted.forget()
            operations["apply"](ReleaseStore(root), value)
            moved = noted.calls.index(("rename", f"releases/{release_id}"))
            assert noted.holds(root / "releases" / release_id, before=moved)
            # Nobody is told of it before the last of these.
            noted.in_order(
                "sync .",
                "sync staging/publishing.tmp",
                "rename to staging/publishing",
                "sync staging",
                f"rename to releases/{release_id}",
                "sync releases",
                "sync current.tmp",
                "rename to current",
                "sync .",
            )
            assert noted.calls[-1] == ("sync", ".")


def test_the_data_folder_itself_has_its_name_on_the_disk(
    root: Path, operations: Operations
) -> None:
    with journal(root) as noted:
        operations["apply"](ReleaseStore(root), "one")
    made = {name for kind, name in noted.calls if kind == "sync"}
    assert {"../..", "..", "."} <= made


def test_the_mark_of_pruning_is_on_the_disk_before_the_snapshot_goes(
    root: Path, operations: Operations
) -> None:
    for value in ("one", "two"):
        operations["apply"](ReleaseStore(root), value)
    with journal(root) as noted:
        assert operations["prune"](ReleaseStore(root), "0") == "000001"
    noted.in_order(
        "sync staging",
        "sync releases/000001",
        "rename to staging/pruning-000001/store",
        "sync releases/000001",
    )


def test_a_release_that_is_set_aside_is_never_without_a_place(
    root: Path, operations: Operations
) -> None:
    for value in ("one", "two"):
        operations["apply"](ReleaseStore(root), value)
    (root / "releases" / "000002" / "report.ttl").write_bytes(b"x")
    with journal(root) as noted:
        assert operations["repair"](ReleaseStore(root), "") == "000002"
    noted.in_order(
        "sync .",
        "rename to damaged/000002",
        "sync damaged",
        "sync releases",
        "sync current.tmp",
        "rename to current",
        "sync .",
    )


def test_a_tag_is_on_the_disk_before_it_is_acknowledged(root: Path, operations: Operations) -> None:
    operations["apply"](ReleaseStore(root), "one")
    with journal(root) as noted:
        operations["tag"](ReleaseStore(root), "first")
    noted.in_order("sync .", "sync tags/first.tmp", "rename to tags/first", "sync tags")


def test_a_copy_is_on_the_disk_before_it_has_its_name(
    root: Path, tmp_path: Path, operations: Operations
) -> None:
    for value in ("one", "two"):
        operations["apply"](ReleaseStore(root), value)
    target = tmp_path / "backup"
    with journal(target) as noted:
        operations["backup"](ReleaseStore(root), str(target))
    for release_id in ("000001", "000002"):
        moved = noted.calls.index(("rename", f"releases/{release_id}"))
        assert noted.holds(target / "releases" / release_id, before=moved)
    noted.in_order(
        "rename to releases/000001",
        "sync releases",
        "rename to releases/000002",
        "sync releases",
        "sync current.tmp",
        "rename to current",
        "sync .",
    )
