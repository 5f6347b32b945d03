from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import httpx
import pytest

from vises.service.access.access import LOOK_SECONDS
from vises.service.access.file import AccessFile
from vises.service.access.granting import close
from vises.service.answers import AnswerCache
from vises.service.app import create_app
from vises.service.repeats import Asked, Repeat, repeat_in
from vises.service.sparql.endpoint import SparqlEndpoint
from vises.store.releases import ReleaseStore
from vises.store.workers import WorkerPool

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.types import Receive, Scope, Send

    from vises.settings import Settings

Make = Any
PLAIN = {"Accept": "text/csv", "Accept-Encoding": "identity"}
QUERY = {"query": "SELECT * { ?s ?p ?o }"}


def test_what_was_used_least_recently_goes_first() -> None:
    cache: AnswerCache[str] = AnswerCache(1)
    for key in "abc":
        cache.put(key, key, 300_000)
    assert cache.get("a") == "a"
    cache.put("d", "d", 300_000)
    assert [cache.get(key) for key in "abcd"] == ["a", None, "c", "d"]


def test_what_is_put_twice_counts_once() -> None:
    cache: AnswerCache[str] = AnswerCache(1)
    for answer in ("old", "new"):
        cache.put("a", answer, 500_000)
    cache.put("b", "b", 500_000)
    assert (cache.get("a"), cache.get("b")) == ("new", "b")
    cache.drop("a")
    cache.drop("a")
    cache.put("c", "c", 500_000)
    assert (cache.get("a"), cache.get("b"), cache.get("c")) == (None, "b", "c")


@pytest.mark.parametrize(("mebibytes", "size"), [(0, 1), (8, (1 << 20) + 1)])
def test_no_room(mebibytes: int, size: int) -> None:
    cache: AnswerCache[str] = AnswerCache(mebibytes)
    cache.put("a", "a", size)
    assert cache.get("a") is None


def test_credentials_and_other_methods_are_no_repeats() -> None:
    scope: dict[str, Any] = {
        "method": "GET",
        "scheme": "http",
        "path": "/a b",
        "raw_path": b"/a%20b",
        "query_string": b"q",
        "headers": [(b"accept", b"a"), (b"user-agent", b"u"), (b"if-none-match", b"t")],
    }
    asked = Asked("http", b"/a%20b", b"q", ((b"accept", b"a"),))
    assert repeat_in(scope) == Repeat(asked, "GET", "/a b", b",t")
    for name in (b"authorization", b"accept-datetime", b"accept-profile"):
        assert repeat_in({**scope, "headers": [(name, b"x")]}) is None
    assert repeat_in({**scope, "method": "POST"}) is None
    assert repeat_in({**scope, "query_string": b"q" * 5000}) is None


