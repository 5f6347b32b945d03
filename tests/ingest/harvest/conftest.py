"""A SPARQL endpoint on the loopback that behaves as a test wants, and a harvest of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import pytest
from pyoxigraph import QueryResultsFormat, QuerySolutions, RdfFormat, Store

from vises.ingest.harvest.description import Harvest, read_harvest
from vises.ingest.harvest.pacing import Pacer
from vises.ingest.harvest.pages import Pages
from vises.progress import Silence
from vises.store.federation.partners import Partner

if TYPE_CHECKING:
    import ssl

Write = Callable[[str, str], Path]
Respond = Callable[["Peer", BaseHTTPRequestHandler, str], bool]
DATA = "".join(
    f'<http://e.example/{n:03}> a <http://e.example/Thing> ; <http://e.example/name> "{n}" .\n'
    for n in range(25)
)
HARVEST = """\
endpoint: {endpoint}
title: {{fr: T, nl: T, en: T}}
key: thing
page: {page}
pause: 0
paging: {paging}
things: SELECT DISTINCT ?thing WHERE {{ ?thing a <http://e.example/Thing> }}
construct: >-
  CONSTRUCT {{ ?thing <http://e.example/name> ?name }}
  WHERE {{ ?thing <http://e.example/name> ?name }}
"""


@dataclass
class Peer:
    """A SPARQL endpoint on the loopback that behaves as a test wants."""

    endpoint: str = ""
    respond: Respond = lambda *_: False
    asked: list[str] = field(default_factory=list)
    store: Store = field(default_factory=Store)

    @property
    def partner(self) -> Partner:
        return Partner(self.endpoint, "The peer", (ip_network("127.0.0.0/8"),), 1.0, 1)

    def answer(self, handler: BaseHTTPRequestHandler, query: str) -> None:
        results = self.store.query(query)
        if isinstance(results, QuerySolutions):
            body = results.serialize(format=QueryResultsFormat.JSON)
            send(handler, "application/sparql-results+json", body or b"")
        else:
            body = results.serialize(format=RdfFormat.TURTLE)  # type: ignore[union-attr]
            send(handler, "text/turtle; charset=utf-8", body or b"")


def send(
    handler: BaseHTTPRequestHandler, kind: str, body: bytes, status: int = 200, **headers: str
) -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", headers.pop("length", str(len(body))))
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


@pytest.fixture
def peer() -> Iterator[Peer]:
    peer = Peer()
    peer.store.load(DATA.encode(), format=RdfFormat.TURTLE)
    with listening(peer):
        yield peer


@contextmanager
def listening(peer: Peer, tls: ssl.SSLContext | None = None) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            query = parse_qs(self.rfile.read(length).decode())["query"][0]
            peer.asked.append(query)
            try:
                if not peer.respond(peer, self, query):
                    peer.answer(self, query)
            except OSError:
                pass  # the client went away, as it should

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    scheme, host = ("https", "localhost") if tls else ("http", "127.0.0.1")
    peer.endpoint = f"{scheme}://{host}:{server.server_port}/sparql"
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pacer, "FIRST", 0.01)


@dataclass
class Try:
    """A harvest of a peer into a folder."""

    peer: Peer
    folder: Path
    page: int = 10
    paging: str = "offset"

    def described(self) -> Harvest:
        description = self.folder / "h.yml"
        endpoint = self.peer.endpoint or "http://e.example/"
        description.write_text(
            HARVEST.format(endpoint=endpoint, page=self.page, paging=self.paging)
        )
        return read_harvest(description)

    def pages(self) -> Pages:
        return Pages(self.described(), self.folder)

    def fetch(self) -> list[str]:
        fetched = self.pages().fetch(self.peer.partner, Silence())
        assert fetched.name == "127.0.0.1.nt"
        return sorted(fetched.read_text().splitlines())


@pytest.fixture
def attempt(peer: Peer, tmp_path: Path) -> Try:
    return Try(peer, tmp_path)


EVERYTHING = sorted(f'<http://e.example/{n:03}> <http://e.example/name> "{n}" .' for n in range(25))
JSON = "application/sparql-results+json"
