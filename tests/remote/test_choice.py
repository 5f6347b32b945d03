"""The service with a remote engine: which engine answers, and what it says of it."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx
import pytest

from vises.service.app import create_app
from vises.service.operation.process import _engine
from vises.settings import Settings
from vises.store.engine import RESULTS_TYPES, DescribeRequest, QueryRequest
from vises.store.remote import choice as remote_choice
from vises.store.remote import engine as remote_engine
from vises.store.remote.choice import EngineChoice
from vises.store.remote.engine import RemoteEngine
from vises.store.remote.queries import RemoteDeclined, prepare
from vises.store.remote.transfer import AnswerDoubted
from vises.store.workers import WorkerPool

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.remote.conftest import Server, World
    from vises.store.releases import Release

pytestmark = pytest.mark.remote

COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
DURATION = 'g:one { :a :lasts "P1Y"^^<http://www.w3.org/2001/XMLSchema#duration> }'


def engines(world: World, address: str) -> EngineChoice:
    pool = WorkerPool(world.releases, size=1, query_seconds=20, mebibytes=1024)
    remote = RemoteEngine(address, world.releases, base_iri=world.base, query_seconds=20)
    return EngineChoice(world.releases, pool, remote)


async def asked(choice: EngineChoice, request: QueryRequest | DescribeRequest, id_: str) -> bytes:
    answer = await choice.answer(request, id_)
    return b"".join([chunk async for chunk in answer.chunks])


def who_answers(
    world: World,
    address: str,
    requests: list[QueryRequest | DescribeRequest],
    release: Release,
    monkeypatch: pytest.MonkeyPatch,
) -> tuple[list[bytes], list[str]]:
    """Return the answers, and the engine behind each one."""
    taken: list[str] = []
    for kind in (WorkerPool, RemoteEngine):
        monkeypatch.setattr(kind, "answer", noting(kind.answer, kind.__name__, taken))

    async def work() -> list[bytes]:
        choice = engines(world, address)
        await choice.start()
        try:
            return [await asked(choice, request, release.id) for request in requests]
        finally:
            await choice.close()

    return asyncio.run(work()), taken


def noting(answer: Callable, name: str, taken: list[str]) -> Callable:  # type: ignore[type-arg]
    async def noted(*arguments: object) -> object:
        given = await answer(*arguments)
        taken.append(name)
        return given

    return noted


def number(body: bytes) -> int:
    return int(json.loads(body)["results"]["bindings"][0]["n"]["value"])


def select(query: str, **bindings: str) -> QueryRequest:
    return QueryRequest(query, RESULTS_TYPES[0], "text/turtle", bindings=bindings)


def test_the_remote_engine_answers_for_the_release_it_holds(
    world: World, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = world.publish(world.quads("g:one { :a :p 1, 2 }"))
    world.push(server, release)
    bodies, taken = who_answers(world, server.address.query, [select(COUNT)], release, monkeypatch)
    assert (number(bodies[0]), taken) == (2, ["RemoteEngine"])


def test_the_embedded_engine_answers_for_other_releases(
    world: World, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = world.publish(world.quads("g:one { :a :p 1, 2 }"))
    world.push(server, first)
    second = world.publish(world.quads("g:one { :a :p 3 }"))
    for release, count in ((first, 2), (second, 3)):
        bodies, taken = who_answers(
            world, server.address.query, [select(COUNT)], release, monkeypatch
        )
        assert (number(bodies[0]), taken) == (count, ["WorkerPool"])


def test_what_is_not_trusted_is_embedded(
    world: World, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = world.publish(world.quads("g:one { :a :p 1, 2 }"))
    world.push(server, release)
    requests = [
        select("SELECT ?s WHERE { ?s ?p ?o }", s=f"<{world.base}a>"),
        select(f"SELECT * FROM <{world.graph('one').value}> WHERE {{ ?s ?p ?o }}"),
        select(f"DESCRIBE <{world.base}a>"),
        select("SELECT ?s WHERE { ?s ?p ?o OPTIONAL { ?o ?q ?r } }"),
        DescribeRequest((f"{world.base}a",)),
    ]
    _, taken = who_answers(world, server.address.query, requests, release, monkeypatch)
    remote = "RemoteEngine" if server.name == "oxigraph" else "WorkerPool"
    assert taken == ["WorkerPool", "WorkerPool", "WorkerPool", remote, "WorkerPool"]


def test_a_request_from_which_graphs_are_hidden_is_embedded(
    world: World, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = world.publish(world.quads("g:one { :a :p 1, 2 } g:two { :a :p 3 }"))
    world.push(server, release)
    hidden = (world.graph("two").value,)
    requests = [
        replace(select(COUNT), hidden_graphs=hidden),
        DescribeRequest((f"{world.base}a",), hidden_graphs=hidden),
        select(COUNT),
    ]
    bodies, taken = who_answers(world, server.address.query, requests, release, monkeypatch)
    assert [number(bodies[0]), number(bodies[2])] == [2, 3]
    assert bodies[1].count(b"\n") == 2
    assert taken == ["WorkerPool", "WorkerPool", "RemoteEngine"]
    for request in requests[:2]:
        with pytest.raises(RemoteDeclined):
            prepare(request, release.counts)


def test_a_value_that_was_changed_is_asked_of_the_embedded_engine(
    world: World, virtuoso: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = world.publish(world.quads(DURATION))
    world.push(virtuoso, release)
    query = "SELECT ?o WHERE { ?s ?p ?o }"
    try:
        with pytest.raises(AnswerDoubted, match="durations"):
            world.ask(virtuoso.address.query, query, release)
        bodies, taken = who_answers(
            world, virtuoso.address.query, [select(query)], release, monkeypatch
        )
    finally:
        virtuoso.clean()
    assert b'"P1Y"' in bodies[0]
    assert taken == ["RemoteEngine", "WorkerPool"]


def test_rows_left_out_are_an_error_and_not_a_short_answer(
    world: World, virtuoso: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = world.most_rows + 5
    lines = "".join(f":s{n} :p {n} . " for n in range(more))
    release = world.publish(world.quads(f"g:one {{ {lines} }}"))
    world.push(virtuoso, release)
    query = "SELECT ?s WHERE { ?s ?p ?o }"
    try:
        plain = httpx.post(virtuoso.address.query, data={"query": query}, trust_env=False)
        assert plain.status_code == 200
        assert plain.text.count("<result>") == world.most_rows
        with pytest.raises(AnswerDoubted, match="X-SPARQL-MaxRows"):
            world.ask(virtuoso.address.query, query, release)
        bodies, taken = who_answers(
            world, virtuoso.address.query, [select(query)], release, monkeypatch
        )
    finally:
        virtuoso.clean()
    assert (len(json.loads(bodies[0])["results"]["bindings"]), taken) == (more, ["WorkerPool"])


def test_an_engine_that_is_down_is_left_alone_for_a_while(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    release = world.publish(world.quads("g:one { :a :p 1, 2 }"))
    with caplog.at_level(logging.WARNING):
        bodies, taken = who_answers(
            world, "http://127.0.0.1:1/sparql", [select(COUNT)] * 3, release, monkeypatch
        )
    assert ([number(b) for b in bodies], taken) == ([2, 2, 2], ["WorkerPool"] * 3)
    assert len([r for r in caplog.records if "left alone" in r.message]) == 1


def test_an_engine_that_takes_calls_and_says_nothing_is_left_alone_soon(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote_engine, "HELD_SECONDS", 0.5)
    release = world.publish(world.quads("g:one { :a :p 1, 2 }"))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/sparql"
        begun = time.monotonic()
        bodies, taken = who_answers(world, address, [select(COUNT)] * 2, release, monkeypatch)
        assert ([number(b) for b in bodies], taken) == ([2, 2], ["WorkerPool"] * 2)
        monkeypatch.setattr(remote_engine, "HELD_SECONDS", 60)
        assert "within 0.5 s" in ready(world, address)["engine"]
        assert time.monotonic() - begun < 30


def test_readyz_says_which_engine_answers(
    world: World, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote_choice, "STATE_SECONDS", 20)  # a busy machine may take long
    release = world.publish(world.quads("g:one { :a :p 1, 2 }"))
    assert "no whole release" in ready(world, server.address.query)["engine"]
    world.push(server, release)
    said = ready(world, server.address.query)
    assert said["status"] == "ready"
    assert said["engine"] == f"The remote engine answers: it holds release {release.id}."
    world.publish(world.quads("g:one { :a :p 3 }"))
    assert f"holds release {release.id}" in ready(world, server.address.query)["engine"]
    down = ready(world, "http://127.0.0.1:1/sparql")
    assert down["status"] == "ready"
    assert down["engine"].startswith("The embedded engine answers. The connection")


def ready(world: World, address: str) -> dict[str, str]:
    async def work() -> dict[str, str]:
        settings = Settings.from_env({"VISES_BASE_IRI": world.base, "VISES_ENGINE": address})
        pool = WorkerPool(world.releases, size=1, query_seconds=20, mebibytes=1024)
        engine = _engine(settings, world.releases, pool)
        assert isinstance(engine, EngineChoice)
        app = create_app(settings, world.releases, engine)
        await engine.start()
        try:
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
                found: dict[str, str] = (await client.get("/readyz")).json()
                return found
        finally:
            await engine.close()

    return asyncio.run(work())
