"""Dask: workers of a cluster, real processes, one of which is killed midway."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import pytest

from vises.errors import Unavailable
from vises.ingest.parallel.cluster import Cluster, ClusterUnusable, DaskMissing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from distributed import LocalCluster

Mapper = Any


def local_cluster(workers: int) -> LocalCluster:
    from distributed import LocalCluster  # noqa: PLC0415 (half a second to import)

    return LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=True,
        dashboard_address="127.0.0.1:0",
        host="127.0.0.1",
        silence_logs=50,
    )


@pytest.fixture(scope="module")
def dask() -> Iterator[LocalCluster]:
    with local_cluster(2) as cluster:
        yield cluster


def test_a_cluster_gives_what_one_process_gives(
    dask: LocalCluster, mapped: Mapper, sirene: Path
) -> None:
    whole = mapped("sirene", sirene, piece_bytes=1 << 30)
    found = mapped("sirene", sirene, piece_bytes=20_000, scheduler=dask.scheduler_address)
    assert found == whole


def test_a_worker_is_killed_midway(
    dask: LocalCluster, mapped: Mapper, sirene: Path, tmp_path: Path
) -> None:
    whole = mapped("sirene", sirene, piece_bytes=1 << 30)
    victim = next(iter(dask.workers.values())).pid
    killed = threading.Event()

    def kill() -> None:
        deadline = time.monotonic() + 60
        while not list(tmp_path.rglob("*.selected")) and time.monotonic() < deadline:
            time.sleep(0.005)
        os.kill(victim, signal.SIGKILL)
        killed.set()

    thread = threading.Thread(target=kill)
    thread.start()
    found = mapped("sirene", sirene, piece_bytes=2_000, scheduler=dask.scheduler_address)
    thread.join(60)
    assert killed.is_set()
    assert found == whole


def test_where_no_worker_is_left_nobody_is_waited_for() -> None:
    with (
        local_cluster(1) as cluster,
        Cluster(cluster.scheduler_address, wait_seconds=1) as engine,
    ):
        ticket = engine.give(time.sleep, 60)
        cluster.scale(0)
        with pytest.raises(ClusterUnusable, match="no workers"):
            ticket.result()


def test_no_scheduler_answers() -> None:
    with pytest.raises(ClusterUnusable, match="does not answer") as caught, quick_cluster():
        pass
    assert caught.value.exit_code == Unavailable.exit_code
    assert caught.value.place == "tcp://127.0.0.1:9"


def quick_cluster() -> Cluster:
    return Cluster("tcp://127.0.0.1:9", wait_seconds=1)


def test_dask_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(DaskMissing) as caught, quick_cluster():
        pass
    assert "vises[dask]" in str(caught.value.remedy)


def test_workers_with_another_version_are_not_asked(
    dask: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "vises.ingest.parallel.cluster.version", lambda name: f"another than {version(name)}"
    )
    with (
        pytest.raises(ClusterUnusable, match="has not VISES another"),
        Cluster(dask.scheduler_address),
    ):
        pass
