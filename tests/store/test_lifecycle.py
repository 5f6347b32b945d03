"""Going back, naming, pruning, verifying, repairing and copying releases."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import NamedNode

from vises.compressed import zstd
from vises.progress import Silence
from vises.store import sums
from vises.store.copies import NotThatFolder
from vises.store.files import DataFolderError
from vises.store.folder import DataFolder
from vises.store.history import History, NoCommonHistory
from vises.store.releases import ReleasePruned, ReleaseStore, StoreDamaged, UnknownRelease
from vises.store.retention import Retention
from vises.store.tags import BadTag, UnknownTag
from vises.store.transaction import Change

if TYPE_CHECKING:
    from pathlib import Path

    from tests.store.conftest import World

GRAPH = NamedNode("https://example.org/graph/a")
NOTHING = Retention(last=0, hourly=0, daily=0, monthly=0)
ONE = b'<https://example.org/one> <https://example.org/p> "v" <https://example.org/graph/a> .\n'


def history(world: World) -> None:
    """Publish four releases: one; one, two; two; two, three (the last in another graph)."""
    one, two, three = world.quad("one"), world.quad("two"), world.quad("three", graph="b")
    world.publish(one)
    world.publish(two)
    with world.begin() as transaction:
        transaction.apply(Change(frozenset({one}), frozenset()))
    world.publish(three)


def content(world: World, release_id: str | None = None) -> set[str]:
    chosen = release_id or world.releases.current().id
    return {str(quad) for quad in world.opened(chosen)}


def faults(world: World, release_id: str) -> list[str]:
    return list(world.releases.verify(release_id, Silence(), content=True))


def test_every_release_keeps_its_change(world: World) -> None:
    history(world)
    changes = [release.changes for release in reversed(world.releases.list())]
    a, b = "https://example.org/graph/a", "https://example.org/graph/b"
    assert changes == [{a: (0, 1)}, {a: (0, 1)}, {a: (1, 0)}, {b: (0, 1)}]
    (difference,) = world.releases.differences("000001", "000004")
    assert difference.removed == {ONE}
    assert {line.split()[0] for line in difference.added} == {
        b"<https://example.org/two>",
        b"<https://example.org/three>",
    }
    (back,) = world.releases.differences("000004", "000001")
    assert (back.removed, back.added) == (difference.added, difference.removed)
    (same,) = world.releases.differences("000002", "000002")
    assert not same.removed | same.added


def test_a_change_in_several_steps_is_kept_as_what_it_comes_to(world: World) -> None:
    one, two = world.quad("one"), world.quad("two")
    with world.begin() as transaction:
        transaction.apply(Change(frozenset(), frozenset({one})))
        transaction.apply(Change(frozenset({one}), frozenset({two})))
    assert transaction.release.changes == {GRAPH.value: (0, 1)}
    assert faults(world, "000001") == []


def test_lines_that_stand_twice_count_once(world: World) -> None:
    with world.begin() as transaction:
        transaction.replace_graph(GRAPH, world.written(world.lines("aab")))
    assert transaction.release.changes == {GRAPH.value: (0, 2)}
    assert transaction.release.counts == {GRAPH.value: 2}
    assert faults(world, "000001") == []


@pytest.mark.parametrize("most", [3, 1_000_000], ids=["in parts", "at once"])
@pytest.mark.parametrize("other", [0, 200], ids=["refilled", "applied"])
def test_a_graph_of_which_most_goes(
    world: World, monkeypatch: pytest.MonkeyPatch, most: int, other: int
) -> None:
    monkeypatch.setattr("vises.store.clone.net_effect", _net_effect_with(most))
    with world.begin() as transaction:
        transaction.replace_graph(GRAPH, world.written(world.lines(range(100))))
        transaction.apply(
            Change(frozenset(), frozenset(world.quad(n, graph="b") for n in range(other)))
        )
    with world.begin() as transaction:
        transaction.replace_graph(GRAPH, world.written(world.lines(range(90, 130))))
    assert transaction.release.changes == {GRAPH.value: (90, 30)}
    assert faults(world, "000002") == []
    assert len(content(world)) == 40 + other


def _net_effect_with(most: int) -> object:
    from vises.store.difference import net_effect  # noqa: PLC0415 (the one that is replaced)

    return lambda operations, size, folder: net_effect(operations, size, folder, most)


def test_small_changes_leave_few_files_and_take_little_room(world: World) -> None:
    with world.begin() as transaction:
        transaction.replace_graph(GRAPH, world.written(world.lines(range(20_000))))
    for number in range(40):
        world.publish(world.quad(number, graph="b"))
    last = world.data / "releases" / world.releases.current().id
    assert len(list(last.glob("store/*.sst"))) < 30, "RocksDB merges what changes leave"
    alone = world.releases.disk_use().alone
    assert all(alone[f"{number:06d}"] < 300_000 for number in range(2, 41))


def test_a_graph_without_its_whole_history_is_read_itself(world: World) -> None:
    history(world)
    shutil.rmtree(world.data / "releases" / "000001")
    kept = History(DataFolder(world.data))
    assert kept.content(GRAPH, world.releases.current()) is None
    with world.begin() as transaction:
        transaction.replace_graph(GRAPH, world.written(world.lines("ab")))
    assert transaction.release.changes == {GRAPH.value: (1, 2)}


def test_a_history_that_does_not_fit_stops_the_transaction(world: World) -> None:
    history(world)
    shutil.copy(
        world.data / "releases/000001/change.rdfp.zst",
        world.data / "releases/000002/change.rdfp.zst",
    )
    with pytest.raises(StoreDamaged, match="history"), world.begin() as transaction:
        transaction.replace_graph(GRAPH, world.written(world.lines("ab")))
    assert world.releases.current().id == "000004"


def test_a_release_that_was_published_is_not_swept_when_an_earlier_one_is_chosen_by_hand(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after the flip, its writer had left its mark, by which it was half made again."""
    history(world)
    monkeypatch.setattr("vises.store.transaction.Transaction._clean", lambda _: None)
    assert world.publish(world.quad("five")) == "000005"
    monkeypatch.undo()
    assert (world.data / "staging").is_dir()
    (world.data / "current").write_text("000004\n")
    assert "000005" in world.releases.ids()
    assert world.publish(world.quad("six")) == "000006"
    assert "000005" in world.releases.ids()


