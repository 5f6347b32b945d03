"""The service while others publish: it follows the current release and drops nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx

from vises.service.app import create_app
from vises.store.releases import ReleaseStore
from vises.store.workers import WorkerPool

if TYPE_CHECKING:
    from pathlib import Path

    from vises.settings import Settings

Make = Callable[..., Any]
Run = Callable[[Any], AbstractContextManager[str]]

CSV = {"Accept": "text/csv"}


def test_a_client_sees_each_release_and_loses_no_request(
    settings: Settings, tmp_path: Path, publish: Make, run: Run
) -> None:
    """The service reads `current` at every request: none is answered from before a publication."""
    data, published, asked = tmp_path / "data", 6, 0
    releases = ReleaseStore(data)
    publish(releases, tmp_path, {"data": b"<a> <b> 1 ."})
    engine = WorkerPool(releases, size=2, query_seconds=20, mebibytes=2048)
    done = threading.Event()

    def publish_more() -> None:
        try:
            for number in range(2, published + 1):
                publish(releases, tmp_path, {"data": b"<a> <b> %d ." % number})
        finally:
            done.set()

    query = {"query": "SELECT ?n { <https://data.example/a> ?p ?n }"}
    seen: list[str] = []
    with (
        run(create_app(replace(settings, data=data), releases, engine)) as address,
        httpx.Client(base_url=address, timeout=20, headers=CSV) as client,
    ):
        writer = threading.Thread(target=publish_more)
        writer.start()
        for asked in range(1, 20_000):  # noqa: B007 (how many it took is asserted)
            last = done.is_set()
            least = ReleaseStore(data).current()
            answer = client.get("/sparql", params=query)
            assert answer.status_code == 200
            name = answer.headers["x-release"]
            assert least is not None
            assert name >= least.id
            assert answer.text.split() == ["n", str(int(name))]
            seen.append(name)
            if last:
                break
        writer.join(60)
    assert seen == sorted(seen)
    assert seen[-1] == f"{published:06d}"
    assert asked == len(seen) > published
