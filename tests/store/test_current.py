from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from vises.store.current import CurrentRelease
from vises.store.folder import DataFolder, StoreDamaged
from vises.store.shared_leases import SHARED_SECONDS, SharedLeases

if TYPE_CHECKING:
    from tests.store.conftest import World
    from vises.store.lease import Lease


def test_the_record_is_read_once_for_each_release(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = DataFolder(world.data)
    current = CurrentRelease(folder)
    assert current.get() is None
    world.publish(world.quad("a"))
    read: list[str] = []
    real = folder.record
    monkeypatch.setattr(folder, "record", lambda name: (read.append(name), real(name))[1])
    for expected in ("000001", "000002"):
        for _ in range(3):
            release = current.get()
            assert release is not None
            assert release.id == expected
        world.publish(world.quad(f"after-{expected}"))
    assert read == ["000001", "000002"]


def test_a_damaged_file_is_an_error_each_time(world: World) -> None:
    world.publish(world.quad("a"))
    folder = DataFolder(world.data)
    current = CurrentRelease(folder)
    assert current.get() is not None
    folder.current_file.write_text("nonsense")
    for _ in range(2):
        with pytest.raises(StoreDamaged):
            current.get()
    folder.current_file.unlink()
    with pytest.raises(StoreDamaged):
        current.get()
    folder.current_file.write_text("000001\n")
    assert current.get() is not None


def test_requests_that_come_together_share_a_lease(world: World) -> None:
    world.publish(world.quad("a"))
    taken: list[Lease] = []

    def take(release_id: str) -> Lease:
        taken.append(world.releases.lease(release_id))
        return taken[-1]

    async def go() -> None:
        leases = SharedLeases(take)
        first, second = leases.join("000001"), leases.join("000001")
        assert len(taken) == 1
        assert first.snapshot == taken[0].snapshot
        first.close()
        await asyncio.sleep(SHARED_SECONDS * 2)
        assert held(taken[0]), "the second still reads"
        third = leases.join("000001")
        assert len(taken) == 2, "who comes later takes a lease of its own"
        third.close()
        second.close()
        assert not held(taken[0])
        await asyncio.sleep(SHARED_SECONDS * 2)
        assert not held(taken[1]), "a lease that nobody holds is given up after a while"

    asyncio.run(go())


def held(lease: Lease) -> bool:
    return lease._descriptor is not None