@pytest.mark.parametrize("coding", ["identity", "gzip", "br"])
def test_a_repeated_request_reaches_nobody(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, run: Make, coding: str
) -> None:
    releases = ReleaseStore(settings.data)
    engine = WorkerPool(releases, size=1, query_seconds=20, mebibytes=2048)
    reached: list[str] = []
    real = SparqlEndpoint.__call__

    async def counted(self: SparqlEndpoint, scope: Scope, receive: Receive, send: Send) -> None:
        reached.append(scope["method"])
        await real(self, scope, receive, send)

    monkeypatch.setattr(SparqlEndpoint, "__call__", counted)
    headers = {"Accept": "text/csv", "Accept-Encoding": coding}
    with run(create_app(settings, releases, engine)) as address, httpx.Client() as client:
        url = f"{address}/sparql?{urlencode({'query': QUERY['query'] + ' LIMIT 500'})}"
        first, second = (client.get(url, headers=headers) for _ in range(2))
        head = client.head(url, headers=headers)
        fresh = {**headers, "If-None-Match": first.headers["etag"]}
        unchanged = client.get(url, headers=fresh)
        assert reached == ["GET"]
        other = client.get(url, headers={**headers, "If-None-Match": '"other"'})
        assert reached == ["GET", "GET"]
    assert first.content == second.content == other.content != b""
    assert head.content == unchanged.content == b""
    assert unchanged.status_code == 304
    assert unchanged.headers["etag"] == first.headers["etag"]
    assert "content-type" not in unchanged.headers
    for answer in (second, head, other):
        for name in ("etag", "content-type", "vary", "cache-control"):
            assert answer.headers[name] == first.headers[name], name
        assert answer.headers.get("content-encoding") == first.headers.get("content-encoding")
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_what_was_closed_meanwhile_is_not_given_again(
    settings: Settings, tmp_path: Path, publish: Make, run: Make
) -> None:
    releases = ReleaseStore(tmp_path / "data")
    here = replace(settings, data=tmp_path / "data")
    engine = WorkerPool(releases, size=1, query_seconds=20, mebibytes=2048)
    publish(releases, tmp_path, {"data": b"<a> <b> 1 ."})
    rows = {**QUERY, "release": "000001"}
    (graph,) = (g for g in releases.get("000001").counts)
    with run(create_app(here, releases, engine)) as address:
        before = [httpx.get(f"{address}/sparql", params=rows) for _ in range(2)]
        close(AccessFile(here.data), [graph])
        time.sleep(2 * LOOK_SECONDS)
        after = httpx.get(f"{address}/sparql", params=rows)
    assert len(before[1].json()["results"]["bindings"]) == 1
    assert after.json()["results"]["bindings"] == []


@pytest.mark.parametrize("steps", [[b"a\r\n"], [b"a\r\n", b"b\r\n"]])
def test_the_engine_is_asked_once(
    fake: Make, fake_engine: Make, run: Make, steps: list[bytes]
) -> None:
    engine = fake_engine(steps)
    with run(fake(engine)) as address:
        url = f"{address}/sparql?{urlencode(QUERY)}"
        first = httpx.get(url, headers=PLAIN)
        second = httpx.get(url, headers=PLAIN)
        head = httpx.head(url, headers=PLAIN)
        posted = httpx.post(f"{address}/sparql", data=QUERY, headers=PLAIN)
        fresh = {**PLAIN, "If-None-Match": first.headers["etag"]}
        unchanged = httpx.get(url, headers=fresh)
    assert len(engine.asked) == 1
    body = b"".join(steps)
    assert [r.content for r in (first, second, head, posted)] == [body, body, b"", body]
    names = ("etag", "cache-control", "content-type", "x-release", "vary", "x-content-type-options")
    for answer in (second, head, posted):
        assert {n: answer.headers[n] for n in names} == {n: first.headers[n] for n in names}
    assert second.headers["content-length"] == head.headers["content-length"] == str(len(body))
    assert unchanged.status_code == 304
    assert "content-length" not in unchanged.headers
    assert "stale-while-revalidate" in first.headers["cache-control"]


def test_a_new_release_is_answered_at_once(
    settings: Settings, tmp_path: Path, publish: Make, run: Make
) -> None:
    releases = ReleaseStore(tmp_path / "data")
    here = replace(settings, data=tmp_path / "data")
    engine = WorkerPool(releases, size=1, query_seconds=20, mebibytes=2048)
    count = {"query": "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"}
    publish(releases, tmp_path, {"data": b"<a> <b> 1 ."})
    with run(create_app(here, releases, engine)) as address:
        before = [httpx.get(f"{address}/sparql", params=count) for _ in range(3)]
        publish(releases, tmp_path, {"data": b"<a> <b> 1, 2 ."})
        after = httpx.get(f"{address}/sparql", params=count)
        lasting = [
            httpx.get(f"{address}/sparql", params={**count, "release": "000001"}) for _ in range(2)
        ]
    assert {r.headers["x-release"] for r in before} == {"000001"}
    assert after.headers["x-release"] == "000002"
    assert {r.content for r in (*before, *lasting)} == {before[0].content}
    assert after.content != before[0].content
    assert all("immutable" in r.headers["cache-control"] for r in lasting)
