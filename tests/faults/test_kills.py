"""Kill -9: the old release or the new one is served, whole, whatever was being done."""

from __future__ import annotations

import random
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.faults.scenes import SCENES, damaged, state
from vises.store.releases import ReleaseStore, StoreDamaged

if TYPE_CHECKING:
    from collections import Counter
    from pathlib import Path
    from typing import Any

    from tests.faults.conftest import Data, Processes
    from tests.faults.scenes import Scene, State


@dataclass
class Stage:
    """A scene with its data, what it is before and after, and how long the operation takes."""

    name: str
    scene: Scene
    data: Data
    processes: Processes
    tally: Counter[str]

    def __post_init__(self) -> None:
        self.scene.before(self.data)
        self.old = state(self.data.root)
        reference = self.data.copy()
        said = self.run(reference)
        assert "error" not in said, said
        self.new = state(reference)
        self.events: int = said["events"]
        self.seconds: float = said["seconds"]

    def run(self, root: Path, **when: float) -> dict[str, Any]:
        argument = self.scene.argument(self.data, root)
        return self.processes.run(self.scene.operation, root, argument, **when)

    def killed(self, how: str, **when: float) -> None:
        """Run the operation on a copy, kill it, start again and look at what is there."""
        root = self.data.copy()
        with self.processes.readers(root, self.tally, number=2 if self.scene.read else 0):
            said = self.run(root, **when)
            start = "repair" if self.scene.operation == "repair" else "recover"
            again = self.processes.run(start, root)
        assert "error" not in again, again
        assert start == "repair" or again["result"] == "", "nothing was damaged"
        assert not (root / "staging").exists()
        self.look_at(root, said, how)
        for path in root.parent.glob(f"{root.name}*"):
            shutil.rmtree(path)

    def look_at(self, root: Path, said: dict[str, Any], how: str) -> None:
        found = state(root)
        if said["killed"]:
            self.tally[how] += 1
        else:
            assert "error" not in said, said
            self.tally["ended before"] += 1
            assert found == self.new, "what was acknowledged is there"
        self.tally[self.outcome(found)] += 1
        if self.scene.operation == "backup":
            self.backed_up_again(root)
        elif self.scene.operation == "compact":
            self.compacted_again(root)
            found = state(root)
        assert self.data.faults(root) == {}
        self.tidy(root, found)
        self.goes_on(root, found)

    def outcome(self, found: State) -> str:
        """Tell which state was found; there are two, and those between where several things go."""
        if found == self.new:
            return "old = new" if self.old == self.new else "new state"
        if found == self.old:
            return "old state"
        assert self.scene.operation == "prune"
        assert (found.current, found.content) == (self.old.current, self.old.content)
        assert self.old.pruned < found.pruned < self.new.pruned
        return "part of the releases"

    def backed_up_again(self, root: Path) -> None:
        """What was interrupted is a backup when it is done once more."""
        target = self.scene.argument(self.data, root)
        said = self.run(root)
        assert "error" not in said, said
        assert state(target) == state(root)
        assert self.data.faults(target) == {}
        assert not (target / "staging").exists()

    def compacted_again(self, root: Path) -> None:
        """What was interrupted leaves the release whole, and is done when it is done once more."""
        assert self.data.faults(root) == {}
        said = self.run(root)
        assert "error" not in said, said
        assert state(root) == self.new
        assert not (root / "compacting").exists()
        for release_id in self.new.compacted:
            assert not (root / "releases" / release_id / "store").exists()

    def tidy(self, root: Path, found: State) -> None:
        """Nothing lies there that nobody will ever take away."""
        names = {path.name for path in root.glob("*")}
        names -= {"lock", "compacting.lock"}
        assert names <= {"current", "current.tmp", "releases", "tags", "damaged"}
        on_disk = {path.name for path in (root / "releases").glob("*")}
        assert on_disk == set(found.content)
        for release_id in found.content:
            folder = root / "releases" / release_id
            kept = [name for name in ("store", "compacted") if (folder / name).exists()]
            assert len(kept) == (release_id not in found.pruned)

    def goes_on(self, root: Path, found: State) -> None:
        said = self.processes.run("apply", root, "after")
        after = state(root)
        assert said["result"] == after.current
        assert ReleaseStore(root).get(after.current).parent == found.current
        aside = {path.name for path in (root / "damaged").glob("*")}
        assert int(after.current) == 1 + max(map(int, [*found.content, *aside]), default=0)
        assert not (root / "staging").exists()


