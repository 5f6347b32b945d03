"""Clients that are slow, silent, many, or gone: what they hold is given back, and others go on."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING
from urllib.parse import quote

import httpx
import pytest

if TYPE_CHECKING:
    from tests.hostile.conftest import Target

ASK = quote("ASK {}")
LARGE = quote("SELECT * { ?a ?b ?c . ?d ?e ?f }")
POST = b"POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Type: application/sparql-query\r\n"
PATIENCE = 25
"""Longer than the service waits for a client: 20 s and a quarter of them."""


def open_connection(target: Target, *parts: bytes) -> socket.socket:
    connection = socket.create_connection(target.host, timeout=60)
    for part in parts:
        connection.sendall(part)
    return connection


def get(query: str) -> bytes:
    return f"GET /sparql?query={query} HTTP/1.1\r\nHost: a\r\nAccept: text/csv\r\n\r\n".encode()


def ended(connection: socket.socket, seconds: float) -> bool:
    """Read until the other side ends, for some seconds at most."""
    connection.settimeout(seconds)
    begin = time.monotonic()
    try:
        while connection.recv(1 << 20):
            if time.monotonic() - begin > seconds:
                return False
    except TimeoutError:
        return False
    except OSError:
        return True
    return True


def test_half_open_connections_by_the_hundred(target: Target) -> None:
    """They say nothing, half a line, or half a body; all are let go of in time."""
    begins = (b"", b"GET /spar", get(ASK)[:-2], b"POST /sparql HTTP/1.1\r\nHost: a\r\n")
    with ExitStack() as stack, target.watched("400 half-open connections") as row:
        held = [stack.enter_context(open_connection(target, begins[n % 4])) for n in range(400)]
        time.sleep(2)
        row.answer = "others are served"
    assert len(held) == 400
    assert max(row.latencies) < 10
    assert row.refused == 0


@pytest.mark.campaign
def test_half_open_connections_are_let_go_of(target: Target) -> None:
    with ExitStack() as stack, target.watched("100 half-open, for 25 s") as row:
        held = [stack.enter_context(open_connection(target, b"GET /")) for _ in range(100)]
        time.sleep(PATIENCE)
        row.answer = f"{sum(ended(c, 1) for c in held)} of 100 ended"
    assert row.answer == "100 of 100 ended"


def test_more_connections_than_one_address_may_have(target: Target) -> None:
    """1,024 is a quarter of the bound; the file descriptors of this process must allow it, too."""
    with ExitStack() as stack:
        told = b""
        for _ in range(1100):
            connection = stack.enter_context(open_connection(target))
            connection.settimeout(0)
            try:
                told = connection.recv(1000)
            except BlockingIOError:
                continue
            break
        time.sleep(0.2)
        last = stack.enter_context(open_connection(target))
        told = told or last.recv(1000)
        assert told.startswith(b"HTTP/1.1 503")
        assert b"too-many-connections" in told
    target.settle()
    with target.watched("1,024 connections, then none") as row:
        row.answer = "served again"
        time.sleep(0.2)
    assert row.refused == 0


def test_more_requests_at_once_than_can_wait(target: Target) -> None:
    """More than can be answered at once: each is answered, or told to come back."""

    def crowd(_: int) -> list[int]:
        with httpx.Client(timeout=60) as client:
            asked = [client.get(f"{target.served.endpoint}?query={ASK}") for _ in range(6)]
            return [answer.status_code for answer in asked]

    with target.watched("300 requests of 50 clients") as row, ThreadPoolExecutor(50) as pool:
        found = [status for statuses in pool.map(crowd, range(50)) for status in statuses]
        row.answer = ", ".join(f"{found.count(s)}x {s}" for s in sorted(set(found)))
    assert set(found) <= {200, 503}
    assert found.count(200) > 60


def test_clients_that_leave_at_once(target: Target) -> None:
    """Each costs a process that was at work for it, and no more."""
    with target.watched("60 that leave at once") as row:
        for _ in range(60):
            open_connection(target, get(LARGE)).close()
        row.answer = "let go"
        time.sleep(1)


@pytest.mark.campaign
@pytest.mark.parametrize("number", [1, 2, 30])
def test_readers_that_stop_in_the_middle(target: Target, number: int) -> None:
    """An answer of gigabytes of which they read a little: the deadline of the query ends it."""
    with ExitStack() as stack, target.watched(f"{number} that stop reading") as row:
        held = [stack.enter_context(open_connection(target, get(LARGE))) for _ in range(number)]
        for connection in held[:2]:
            assert connection.recv(100)
        time.sleep(PATIENCE)
        row.answer = f"{sum(ended(c, 5) for c in held)} of {number} ended"
    assert row.answer == f"{number} of {number} ended"


@pytest.mark.campaign
@pytest.mark.parametrize(
    "begin",
    [
        get(ASK)[:-2],
        POST + b"Content-Length: 100000\r\n\r\n",
        POST + b"Transfer-Encoding: chunked\r\n\r\n",
    ],
    ids=["header", "body", "chunks"],
)
def test_a_byte_a_second(target: Target, begin: bytes) -> None:
    """100 connections of it are ended after 20 s, whatever comes meanwhile."""
    with ExitStack() as stack, target.watched("100 that send a byte a second") as row:
        held = [stack.enter_context(open_connection(target, begin)) for _ in range(100)]
        sent = 0
        for _ in range(2 * PATIENCE):
            time.sleep(0.5)
            for connection in held:
                try:
                    connection.sendall(b"1\r\nx\r\n" if b"chunked" in begin else b"x")
                    sent += 1
                except OSError:
                    continue
        row.answer = f"{sum(ended(c, 1) for c in held)} of 100 ended"
    assert row.answer == "100 of 100 ended"
    assert max(row.latencies) < 2


def test_a_slow_reader_of_a_finished_answer_holds_no_process(target: Target) -> None:
    """What the kernel and the server hold of an answer is not in the way of the next query."""
    small = quote("SELECT * { ?s ?p ?o } LIMIT 2000")
    with ExitStack() as stack, target.watched("20 that read nothing, small") as row:
        for _ in range(20):
            stack.enter_context(open_connection(target, get(small)))
        time.sleep(1)
        row.answer = "others are served"
    assert row.refused == 0
