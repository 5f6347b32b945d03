"""A changed byte, and what someone removes by hand: found, set aside, and the next best served."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import NamedNode

from vises.store.digest import Tally
from vises.store.releases import ReleaseStore, StoreDamaged, UnknownRelease

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Mapping
    from pathlib import Path

    from tests.faults.conftest import Data, Processes

MOST_PLACES = 9
IDS = ("000001", "000002", "000003")


@pytest.fixture
def three(data: Data) -> Data:
    for value in ("one", "two", "three"):
        data.do("apply", value)
    return data


def digests(root: Path, release_id: str) -> Mapping[str, str]:
    return ReleaseStore(root).get(release_id).digests


def served(root: Path) -> str:
    """Return the id of the release that is served, having read all of it."""
    releases = ReleaseStore(root)
    current = releases.current()
    with releases.open(current.id) as store:
        for graph, count in current.counts.items():
            expected = Tally.recorded(count, current.digests[graph])
            assert Tally.of_graph(store, NamedNode(graph)) == expected
    return current.id


def owners(root: Path, path: Path) -> set[str]:
    """Return the ids of the releases that share a file."""
    same = [other for other in root.glob("releases/*/**/*") if other.samefile(path)]
    return {other.relative_to(root / "releases").parts[0] for other in same}


def flip(path: Path, place: int) -> None:
    """Change a byte where it lies, for all releases that share the file."""
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    with path.open("r+b") as file:
        file.write(content)


def test_a_changed_byte_in_each_file_of_a_release(
    three: Data, processes: Processes, tally: Counter[str], points: int
) -> None:
    """Files that releases share are shared here too, so that these are all damaged at once."""
    template = three.root / "releases" / "000003"
    content = {release_id: digests(three.root, release_id) for release_id in IDS}
    names = [path.relative_to(template) for path in template.rglob("*") if path.is_file()]
    assert len({name.suffix for name in names}) > 3
    for name in names:
        for place in places((template / name).stat().st_size, min(points, MOST_PLACES)):
            root = three.folder / "flipped"
            subprocess.run(["cp", "--archive", three.root, root], check=True)
            flip(root / "releases" / "000003" / name, place)
            damaged = owners(root, root / "releases" / "000003" / name)
            see_damage(root, damaged, processes)
            see_repair(root, damaged, processes, content, tally)
            shutil.rmtree(root)
    assert tally["parent served"]


@pytest.mark.parametrize(
    ("damaged", "outcome"),
    [({"000002", "000003"}, "older one served"), (set(IDS), "none whole")],
)
def test_several_releases_are_damaged_at_once(
    three: Data, processes: Processes, tally: Counter[str], damaged: set[str], outcome: str
) -> None:
    """In a file that no other has: which files RocksDB has merged by now makes no difference."""
    content = {release_id: digests(three.root, release_id) for release_id in IDS}
    for release_id in damaged:
        path = three.root / "releases" / release_id / "store" / "CURRENT"
        assert owners(three.root, path) == {release_id}
        flip(path, path.stat().st_size // 2)
    before = tally[outcome]
    see_damage(three.root, damaged, processes)
    see_repair(three.root, damaged, processes, content, tally)
    assert tally[outcome] == before + 1


def places(size: int, number: int) -> list[int]:
    """Return positions in a file: the middle, or with more than that the ends and some between."""
    if number < 3:
        return [size // 2][:size]
    return sorted({(size - 1) * part // (number - 1) for part in range(number)} if size else [])


def see_damage(root: Path, damaged: set[str], processes: Processes) -> None:
    """Verifying finds it in each release that has the file, and in no other."""
    for release_id in IDS:
        found = processes.run("verify", root, release_id)
        if release_id in damaged and found.get("error") == "store-damaged":
            assert release_id in found["message"], "the record itself cannot be read"
            continue
        assert bool(found["result"]) == (release_id in damaged), found


def see_repair(
    root: Path,
    damaged: set[str],
    processes: Processes,
    content: Mapping[str, Mapping[str, str]],
    tally: Counter[str],
) -> None:
    """The newest whole release is served; those after it come back from their changes."""
    said = processes.run("repair", root)
    whole = [release_id for release_id in IDS if release_id not in damaged]
    if not whole:
        tally["none whole"] += 1
        assert said["error"] == "store-damaged"
        assert "restore" in said["message"]
        assert {path.name for path in (root / "releases").iterdir()} == set(IDS)
        return
    tally["parent served" if whole[-1] == "000002" else "older one served"] += 1
    assert set(said["result"].split()) == damaged
    assert served(root) == whole[-1]
    for release_id in sorted(damaged):
        again = processes.run("redo", root, release_id)
        if "error" in again:
            tally["not published again"] += 1
            assert again["error"] == "store-damaged"
            return
        assert digests(root, again["result"]) == content[release_id]
        assert served(root) == again["result"]
        tally["published again"] += 1


def test_the_current_release_is_removed_by_hand(three: Data, processes: Processes) -> None:
    shutil.rmtree(three.root / "releases" / "000003")
    with pytest.raises(StoreDamaged, match="Put that release back"):
        served(three.root)
    assert processes.run("apply", three.root, "four")["error"] == "store-damaged"
    assert three.do("recover") == "000003"
    assert served(three.root) == "000002"
    assert processes.run("redo", three.root, "000003")["error"] == "unknown-release"
    assert three.do("apply", "four") == "000004", "an id is never given twice"


@pytest.mark.parametrize("removed", ["000001", "000002"])
def test_an_older_release_is_removed_by_hand(
    three: Data, processes: Processes, removed: str
) -> None:
    shutil.rmtree(three.root / "releases" / removed)
    assert three.do("recover") == three.do("repair") == ""
    assert served(three.root) == "000003"
    with pytest.raises(UnknownRelease):
        ReleaseStore(three.root).get(removed)
    assert processes.run("rollback", three.root, removed)["error"] == "unknown-release"
    assert three.do("apply", "four") == "000004"
    assert three.do("backup", three.folder / "backup") != ""
    assert three.faults(three.root) == three.faults(three.folder / "backup") == {}
    assert three.do("rollback", "000003") == "000005"


def test_all_releases_are_removed_by_hand(three: Data, processes: Processes) -> None:
    """The way out of that, and of releases none of which is whole, is the same."""
    backup = three.folder / "backup"
    three.do("backup", backup)
    shutil.rmtree(three.root / "releases")
    for operation in ("recover", "repair"):
        said = processes.run(operation, three.root)
        assert said["error"] == "store-damaged"
        assert "`vises releases restore`" in said["message"]
    assert three.do("restore", backup) == " ".join(IDS)
    assert served(three.root) == "000003"
    assert three.faults(three.root) == {}


def test_an_older_release_is_put_back_from_a_backup(three: Data) -> None:
    three.do("backup", three.folder / "backup")
    assert three.do("apply", "four") == "000004"
    shutil.rmtree(three.root / "releases" / "000002")
    assert three.do("restore", three.folder / "backup") == "000002"
    assert served(three.root) == "000004", "the later one is not hidden"
    assert three.do("rollback", "000002") == "000005"
    assert three.faults(three.root) == {}


@pytest.mark.parametrize("content", [None, b"", b"\0\0\0\0\0\0\0", b"00000z\n"])
def test_the_file_current_is_removed_or_garbled(three: Data, content: bytes | None) -> None:
    path = three.root / "current"
    path.unlink() if content is None else path.write_bytes(content)
    with pytest.raises(StoreDamaged, match="Write the id of the release"):
        served(three.root)
    assert three.do("recover") == "", "no release is damaged"
    assert served(three.root) == "000003"


def test_current_names_a_release_that_was_pruned(three: Data, processes: Processes) -> None:
    """Someone wrote its id there; the newest one before it that is kept is served."""
    three.do("tag", "first")  # keeps release 1
    three.do("prune", 0)
    (three.root / "current").write_text("000002\n")
    assert processes.run("apply", three.root, "four")["error"] == "store-damaged"
    assert three.do("recover") == ""
    assert served(three.root) == "000001"


def test_a_list_of_digests_that_is_none(three: Data, processes: Processes) -> None:
    """The next release would take digests over from it."""
    path = three.root / "releases" / "000003" / "SHA256SUMS"
    path.write_bytes(b"nothing of the kind\n")
    for operation, argument in (("apply", "four"), ("backup", three.folder / "backup")):
        said = processes.run(operation, three.root, argument)
        assert said["error"] == "sums-damaged", said
        assert str(path) in said["message"]
        assert "repair" in said["message"]
    assert three.do("recover") == "000003"
    assert served(three.root) == "000002"
