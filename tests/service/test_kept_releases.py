"""Tagged and pruned releases over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from vises.service.app import create_app
from vises.store.releases import ReleaseStore
from vises.store.retention import Retention
from vises.store.workers import WorkerPool

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from vises.settings import Settings

Make = Callable[..., Any]
Run = Callable[[Any], AbstractContextManager[str]]

QUERY = {"query": "SELECT ?n { <https://data.example/a> ?p ?n }"}
CSV = {"Accept": "text/csv"}


@pytest.fixture
def client(settings: Settings, tmp_path: Path, publish: Make, run: Run) -> Iterator[httpx.Client]:
    """Return a client of three releases: the first is tagged, the second pruned."""
    releases = ReleaseStore(tmp_path / "data")
    for number in (1, 2, 3):
        publish(releases, tmp_path, {"data": b"<a> <b> %d ." % number})
    releases.tag("budget-2026", "000001")
    assert releases.prune(Retention(last=1, hourly=0, daily=0, monthly=0)).gone == ["000002"]
    engine = WorkerPool(releases, size=1, query_seconds=20, mebibytes=2048)
    app = create_app(replace(settings, data=tmp_path / "data"), releases, engine)
    with run(app) as address, httpx.Client(base_url=address, timeout=20) as found:
        yield found


def test_a_tag_names_its_release_but_may_move(client: httpx.Client) -> None:
    for answer in (
        client.get("/sparql", params={**QUERY, "release": "budget-2026"}, headers=CSV),
        client.get("/a.nt?release=budget-2026"),
    ):
        assert answer.status_code == 200
        assert "1" in answer.text
        assert answer.headers["x-release"] == "000001"
        assert answer.headers["cache-control"] == "no-cache"
        assert answer.headers["etag"]
        assert "memento-datetime" not in answer.headers
    page = client.get("/a.html?release=budget-2026").text
    assert 'href="/regions?release=000001"' in page


def test_a_pruned_release_is_gone_and_no_memento_leads_to_it(client: httpx.Client) -> None:
    for path in ("/sparql?query=ASK{}&", "/a?", "/?"):
        gone = client.get(f"{path}release=000002")
        assert gone.status_code == 410
        assert gone.json()["type"] == "https://w3id.org/vises/problems/release-pruned"
        assert "000003" in gone.json()["remedy"]
    listed = client.get("/timemap/a").text
    assert listed.count("datetime=") == 2
    assert "release=000002" not in listed
    assert "000002" not in client.get("/a.nt?release=000001").headers["link"]
