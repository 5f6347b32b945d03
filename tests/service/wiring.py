"""A service as a server process runs it, and connections whose bytes tests write themselves."""

from __future__ import annotations

import io
import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Self
from urllib.parse import urlencode

import uvicorn

from vises.service.app import create_app
from vises.service.census import ConnectionLimits
from vises.service.connections import limited
from vises.service.operation.clients import Clients
from vises.service.operation.logs import JsonLog
from vises.service.operation.metrics import Metrics
from vises.service.operation.requests import Requests, Watch
from vises.store.accounts import Accounts
from vises.store.limits import Rate
from vises.store.releases import ReleaseStore
from vises.store.workers import WorkerPool

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterator

    from starlette.types import ASGIApp, Receive, Scope, Send

    from vises.service.wire import Again
    from vises.settings import Settings

OWN = ("date", "ratelimit", "x-request-id")
"""The headers in which two answers to the same request differ."""


@contextmanager
def served(
    app: ASGIApp, known: Again, lifespan: Literal["on", "off"] = "off"
) -> Iterator[tuple[str, int]]:
    with running(app, limited(ConnectionLimits(), [].append, known), lifespan=lifespan) as address:
        yield address


@contextmanager
def running(
    app: ASGIApp,
    protocol: type[asyncio.Protocol],
    *,
    lifespan: Literal["on", "off"] = "off",
    head_bytes: int | None = None,
) -> Iterator[tuple[str, int]]:
    config = uvicorn.Config(
        app,
        http=protocol,
        lifespan=lifespan,
        log_config=None,
        h11_max_incomplete_event_size=head_bytes,
    )
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield listening.getsockname()
    finally:
        server.should_exit = True
        thread.join(30)
        listening.close()


class Connection:
    """A connection that reads one answer after the other."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address, timeout=30)
        self.file = self.socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()
        self.socket.close()

    def ask(self, *parts: bytes) -> None:
        for part in parts:
            self.socket.sendall(part)

    def answer(self) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body; a status of 0 at the end of the connection."""
        status, headers = self.head()
        if headers.get("transfer-encoding") == "chunked":
            return status, headers, b"".join(self._chunks())
        return status, headers, self.file.read(int(headers.get("content-length", 0)))

    def head(self) -> tuple[int, dict[str, str]]:
        """Return status and headers, of an answer to HEAD that is all."""
        first = self.file.readline()
        if not first:
            return 0, {}
        headers = {}
        while line := self.file.readline().strip().decode():
            name, _, value = line.partition(": ")
            headers[name] = value
        return int(first.split()[1]), headers

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self.file.readline(), 16):
            yield self.file.read(size)
            self.file.readline()
        self.file.readline()

    def bodies(self) -> list[bytes]:
        found = []
        while (answer := self.answer())[0]:
            found.append(answer[2])
        return found


@dataclass
class Service:
    """A service as a server process runs it; `reached` are the methods that came to Requests."""

    address: tuple[str, int]
    watch: Watch
    reached: list[str]


@contextmanager
def whole(
    settings: Settings,
    log: io.StringIO | None = None,
    *,
    processes: int = 1,
    fast_path: bool = True,
) -> Iterator[Service]:
    releases = ReleaseStore(settings.data)
    metrics = Metrics()
    accounts = Accounts(Rate(6000, 12000), Rate(3000, 6000))
    engine = WorkerPool(
        releases,
        size=processes,
        query_seconds=settings.query_seconds,
        mebibytes=2048,
        accounts=accounts,
        observer=metrics,
    )
    clients = Clients(settings.trusted_proxies)
    watch = Watch(settings, releases, clients, metrics, JsonLog(log or io.StringIO()), accounts)
    app = create_app(settings, releases, engine, pool=engine if fast_path else None)
    requests = Requests(app, watch, app.repeats.known, app.fast_path)
    reached: list[str] = []

    async def counted(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            reached.append(scope["method"])
        await requests(scope, receive, send)

    with served(counted, requests, "on") as address:
        yield Service(address, watch, reached)


def request(query: str, *headers: str, method: str = "GET") -> bytes:
    target = f"/sparql?{urlencode({'query': query})}"
    lines = [f"{method} {target} HTTP/1.1", "Host: x", "Accept: text/csv", *headers]
    return "\r\n".join([*lines, "", ""]).encode()


ROWS = "SELECT * { ?s ?p ?o } ORDER BY ?s ?p ?o LIMIT 20"
