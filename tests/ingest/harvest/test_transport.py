"""Who may be called, and how: public addresses, certificates, no proxies."""

from __future__ import annotations

import shlex
import socket
import ssl
import subprocess
import time
from dataclasses import replace
from ipaddress import ip_network
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import RdfFormat

from tests.ingest.harvest.conftest import DATA, EVERYTHING, JSON, Peer, Try, listening, send
from vises.errors import BadRequest
from vises.ingest.harvest.description import things_query
from vises.ingest.harvest.pages import partner_for
from vises.ingest.harvest.transport import Busy, HarvestFailed, Transport
from vises.progress import Silence
from vises.store.federation.partners import Partner

if TYPE_CHECKING:
    from http.server import BaseHTTPRequestHandler
    from pathlib import Path


def test_an_address_that_is_not_public_is_not_called(attempt: Try) -> None:
    private = Partner(attempt.peer.endpoint, seconds=1)
    with pytest.raises(HarvestFailed, match="not public"):
        attempt.pages().fetch(private, Silence())
    assert attempt.peer.asked == []


def test_proxies_of_the_environment_are_not_used(
    attempt: Try, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1/")
    assert attempt.fetch() == EVERYTHING


def certified(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return the ends of TLS with a certificate for localhost: who serves, and who trusts."""
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -keyout key -out cert -days 2 "
        "-subj /CN=localhost -addext subjectAltName=DNS:localhost"
    )
    subprocess.run(shlex.split(command), cwd=folder, check=True, capture_output=True)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "cert", folder / "key")
    trusting = ssl.create_default_context(cafile=str(folder / "cert"))
    return server, trusting


def test_a_certificate_has_to_be_right_for_the_name(tmp_path: Path) -> None:
    server, trusting = certified(tmp_path)
    peer = Peer()
    peer.store.load(DATA.encode(), format=RdfFormat.TURTLE)
    query = things_query(Try(peer, tmp_path).described(), 0, 1)
    with listening(peer, server):
        partner = replace(peer.partner, networks=(*peer.partner.networks, ip_network("::1/128")))
        assert b"e.example/000" in Transport(partner, trusting).ask(query, [JSON]).body
        with pytest.raises(HarvestFailed, match=r"(?i)certificate verify failed"):
            Transport(partner).ask(query, [JSON])
        by_number = replace(partner, endpoint=partner.endpoint.replace("localhost", "127.0.0.1"))
        with pytest.raises(HarvestFailed, match=r"(?i)certificate"):
            Transport(by_number, trusting).ask(query, [JSON])
    assert len(peer.asked) == 1


class Sleepy(ssl.SSLSocket):
    """A server that takes a while to answer the handshake, and then sends on and on."""

    def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002 (ssl's)
        time.sleep(0.7)
        super().do_handshake(block)


def test_time_that_ends_within_the_handshake_ends_the_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, trusting = certified(tmp_path)
    server.sslsocket_class = Sleepy

    def trickle(_: Peer, handler: BaseHTTPRequestHandler, __: str) -> bool:
        send(handler, JSON, b"", length="9999")
        for _ in range(100):
            handler.wfile.write(b"\n")
            time.sleep(0.1)
        return True

    names = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: time.sleep(0.6) or names(*a, **k))
    peer = Peer(respond=trickle)
    with listening(peer, server):
        partner = replace(peer.partner, networks=(*peer.partner.networks, ip_network("::1/128")))
        begun = time.monotonic()
        with pytest.raises(Busy, match="within 1 s"):
            Transport(partner, trusting).ask("ASK {}", [JSON])
        assert time.monotonic() - begun < 5


def test_nobody_is_called_who_is_not_listed(peer: Peer) -> None:
    assert partner_for(peer.endpoint, [peer.partner]) == peer.partner
    for other in ((), [Partner(peer.endpoint + "/")]):
        with pytest.raises(BadRequest, match="not one of the partners"):
            partner_for(peer.endpoint, other)
