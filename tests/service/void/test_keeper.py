"""Counting once, keeping what was counted, and what happens when it cannot be done."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from vises.service.void import keeper as module
from vises.service.void.endpoint import PATH
from vises.service.void.keeper import PartitionsKeeper, PartitionsUnready
from vises.store.partitions import Partitions, to_json
from vises.store.releases import Release, ReleaseStore

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from vises.settings import Settings


def play(
    settings: Settings,
    folder: Path,
    scene: Callable[[PartitionsKeeper, Release], Awaitable[None]],
    mebibytes: int = 1024,
) -> None:
    async def main() -> None:
        releases = ReleaseStore(settings.data)
        release = releases.current()
        assert release
        keeper = PartitionsKeeper(releases, folder, mebibytes)
        try:
            await scene(keeper, release)
        finally:
            await keeper.close()

    asyncio.run(main())


async def counted_once(keeper: PartitionsKeeper, release: Release) -> None:
    first, second = await asyncio.gather(*(keeper.partitions(release, 30) for _ in range(2)))
    assert first is second
    assert {g: sum(p.properties.values()) for g, p in first.items()} == release.counts


def test_a_restart_finds_what_was_counted(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    play(settings, tmp_path, counted_once)
    (kept,) = tmp_path.iterdir()
    assert kept.name == "000001.json"
    monkeypatch.setattr(module, "run_beside", None)
    play(settings, tmp_path, counted_once)


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[:100],
        lambda _: "[]",
        lambda text: json.dumps({**json.loads(text), "digests": {"https://other": "00"}}),
        lambda text: json.dumps({**json.loads(text), "graphs": '{"g": {"nope": 1}}'}),
    ],
)
def test_what_is_not_of_this_release_is_counted_anew(
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    damage: Callable[[str], str],
) -> None:
    counts: list[str] = []

    async def count(_: PartitionsKeeper, release: Release) -> bytes:
        counts.append(release.id)
        return to_json({"https://data.example/graph/x": Partitions()}).encode()

    monkeypatch.setattr(PartitionsKeeper, "_counted", count)

    async def scene(keeper: PartitionsKeeper, release: Release) -> None:
        found = await keeper.partitions(release, 30)
        assert found == {"https://data.example/graph/x": Partitions()}

    play(settings, tmp_path, scene)
    (kept,) = tmp_path.iterdir()
    kept.write_text(damage(kept.read_text("utf-8")), "utf-8")
    play(settings, tmp_path, scene)
    play(settings, tmp_path, scene)
    assert len(counts) == 2


def test_a_folder_that_cannot_be_written_to_does_no_harm(
    settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "file"
    file.touch()
    play(settings, file / "partitions", counted_once)
    assert "in memory alone" in caplog.text


def test_who_does_not_want_to_wait_is_told_to_come_back(settings: Settings, tmp_path: Path) -> None:
    async def scene(keeper: PartitionsKeeper, release: Release) -> None:
        with pytest.raises(PartitionsUnready, match="still being counted"):
            await keeper.partitions(release, 0)
        assert await keeper.partitions(release, 30)

    play(settings, tmp_path, scene)


def test_counting_ends_with_the_service(settings: Settings, tmp_path: Path) -> None:
    async def scene(keeper: PartitionsKeeper, release: Release) -> None:
        task = keeper.begin(release)
        await asyncio.sleep(0.2)
        await keeper.close()
        assert task.cancelled() or task.done()

    play(settings, tmp_path, scene)


def test_too_little_memory_is_logged_and_said(
    settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene(keeper: PartitionsKeeper, release: Release) -> None:
        with pytest.raises(PartitionsUnready, match="could not be counted"):
            await keeper.partitions(release, 30)

    play(settings, tmp_path, scene, mebibytes=1)
    (record,) = caplog.records
    assert record.getMessage() == "The partitions of a release were not counted."
    fields = record.__dict__["fields"]
    assert fields["release"] == "000001"
    assert fields["exit_code"] != 0
    assert "\n" not in (fields["error"] or "")


def test_a_harvester_is_told_when_to_come_back(
    fake: Callable[..., Any],
    fake_engine: Callable[..., Any],
    run: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def unready(*_: object) -> None:
        raise PartitionsUnready("Still counting.")

    monkeypatch.setattr(PartitionsKeeper, "partitions", unready)
    with run(fake(fake_engine())) as address:
        answer = httpx.get(address + PATH, headers={"Accept": "text/turtle"})
        description = httpx.get(f"{address}/sparql", headers={"Accept": "text/turtle"})
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "60"
    assert answer.json()["type"].endswith("/partitions-unready")
    assert description.status_code == 200
