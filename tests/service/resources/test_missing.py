"""What is gone (410), what never was (404), and what may have been meant."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.background import until
from vises.service.access import granting
from vises.service.access.file import AccessFile
from vises.service.app import create_app
from vises.store.releases import ReleaseStore
from vises.store.retention import Retention
from vises.store.workers import WorkerPool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from vises.settings import Settings

CLOSED = "https://data.example/graph/closed"
TURTLE = {"Accept": "text/turtle"}
PAGE = {"Accept": "text/html", "Accept-Language": "en"}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory, publish: Callable[..., None]) -> Path:
    """Return a folder whose releases took things away: pruned ones, and one of a closed graph."""
    folder = tmp_path_factory.mktemp("missing")
    releases = ReleaseStore(folder / "data")

    def put(data: str, closed: str = "<x:c> <x:p> 1 .") -> None:
        publish(releases, folder, {"data": data.encode(), "closed": closed.encode()})

    put("<early> <x:p> 1 . <late> <x:p> 1 . <here> <x:p> 1 .", "<secret> <x:p> 1 .")
    put("<late> <x:p> 2 . <here> <x:p> 1 .")
    put("<late> <x:p> 2 . <here> <x:p> 1 . <brief> <x:p> 1 .")
    put("<here> <x:p> 1 .")
    put("<here> <x:p> 2 . <back> <x:p> 1 .")
    put("<here> <x:p> 2 .")
    put("<here> <x:p> 2 . <back> <x:p> 1 .")
    releases.tag("second", "000002")
    releases.prune(Retention(last=3))
    assert [r.id for r in releases.list() if not releases.is_pruned(r.id)] == [
        "000007", "000006", "000005", "000002",
    ]  # fmt: skip
    granting.close(AccessFile(folder / "data"), [CLOSED])
    return folder / "data"


@pytest.fixture(scope="module")
def address(data: Path, settings: Settings, run_app: Callable[..., object]) -> Iterator[str]:
    here = replace(settings, data=data)
    engine = WorkerPool(ReleaseStore(data), size=1, query_seconds=20, mebibytes=2048)
    with run_app(create_app(here, ReleaseStore(data), engine)) as found:  # type: ignore[attr-defined]
        # A request waits 5 s for the index, which on a busy machine is made later.
        until(lambda: httpx.get(f"{found}/late", headers=TURTLE).status_code == 410)
        yield found


@pytest.mark.parametrize("ending", ["", ".ttl", ".html"])
def test_what_is_gone_says_so_and_leads_to_the_last_release_that_had_it(
    address: str, ending: str
) -> None:
    answer = httpx.get(f"{address}/late{ending}", headers=TURTLE)
    assert answer.status_code == 410
    assert answer.headers["cache-control"] == "no-store"
    assert 'rel="timemap"' in answer.headers["link"]
    problem = answer.json()
    assert problem["type"].endswith("/gone")
    assert problem["detail"].startswith("Release 000003 of ")
    assert "release 000004 took it out" in problem["detail"]
    [way] = problem["suggestions"]
    assert way["address"] == "/late.html?release=000002"
    assert httpx.get(address + way["address"]).status_code == 200
    page = httpx.get(f"{address}/late{ending}", headers=PAGE)
    assert page.status_code == 410
    assert 'href="/late.html?release=000002"' in page.text


def test_it_is_gone_also_where_no_release_that_had_it_is_kept(address: str) -> None:
    for name, release in (("early", "000001"), ("brief", "000003")):
        problem = httpx.get(f"{address}/{name}", headers=TURTLE).json()
        assert problem["status"] == 410
        assert problem["detail"].startswith(f"Release {release} of ")
        assert "not kept any more" in problem["remedy"]
        assert "suggestions" not in problem


FRENCH = {
    "/late": "La version 000003 est la dernière qui dise quelque chose de cette adresse",
    "/brief": "La version 000003 est la dernière qui dise quelque chose de cette adresse",
    "/never": "Les données publiées ne disent rien de cette adresse.",
    "/back.ttl?release=000006": "La version 000006 ne dit rien de cette adresse.",
}


@pytest.mark.parametrize("path", FRENCH)
def test_it_is_told_in_the_language_of_who_asks(address: str, path: str) -> None:
    named = f"{address}{path}{'&' if '?' in path else '?'}lang=fr"
    told = httpx.get(named, headers=TURTLE).json()
    assert told["detail"].startswith(FRENCH[path])
    english = httpx.get(f"{address}{path}", headers=TURTLE).json()
    assert {told["detail"], told["remedy"]}.isdisjoint({english["detail"], english["remedy"]})
    page = httpx.get(named, headers=PAGE).text
    assert FRENCH[path] in page
    assert 'lang="en"' not in page.partition("<main")[2]


def test_what_came_back_is_there(address: str) -> None:
    assert httpx.get(f"{address}/back.ttl").status_code == 200
    old = httpx.get(f"{address}/back.ttl?release=000006")
    assert old.status_code == 404
    assert "Release 000006 says nothing" in old.json()["detail"]


def test_what_was_taken_out_of_a_closed_graph_is_not_told(address: str, data: Path) -> None:
    assert httpx.get(f"{address}/secret.ttl").status_code == 404
    assert "000001" not in httpx.get(f"{address}/secret.ttl").text
    with ReleaseStore(data).open("000002"):
        pass


@pytest.mark.parametrize("path", ["/here/", "//here", "/HERE", "/here//", "/Here.ttl"])
def test_what_is_almost_right_is_suggested(address: str, path: str) -> None:
    answer = httpx.get(httpx.URL(address).copy_with(raw_path=path.encode()), headers=TURTLE)
    assert answer.status_code == 404
    assert answer.json()["suggestions"][0] == {
        "address": "/here.html",
        "name": "https://data.example/here",
    }
    page = httpx.get(httpx.URL(address).copy_with(raw_path=path.encode()), headers=PAGE)
    assert "Did you mean this?" in page.text
    assert 'href="/here.html"' in page.text


def test_what_never_was(address: str) -> None:
    answer = httpx.get(f"{address}/never", headers=TURTLE)
    assert answer.status_code == 404
    assert "suggestions" not in answer.json()
