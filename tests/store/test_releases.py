from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from vises.progress import Silence
from vises.store.files import DataFolderError
from vises.store.folder import FolderFormat
from vises.store.releases import StoreDamaged, UnknownRelease

if TYPE_CHECKING:
    from tests.store.conftest import World


def test_nothing_is_there_and_nothing_is_made(world: World) -> None:
    assert world.releases.current() is None
    assert world.releases.list() == []
    assert not world.data.exists()


@pytest.mark.parametrize("release_id", ["000002", "../../etc", "", "x"])
def test_an_unknown_release(world: World, release_id: str) -> None:
    world.publish(world.quad("one"))
    for method in ("get", "resolve", "lease", "report", "change"):
        with pytest.raises(UnknownRelease):
            getattr(world.releases, method)(release_id)
    with pytest.raises(UnknownRelease):
        world.opened(release_id)


@pytest.mark.parametrize(
    "content", ["", "garbage\n", "\0\0\0", "000009\n"], ids=["empty", "text", "zeros", "unknown"]
)
def test_a_garbled_current(world: World, content: str) -> None:
    world.publish(world.quad("one"))
    (world.data / "current").write_text(content)
    with pytest.raises(StoreDamaged) as problem:
        world.releases.current()
    assert problem.value.place == str(world.data / "current")
    assert problem.value.remedy
    with pytest.raises(StoreDamaged), world.begin():
        pass
    assert set(world.opened("000001")) == {world.quad("one")}


def test_a_missing_current_says_what_to_write(world: World) -> None:
    world.publish(world.quad("one"))
    world.publish(world.quad("two"))
    (world.data / "current").unlink()
    with pytest.raises(StoreDamaged, match="000002"):
        world.releases.current()
    (world.data / "current").write_text("000001")
    assert world.releases.current().id == "000001"
    assert world.publish(world.quad("three")) == "000003", "no release is ever overwritten"
    assert world.releases.current().parent == "000001"


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"format": 2, "id": 1}', None])
def test_a_garbled_record(world: World, content: str | None) -> None:
    world.publish(world.quad("one"))
    path = world.data / "releases" / "000001" / "release.json"
    path.unlink() if content is None else path.write_text(content)
    with pytest.raises(StoreDamaged) as problem:
        world.releases.current()
    assert problem.value.place == str(path)


def test_a_folder_of_another_version_is_left_alone(world: World) -> None:
    world.publish(world.quad("one"))
    path = world.data / "releases" / "000001" / "release.json"
    path.write_text(path.read_text().replace('"format": 2', '"format": 3'))
    before = world.everything()
    with pytest.raises(FolderFormat, match="format 3"):
        world.releases.current()
    with pytest.raises(FolderFormat):
        world.releases.recover(thorough=True, progress=Silence())
    with pytest.raises(FolderFormat), world.begin():
        pass
    assert world.everything() == before


def test_a_snapshot_that_cannot_be_opened(world: World) -> None:
    world.publish(world.quad("one"))
    (world.data / "releases" / "000001" / "store" / "CURRENT").write_text("garbage")
    with pytest.raises(StoreDamaged, match="cannot be read"):
        world.opened("000001")


def test_the_data_folder_is_a_file(world: World) -> None:
    world.data.touch()
    with pytest.raises(DataFolderError):
        world.releases.current()


def test_a_half_made_release_is_hidden_and_swept(world: World) -> None:
    """What a process leaves that dies between the rename and the replacement of `current`."""
    world.publish(world.quad("one"))
    world.publish(world.quad("two"))
    (world.data / "current").write_text("000001\n")
    (world.data / "staging").mkdir()
    (world.data / "staging" / "publishing").write_text("000002")
    assert [r.id for r in world.releases.list()] == ["000001"]
    with pytest.raises(UnknownRelease):
        world.releases.get("000002")
    assert world.publish(world.quad("three")) == "000002"
    assert set(world.opened("000002")) == {world.quad("one"), world.quad("three")}


def test_the_first_release_half_made(world: World) -> None:
    world.publish(world.quad("one"))
    (world.data / "current").unlink()
    (world.data / "staging").mkdir()
    (world.data / "staging" / "publishing").write_text("000001")
    assert world.releases.current() is None
    assert world.publish(world.quad("two")) == "000001"
    assert set(world.opened("000001")) == {world.quad("two")}


def test_a_reader_holds_a_release_while_others_are_published(world: World) -> None:
    held = world.opened(world.publish(world.quad("one")))
    iterator = iter(held)
    for name in ("two", "three", "four"):
        world.publish(world.quad(name))
    assert list(iterator) == list(held) == [world.quad("one")]


def test_the_record_is_readable_by_others(world: World) -> None:
    world.publish(world.quad("one"))
    record = json.loads((world.data / "releases" / "000001" / "release.json").read_text())
    assert record["id"] == "000001"
    assert record["counts"] == {"https://example.org/graph/a": 1}
    assert record["created"].endswith("+00:00")
