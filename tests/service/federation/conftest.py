"""Partners that behave as they are told, and a service that lists them."""

from __future__ import annotations

import http.server
import ipaddress
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import pytest

from vises.service.app import create_app
from vises.store.federation.federation import Federation
from vises.store.federation.fetch import PartnerClient
from vises.store.federation.partners import Partner
from vises.store.releases import ReleaseStore
from vises.store.workers import WorkerPool

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from vises.settings import Settings
    from vises.store.federation.addresses import Resolver

JSON = "application/sparql-results+json"
HERE = ipaddress.ip_network("127.0.0.1")


@dataclass
class Received:
    """A request that a partner got."""

    path: str
    headers: dict[str, str]
    query: str


Behaviour = Callable[[http.server.BaseHTTPRequestHandler], None]


@dataclass
class FakePartner:
    """An HTTP server on the loopback: each path behaves in its own way."""

    server: http.server.ThreadingHTTPServer
    received: list[Received] = field(default_factory=list)
    behaviours: dict[str, Behaviour] = field(default_factory=dict)
    networks: tuple[ipaddress.IPv4Network, ...] = (HERE,)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"


@contextmanager
def fake_partner(host: str = "127.0.0.1", port: int = 0) -> Iterator[FakePartner]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            form = self.rfile.read(int(self.headers["Content-Length"])).decode()
            [(name, query)] = parse_qsl(form, strict_parsing=True)
            assert name == "query"
            partner.received.append(Received(self.path, dict(self.headers), query))
            partner.behaviours[self.path](self)

        def log_message(self, *_: object) -> None:
            pass

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Let a connection that the service closes be no news."""

    with Server((host, port), Handler) as server:
        partner = FakePartner(server)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}).start()
        yield partner
        server.shutdown()


@pytest.fixture(scope="session")
def start_partner() -> Callable[..., AbstractContextManager[FakePartner]]:
    return fake_partner


def answer(
    body: bytes | str, media_type: str = JSON, status: int = 200, **headers: str
) -> Behaviour:
    content = body.encode() if isinstance(body, str) else body

    def behave(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", media_type)
        handler.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(content)

    return behave


@pytest.fixture(scope="session")
def answering() -> Callable[..., Behaviour]:
    return answer


@pytest.fixture(scope="session")
def federated(
    settings: Settings, run_app: Callable[..., AbstractContextManager[str]]
) -> Callable[..., AbstractContextManager[str]]:
    """Return what runs a service with partners; it yields the address of its endpoint."""

    @contextmanager
    def running(
        endpoints: Sequence[str],
        *,
        resolver: Resolver | None = None,
        query_seconds: float = 20,
        size: int = 1,
        **limits: object,
    ) -> Iterator[str]:
        kept = {"networks": (HERE,), "seconds": 10.0, "mebibytes": 1, **limits}
        injected = {"resolver": resolver} if resolver else {}
        clients = [PartnerClient(Partner(e, **kept), **injected) for e in endpoints]
        releases = ReleaseStore(settings.data)
        pool = WorkerPool(
            releases,
            size=size,
            query_seconds=query_seconds,
            mebibytes=1024,
            federation=Federation(clients),
        )
        with run_app(create_app(settings, releases, pool)) as address:
            yield f"{address}/sparql"

    return running
