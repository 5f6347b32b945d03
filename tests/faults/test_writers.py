"""Two who write at once, and a clock that jumps back."""

from __future__ import annotations

import os
import socket
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from vises.progress import Silence
from vises.store.folder import DataFolder
from vises.store.releases import ReleaseStore
from vises.store.retention import Retention

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Mapping

    from tests.faults.conftest import Data, Processes

    Operations = Mapping[str, Callable[[ReleaseStore, str], str | None]]

ROUNDS = 5


def test_two_processes_write_at_once(
    data: Data, processes: Processes, others: Processes, tally: Counter[str]
) -> None:
    """Each waits for the other; all is published, one after the other."""
    data.do("apply", "begin")

    def writes(who: Processes, name: str) -> list[str]:
        said = [who.run("apply", data.root, f"{name} {number}") for number in range(ROUNDS)]
        return [answer["result"] for answer in said]

    with ThreadPoolExecutor(2) as both:
        one = both.submit(writes, processes, "one")
        other = both.submit(writes, others, "other")
        written = [*one.result(), *other.result()]
    releases = list(reversed(ReleaseStore(data.root).list()))
    assert sorted(written) == [release.id for release in releases[1:]]
    assert len(written) == 2 * ROUNDS
    assert all(after.parent == before.id for before, after in pairwise(releases))
    assert len({tuple(release.digests.values()) for release in releases}) == 1 + 2 * ROUNDS
    assert data.faults(data.root) == {}
    tally["releases of two writers"] += len(written)


def test_who_waits_too_long_is_told_for_whom(
    data: Data, processes: Processes, operations: Operations
) -> None:
    releases = ReleaseStore(data.root)
    operations["apply"](releases, "one")
    with releases.transaction(author="a", message="m", gate=lambda _: None):
        said = processes.run("hurry", data.root, "now")
    assert said["error"] == "store-busy"
    assert f"process {os.getpid()} on {socket.gethostname()} (" in said["message"]
    assert "0.1 s" in said["message"]
    assert "error" not in processes.run("hurry", data.root, "now")


def test_the_first_release_comes_while_one_looks(
    data: Data, operations: Operations, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader that saw no current finds a release, because both came in between."""
    operations["apply"](ReleaseStore(data.root), "one")
    current, away = data.root / "current", data.folder / "away"
    current.rename(away)
    listed = DataFolder.ids

    def published_meanwhile(folder: DataFolder) -> list[str]:
        if away.exists():
            away.rename(current)
        return listed(folder)

    monkeypatch.setattr(DataFolder, "ids", published_meanwhile)
    assert ReleaseStore(data.root).current().id == "000001"


class Meanwhile(Silence):
    """Does something when the first release is about to be copied."""

    def __init__(self, something: Callable[[], object]) -> None:
        self.left = [something]

    def start(self, what: str, total: int | None) -> None:  # noqa: ARG002 (as it must be)
        while self.left:
            self.left.pop()()


@pytest.mark.parametrize(("operation", "argument"), [("apply", "three"), ("prune", "0")])
def test_a_backup_while_others_change_something(
    data: Data, operations: Operations, operation: str, argument: str
) -> None:
    releases = ReleaseStore(data.root)
    for value in ("one", "two"):
        operations["apply"](releases, value)
    target = data.folder / "backup"
    change = Meanwhile(lambda: operations[operation](releases, argument))
    assert list(releases.backup(target, change)) == ["000001", "000002"]
    assert ReleaseStore(target).current().id == "000002", "it is there and whole"
    assert data.faults(target) == {}
    operations["backup"](releases, str(target))
    assert ReleaseStore(target).current() == releases.current()
    assert data.faults(target) == {}


def test_a_release_is_published_once_a_later_one_is(data: Data, operations: Operations) -> None:
    """A reader may be held up between reading what is being published and what is current."""
    for value in ("one", "two", "three"):
        operations["apply"](ReleaseStore(data.root), value)
    (data.root / "staging").mkdir()
    (data.root / "staging" / "publishing").write_text("000002")
    assert [r.id for r in ReleaseStore(data.root).list()] == ["000003", "000002", "000001"]
    assert data.do("recover") == ""
    assert data.faults(data.root) == {}


def test_a_clock_that_jumps_back(
    data: Data, operations: Operations, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ids tell the order, whatever the time says; the record keeps the time that it was told."""
    start = datetime(2026, 3, 31, 12, tzinfo=UTC)
    times = [start, start + timedelta(hours=1), start - timedelta(days=400), start]
    for number, time in enumerate(times):
        monkeypatch.setattr("vises.store.transaction.datetime", _clock(time))
        operations["apply"](ReleaseStore(data.root), f"value {number}")
    releases = ReleaseStore(data.root)
    assert [r.id for r in releases.list()] == ["000004", "000003", "000002", "000001"]
    assert [r.created for r in reversed(releases.list())] == times
    assert [r.parent for r in releases.list()] == ["000003", "000002", "000001", None]
    assert releases.current().id == "000004"

    def kept(**policy: int) -> set[str]:
        retention = Retention(**{"last": 0, "hourly": 0, "daily": 0, "monthly": 0, **policy})
        return {r.id for r in releases.list()} - {r.id for r in releases.to_prune(retention)}

    assert kept() == {"000004"}
    assert kept(last=2) == {"000004", "000003"}
    # The newest of a day is the one with the highest id, and a past day is a day.
    assert kept(daily=1) == {"000004"}
    assert kept(daily=2) == kept(monthly=2) == {"000004", "000003"}
    assert kept(hourly=3) == {"000004", "000003", "000002"}
    assert operations["prune"](releases, "0") == "000001 000002 000003"
    assert data.faults(data.root) == {}


def _clock(time: datetime) -> type[datetime]:
    class Stopped(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # noqa: ARG003
            return time

    return Stopped