def test_rollback_is_a_release_that_equals_an_old_one(world: World) -> None:
    world.gate.verdict.warnings = 3
    history(world)
    world.gate.verdict.warnings = 0
    release = world.releases.rollback("000002", author="someone")
    assert (release.id, release.parent) == ("000005", "000004")
    assert release.message == "Rollback to release 000002"
    assert release.digests == world.releases.get("000002").digests
    assert (release.removed, release.added, release.warnings) == (1, 1, 3)
    assert content(world) == content(world, "000002")
    assert world.gate.calls == 4, "it was judged when it was published"
    assert faults(world, "000005") == []
    assert world.releases.rollback("000005", author="someone") is None
    with pytest.raises(UnknownRelease):
        world.releases.rollback("000009", author="someone")


def test_rollback_to_a_release_that_was_pruned(world: World) -> None:
    history(world)
    world.releases.prune(NOTHING)
    with pytest.raises(ReleasePruned, match="rollback 000002"):
        world.opened("000002")
    release = world.releases.rollback("000002", author="someone")
    assert release.digests == world.releases.get("000002").digests
    assert {line.split()[0] for line in content(world)} == {
        "<https://example.org/one>",
        "<https://example.org/two>",
    }
    assert faults(world, release.id) == faults(world, "000001") == []


def test_there_is_no_way_back_where_a_change_is_missing(world: World) -> None:
    history(world)
    shutil.rmtree(world.data / "releases" / "000002")
    before = world.everything()
    with pytest.raises(NoCommonHistory):
        world.releases.rollback("000001", author="someone")
    assert world.everything() == before