@pytest.fixture(params=SCENES)
def stage(
    request: pytest.FixtureRequest, data: Data, processes: Processes, tally: Counter[str]
) -> Stage:
    return Stage(request.param, SCENES[request.param], data, processes, tally)


def test_killed(stage: Stage, points: int, runs: int, seed: int) -> None:
    """At each step, which is a call of Python's that changes the disk or syncs it: just before it.

    Then at random moments, spread evenly over the time that the operation takes undisturbed.
    """
    # Counting from the end, because what publishes is the last of it.
    for event in range(stage.events, 0, -max(1, stage.events // points)):
        stage.killed("killed at a step", event=event)
    assert stage.tally["killed at a step"]
    moments = random.Random(f"{seed} {stage.name}")
    for _ in range(runs):
        stage.killed("killed at a moment", moment=moments.uniform(0, stage.seconds))
    assert stage.tally["looks of readers"] or not stage.scene.read


def test_a_long_life(
    data: Data, processes: Processes, tally: Counter[str], runs: int, seed: int
) -> None:
    """One folder, one thing after the other, most of them killed, with readers all the time."""
    chance = random.Random(seed)
    data.do("apply", "the first")
    data.do("replace", data.write("before", range(500)))
    files = [data.write("before", range(start, start + 500)) for start in (0, 100, 1000)]
    known = dict(state(data.root).content)
    with processes.readers(data.root, tally):
        for step in range(10 * runs):
            do, argument = chance.choice(
                [
                    ("apply", f"step {step}"),
                    ("replace", chance.choice(files)),
                    ("rollback", chance.choice(sorted(known))),
                    ("prune", 10),
                    ("compact", ""),
                    ("backup", data.folder / "backup"),
                ]
            )
            moment = chance.choice([None, chance.uniform(0, 0.15)])
            said = processes.run(do, data.root, argument, moment=moment)
            assert "error" not in said, said
            tally["killed at a moment" if said["killed"] else "ended before"] += 1
            if chance.random() < 0.5:
                data.do("recover")
            found = state(data.root)
            assert found.current == max(found.content)
            assert known.items() <= found.content.items(), "what was acknowledged is there"
            new = found.content.keys() - known.keys()
            assert len(new) <= 1
            if (
                said["killed"] is False
                and do in {"apply", "replace", "rollback"}
                and said["result"]
            ):
                assert new == {said["result"]}
            known = dict(found.content)
    data.do("recover")
    data.do("backup", data.folder / "backup")
    assert state(data.folder / "backup").content == known
    assert data.faults(data.root) == data.faults(data.folder / "backup") == {}
    assert not (data.root / "staging").exists()


def test_a_damaged_release_is_not_forgotten(data: Data, processes: Processes, points: int) -> None:
    """A repair that is killed is one still to be done: what it sets aside is told in the end."""
    damaged(data)
    events = processes.run("repair", data.copy())["events"]
    for event in range(events, 0, -max(1, events // points)):
        root = data.copy()
        killed = processes.run("repair", root, event=event)["killed"]
        try:
            served = ReleaseStore(root).current()
        except StoreDamaged:
            served = None
        if killed and (served is None or served.id == "000003"):
            assert processes.run("repair", root)["result"] == "000003"
        assert (root / "damaged" / "000003" / "change.rdfp.zst").exists()
        assert processes.run("redo", root, "000003")["result"] == "000004"
