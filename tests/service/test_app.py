"""The application as a whole: health, headers, files, problems, new releases."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from vises.service.app import create_app
from vises.store.engine import EngineBusy
from vises.store.files import DataFolderError
from vises.store.folder import StoreDamaged
from vises.store.process import ProcessNotStarted
from vises.store.releases import ReleaseStore
from vises.store.workers import WorkerPool

if TYPE_CHECKING:
    from pathlib import Path

    from vises.errors import VisesError
    from vises.settings import Settings

Make = Callable[..., Any]

Run = Callable[[Any], AbstractContextManager[str]]


def test_alive_and_ready(client: httpx.Client) -> None:
    assert client.get("/healthz").json() == {"status": "alive"}
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json() == {"status": "ready", "release": "000001"}


def test_without_a_release_it_is_alive_and_says_why_it_is_not_ready(
    settings: Settings, tmp_path: Path, fake_engine: Make, run: Run
) -> None:
    app = create_app(replace(settings, data=tmp_path), ReleaseStore(tmp_path), fake_engine())
    with run(app) as address:
        assert httpx.get(f"{address}/healthz").status_code == 200
        ready = httpx.get(f"{address}/readyz")
        assert ready.status_code == 503
        assert "vises demo" in ready.json()["reason"]
        page = httpx.get(address, headers={"Accept": "text/html"})
        assert page.status_code == 503
        assert "vises demo" in page.text
        query = httpx.get(f"{address}/sparql", params={"query": "ASK {}"})
        assert query.status_code == 503
        assert query.json()["type"].endswith("/problems/nothing-published")


def test_a_worker_that_does_not_answer_makes_it_not_ready(
    fake: Make, fake_engine: Make, run: Run
) -> None:
    with run(fake(fake_engine(error=EngineBusy("All are busy.")))) as address:
        assert httpx.get(f"{address}/readyz").status_code == 503
        busy = httpx.get(f"{address}/sparql", params={"query": "ASK {}"})
        assert busy.status_code == 503
        assert busy.headers["retry-after"] == "5"


@pytest.mark.parametrize("path", ["/", "/figures", "/sparql", "/nope", "/static/style.css"])
def test_every_answer_is_safe_to_open(browser: httpx.Client, path: str) -> None:
    headers = browser.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"]
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert ("script-src 'self'" in policy) == (not path.startswith("/static"))
    assert "unsafe" not in policy
    assert "http" not in policy


def test_files_named_by_their_digest_may_be_kept(browser: httpx.Client) -> None:
    [address] = re.findall(r'href="(/static/style.css\?v=\w+)"', browser.get("/").text)
    kept = browser.get(address)
    assert kept.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert kept.headers["content-type"] == "text/css; charset=utf-8"
    assert browser.get("/static/style.css").headers["cache-control"] == "no-cache"
    assert browser.get("/static/../app.py").status_code == 404
    assert browser.get("/static/nope.css").status_code == 404


def test_a_problem_has_the_form_that_the_client_reads(
    client: httpx.Client, browser: httpx.Client
) -> None:
    data = client.get("/enterprise/nope", headers={"Accept": "text/turtle"})
    assert data.status_code == 404
    assert data.headers["content-type"] == "application/problem+json"
    assert data.json()["type"] == "https://w3id.org/vises/problems/no-such-page"
    assert data.json()["place"] == "/enterprise/nope"
    page = browser.get("/enterprise/nope")
    assert page.status_code == 404
    assert "<h1>" in page.text
    assert "/enterprise/nope" in page.text


def test_methods_that_mean_nothing_are_refused(client: httpx.Client) -> None:
    for path in ("/", "/enterprise/fr-1", "/healthz"):
        refused = client.post(path)
        assert refused.status_code == 405
        assert "GET" in refused.headers["allow"]


ALLOWED = {
    "/reconcile": "GET, HEAD, POST, OPTIONS",
    "/reconcile/match": "POST, OPTIONS",
    "/reconcile/guide": "GET, HEAD, OPTIONS",
    "/ingest/sirene": "POST, OPTIONS",
    "/healthz": "GET, HEAD, OPTIONS",
    "/timemap/x": "GET, HEAD, OPTIONS",
    "/enterprise/fr-1": "GET, HEAD, OPTIONS",
}


@pytest.mark.parametrize("path", ALLOWED)
def test_allow_names_all_methods_of_an_address(client: httpx.Client, path: str) -> None:
    for method in {"GET", "POST", "PUT", "DELETE", "PROPFIND"} - set(ALLOWED[path].split(", ")):
        refused = client.request(method, path)
        assert (refused.status_code, refused.headers["allow"]) == (405, ALLOWED[path])
        assert refused.json()["type"].endswith("/method-not-allowed")
    asked = client.options(path)
    assert (asked.status_code, asked.headers["allow"]) == (204, ALLOWED[path])
    assert asked.headers["access-control-allow-methods"] == ALLOWED[path]


def test_options_of_the_whole_service(client: httpx.Client) -> None:
    whole = {"target": b"*"}
    answer = client.request("OPTIONS", "/", extensions=whole)
    assert answer.status_code == 204
    assert {"GET", "PUT", "PATCH"} < set(answer.headers["allow"].split(", "))
    for method, target in (("GET", b"*"), ("OPTIONS", b"nothing"), ("DELETE", b"*")):
        answer = client.request(method, "/", extensions={"target": target})
        assert answer.status_code == 400


def test_an_error_of_ours_shows_nothing_of_our_insides(
    fake: Make, fake_engine: Make, run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    with run(fake(fake_engine(error=RuntimeError("secret path /etc")))) as address:
        answer = httpx.get(address)
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.json()["type"].endswith("/internal")
    assert "secret" in caplog.text


@pytest.mark.parametrize("error", [DataFolderError, StoreDamaged, ProcessNotStarted])
@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_where_the_data_folder_is_stays_in_the_log(  # noqa: PLR0913 (fixtures)
    fake: Make,
    fake_engine: Make,
    run: Run,
    caplog: pytest.LogCaptureFixture,
    *,
    error: type[VisesError],
    accept: str,
) -> None:
    failing = fake_engine(error=error("IO error: /srv/secret/1.sst", place="/srv/secret"))
    with run(fake(failing)) as address:
        answers = [httpx.get(f"{address}{p}", headers={"Accept": accept}) for p in ("/", "/readyz")]
    for answer in answers:
        assert answer.status_code == 503
        assert "secret" not in answer.text
        assert "whose log says why" in answer.text
    assert "/srv/secret/1.sst" in caplog.text


def test_a_new_release_is_served_without_a_restart(
    settings: Settings, tmp_path: Path, publish: Make, run: Run
) -> None:
    data = tmp_path / "data"
    releases = ReleaseStore(data)
    publish(releases, tmp_path, {"data": b'<thing> <http://x.example/p> "one" .'})
    engine = WorkerPool(releases, size=1, query_seconds=10, mebibytes=2048)
    with run(create_app(replace(settings, data=data), releases, engine)) as address:
        first = httpx.get(f"{address}/thing.nt")
        assert b'"one"' in first.content
        publish(releases, tmp_path, {"data": b'<thing> <http://x.example/p> "two" .'})
        seen = {"If-None-Match": first.headers["etag"]}
        second = httpx.get(f"{address}/thing.nt", headers=seen)
        assert second.status_code == 200
        assert b'"two"' in second.content
        assert second.headers["x-release"] == "000002"
