"""A damaged release is set aside, and the service goes on with the one before it."""

from __future__ import annotations

import asyncio
import resource
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from vises.progress import Silence
from vises.service.guardian import Guardian, set_damaged_aside
from vises.store.engine import QueryRequest
from vises.store.files import DataFolderError
from vises.store.folder import StoreDamaged
from vises.store.releases import ReleaseStore
from vises.store.transaction import Change
from vises.store.workers import WorkerPool

if TYPE_CHECKING:
    from vises.store.transaction import Candidate

COUNT = QueryRequest("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "text/csv", None)


class Accepted:
    accepted, violations, warnings = True, 0, 0

    def summary(self) -> str:
        return ""

    def turtle(self) -> list[bytes]:
        return []


def gate(_: Candidate) -> Accepted:
    return Accepted()


@pytest.fixture
def releases(tmp_path: Path) -> ReleaseStore:
    """Return two releases: one quad, two quads."""
    store = ReleaseStore(tmp_path / "data")
    for number in range(2):
        quad = Quad(*(NamedNode(f"urn:{x}") for x in "sp"), Literal(number), NamedNode("urn:g"))
        with store.transaction(author="a", message="m", gate=gate) as transaction:
            transaction.apply(Change(frozenset(), frozenset({quad})))
    return store


async def count(engine: Guardian, releases: ReleaseStore) -> int:
    release = releases.current()
    assert release is not None
    answer = await engine.answer(COUNT, release.id)
    return int(b"".join([chunk async for chunk in answer.chunks]).split()[1])


def guardian(releases: ReleaseStore) -> Guardian:
    return Guardian(releases, WorkerPool(releases, size=1, query_seconds=30, mebibytes=1024))


def test_what_is_missing_is_found_before_the_first_request(
    releases: ReleaseStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shutil.rmtree(tmp_path / "data" / "releases" / "000002" / "store")

    set_damaged_aside(releases, thorough=False)
    current = releases.current()
    assert current is not None
    assert current.id == "000001"
    assert "Release 000002 is damaged and was set aside" in caplog.text


def test_what_a_query_meets_is_found_and_the_parent_served(
    releases: ReleaseStore, tmp_path: Path
) -> None:
    async def serve() -> None:
        engine = guardian(releases)
        await engine.start()
        assert engine.accepts(COUNT.query)
        await engine._checking
        shutil.rmtree(tmp_path / "data" / "releases" / "000002" / "store")
        with pytest.raises(StoreDamaged, match="000002"):
            await count(engine, releases)
        await engine._checking
        assert await count(engine, releases) == 1
        await engine.close()

    asyncio.run(serve())
    current = releases.current()
    assert current is not None
    assert current.id == "000001"
    assert list(releases.verify("000001", Silence(), content=True)) == []


@pytest.mark.parametrize("thorough", [False, True])
def test_a_process_with_too_many_open_files_sets_nothing_aside(
    releases: ReleaseStore, *, thorough: bool
) -> None:
    """As where a crowd of clients took all descriptors: nothing is wrong with the release."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    used = len(list(Path("/proc/self/fd").iterdir()))
    resource.setrlimit(resource.RLIMIT_NOFILE, (used + 6, limits[1]))
    try:
        with pytest.raises(DataFolderError) as problem:
            releases.recover(thorough=thorough, wait_seconds=0, progress=Silence())
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert "ulimit -n" in problem.value.remedy
    assert list(releases.ids()) == ["000002", "000001"]
    assert releases.recover(thorough=thorough, wait_seconds=0, progress=Silence()) == []


def test_a_folder_that_another_one_writes_to_is_served_all_the_same(
    releases: ReleaseStore, caplog: pytest.LogCaptureFixture
) -> None:
    async def serve() -> None:
        engine = guardian(releases)
        with releases.transaction(author="a", message="m", gate=gate):
            set_damaged_aside(releases, thorough=False)
            await engine.start()
            assert await count(engine, releases) == 2
            await engine.close()

    asyncio.run(serve())
    assert "served as it is" in caplog.text
