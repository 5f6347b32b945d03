"""Partners and names that do harm, or try to."""

from __future__ import annotations

import asyncio
import gzip
import shlex
import ssl
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx
import pytest

from vises.store.federation.failures import FederationFailed
from vises.store.federation.fetch import MOST_AT_ONCE, PartnerClient
from vises.store.federation.partners import Partner
from vises.store.workers import WorkerPool

if TYPE_CHECKING:
    import http.server
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.service.federation.conftest import Behaviour, FakePartner
    from vises.store.federation.addresses import Resolver

    Federated = Callable[..., AbstractContextManager[str]]
    StartPartner = Callable[..., AbstractContextManager[FakePartner]]

JSON, XML = "application/sparql-results+json", "application/sparql-results+xml"
NONE = '{"head":{"vars":[]},"results":{"bindings":[]}}'
ROW = '{"head":{"vars":["s"]},"results":{"bindings":[{"s":{"type":"uri","value":"x:s"}}'
HEAD = '<?xml version="1.0"?>LAUGHS<sparql xmlns="http://www.w3.org/2005/sparql-results#">'
ROWS = '<head><variable name="s"/></head><results><result><binding name="s"><literal>A</literal>'
LAUGHS = '<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>'
FILLED = ROW + "," + ",".join(["{}"] * 700_000) + "]}}"


