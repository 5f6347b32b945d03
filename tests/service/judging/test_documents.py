"""Documents of partners: which addresses are read, and under which rules."""

from __future__ import annotations

import asyncio
import http.server
import ipaddress
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar

import httpx
import pytest

from vises.service.app import create_app
from vises.store.federation.documents import DocumentReader, DocumentRefused
from vises.store.federation.failures import FederationFailed, FederationTimeout
from vises.store.federation.partners import Partner, PartnersError, read_partners
from vises.store.releases import ReleaseStore
from vises.store.workers import WorkerPool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from vises.settings import Settings

HERE = ipaddress.ip_network("127.0.0.1")
TURTLE = b"<enterprise/x> a <https://w3id.org/vises/ontology#Enterprise> ."


@dataclass
class Shelf:
    """A server on the loopback, and the paths that were asked for."""

    address: str
    asked: list[str] = field(default_factory=list)


@contextmanager
def shelf() -> Iterator[Shelf]:
    class Handler(http.server.BaseHTTPRequestHandler):
        bodies: ClassVar[dict[str, tuple[int, bytes, str]]] = {
            "/data/a.ttl": (200, TURTLE, "text/turtle"),
            "/data/b.ttl": (200, TURTLE, "application/octet-stream"),
            "/data/page": (200, b"<html>", "text/html"),
            "/data/large": (200, b"#" * (2 << 20), "text/turtle"),
            "/data/moved": (302, b"", "text/turtle"),
            "/data/cut": (200, TURTLE, "text/turtle"),
            "/data/unmeasured": (200, TURTLE, "text/turtle"),
        }

        def do_GET(self) -> None:
            found.asked.append(self.path)
            if self.path == "/data/slow":
                stop.wait(5)
                return
            status, body, media_type = self.bodies.get(self.path, (404, b"", "text/plain"))
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            if self.path != "/data/unmeasured":
                length = len(body) + 5 * (self.path == "/data/cut")
                self.send_header("Content-Length", str(length))
            self.send_header("Location", "/data/a.ttl")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Let a connection that we close be no news."""

    stop = threading.Event()
    with Server(("127.0.0.1", 0), Handler) as server:
        found = Shelf(f"http://127.0.0.1:{server.server_port}")
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}).start()
        yield found
        stop.set()
        server.shutdown()


@pytest.fixture(scope="module")
def partner() -> Iterator[Shelf]:
    with shelf() as found:
        yield found


def reader(shelf: Shelf, **changed: object) -> DocumentReader:
    given: dict[str, object] = {
        "endpoint": f"{shelf.address}/sparql",
        "documents": (f"{shelf.address}/data/",),
        "networks": (HERE,),
        "seconds": 2.0,
        "mebibytes": 1,
    }
    return DocumentReader([Partner(**(given | changed))])  # type: ignore[arg-type]


def test_a_document_is_read(partner: Shelf, tmp_path: Path) -> None:
    target = tmp_path / "read"
    read = reader(partner).read(f"{partner.address}/data/a.ttl", "text/turtle", target)
    assert asyncio.run(read) == "text/turtle"
    assert target.read_bytes() == TURTLE


@pytest.mark.parametrize(
    "path",
    [
        "/sparql",
        "/data",
        "/data/../secret",
        "/data/%2e%2e/secret",
        "/data/..%2fsecret",
        "/data/x/..",
        "/data/..?x",
        "/data/a\\..\\b",
        "/data/a b",
        "/data/a\r\nX: y",
        "/data/é",
        "/data/a#b",
        "@127.0.0.1/data/a",
    ],
)
def test_other_addresses_are_not_read(partner: Shelf, tmp_path: Path, path: str) -> None:
    before = list(partner.asked)
    with pytest.raises(DocumentRefused):
        asyncio.run(reader(partner).read(partner.address + path, "*/*", tmp_path / "read"))
    assert partner.asked == before


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("moved", "status is 302"),
        ("missing", "status is 404"),
        ("large", "larger than 1 MiB"),
        ("cut", "received"),
        ("unmeasured", "without a length"),
    ],
)
def test_answers_that_are_no_document(partner: Shelf, tmp_path: Path, path: str, why: str) -> None:
    address = f"{partner.address}/data/{path}"
    with pytest.raises(FederationFailed, match=why):
        asyncio.run(reader(partner).read(address, "*/*", tmp_path / "read"))


def test_a_slow_partner_is_given_up(partner: Shelf, tmp_path: Path) -> None:
    slow = reader(partner, seconds=0.3)
    with pytest.raises(FederationTimeout):
        asyncio.run(slow.read(f"{partner.address}/data/slow", "*/*", tmp_path / "read"))


def test_an_address_that_is_not_public_is_not_called(partner: Shelf, tmp_path: Path) -> None:
    before = list(partner.asked)
    with pytest.raises(FederationFailed, match="not public"):
        asyncio.run(
            reader(partner, networks=()).read(
                f"{partner.address}/data/a.ttl", "*/*", tmp_path / "read"
            )
        )
    assert partner.asked == before


@pytest.mark.parametrize(
    "documents", ['"https://e.example/"', '["https://e.example/a"]', '["ftp://e.example/"]', "[1]"]
)
def test_a_wrong_list_names_its_line(tmp_path: Path, documents: str) -> None:
    path = tmp_path / "partners.toml"
    path.write_text(
        f'[[partner]]\nendpoint = "https://e.example/sparql"\ndocuments = {documents}\n', "utf-8"
    )
    with pytest.raises(PartnersError, match="line 3: documents"):
        read_partners(path)


@pytest.fixture
def service(
    settings: Settings,
    partner: Shelf,
    tmp_path: Path,
    run: Callable[..., AbstractContextManager[str]],
) -> Iterator[str]:
    """Return the address of a service that lists the documents of a partner."""
    listed = tmp_path / "partners.toml"
    listed.write_text(
        f'[[partner]]\nendpoint = "{partner.address}/sparql"\nnetworks = ["127.0.0.1"]\n'
        f'documents = ["{partner.address}/data/"]\n',
        "utf-8",
    )
    here = replace(settings, partners=listed)
    releases = ReleaseStore(here.data)
    engine = WorkerPool(releases, size=1, query_seconds=20, mebibytes=1024)
    with run(create_app(here, releases, engine)) as address:
        yield address


def test_a_document_is_judged_by_its_address(service: str, partner: Shelf) -> None:
    with httpx.Client(base_url=service, timeout=20) as client:
        assert f"{partner.address}/data/" in client.get("/validate").text
        for name in ("a.ttl", "b.ttl"):
            address = f"{partner.address}/data/{name}"
            answer = client.post("/validate", params={"url": address})
            [place, *_] = [r["place"] for r in answer.json()["results"]]
            assert place == {"document": address, "line": 1}
        page = client.post("/validate", params={"url": f"{partner.address}/data/page"})
        assert page.status_code == 415
        refused = client.post("/validate", params={"url": "http://169.254.169.254/"})
        assert refused.json()["type"].endswith("/document-refused")
