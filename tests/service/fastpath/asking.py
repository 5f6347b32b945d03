"""Requests as their bytes, and whether their answers took the fast path."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from tests.service.wiring import OWN, Connection

if TYPE_CHECKING:
    from tests.service.wiring import Service


def plain(query: str, accept: str = "text/csv", *headers: str, more: str = "") -> bytes:
    target = f"/sparql?query={quote(query, safe='')}{more}"
    lines = [f"GET {target} HTTP/1.1", "Host: x", f"Accept: {accept}", *headers]
    return "\r\n".join([*lines, "", ""]).encode()


def got(target: str, *headers: str) -> bytes:
    return "\r\n".join([f"GET {target} HTTP/1.1", "Host: x", *headers, "", ""]).encode()


def head_of(sent: bytes) -> bytes:
    """Return a request with the same headers and another query, by which the service knows them."""
    rest = sent.split(b"\r\n", 1)[1]
    return b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\n" + rest


Answer = tuple[int, list[tuple[str, str]], bytes]


def asked(service: Service, sent: bytes, tries: int = 1) -> tuple[Answer, bool]:
    """Return the answer to a request whose headers are known, and whether it took the fast path."""
    with Connection(service.address) as connection:
        connection.ask(head_of(sent))
        connection.answer()
        for _ in range(tries):  # on a busy machine one may take too long
            before = len(service.reached)
            connection.ask(sent)
            status, headers, body = connection.answer()
            if len(service.reached) == before:
                break
    left = sorted((n, v) for n, v in headers.items() if n not in OWN)
    return (status, left, body), len(service.reached) == before
