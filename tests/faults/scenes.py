"""The scenes of the campaign of kills: what is being done, to what, and what that leaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vises.store.releases import ReleaseStore

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tests.faults.conftest import Data


@dataclass(frozen=True)
class State:
    """What a data folder holds: content by release, and what else a reader can tell."""

    current: str | None
    content: Mapping[str, Mapping[str, str]]
    pruned: frozenset[str]
    compacted: frozenset[str]
    tags: Mapping[str, str]


def state(root: Path) -> State:
    releases = ReleaseStore(root)
    current = releases.current()
    listed = releases.list()
    return State(
        current.id if current else None,
        {release.id: release.digests for release in listed},
        frozenset(r.id for r in listed if releases.is_pruned(r.id)),
        frozenset(r.id for r in listed if (root / "releases" / r.id / "compacted").exists()),
        releases.tags(),
    )


@dataclass
class Scene:
    """An operation, what was done before it, its argument, and whether it is read meanwhile."""

    operation: str
    before: Callable[[Data], object] = lambda _: None
    argument: Callable[[Data, Path], object] = lambda _data, _root: ""
    read: bool = True


def two(data: Data) -> None:
    data.do("apply", "one")
    data.do("apply", "two")


def three(data: Data) -> None:
    two(data)
    data.do("apply", "three")


def pruned(data: Data) -> None:
    three(data)
    data.do("tag", "first")
    data.do("prune", 0)


def large(data: Data) -> None:
    data.do("apply", "one")
    data.do("replace", data.write("before", range(3000)))


def damaged(data: Data) -> None:
    """Change a byte of a file that the newest release has alone."""
    three(data)
    (path,) = [
        path
        for path in (data.root / "releases" / "000003" / "store").glob("*.sst")
        if path.stat().st_nlink == 1
    ][:1]
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def set_aside(data: Data) -> None:
    damaged(data)
    assert data.do("repair") == "000003"


SCENES = {
    "small change": Scene("apply", two, lambda _data, _root: "three"),
    "first load": Scene("replace", argument=lambda data, _: data.write("first", range(20_000))),
    "replacement by difference": Scene(
        "replace", large, lambda data, _: data.write("before", range(100, 3100))
    ),
    "replacement by refilling": Scene(
        "replace", large, lambda data, _: data.write("after", range(3000))
    ),
    "rollback": Scene("rollback", three, lambda _data, _root: "000001"),
    "rollback to a pruned release": Scene("rollback", pruned, lambda _data, _root: "000002"),
    "prune": Scene("prune", three, lambda _data, _root: 0),
    "compaction": Scene("compact", large),
    "tag": Scene("tag", three, lambda _data, _root: "first"),
    "backup": Scene("backup", pruned, lambda _, root: root.with_name(f"{root.name}-backup")),
    "repair": Scene("repair", damaged, read=False),
    "redo": Scene("redo", set_aside, lambda _data, _root: "000003"),
}