def test_tags(world: World) -> None:
    history(world)
    world.releases.tag("v1.0", "000001")
    world.releases.tag("v1.0", "000001")
    assert world.releases.resolve("v1.0").id == world.releases.resolve("000001").id == "000001"
    with pytest.raises(BadTag, match="already"):
        world.releases.tag("v1.0", "000002")
    with pytest.raises(UnknownRelease):
        world.releases.tag("v2.0", "000009")
    world.releases.untag("v1.0")
    with pytest.raises(UnknownTag):
        world.releases.untag("v1.0")
    with pytest.raises(UnknownRelease):
        world.releases.resolve("v1.0")


def test_a_tag_that_is_garbled_or_just_goes_hides_no_other(world: World) -> None:
    history(world)
    world.releases.tag("first", "000001")
    (world.data / "tags" / "garbled").write_bytes(b"\xff")
    (world.data / "tags" / "going").symlink_to("gone")  # listed, and not there to be read
    assert world.releases.tags() == {"first": "000001", "garbled": "\N{REPLACEMENT CHARACTER}"}
    with pytest.raises(UnknownRelease):
        world.releases.resolve("garbled")
    world.releases.untag("garbled")
    assert world.releases.tags() == {"first": "000001"}


@pytest.mark.parametrize("name", ["", "../x", "1", "a b", "é", "a" * 65, "x.tmp", "a\0"])
def test_names_that_are_no_tags(world: World, name: str) -> None:
    history(world)
    with pytest.raises(BadTag):
        world.releases.tag(name, "000001")
    assert world.releases.tags() == {}


def test_pruning_keeps_the_current_the_tagged_and_the_history(world: World) -> None:
    history(world)
    world.releases.tag("first", "000001")
    assert [r.id for r in world.releases.to_prune(NOTHING)] == ["000002", "000003"]
    pruned = world.releases.prune(NOTHING)
    assert (list(pruned.gone), list(pruned.held)) == (["000002", "000003"], [])
    assert [r.id for r in world.releases.list()] == ["000004", "000003", "000002", "000001"]
    assert [world.releases.is_pruned(f"00000{n}") for n in range(1, 5)] == [
        *(False, True, True, False)
    ]
    (difference,) = world.releases.differences("000002", "000003")
    assert difference.removed == {ONE}
    assert faults(world, "000003") == []
    assert list(world.releases.prune(NOTHING).gone) == []
    assert not (world.data / "staging").exists()


def test_pruning_waits_for_readers(world: World) -> None:
    history(world)
    with world.releases.open("000001") as store:
        pruned = world.releases.prune(NOTHING, reader_seconds=0)
        assert (list(pruned.gone), list(pruned.held)) == (["000002", "000003"], ["000001"])
        done: list[str] = []
        pruning = threading.Thread(
            target=lambda: done.extend(world.releases.prune(NOTHING, reader_seconds=30).gone)
        )
        pruning.start()
        time.sleep(0.2)
        assert {str(quad) for quad in store} == {str(world.quad("one"))}
        assert done == []
    pruning.join()
    assert done == ["000001"]


def test_what_a_policy_keeps(world: World) -> None:
    history(world)
    record = world.releases.get("000001")
    start = datetime(2026, 1, 1, tzinfo=UTC)
    # One release every 6 hours for 40 days, the first of them on 1 January.
    releases = [
        type(record)(**{**vars(record), "id": f"{n + 1:06d}", "created": start + n * every})
        for every in (timedelta(hours=6),)
        for n in range(160)
    ]
    policy = Retention(last=2, hourly=3, daily=4, monthly=2)
    gone = {r.id for r in policy.to_prune(releases, {"000007"})}
    kept = {r.id for r in releases} - gone
    last_of_january = "000124"
    assert kept == {"000160", "000159", "000158", "000156", "000152", "000148", last_of_january} | {
        "000007"
    }


def test_verify_finds_every_kind_of_damage(world: World) -> None:
    history(world)
    release = world.data / "releases" / "000004"
    assert [faults(world, r.id) for r in world.releases.list()] == [[]] * 4
    _flip_a_byte(next(release.glob("store/*.sst")))
    (fault, *_) = faults(world, "000004")
    assert ".sst: not the file that was published" in fault


