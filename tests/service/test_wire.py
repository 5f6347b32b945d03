"""Requests that are answered by their bytes, with clients that mix them with others."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import httpx
import pytest

from tests.service.wiring import OWN, ROWS, Connection, request, served, whole
from vises.service.wire import BEGUN, HEAD, Answering, _AtWork
from vises.store import attempt
from vises.store.releases import ReleaseStore

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.types import Receive, Scope, Send

    from vises.settings import Settings

Make = Any
KNOWN = b"GET /known HTTP/1.1\r\nHost: x\r\n\r\n"
OTHER = b"GET /other HTTP/1.1\r\nHost: x\r\n\r\n"
LAST = b"GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n"


@dataclass
class Table:
    """Knows one request, and counts how often it was asked for it."""

    body: bytes = b"known"
    asked: int = 0

    def again(self, head: bytes, peer: str, headers: list[Any]) -> tuple[bytes, bytes] | None:
        assert peer == "127.0.0.1"
        assert headers[0][0] == b"date"
        if head != KNOWN:
            return None
        self.asked += 1
        return ANSWER.replace(b"5", b"%d" % len(self.body)), self.body

    def begin(self, head: bytes, *_: object) -> None:
        assert head.endswith(b"\r\n\r\n")


@dataclass
class App:
    """Answers with the path; remembers paths and the bytes that it was told."""

    paths: list[str] = field(default_factory=list)
    heads: list[bytes | None] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.paths.append(scope["path"])
        self.heads.append(scope.get(HEAD))
        if scope["path"] != "/early":
            while (await receive()).get("more_body"):
                pass
        body = scope["path"].encode()
        length = (b"content-length", b"%d" % len(body))
        await send({"type": "http.response.start", "status": 200, "headers": [length]})
        await send({"type": "http.response.body", "body": body})


def test_what_is_known_reaches_no_application() -> None:
    app, table = App(), Table()
    with served(app, table) as address, Connection(address) as connection:
        for request, body in [(KNOWN, b"known"), (OTHER, b"/other"), (KNOWN, b"known")]:
            connection.ask(request)
            assert connection.answer()[2] == body
        connection.ask(LAST)
        assert connection.bodies() == [b"/last"]
    assert app.paths == ["/other", "/last"]


def test_answers_come_in_the_order_of_the_requests() -> None:
    app, table = App(), Table()
    with served(app, table) as address, Connection(address) as connection:
        connection.ask(KNOWN + KNOWN + OTHER + KNOWN + OTHER + LAST)
        bodies = connection.bodies()
    assert bodies == [b"known", b"known", b"/other", b"/known", b"/other", b"/last"]
    assert table.asked == 2


POST = b"POST /%b HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"


@pytest.mark.parametrize("path", [b"late", b"early"])
def test_a_body_that_reads_like_a_request_is_a_body(path: bytes) -> None:
    app, table = App(), Table()
    with served(app, table) as address, Connection(address) as connection:
        connection.ask(POST % (path, 2 * len(KNOWN)))
        if path == b"early":
            assert connection.answer()[2] == b"/early"
        connection.ask(KNOWN)
        connection.ask(KNOWN + LAST)
        bodies = connection.bodies()
    assert bodies == ([b"/last"] if path == b"early" else [b"/late", b"/last"])
    assert table.asked == 0


def test_a_header_that_reads_like_a_request_is_a_header() -> None:
    app, table = App(), Table()
    with served(app, table) as address, Connection(address) as connection:
        connection.ask(OTHER + b"GET /half HTTP/1.1\r\nX: ")
        assert connection.answer()[2] == b"/other"
        connection.ask(KNOWN)
        assert connection.answer()[2] == b"/half"
        connection.ask(LAST)
        assert connection.bodies() == [b"/last"]
    assert table.asked == 0


def test_what_follows_the_end_of_a_connection_is_not_answered() -> None:
    app, table = App(), Table()
    with served(app, table) as address, Connection(address) as connection:
        connection.ask(LAST + KNOWN)
        assert connection.bodies() == [b"/last"]
    assert table.asked == 0


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (OTHER, [OTHER]),
        (KNOWN + OTHER, [OTHER]),
        (OTHER + OTHER, [None, None]),
        (LAST, [None]),
        (OTHER.replace(b"1.1", b"1.0"), [None]),
        (POST % (b"", 2) + b"ab", [None]),
        (POST % (b"", 4) + b"\r\n\r\n", [None]),
    ],
)
def test_only_a_request_that_is_one_piece_is_told_by_its_bytes(
    sent: bytes, told: list[bytes | None]
) -> None:
    app, table = App(), Table()
    with served(app, table) as address, Connection(address) as connection:
        connection.ask(sent)
        for _ in range(len(told) + table.asked):
            assert connection.answer()[0] == 200
    assert app.heads == told


def test_a_client_that_reads_nothing_is_answered_no_more() -> None:
    app, table = App(), Table(b"x" * (1 << 20))
    most = 300
    with served(app, table) as address, Connection(address) as connection:
        connection.ask(KNOWN * most, LAST)
        assert connection.answer()[0] == 200
        assert table.asked < most / 2
        bodies = connection.bodies()
    assert len(bodies) == most
    assert bodies[-1] == b"/last"


def test_an_answer_by_bytes_is_the_answer(settings: Settings) -> None:
    log = io.StringIO()
    with whole(settings, log) as service, Connection(service.address) as connection:
        found = []
        for _ in range(4):
            connection.ask(request(ROWS))
            found.append(connection.answer())
        tag = found[0][1]["etag"]
        for _ in range(2):
            connection.ask(request(ROWS, f"If-None-Match: {tag}"))
            found.append(connection.answer())
        text = service.watch.metrics.text().decode()
    assert service.reached == ["GET"] * 3
    assert [status for status, _, _ in found] == [200] * 4 + [304] * 2
    assert [body for _, _, body in found[:4]] == [found[0][2]] * 4
    own = {*OWN, "ratelimit"}  # what is left grows with time
    first = {name: value for name, value in found[0][1].items() if name not in own}
    for _, headers, _ in found[1:4]:
        assert {n: v for n, v in headers.items() if n not in own} == first
    assert all("date" in headers and "ratelimit" in headers for _, headers, _ in found)
    assert set(found[4][1]) == set(found[5][1])
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [line.get("cache") for line in lines] == ["miss", *["hit"] * 5]
    assert [line["bytes"] for line in lines] == [len(body) for _, _, body in found]
    assert len({line.pop("request") for line in lines}) == 6
    assert len({headers["x-request-id"] for _, headers, _ in found}) == 6
    assert {line["path"] for line in lines} == {"/sparql"}
    assert 'vises_cache_requests_total{result="hit"} 5.0' in text
    assert 'vises_request_seconds_count{outcome="not-modified",route="sparql"} 2.0' in text


@pytest.mark.parametrize(
    "header", ["X-Request-ID: mine", "X-Forwarded-For: 192.0.2.7", "Authorization: Bearer x"]
)
def test_who_names_himself_is_looked_at(settings: Settings, header: str) -> None:
    with whole(settings) as service, Connection(service.address) as connection:
        connection.ask(request(ROWS))
        connection.answer()
        found = []
        for _ in range(3):
            connection.ask(request(ROWS, header))
            found.append(connection.answer())
    assert service.reached == ["GET"] * 4
    ids = {headers["x-request-id"] for _, headers, _ in found}
    assert ids == {"mine"} if "mine" in header else len(ids) == 3
    assert {status for status, _, _ in found} == {401 if "Bearer" in header else 200}


def test_a_new_release_is_seen_by_the_next_request(
    settings: Settings, tmp_path: Path, publish: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempt, "SOON_SECONDS", 30)  # a busy machine is no reason to go round
    releases = ReleaseStore(tmp_path / "data")
    publish(releases, tmp_path, {"data": b"<a> <b> 1 ."})
    with (
        whole(replace(settings, data=tmp_path / "data")) as service,
        Connection(service.address) as connection,
    ):
        bodies = []
        for number in range(8):
            if number == 4:
                publish(releases, tmp_path, {"data": b"<a> <b> 1, 2 ."})
            connection.ask(request(ROWS))
            bodies.append(connection.answer()[2])
    assert len(set(bodies[:4])) == len(set(bodies[4:])) == 1
    assert bodies[3] != bodies[4]
    assert service.reached == ["GET"] * 2  # the new answer is fetched straight


def test_the_head_of_an_answer_has_no_body(settings: Settings) -> None:
    with whole(settings) as service:
        url = "http://{}:{}/sparql".format(*service.address)
        plain = {"Accept": "text/csv", "Accept-Encoding": "identity"}
        with httpx.Client(headers=plain, timeout=30) as client:
            got = client.get(url, params={"query": ROWS})
            heads = [client.head(url, params={"query": ROWS}) for _ in range(3)]
    assert service.reached == ["GET", "HEAD"]
    for head in heads:
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == str(len(got.content))


HEADS = (
    *("/", "/sparql", "/sparql?query=ASK%7B%7D", "/healthz", "/robots.txt", "/opensearch.xml"),
    *("/ontology", "/shapes", "/profiles", "/api/openapi.json", "/api/v1/questions", "/nothing"),
    *(
        "/static/style.css",
        "/timemap/enterprise/fr-1",
        "/enterprise/fr-1.html",
        "/enterprise/fr-1.ttl",
    ),
    *("/graphs?default", "/graphs/demo", "/graphs/nothing", "/.well-known/void"),
)


def test_an_answer_to_head_is_nothing_but_a_head(settings: Settings) -> None:
    """What came behind it would be read as the answer to the next request (RFC 9112, 6.3)."""
    with whole(settings) as service, Connection(service.address) as connection:
        for path in HEADS * 2:
            connection.ask(f"HEAD {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            status, headers = connection.head()
            connection.ask(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            got, _, body = connection.answer()
            assert status == got, path
            if "content-length" in headers and status == HTTPStatus.OK:
                assert int(headers["content-length"]) == len(body), path


@pytest.mark.parametrize("mebibytes", [0, 16])
def test_what_is_unchanged_varies_as_the_answer_does(settings: Settings, mebibytes: int) -> None:
    """A cache takes the header over from a 304 (RFC 9110, 15.4.5)."""
    told = 0
    with whole(replace(settings, cache_mebibytes=mebibytes)) as service:
        address = "http://{}:{}".format(*service.address)
        with httpx.Client(base_url=address, timeout=30) as client:
            for path in (*HEADS, "/api", "/enterprise/fr-1.html?lang=nl"):
                for accept in ("text/html", "text/turtle"):
                    got = client.get(path, headers={"Accept": accept})
                    tag = got.headers.get("ETag")
                    if tag is None:
                        continue
                    again = client.get(path, headers={"Accept": accept, "If-None-Match": tag})
                    assert again.status_code == HTTPStatus.NOT_MODIFIED, path
                    assert again.headers.get("Vary") == got.headers.get("Vary"), path
                    told += 1
    assert told > 12


class Parser:
    """Takes a request, unless its connection is ending."""

    cycle: Any
    scope: Any = None
    ending = False

    def data_received(self, data: bytes) -> None:
        if not self.ending:
            self.cycle, self.scope = SimpleNamespace(keep_alive=True), {"head": data}


class Protocol(Answering, Parser):
    """The connection of a request that was begun without the parser."""

    def __init__(self, begun: object) -> None:
        self._begun, self._before, self.cycle = cast("Any", begun), None, _AtWork()
        self._head, self._later = KNOWN, b""
        self.flow = cast("Any", SimpleNamespace(resume_reading=lambda: None))


@pytest.mark.parametrize("ends", [False, True])
def test_the_end_of_the_service_is_known_on_the_long_way_too(ends: bool) -> None:  # noqa: FBT001
    begun = object()
    protocol = Protocol(begun)
    protocol.cycle.keep_alive = not ends
    protocol._done(None)
    assert protocol.cycle.keep_alive is not ends
    assert protocol.scope["head"] == KNOWN
    assert protocol.scope[BEGUN] is begun
    assert (HEAD in protocol.scope) is not ends


def test_what_was_begun_stops_where_the_connection_ends_before_the_long_way() -> None:
    """Else its query process would wait for somebody for ever."""
    closed: list[bool] = []
    protocol = Protocol(SimpleNamespace(close=lambda: closed.append(True)))
    protocol.ending = True
    protocol._done(None)
    assert closed == [True]
    assert protocol.scope is None
