"""A data folder that cannot be written to: answers say what cannot be done; queries go on."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx
import pytest

from vises.service.app import create_app
from vises.service.search import build
from vises.service.search.kept import folder_of
from vises.store.releases import ReleaseStore
from vises.store.workers import WorkerPool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from starlette.types import ASGIApp

    from tests.service.conftest import Publish
    from vises.settings import Settings

TURTLE = b"<https://x.example/a> <https://x.example/b> 1 ."


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory, publish: Publish) -> Path:
    folder = tmp_path_factory.mktemp("unwritable")
    publish(ReleaseStore(folder / "data"), folder, {"data": b"<a> <p> <b> ."})
    return folder / "data"


@pytest.fixture(scope="module")
def stuck(
    tmp_path_factory: pytest.TempPathFactory,
    data: Path,
    settings: Settings,
    run_app: Callable[[ASGIApp], AbstractContextManager[str]],
) -> Iterator[httpx.Client]:
    """Return a client of a service in whose data folder something lies in the way of writing."""
    folder = tmp_path_factory.mktemp("stuck") / "data"
    shutil.copytree(data, folder)
    (folder / "cache").touch()
    (folder / "updating").touch()
    (folder / "streams" / "lock").mkdir(parents=True)
    releases = ReleaseStore(folder)
    workers = WorkerPool(releases, size=2, query_seconds=20, mebibytes=2048)
    here = replace(settings, data=folder)
    with (
        run_app(create_app(here, releases, workers)) as address,
        httpx.Client(base_url=address, timeout=60) as client,
    ):
        yield client


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("GET", "/api/v1/search?q=x", "search-not-made"),
        ("GET", "/ldes", "stream-not-made"),
        ("POST", "/validate", "judging-unwritable"),
    ],
)
def test_each_says_what_cannot_be_done(
    stuck: httpx.Client, method: str, path: str, kind: str
) -> None:
    headers = {"Accept": "application/ld+json, application/problem+json"}
    if method == "POST":
        headers = {"Accept": "application/json", "Content-Type": "text/turtle"}
    content = TURTLE if method == "POST" else None
    answer = stuck.request(method, path, headers=headers, content=content)
    problem = answer.json()
    assert (answer.status_code, problem["type"].rpartition("/")[2]) == (503, kind)
    assert "operator" in problem["remedy"]
    assert "minute" not in problem["detail"]
    assert "/data" not in answer.text, "where the data lies is for the log"


@pytest.mark.parametrize(("form", "text"), [("jsonld", "[]"), ("json", '"conforms"')])
def test_the_report_of_a_release_is_given_all_the_same(
    stuck: httpx.Client, form: str, text: str
) -> None:
    answer = stuck.get(f"/releases/000001/report.{form}")
    assert answer.status_code == 200
    assert text in answer.text


def test_queries_go_on(stuck: httpx.Client) -> None:
    assert stuck.get("/sparql", params={"query": "ASK { ?s ?p ?o }"}).json()["boolean"]
    assert stuck.get("/readyz").status_code == 200


def test_an_index_that_is_there_is_found_where_nothing_can_be_written(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    releases, folder = ReleaseStore(data), folder_of(data)
    assert build.ensure(releases, folder, "000001") == "whole"
    (folder / "lock").unlink()
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert build.ensure(releases, folder, "000001") == "found"
    assert not (folder / "lock").exists()