def reading_fails(monkeypatch: pytest.MonkeyPatch, release: Path, number: int) -> None:
    """Let the table files of a release not be read."""
    digest = sums.digest

    def failing(path: Path) -> str:
        if release in path.parents and path.suffix == ".sst":
            raise OSError(number, os.strerror(number), str(path))
        return digest(path)

    monkeypatch.setattr(sums, "digest", failing)


def test_what_the_disk_does_not_give_back_is_damage(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    history(world)
    reading_fails(monkeypatch, world.data / "releases" / "000004", errno.EIO)
    (fault, *_) = faults(world, "000004")
    assert ".sst: not the file that was published" in fault
    assert world.releases.recover(thorough=True, progress=Silence()) == ["000004"]
    assert world.releases.current().id == "000003"


def test_what_this_process_may_not_read_is_none(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    history(world)
    reading_fails(monkeypatch, world.data / "releases" / "000004", errno.EMFILE)
    with pytest.raises(DataFolderError, match=os.strerror(errno.EMFILE)):
        world.releases.recover(thorough=True, progress=Silence())
    assert world.releases.current().id == "000004"


def test_verify_names_a_change_of_which_the_lines_are_none(world: World) -> None:
    history(world)
    path = world.data / "releases" / "000004" / "change.rdfp.zst"
    path.write_bytes(zstd.compress(b"TX .\nA nothing\nTC .\n"))
    assert f"{path}: its lines are no statements" in faults(world, "000004")


def test_verify_compares_content_and_change_with_the_record(world: World) -> None:
    history(world)
    path = world.data / "releases" / "000004" / "release.json"
    record = json.loads(path.read_text())
    record["digests"] = dict.fromkeys(record["digests"], "0" * 64)
    path.write_text(json.dumps(record))
    found = faults(world, "000004")
    assert any("release.json: not the file" in fault for fault in found)
    assert sum("does not lead to the content" in fault for fault in found) == 2
    assert sum("the record differs" in fault for fault in found) == 2


def test_verify_compares_canonical_hashes(world: World) -> None:
    history(world)
    path = world.data / "releases" / "000004" / "release.json"
    path.write_text(path.read_text().replace('"canonical": {', '"canonical": {"x": "1",'))
    record = json.loads(path.read_text())
    record["canonical"][GRAPH.value] = "0" * 64
    path.write_text(json.dumps(record))
    assert any("RDFC-1.0" in fault for fault in faults(world, "000004"))


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="there is no sha256sum")
def test_the_digests_are_those_of_a_common_tool(world: World) -> None:
    history(world)
    for release in (world.data / "releases").iterdir():
        subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=release, check=True)


@pytest.mark.parametrize("thorough", [True, False])
def test_a_whole_release_is_left_alone(world: World, *, thorough: bool) -> None:
    assert list(world.releases.recover(thorough=thorough, progress=Silence())) == []
    assert not world.data.exists()
    history(world)
    before = world.everything()
    assert list(world.releases.recover(thorough=thorough, progress=Silence())) == []
    assert world.everything() == before