def trickle(piece: bytes, seconds: float) -> Behaviour:
    """Return the behaviour of sending a piece again and again, for ever."""

    def behave(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", JSON)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        until = time.monotonic() + 10
        while time.monotonic() < until:
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            time.sleep(seconds)

    return behave


def silence(handler: http.server.BaseHTTPRequestHandler) -> None:
    """Say nothing until the service hangs up."""
    handler.connection.settimeout(10)
    handler.connection.recv(1)


def cut(handler: http.server.BaseHTTPRequestHandler) -> None:
    """Promise more than is sent."""
    handler.send_response(200)
    handler.send_header("Content-Type", JSON)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(ROW.encode())
    handler.close_connection = True


def garbage(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"\x00\x01\x02 not HTTP\r\n\r\n")
    handler.close_connection = True


def long_head(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + b"X-Filler: " + b"x" * (1 << 20))
    handler.close_connection = True


def wrong_answers(answering: Callable[..., Behaviour], inner: str) -> dict[str, Behaviour]:
    xml = HEAD.replace("LAUGHS", "") + ROWS
    end = "</binding></result></results></sparql>"
    return {
        "/inner-redirect": answering("", status=307, Location=f"{inner}/secret"),
        "/metadata": answering("", status=302, Location="http://169.254.169.254/latest/meta-data/"),
        "/moved": answering("", status=308, Location="/ok"),
        "/error": answering(NONE, status=503),
        "/partial": answering(NONE, status=206),
        "/html": answering("<html>", "text/html"),
        "/csv": answering("s\r\n", "text/csv"),
        "/turtle": answering("", "text/turtle"),
        "/no-type": answering(NONE, ""),
        "/compressed": answering(gzip.compress(NONE.encode()), Content_Encoding="gzip"),
        "/boolean": answering('{"head":{},"boolean":true}'),
        "/not-json": answering(ROW),
        "/late-error": answering(ROW + ", nonsense]}}"),
        "/short-xml": answering(xml + "</binding></result>", XML),
        "/laughs": answering(HEAD.replace("LAUGHS", LAUGHS) + ROWS.replace("A", "&c;") + end, XML),
        "/external": answering(
            HEAD.replace("LAUGHS", '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>')
            + ROWS.replace("A", "&x;")
            + end,
            XML,
        ),
        "/huge": answering(FILLED),
        "/endless": trickle(b"x" * 65536, 0),
        "/cut": cut,
        "/garbage": garbage,
        "/long-head": long_head,
    }


PATHS = [*wrong_answers(lambda *_, **__: silence, "")]


@pytest.fixture(scope="module")
def inner(
    start_partner: StartPartner, answering: Callable[..., Behaviour]
) -> Iterator[FakePartner]:
    """Something inside the operator's network that nobody lists."""
    with start_partner() as found:
        found.behaviours["/secret"] = answering(NONE)
        yield found


@pytest.fixture(scope="module")
def partner(
    start_partner: StartPartner, answering: Callable[..., Behaviour], inner: FakePartner
) -> Iterator[FakePartner]:
    with start_partner() as found:
        found.behaviours |= wrong_answers(answering, inner.address)
        found.behaviours["/ok"] = answering(NONE)
        yield found


@pytest.fixture(scope="module")
def endpoint(partner: FakePartner, federated: Federated) -> Iterator[str]:
    with federated([f"{partner.address}{path}" for path in (*PATHS, "/ok")]) as found:
        yield found


def ask(endpoint: str, query: str, language: str = "en") -> httpx.Response:
    headers = {
        "Accept": "text/csv",
        "Accept-Language": language,
        "Content-Type": "application/sparql-query",
    }
    return httpx.post(endpoint, content=query, headers=headers, timeout=20)


def problem(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, str(answer.json()["type"]).rpartition("/")[2]


@pytest.mark.parametrize("path", PATHS)
def test_a_wrong_answer_is_an_error(
    path: str, endpoint: str, partner: FakePartner, inner: FakePartner
) -> None:
    """It is told as one, SILENT takes it for no answer, and no row of it is used."""
    called = f"<{partner.address}{path}> {{ ?s ?p ?o }}"
    answer = ask(endpoint, f"SELECT * {{ SERVICE {called} }}")
    assert problem(answer) == (502, "federation-failed"), answer.text
    assert f"<{partner.address}{path}>" in answer.json()["detail"]
    assert answer.json()["detail"].isprintable()
    silent = ask(endpoint, f"SELECT ?l ?s {{ VALUES ?l {{ 1 2 }} SERVICE SILENT {called} }}")
    assert (silent.status_code, sorted(silent.text.split())) == (200, ["1,", "2,", "l,s"])
    assert inner.received == []


def test_a_partner_without_an_end(federated: Federated, partner: FakePartner) -> None:
    partner.behaviours |= {"/slow": trickle(b" ", 0.1), "/silent": silence}
    called = [f"{partner.address}/slow", f"{partner.address}/silent"]
    with federated(called, seconds=0.5) as endpoint:
        for one in called:
            answer = ask(endpoint, f"SELECT * {{ SERVICE <{one}> {{ ?s ?p ?o }} }}")
            assert problem(answer) == (504, "federation-timeout"), answer.text
            assert "within 0.5 s" in answer.json()["detail"]
            silent = ask(endpoint, f"SELECT ?s {{ SERVICE SILENT <{one}> {{ ?s ?p ?o }} }}")
            assert silent.text == "s\r\n\r\n"


def test_the_sizes_say_what_was_meant(endpoint: str, partner: FakePartner) -> None:
    assert 1 << 20 < len(FILLED) < 3 << 20
    for path in ("/huge", "/endless"):
        answer = ask(endpoint, f"SELECT * {{ SERVICE <{partner.address}{path}> {{ ?s ?p ?o }} }}")
        assert "larger than 1 MiB" in answer.json()["detail"]


def test_why_it_cannot_be_used_is_said_in_the_language_of_the_reader(
    endpoint: str, partner: FakePartner
) -> None:
    query = f"SELECT * {{ SERVICE <{partner.address}/huge> {{ ?s ?p ?o }} }}"
    told = ask(endpoint, query, "nl").json()["detail"]
    assert told.endswith("gaf geen bruikbaar antwoord: zijn antwoord is groter dan 1 MiB.")


def test_a_name_that_changes_its_address(
    federated: Federated, start_partner: StartPartner, answering: Callable[..., Behaviour]
) -> None:
    """DNS rebinding: the name is asked once for a call, and the checked address is connected to."""
    asked: list[str] = []

    async def resolver(host: str, port: int) -> list[str]:
        asked.append(host)
        assert port
        return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.2"]

    with start_partner() as honest:
        port = honest.server.server_port
        with start_partner("127.0.0.2", port) as inner:
            for fake in (honest, inner):
                fake.behaviours["/sparql"] = answering(NONE, Connection="close")
            called = f"http://partner.example:{port}/sparql"
            with federated([called], resolver=resolver) as endpoint:
                query = f"SELECT * {{ SERVICE <{called}> {{ ?s ?p ?o }} }}"
                assert ask(endpoint, query).status_code == 200
                assert asked == ["partner.example"]
                assert [r.headers["Host"] for r in honest.received] == [f"partner.example:{port}"]
                answer = ask(endpoint, query)
                assert problem(answer) == (502, "federation-failed")
                assert "not public" in answer.json()["detail"]
                assert "networks" in answer.json()["remedy"]
                assert "127.0.0.2" not in answer.text
                assert inner.received == []


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "::1", "::ffff:127.0.0.1", "10.0.0.1", "0.0.0.0"]
)
def test_a_name_that_leads_inside(address: str, federated: Federated) -> None:
    async def resolver(host: str, port: int) -> list[str]:
        assert (host, port) == ("partner.example", 443)
        return ["93.184.216.34", address]

    called = "https://partner.example/sparql"
    with federated([called], resolver=resolver, networks=()) as endpoint:
        answer = ask(endpoint, f"SELECT * {{ SERVICE <{called}> {{ ?s ?p ?o }} }}")
        assert problem(answer) == (502, "federation-failed")
        assert "not public" in answer.json()["detail"]


