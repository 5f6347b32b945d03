"""What a remote engine may do wrong, played by a server that does as it is told."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import httpx
import pytest

from vises.errors import BadInput, Unavailable
from vises.store.engine import RESULTS_TYPES, QueryFailed, QueryRequest, QueryTimeout
from vises.store.remote.client import RemoteClient
from vises.store.remote.engine import RemoteEngine
from vises.store.remote.http import (
    ChallengedLogin,
    Login,
    NoRemoteEngine,
    RemoteAddress,
    RemoteLoginRefused,
    RemoteUnavailable,
)
from vises.store.remote.queries import RemoteDeclined
from vises.store.remote.replica import content_of, replica_graph
from vises.store.remote.transfer import CHUNK_BYTES, AnswerDoubted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.remote.conftest import World
    from vises.store.releases import Release

Reply = tuple[int, dict[str, str], bytes]
JSON = "application/sparql-results+json"
QUERY = "SELECT ?s WHERE { ?s ?p ?o }"
ROW = b'{"s":{"type":"uri","value":"https://data.example/a"}}'
ANSWER = b'{"head":{"vars":["s"]},"results":{"bindings":[' + ROW + b"]}}"


class Told(ThreadingHTTPServer):
    """Answers the question what it holds as it should, and everything else by `reply`."""

    daemon_threads = True

    def __init__(self, release: Release, base: str, reply: Callable[[], Reply]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        name = replica_graph(base)
        self.replica = (
            '{"head":{"vars":["s","p","o"]},"results":{"bindings":[{"s":{"type":"uri","value":"'
            f'{name.value}"}},"p":{{"type":"uri","value":"https://schema.org/sha256"}},'
            f'"o":{{"type":"literal","value":"{content_of(release)}"}}}}]}}}}'
        ).encode()
        self.reply = reply
        self.asked: list[str] = []
        self.logins: list[str] = []
        self.address = f"http://127.0.0.1:{self.server_port}/sparql"


class Handler(BaseHTTPRequestHandler):
    server: Told

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        query = parse_qs(body).get("query", [""])[0]
        self.server.logins.append(self.headers.get("Authorization", ""))
        if "graph/replica" in query:
            self.answer(200, {"Content-Type": JSON}, self.server.replica)
        else:
            self.server.asked.append(query)
            self.answer(*self.server.reply())

    def answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        with suppress(ConnectionError):
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def release(world: World) -> Release:
    return world.publish(world.quads("g:one { :a :p 1 }"))


@contextmanager
def told(world: World, release: Release, reply: Callable[[], Reply]) -> Iterator[Told]:
    with Told(release, world.base, reply) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def test_an_answer(world: World, release: Release) -> None:
    with told(world, release, lambda: (200, {"Content-Type": JSON}, ANSWER)) as server:
        assert b"https://data.example/a" in world.ask(server.address, QUERY, release)
        assert set(server.logins) == {""}


@pytest.mark.parametrize(
    ("reply", "error", "sentence"),
    [
        ((200, {"Content-Type": JSON}, ANSWER[:-3]), QueryFailed, "cannot be read"),
        (
            (200, {"Content-Type": JSON, "Content-Length": "999"}, ANSWER),
            RemoteUnavailable,
            "failed",
        ),
        ((200, {"Content-Type": JSON, "X-SPARQL-MaxRows": "1"}, ANSWER), AnswerDoubted, "MaxRows"),
        ((200, {"Content-Type": JSON, "X-SQL-State": "S1TAT"}, ANSWER), AnswerDoubted, "S1TAT"),
        ((200, {"Content-Type": "text/html"}, b"<p>hello"), RemoteDeclined, "text/html"),
        ((200, {"Content-Type": JSON}, b'{"head":{},"boolean":true}'), QueryFailed, "another form"),
        ((400, {}, b"Bad query\nSELECT"), RemoteDeclined, "400: Bad query"),
        ((500, {}, b"Virtuoso S1T00 Error SR171: Transaction timed out"), QueryTimeout, "its own"),
        ((504, {}, b""), QueryTimeout, "its own"),
        ((401, {"WWW-Authenticate": "Basic"}, b""), RemoteLoginRefused, "401"),
        ((302, {"Location": "http://127.0.0.1:1/"}, b""), RemoteUnavailable, "not followed"),
        ((307, {"Location": "http://127.0.0.1:1/"}, b""), RemoteUnavailable, "not followed"),
    ],
)
def test_what_is_not_an_answer(
    world: World, release: Release, reply: Reply, error: type[Exception], sentence: str
) -> None:
    with told(world, release, lambda: reply) as server:
        with pytest.raises(error, match=sentence) as raised:
            world.ask(server.address, QUERY, release)
        assert server.address not in str(raised.value)
        assert len(server.asked) == 1


def test_a_slow_engine_meets_the_deadline(world: World, release: Release) -> None:
    hold = threading.Event()

    def slow() -> Reply:
        hold.wait(20)
        return 200, {"Content-Type": JSON}, ANSWER

    with told(world, release, slow) as server:
        begin = time.monotonic()
        with pytest.raises(QueryTimeout, match=r"0\.5 s"):
            world.ask(server.address, QUERY, release, seconds=0.5)
        assert time.monotonic() - begin < 10
        hold.set()


def test_an_engine_that_stops_in_the_middle_meets_the_deadline(
    world: World, release: Release
) -> None:
    part = {"Content-Type": JSON, "Content-Length": str(len(ANSWER) + 10)}
    hold = threading.Event()

    class Stuck(bytes):
        """Bytes after which the connection stays open."""

    with told(world, release, lambda: (200, part, Stuck(ANSWER[:50]))) as server:
        shut = server.shutdown_request
        server.shutdown_request = lambda request: (hold.wait(20), shut(request))[1]  # type: ignore[method-assign]
        asked = QueryRequest(QUERY, RESULTS_TYPES[0], None, timeout=0.5)
        with pytest.raises(QueryTimeout, match=r"0\.5 s"):
            world.ask(server.address, asked, release, seconds=20)
        hold.set()


def test_an_answer_that_nobody_waits_for_makes_room(world: World, release: Release) -> None:
    """More are dropped than may be on their way at once, and all the same the last is answered."""
    rows = b",".join([ROW] * 40_000)
    large = b'{"head":{"vars":["s"]},"results":{"bindings":[' + rows + b"]}}"
    with told(world, release, lambda: (200, {"Content-Type": JSON}, large)) as server:

        async def work() -> int:
            engine = RemoteEngine(
                server.address, world.releases, base_iri=world.base, query_seconds=30
            )
            await engine.start()
            try:
                for _ in range(20):
                    dropped = await engine.answer(
                        QueryRequest(QUERY, RESULTS_TYPES[2], None), release.id
                    )
                    assert len(await anext(dropped.chunks)) >= CHUNK_BYTES
                    await dropped.aclose()
                last = await engine.answer(QueryRequest(QUERY, RESULTS_TYPES[2], None), release.id)
                return sum([chunk.count(b"\n") async for chunk in last.chunks])
            finally:
                await engine.close()

        assert asyncio.run(work()) == 40_001


def test_an_engine_that_is_down(world: World, release: Release) -> None:
    with pytest.raises(RemoteUnavailable, match="connection") as raised:
        world.ask("http://127.0.0.1:1/sparql", QUERY, release)
    assert isinstance(raised.value, Unavailable)


def test_a_password_is_not_sent_as_it_is_to_another_machine() -> None:
    asked: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.headers.get("Authorization"))
        return httpx.Response(401, headers={"WWW-Authenticate": 'Basic realm="x"'})

    with httpx.Client(
        transport=httpx.MockTransport(answer), auth=ChallengedLogin(Login("a", "b"))
    ) as client:
        with pytest.raises(RemoteLoginRefused, match="not encrypted"):
            client.put("http://engine.example/graphs")
        assert len(asked) == 1
        client.put("https://engine.example/graphs")
    assert asked == [None, None, "Basic YTpi"]


def test_a_login_is_read_from_a_file_and_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "login"
    path.write_text("dba:a:b c\nmore\n", encoding="utf-8")
    login = Login.read(path)
    assert (login.name, login.password) == ("dba", "a:b c")
    assert "a:b c" not in repr(RemoteAddress("x", login=login))
    path.write_text("nothing", encoding="utf-8")
    with pytest.raises(BadInput, match="NAME:PASSWORD"):
        Login.read(path)
    with pytest.raises(BadInput, match="cannot be read"):
        Login.read(tmp_path / "none")


@pytest.mark.parametrize("missing", ["query", "update", "graphs"])
def test_a_missing_address_is_named(missing: str) -> None:
    addresses = {"query": "http://x/q", "update": "http://x/u", "graphs": "http://x/g"}
    with pytest.raises(NoRemoteEngine, match="VISES_ENGINE"):
        RemoteClient(RemoteAddress(**{**addresses, missing: ""}), "https://data.example/")
