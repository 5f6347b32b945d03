"""A full disk and one that cannot be written to: nothing changes, and the error has a way out."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import urllib.request
from typing import TYPE_CHECKING

import pytest

from vises.store.releases import ReleaseStore

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator
    from pathlib import Path

    from tests.faults.conftest import Data, Disk, Processes

MOST_BLOCKS = 2000
BUSIEST = 48
"""About how many blocks, or names, the smallest of the operations takes."""

WRITES = {
    "apply": "new",
    "replace": "",
    "rollback": "000001",
    "prune": "0",
    "tag": "second",
    "recover": "",
}


@pytest.fixture
def on_disk(disk: Disk, processes: Processes, data: Data) -> Data:
    """Return three releases on a disk of their own."""
    other = type(data)(processes, disk.root)
    for value in ("one", "two", "three"):
        other.do("apply", value)
    other.write("graph", range(2000))
    return other


def argument(on_disk: Data, operation: str) -> str:
    return str(on_disk.folder / "graph.nt") if operation == "replace" else WRITES[operation]


def seen(root: Path) -> tuple[object, ...]:
    releases = ReleaseStore(root)
    listed = releases.list()
    return releases.current(), listed, [releases.is_pruned(r.id) for r in listed], releases.tags()


@pytest.fixture(params=["blocks", "names"])
def tight(request: pytest.FixtureRequest, disk: Disk, points: int) -> Iterator[int]:
    """Make the disk full at each turn, with a little more room at the next.

    There can be too little room for blocks, and too little for names.
    """
    leave = disk.leave if request.param == "blocks" else disk.leave_names

    def turns() -> Iterator[int]:
        for room in range(0, MOST_BLOCKS, max(1, BUSIEST // points)):
            leave(room)
            yield room

    return turns()


def see_full(said: dict[str, str], tally: Counter[str]) -> None:
    tally["stages of a full disk"] += 1
    assert said["error"] == "data-folder", said
    assert "No space left on device" in said["message"]
    assert "Free some space there and try again" in said["message"]


@pytest.mark.parametrize("operation", ["apply", "replace", "rollback", "tag"])
def test_a_disk_that_is_full_at_every_stage(
    on_disk: Data, disk: Disk, tight: Iterator[int], tally: Counter[str], operation: str
) -> None:
    """With more and more room, until there is enough for the operation."""
    before = seen(on_disk.root)
    for _ in tight:
        said = on_disk.processes.run(operation, on_disk.root, argument(on_disk, operation))
        while_full = seen(on_disk.root)
        disk.free()
        if "error" not in said:
            break
        see_full(said, tally)
        assert while_full == before
    assert tally["stages of a full disk"]
    assert "error" not in said, said
    assert seen(on_disk.root) != before
    assert not (on_disk.root / "staging").exists()
    assert on_disk.faults(on_disk.root) == {}


def test_a_backup_to_a_disk_that_is_full_at_every_stage(
    data: Data, disk: Disk, tight: Iterator[int], tally: Counter[str]
) -> None:
    for value in ("one", "two"):
        data.do("apply", value)
    target = disk.root / "backup"
    for _ in tight:
        said = data.processes.run("backup", data.root, target)
        disk.free()
        if "error" not in said:
            break
        see_full(said, tally)
    assert tally["stages of a full disk"]
    assert "error" not in said, said
    assert seen(target) == seen(data.root)
    assert not (target / "staging").exists()
    assert data.faults(target) == {}


def test_pruning_makes_room_on_a_disk_without_any(on_disk: Data, disk: Disk) -> None:
    disk.leave(0)
    assert on_disk.processes.run("apply", on_disk.root, "four")["error"] == "data-folder"
    assert on_disk.do("prune", 0) == "000001 000002"
    assert on_disk.faults(on_disk.root) == {}
    assert [r.id for r in ReleaseStore(on_disk.root).list()] == ["000003", "000002", "000001"]


def test_a_disk_that_cannot_be_written_to(
    on_disk: Data, disk: Disk, data: Data, tally: Counter[str]
) -> None:
    processes = on_disk.processes
    disk.set("ro")
    with processes.readers(on_disk.root, tally):
        for operation in WRITES:
            said = processes.run(operation, on_disk.root, argument(on_disk, operation))
            assert said["error"] == "data-folder", said
            assert "Read-only file system" in said["message"]
            assert "VISES_DATA" in said["message"]
        said = processes.run("backup", on_disk.root, data.root)
        assert said["result"] == "000001 000002 000003", "it can be copied from"
    assert tally["looks of readers"]
    assert on_disk.faults(on_disk.root) == {}


def test_the_service_serves_a_folder_that_it_cannot_write_to(on_disk: Data, disk: Disk) -> None:
    disk.set("ro")
    assert "served as it is" in _served(on_disk.root)


def test_the_service_sets_a_damaged_release_aside(on_disk: Data) -> None:
    shutil.rmtree(on_disk.root / "releases" / "000003" / "store")
    assert "Release 000003 is damaged and was set aside" in _served(on_disk.root)
    assert ReleaseStore(on_disk.root).current().id == "000002"


def test_the_service_sweeps_what_a_killed_process_left(on_disk: Data, processes: Processes) -> None:
    events = processes.run("apply", on_disk.root, "four")["events"]
    assert processes.run("apply", on_disk.root, "five", event=events - 20)["killed"]
    assert (on_disk.root / "staging").exists()
    assert _served(on_disk.root) == ""
    assert not (on_disk.root / "staging").exists()


def _served(root: Path) -> str:
    """Start the service, see that it is ready, end it; return what it said of the folder."""
    command = [sys.executable, "-m", "vises", "serve", "--port", "0"]
    environment = {
        **os.environ,
        "VISES_DATA": str(root),
        "VISES_WORKERS": "1",
        "VISES_LOG": "events",
    }
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            address = process.stdout.readline().split()[-1]
            with urllib.request.urlopen(f"{address}readyz", timeout=30) as answer:
                assert answer.status == 200
        finally:
            process.terminate()
        return process.communicate(timeout=30)[1]