def test_a_partner_is_not_flooded(
    federated: Federated, partner: FakePartner, answering: Callable[..., Behaviour]
) -> None:
    """Clauses of one query are asked one after the other; of many queries, four at a time."""
    lock, running, most = threading.Lock(), 0, 0

    def counted(handler: http.server.BaseHTTPRequestHandler) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.05)
        with lock:
            running -= 1
        answering(NONE)(handler)

    partner.behaviours["/counted"] = counted
    with federated([f"{partner.address}/counted"], size=5) as endpoint:

        def one(number: int) -> int:
            clause = f"SERVICE <{partner.address}/counted> {{ ?s <x:{number}> ?o }}"
            return ask(endpoint, f"SELECT * {{ {clause} }}").status_code

        with ThreadPoolExecutor(12) as pool:
            assert set(pool.map(one, range(15))) == {200}
    assert 1 < most <= MOST_AT_ONCE


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    pem = folder / "partner.pem"
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -keyout key -out cert -days 2 "
        "-subj /CN=partner.example -addext subjectAltName=DNS:partner.example"
    )
    subprocess.run(shlex.split(command), cwd=folder, check=True, capture_output=True)
    pem.write_bytes((folder / "key").read_bytes() + (folder / "cert").read_bytes())
    return pem


async def asked_once(
    partner: Partner, resolver: Resolver, tls: ssl.SSLContext
) -> tuple[str, bytes]:
    client = PartnerClient(partner, resolver=resolver, tls=tls)
    try:
        return await client.ask(b"ASK {}", "0")
    finally:
        await client.aclose()


@pytest.fixture
def over_tls(
    certificate: Path, start_partner: StartPartner, answering: Callable[..., Behaviour]
) -> Iterator[tuple[FakePartner, list[str | None]]]:
    """Return a partner that speaks TLS, and the names that clients ask it for."""
    names: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    with start_partner() as partner:
        partner.behaviours["/sparql"] = answering(NONE)
        partner.server.socket = context.wrap_socket(partner.server.socket, server_side=True)
        yield partner, names


async def here(host: str, port: int) -> list[str]:
    return ["127.0.0.1"] if host and port else []


@pytest.mark.parametrize(
    ("host", "trusted", "told"),
    [
        ("partner.example", False, "self-signed certificate"),
        ("other.example", True, "Hostname mismatch"),
        ("partner.example", True, None),
    ],
)
def test_the_certificate_is_the_names(
    *,
    host: str,
    trusted: bool,
    told: str | None,
    certificate: Path,
    over_tls: tuple[FakePartner, list[str | None]],
) -> None:
    """The connection goes to an address, the certificate is checked for the name in the IRI."""
    partner, names = over_tls
    called = f"https://{host}:{partner.server.server_port}/sparql"
    listed = Partner(called, networks=partner.networks, seconds=5.0)
    tls = ssl.create_default_context(cafile=str(certificate) if trusted else None)
    if told:
        with pytest.raises(FederationFailed, match=told):
            asyncio.run(asked_once(listed, here, tls))
    else:
        assert asyncio.run(asked_once(listed, here, tls)) == (JSON, NONE.encode())
    assert names == [host]


WITHOUT_NAMESPACES = """
import runpy, sys
from vises.store import sealing
call = sealing._call
def refusing(name, *arguments):
    if name == "unshare":
        raise PermissionError("unshare: not on this platform")
    call(name, *arguments)
sealing._call = refusing
sys.argv = sys.argv[3:]
runpy.run_module("vises.store.worker", run_name="__main__", alter_sys=True)
"""


def test_without_namespaces_nobody_is_called(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    federated: Federated,
    partner: FakePartner,
) -> None:
    """A platform that lets query processes keep the network: SERVICE is refused by parsing."""
    script, python = tmp_path / "worker.py", tmp_path / "python"
    script.write_text(WITHOUT_NAMESPACES, "utf-8")
    python.write_text(f'#!/bin/sh\nexec {sys.executable} {script} "$@"\n', "utf-8")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    partner.received.clear()
    told: list[str] = []
    start = WorkerPool.start

    async def noting(pool: WorkerPool) -> None:
        await start(pool)
        told.extend(pool.protections)

    monkeypatch.setattr(WorkerPool, "start", noting)
    with federated([f"{partner.address}/ok"]) as endpoint:
        for silent in ("", "SILENT"):
            answer = ask(
                endpoint, f"SELECT * {{ SERVICE {silent} <{partner.address}/ok> {{ ?s ?p ?o }} }}"
            )
            assert problem(answer) == (400, "federation-refused")
        assert ask(endpoint, "ASK {}").status_code == 200
    assert partner.received == []
    assert any("Query processes can reach the network" in sentence for sentence in told)
    assert any("Partners are listed, and SERVICE is refused all the same" in s for s in told)