def _flip_a_byte(path: Path) -> None:
    """Change one byte, in a copy, so that releases that share the file stay whole."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.unlink()
    path.write_bytes(data)


DAMAGE = {
    "a byte of its data": lambda release: _flip_a_byte(max(release.glob("store/*.sst"))),
    "its manifest": lambda release: next(release.glob("store/MANIFEST*")).write_bytes(b""),
    "a missing file": lambda release: max(release.glob("store/*.sst")).unlink(),
    "no store": lambda release: shutil.rmtree(release / "store"),
    "its record": lambda release: (release / "release.json").write_text("{}"),
    "its folder": shutil.rmtree,
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_release_is_set_aside_and_its_parent_served(world: World, damage: str) -> None:
    history(world)
    DAMAGE[damage](world.data / "releases" / "000004")
    thorough = damage == "a byte of its data"
    assert list(world.releases.recover(thorough=thorough, progress=Silence())) == ["000004"]
    assert world.releases.current().id == "000003"
    assert [r.id for r in world.releases.list()] == ["000003", "000002", "000001"]
    assert (world.data / "damaged" / "000004").is_dir()
    assert world.publish(world.quad("four")) == "000005", "an id is never given twice"


def test_a_release_is_set_aside_each_time_and_nothing_is_lost(world: World, tmp_path: Path) -> None:
    history(world)
    world.releases.backup(tmp_path / "backup", Silence())
    damaged = world.data / "damaged"
    for when in ("first", "second", "third"):
        release = world.data / "releases" / "000004"
        shutil.rmtree(release / "store")
        (release / "when").write_text(when)
        assert list(world.releases.recover(thorough=False, progress=Silence())) == ["000004"]
        assert world.releases.current().id == "000003"
        if when != "third":
            world.releases.restore(tmp_path / "backup", Silence())
            assert world.releases.current().id == "000004"
    names = {folder.name: (folder / "when").read_text() for folder in damaged.iterdir()}
    assert names == {"000004": "third", "000004.1": "first", "000004.2": "second"}
    assert world.releases.redo("000004", author="someone").id == "000005"


def test_a_release_that_was_set_aside_comes_back_from_its_change(world: World) -> None:
    history(world)
    expected = world.releases.get("000004").digests
    shutil.rmtree(world.data / "releases" / "000004" / "store")
    world.releases.recover(thorough=False, progress=Silence())
    release = world.releases.redo("000004", author="someone")
    assert (release.id, release.parent, release.digests) == ("000005", "000003", expected)
    assert "a test" in release.message
    assert faults(world, "000005") == []
    assert world.releases.redo("000004", author="someone") == release, "once is enough"
    world.publish(world.quad("five"))
    with pytest.raises(StoreDamaged, match=r"do not lead.*rollback 000003"):
        world.releases.redo("000004", author="someone")
    world.releases.rollback("000003", author="someone")
    assert world.releases.redo("000004", author="someone").id == "000008"


def test_a_release_that_comes_back_has_its_tags(world: World, tmp_path: Path) -> None:
    history(world)
    world.releases.backup(tmp_path / "backup", Silence())
    world.releases.tag("first", "000001")
    world.releases.tag("cited", "000004")
    shutil.rmtree(world.data / "releases" / "000004" / "store")
    world.releases.recover(thorough=False, progress=Silence())
    world.releases.redo("000004", author="someone")
    assert world.releases.tags() == {"cited": "000005", "first": "000001"}
    world.releases.tag("anew", "000005")
    world.releases.restore(tmp_path / "backup", Silence())
    world.releases.tag("back", "000004")
    world.releases.redo("000004", author="someone")
    assert world.releases.tags()["back"] == "000004", "it is there itself"


@pytest.mark.parametrize("release_id", ["000009", "../releases/000001", ""])
def test_what_was_not_set_aside_does_not_come_back(world: World, release_id: str) -> None:
    history(world)
    with pytest.raises(UnknownRelease):
        world.releases.redo(release_id, author="someone")


def test_a_change_that_is_damaged_too_does_not_come_back(world: World) -> None:
    history(world)
    shutil.rmtree(world.data / "releases" / "000004" / "store")
    world.releases.recover(thorough=False, progress=Silence())
    (world.data / "damaged" / "000004" / "change.rdfp.zst").write_bytes(b"x")
    with pytest.raises(StoreDamaged, match="not the file that was published"):
        world.releases.redo("000004", author="someone")


def test_where_no_release_is_whole_nothing_is_moved(world: World) -> None:
    history(world)
    for release in (world.data / "releases").iterdir():
        next(release.glob("store/MANIFEST*")).unlink()
    before = world.everything()
    with pytest.raises(StoreDamaged, match="restore"):
        world.releases.recover(thorough=False, progress=Silence())
    assert world.everything() - before <= {"lock"}
    assert world.releases.current().id == "000004"


def test_a_backup_and_back(world: World, tmp_path: Path) -> None:
    history(world)
    world.releases.tag("first", "000001")
    backup = tmp_path / "backup"
    assert list(world.releases.backup(backup, Silence())) == [
        *("000001", "000002", "000003", "000004")
    ]
    world.publish(world.quad("five"))
    world.releases.prune(NOTHING)
    assert list(world.releases.backup(backup, Silence())) == ["000005"]
    assert list(world.releases.backup(backup, Silence())) == []
    assert not (backup / "staging").exists()

    restored = ReleaseStore(tmp_path / "restored")
    assert len(restored.restore(backup, Silence())) == 5
    assert restored.current() == world.releases.current()
    assert restored.tags() == {"first": "000001"}
    for release in restored.list():
        assert list(restored.verify(release.id, Silence(), content=True)) == []
    with restored.transaction(author="a", message="m", gate=world.gate) as transaction:
        transaction.apply(Change(frozenset(), frozenset({world.quad("six")})))
    assert transaction.release.parent == "000005"


def test_a_tag_that_moved_moves_in_a_backup_and_stays_where_one_is_put_back(
    world: World, tmp_path: Path
) -> None:
    history(world)
    world.releases.tag("latest", "000001")
    backup = ReleaseStore(tmp_path / "backup")
    world.releases.backup(tmp_path / "backup", Silence())
    world.releases.untag("latest")
    world.releases.tag("latest", "000004")
    world.publish(world.quad("five"))
    assert list(world.releases.backup(tmp_path / "backup", Silence())) == ["000005"]
    assert backup.tags() == {"latest": "000004"}
    assert backup.current() == world.releases.current()
    world.releases.untag("latest")
    world.releases.tag("latest", "000005")
    assert list(world.releases.restore(tmp_path / "backup", Silence())) == []
    assert world.releases.tags() == {"latest": "000005"}


def test_a_backup_of_pruned_releases(world: World, tmp_path: Path) -> None:
    history(world)
    world.releases.prune(NOTHING)
    backup = ReleaseStore(tmp_path / "backup")
    world.releases.backup(tmp_path / "backup", Silence())
    assert [backup.is_pruned(r.id) for r in backup.list()] == [False, True, True, True]
    assert list(backup.verify("000001", Silence(), content=True)) == []


def test_releases_share_their_files_in_a_backup_too(world: World, tmp_path: Path) -> None:
    with world.begin() as transaction:
        transaction.replace_graph(GRAPH, world.written(world.lines(range(2000))))
    world.publish(world.quad("one"))
    world.releases.backup(tmp_path / "backup", Silence())
    files = (tmp_path / "backup").glob("releases/*/store/*.sst")
    assert any(path.stat().st_nlink == 2 for path in files)


def test_a_backup_of_a_release_without_digests_says_what_to_do(
    world: World, tmp_path: Path
) -> None:
    history(world)
    (world.data / "releases" / "000002" / "SHA256SUMS").unlink()
    (said,) = faults(world, "000002")
    assert said.endswith("000002/SHA256SUMS: This is no list of digests, or not there")
    with pytest.raises(sums.SumsDamaged) as refused:
        world.releases.backup(tmp_path / "backup", Silence())
    assert "remove the folder" in str(refused.value.remedy)


def test_a_backup_of_damaged_files_is_refused(world: World, tmp_path: Path) -> None:
    history(world)
    _flip_a_byte(max((world.data / "releases" / "000004").glob("store/*.sst")))
    with pytest.raises(StoreDamaged, match="not the one"):
        world.releases.backup(tmp_path / "backup", Silence())
    backup = ReleaseStore(tmp_path / "backup")
    assert [r.id for r in backup.list()] == ["000003", "000002", "000001"]


def test_a_backup_into_another_folder_of_releases_is_refused(world: World, tmp_path: Path) -> None:
    history(world)
    other = ReleaseStore(tmp_path / "other")
    with other.transaction(author="a", message="other", gate=world.gate) as transaction:
        transaction.apply(Change(frozenset(), frozenset({world.quad("x")})))
    with pytest.raises(NotThatFolder):
        world.releases.backup(tmp_path / "other", Silence())
    assert other.current().message == "other"
