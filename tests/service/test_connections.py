"""What a connection may cost, with clients that send slowly, read slowly, or come in crowds."""

from __future__ import annotations

import asyncio
import json
import resource
import socket
import threading
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.service.wiring import running
from vises.service.census import ConnectionLimits, most_connections
from vises.service.connections import limited

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import Receive, Scope, Send

SECONDS = 0.6
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
ENDLESS = b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 40000\r\n\r\n"
gone = threading.Event()
ended: list[str] = []


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the length of the body, slowly under /late, without end under /endless."""
    length = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        length += len(message.get("body", b""))
        if not message.get("more_body"):
            break
    if scope["path"] == "/late":
        await asyncio.sleep(3 * SECONDS)
    headers = [] if scope["path"] == "/endless" else [(b"content-length", b"%d" % len(str(length)))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    if scope["path"] == "/endless":
        leaving = asyncio.create_task(receive())
        while not leaving.done():
            await send({"type": "http.response.body", "body": b"x" * 65536, "more_body": True})
            await asyncio.sleep(0)
        gone.set()
        return
    await send({"type": "http.response.body", "body": str(length).encode()})


@contextmanager
def server(seconds: float = SECONDS, **limits: int) -> Iterator[tuple[str, int]]:
    known = ConnectionLimits(seconds=seconds, **{"bytes_per_second": 20_000} | limits)
    protocol = limited(known, ended.append)
    with running(app, protocol, head_bytes=1 << 20) as found:
        yield found


@pytest.fixture(scope="module")
def address() -> Iterator[tuple[str, int]]:
    with server(connections=400) as found:
        yield found


def fetched(address: tuple[str, int]) -> bytes:
    with connect(address) as connection:
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        return answer(connection)


@pytest.fixture(scope="module")
def patient() -> Iterator[tuple[str, int]]:
    """Return the address of a server that waits longer than any machine takes."""
    with server(60) as found:
        yield found


def answer(connection: socket.socket) -> bytes:
    """Return what comes until the other side ends."""
    connection.settimeout(20)
    found = bytearray()
    try:
        while data := connection.recv(65536):
            found += data
    except ConnectionResetError:
        pass
    return bytes(found)


def problem(raw: bytes) -> tuple[int, str]:
    head, _, body = raw.partition(b"\r\n\r\n")
    document = json.loads(body)
    assert b"application/problem+json" in head
    assert int(head.split()[1]) == document["status"]
    return document["status"], document["type"].rpartition("/")[2]


def connect(address: tuple[str, int]) -> socket.socket:
    return socket.create_connection(address, timeout=20)


def test_a_request_that_comes_at_once_is_answered(patient: tuple[str, int]) -> None:
    with connect(patient) as connection:
        connection.sendall(POST + b"x" * 40_000)
        assert connection.recv(1000).startswith(b"HTTP/1.1 200")
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert answer(connection).endswith(b"0")


def test_work_of_the_service_is_not_held_against_the_client(address: tuple[str, int]) -> None:
    with connect(address) as connection:
        connection.sendall(b"GET /late HTTP/1.0\r\n\r\n")
        assert answer(connection).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("begin", [GET[:-2], POST + b"x", GET[:5]])
def test_a_byte_at_a_time_is_too_slow(address: tuple[str, int], begin: bytes) -> None:
    with connect(address) as connection:
        connection.sendall(begin)
        for _ in range(100):
            time.sleep(SECONDS / 10)
            try:
                connection.sendall(b"x")
            except OSError:
                break
        else:
            pytest.fail("it may go on for ever")


def test_who_is_too_slow_is_told(address: tuple[str, int]) -> None:
    with connect(address) as connection:
        connection.sendall(POST + b"x")
        assert problem(answer(connection)) == (408, "request-too-slow")


def test_a_body_that_takes_its_time_at_a_fair_rate_comes_through() -> None:
    with server(bytes_per_second=1000) as address, connect(address) as connection:
        connection.sendall(POST.replace(b"Host: x", b"Host: x\r\nConnection: close"))
        for _ in range(20):
            connection.sendall(b"x" * 2000)
            time.sleep(SECONDS / 12)
        assert answer(connection).endswith(b"40000")


def test_silence_is_ended_without_a_word(address: tuple[str, int]) -> None:
    with connect(address) as connection:
        assert answer(connection) == b""


def test_the_head_is_bounded(address: tuple[str, int]) -> None:
    with connect(address) as connection:
        connection.sendall(GET[:-2])
        for number in range(10_000):
            try:
                connection.sendall(b"X-%d: %s\r\n" % (number, b"y" * 1000))
            except OSError:
                break
        else:
            pytest.fail("it may go on for ever")


def test_a_head_at_the_bound_is_told_so(patient: tuple[str, int]) -> None:
    with connect(patient) as connection:
        connection.sendall(GET[:-2] + b"X-A: " + b"y" * 70_000)
        time.sleep(SECONDS / 4)
        connection.sendall(b"y")
        assert problem(answer(connection)) == (431, "head-too-large")


def test_what_is_not_http_is_told_so(patient: tuple[str, int]) -> None:
    for nonsense in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"GET\r\n\r\n"):
        with connect(patient) as connection:
            connection.sendall(nonsense)
            assert problem(answer(connection)) == (400, "not-http")


def test_a_method_that_nobody_knows_is_not_implemented(patient: tuple[str, int]) -> None:
    for method in (b"FOO", b"get", b"M-SEARCHES"):
        with connect(patient) as connection:
            connection.sendall(method + b" /x?y HTTP/1.1\r\nHost: x\r\n\r\n")
            assert problem(answer(connection)) == (501, "unknown-method")
    for nonsense in (b"F\xc3\x89 / HTTP/1.1\r\n\r\n", b"FOO /\r\n\r\n", b"FOO / HTTP/9.9\r\n\r\n"):
        with connect(patient) as connection:
            connection.sendall(nonsense)
            assert problem(answer(connection)) == (400, "not-http")


@pytest.mark.parametrize(
    ("accepted", "detail", "remedy"),
    [
        (b"", "It is FOO.", "Use one of GET, "),
        (b"Accept-Language: fr-BE, en;q=0.5\r\n", "C\u2019est FOO.", "Utilisez l\u2019une de ces"),
        (b"accept-language:nl\r\n", "Het is FOO.", "Gebruik een van GET, "),
    ],
)
def test_it_is_told_in_the_language_of_the_reader(
    patient: tuple[str, int], accepted: bytes, detail: str, remedy: str
) -> None:
    with connect(patient) as connection:
        connection.sendall(b"FOO / HTTP/1.1\r\nHost: x\r\n" + accepted + b"\r\n")
        told = json.loads(answer(connection).partition(b"\r\n\r\n")[2])
    assert told["detail"] == detail
    assert told["remedy"].startswith(remedy)


def test_who_is_too_slow_with_a_body_is_told_in_their_language(address: tuple[str, int]) -> None:
    with connect(address) as connection:
        connection.sendall(POST.replace(b"Host: x", b"Host: x\r\nAccept-Language: nl") + b"x")
        assert "Het kwam niet op tijd." in answer(connection).decode()


def test_who_stops_reading_is_let_go(address: tuple[str, int]) -> None:
    gone.clear()
    ended.clear()
    with connect(address) as connection:
        connection.sendall(ENDLESS)
        assert connection.recv(1000)
        assert gone.wait(30)
    assert "answer-not-fetched" in ended


def test_who_reads_slowly_and_steadily_may_go_on() -> None:
    gone.clear()
    with server(2) as address, socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 14)
        connection.connect(address)
        connection.sendall(ENDLESS)
        for _ in range(40):
            connection.recv(1 << 13)
            time.sleep(SECONDS / 10)
        assert not gone.is_set()


def test_a_crowd_is_told_to_come_back_and_leaves_room_again() -> None:
    ended.clear()
    with server(3, connections=40) as address, ExitStack() as crowd:
        for _ in range(10):
            crowd.enter_context(connect(address)).sendall(GET[:5])
        time.sleep(SECONDS / 6)
        with connect(address) as connection:
            assert problem(answer(connection)) == (503, "too-many-connections")
        assert "too-many-connections" in ended
        deadline = time.monotonic() + 30
        while not fetched(address).endswith(b"0"):
            assert time.monotonic() < deadline, "the crowd still has the room"
            time.sleep(SECONDS / 6)


def test_the_limit_on_open_files_leaves_room_for_other_files() -> None:
    most = most_connections()
    assert 0 < most < resource.getrlimit(resource.RLIMIT_NOFILE)[0]
