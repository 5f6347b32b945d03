"""What happens when either side stops in the middle."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from vises.store.engine import MemoryExceeded, QueryTimeout

Make = Callable[..., Any]

QUERY = {"query": "SELECT * { ?s ?p ?o }"}
CSV = {"Accept": "text/csv"}


def test_a_failure_before_the_first_byte_is_a_problem_document(
    fake: Make, fake_engine: Make, run: Make
) -> None:
    engine = fake_engine([QueryTimeout("Too long.", remedy="Ask less.")])
    with run(fake(engine)) as address:
        answer = httpx.get(f"{address}/sparql", params=QUERY, headers=CSV)
    assert answer.status_code == 503
    assert answer.json()["type"].endswith("/query-timeout")
    assert engine.scripts[0].closed.is_set()


def test_a_failure_after_the_first_byte_breaks_the_transfer(
    fake: Make, fake_engine: Make, run: Make, caplog: pytest.LogCaptureFixture
) -> None:
    engine = fake_engine([b"s,p,o\r\n", b"1,2,3\r\n", MemoryExceeded("Too much.")])
    with run(fake(engine)) as address, pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"{address}/sparql", params=QUERY, headers=CSV)
    assert engine.scripts[0].closed.is_set()
    assert "query-memory" in caplog.text
    assert "SELECT" not in caplog.text


def test_rows_go_out_before_the_last_one_is_there(fake: Make, fake_engine: Make, run: Make) -> None:
    more = threading.Event()
    engine = fake_engine([b"first", more, b"last"])
    with (
        run(fake(engine)) as address,
        httpx.stream("GET", f"{address}/sparql", params=QUERY, headers=CSV) as answer,
    ):
        assert answer.headers["content-encoding"] in {"zstd", "br"}
        chunks = answer.iter_bytes()
        assert next(chunks) == b"first"
        more.set()
        assert b"".join(chunks) == b"last"


def test_a_client_that_leaves_ends_the_work(fake: Make, fake_engine: Make, run: Make) -> None:
    engine = fake_engine([b"first", asyncio.Event()])
    with run(fake(engine)) as address:
        with httpx.stream("GET", f"{address}/sparql", params=QUERY, headers=CSV) as answer:
            assert next(answer.iter_bytes()) == b"first"
        assert engine.scripts[0].closed.wait(20)


def test_a_client_that_leaves_early_ends_real_work(client: httpx.Client) -> None:
    hard = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
    with pytest.raises(httpx.ReadTimeout):
        client.get("/sparql", params={"query": hard}, timeout=0.5)
    with pytest.raises(httpx.ReadTimeout):
        client.get("/sparql", params={"query": hard}, timeout=0.5)
    begin = time.monotonic()
    assert client.get("/sparql", params={"query": "ASK {}"}).status_code == 200
    assert time.monotonic() - begin < 15
