from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import httpx
import pytest

from vises.service.app import create_app
from vises.service.sparql.cache import AnswerCache, Asked, KeptAnswer, State, asked_in
from vises.store.releases import ReleaseStore
from vises.store.workers import WorkerPool

if TYPE_CHECKING:
    from pathlib import Path

    from vises.settings import Settings

Make = Any
QUERY = {"query": "SELECT * { ?s ?p ?o }"}


def asked(query: bytes = b"query=q", accept: bytes = b"text/csv") -> Asked:
    return Asked(query, accept, b"")


def state(release_id: str | None, view: str = "") -> State:
    return State(release_id, view, closes=bool(view))


def kept(tag: str, body: bytes = b"x") -> KeptAnswer:
    return KeptAnswer(tag, tag, [], body)


def test_a_request_leads_to_its_answer_while_its_release_is_current() -> None:
    cache = AnswerCache(1)
    cache.put(kept('"1"'))
    cache.remember(asked(), state("000001"), '"1"')
    assert cache.known(asked(), state("000001")) == kept('"1"')
    assert cache.known(asked(accept=b"text/tab-separated-values"), state("000001")) is None
    assert cache.known(asked(), state("000002")) is None
    assert cache.known(asked(), state("000001")) is None, "what is outdated is forgotten"


def test_a_graph_that_was_closed_meanwhile_is_not_in_an_answer() -> None:
    cache = AnswerCache(1)
    for release_id in ("000001", None):
        cache.put(kept('"1"'))
        cache.remember(asked(), state(release_id), '"1"')
        assert cache.known(asked(), state("000001", view="less")) is None


def test_an_answer_from_a_release_named_by_its_id_stays_right() -> None:
    cache = AnswerCache(1)
    cache.put(kept('"1"'))
    cache.remember(asked(), state(None), '"1"')
    assert cache.known(asked(), state("000007")) == kept('"1"')


def test_what_was_used_least_recently_goes_first() -> None:
    cache = AnswerCache(1)
    body = b"x" * 300_000
    for tag in "abc":
        cache.put(kept(tag, body))
    assert cache.get("a")
    cache.put(kept("d", body))
    assert [cache.get(tag) is not None for tag in "abcd"] == [True, False, True, True]


def test_what_is_put_twice_counts_once() -> None:
    cache = AnswerCache(1)
    body = b"x" * 500_000
    for _ in range(5):
        cache.put(kept("a", body))
    cache.put(kept("b", body))
    assert cache.get("a")
    assert cache.get("b")


@pytest.mark.parametrize(("mebibytes", "size"), [(0, 1), (8, (1 << 20) + 1)])
def test_no_room(mebibytes: int, size: int) -> None:
    cache = AnswerCache(mebibytes)
    cache.put(kept("a", b"x" * size))
    cache.remember(asked(), state("000001"), "a")
    assert cache.get("a") is None
    assert cache.known(asked(), state("000001")) is None


def test_requests_are_remembered_within_bounds() -> None:
    cache = AnswerCache(1)
    cache.put(kept("a"))
    cache.remember(asked(b"q" * 5000), state("000001"), "a")
    assert cache.known(asked(b"q" * 5000), state("000001")) is None
    for number in range(10_001):
        cache.remember(asked(b"%d" % number), state("000001"), "a")
    assert cache.known(asked(b"0"), state("000001")) is None
    assert cache.known(asked(b"10000"), state("000001"))


def test_credentials_and_other_methods_are_no_business_of_the_cache() -> None:
    scope = {"method": "GET", "query_string": b"q", "headers": [(b"accept", b"a")]}
    assert asked_in(scope) == (Asked(b"q", b"a", b""), b"")
    secret = [*scope["headers"], (b"authorization", b"Bearer x")]
    assert asked_in({**scope, "headers": secret}) is None
    assert asked_in({**scope, "method": "POST"}) is None


@pytest.mark.parametrize("steps", [[b"a\r\n"], [b"a\r\n", b"b\r\n"]])
def test_the_engine_is_asked_once(
    fake: Make, fake_engine: Make, run: Make, steps: list[bytes]
) -> None:
    engine = fake_engine(steps)
    with run(fake(engine)) as address:
        url = f"{address}/sparql?{urlencode(QUERY)}"
        first = httpx.get(url, headers={"Accept": "text/csv"})
        second = httpx.get(url, headers={"Accept": "text/csv"})
        head = httpx.head(url, headers={"Accept": "text/csv"})
        posted = httpx.post(f"{address}/sparql", data=QUERY, headers={"Accept": "text/csv"})
        fresh = {"Accept": "text/csv", "If-None-Match": first.headers["etag"]}
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
