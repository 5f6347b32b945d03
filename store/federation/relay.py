"""The service's end of the way out: a query process asks for a partner by number, in HTTP.

Nothing of what the process sends is trusted: it names a partner by its number in the operator's
list and gives a query. One relay stands for one process, and works only while a query is evaluated.
"""

from __future__ import annotations

import asyncio
import logging
import re
import socket
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from vises.errors import Sentence, sentence
from vises.store.federation.failures import FederationFailed
from vises.store.federation.loopback import take_listener

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vises.store.federation.fetch import PartnerClient

MOST_REQUESTS = 16
"""How many different requests a query may cause."""

MOST_BYTES = 32 << 20
"""How many bytes of answers are kept for a query, all partners together."""

_MOST_HEAD = 1 << 14
_MOST_QUERY = 1 << 22
_REQUEST = re.compile(rb"POST /(none|[0-9]{1,4})(/silent)? HTTP/1\.1\r\n")
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,9})[ \t]*\r\n", re.IGNORECASE)

_log = logging.getLogger(__name__)


class Relay:
    """Answers on the listening socket of one query process.

    `arguments` and `descriptors` are what the process is started with, so that it can pass the
    socket; `serve` takes it, once the process is ready.
    """

    def __init__(self, clients: Sequence[PartnerClient]) -> None:
        """Take those that ask the partners, in the order of their numbers."""
        self._clients = clients
        self._call: _Call | None = None
        self._server: asyncio.Server | None = None
        self._ours, self._theirs = socket.socketpair()
        self.descriptors = (self._theirs.fileno(),)
        self.arguments = (str(self._theirs.fileno()), *(c.partner.endpoint for c in clients))

    async def serve(self) -> None:
        """Begin to answer, where the process passed a socket."""
        self._theirs.close()
        with self._ours as channel:
            listener = take_listener(channel)
        if listener is not None:
            self._server = await asyncio.start_server(self._answer, sock=listener, limit=_MOST_HEAD)

    def open(self, path: str) -> None:
        """Let a query, which came through the services of a path and us, call partners."""
        self._call = _Call(self._clients, path)

    @property
    def failure(self) -> FederationFailed | None:
        """The first failure of the query that no SILENT covers."""
        return self._call.failure if self._call else None

    def close(self) -> None:
        """End the calls of the query."""
        if self._call is not None:
            self._call.cancel()
            self._call = None

    def shut(self) -> None:
        """Stop listening: the process is gone, or did not start."""
        self.close()
        self._ours.close()
        self._theirs.close()
        if self._server is not None:
            self._server.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request and close."""
        call = self._call
        try:
            asked = await _read(reader)
            if call is None or asked is None:
                writer.write(_response(HTTPStatus.BAD_REQUEST))
            else:
                writer.write(await call.response(asked))
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            _log.debug("a query process left: %s", error)
        finally:
            writer.close()


@dataclass(frozen=True)
class _Asked:
    """A request of a query process: the partner's number, None for one not listed."""

    partner: int | None
    silent: bool
    query: bytes


class _Call:
    """What one query calls: each request once, so that it sees one state of each partner.

    The engine repeats a SERVICE clause inside EXISTS for every row.
    """

    def __init__(self, clients: Sequence[PartnerClient], path: str) -> None:
        self.failure: FederationFailed | None = None
        self._clients = clients
        self._path = path
        self._bytes = 0
        self._over = False
        self._requests: dict[tuple[int, bytes], asyncio.Task[tuple[str, bytes]]] = {}

    def cancel(self) -> None:
        """Stop what is under way."""
        self._over = True
        for request in self._requests.values():
            request.cancel()

    async def response(self, asked: _Asked) -> bytes:
        """Return the response: solutions, or a status that the engine takes for a failure."""
        if self._over or asked.partner is None or asked.partner >= len(self._clients):
            return _response(HTTPStatus.FORBIDDEN)
        request = self._request(asked.partner, asked.query)
        await asyncio.wait([request])
        if request.cancelled():
            return _response(HTTPStatus.FORBIDDEN)
        try:
            return _response(HTTPStatus.OK, *request.result())
        except FederationFailed as error:
            if not asked.silent:
                self.failure = self.failure or error
            return _response(HTTPStatus.BAD_GATEWAY)

    def _request(self, partner: int, query: bytes) -> asyncio.Task[tuple[str, bytes]]:
        known = self._requests.get((partner, query))
        if known is None:
            known = asyncio.create_task(self._ask(partner, query))
            self._requests[partner, query] = known
        return known

    async def _ask(self, partner: int, query: bytes) -> tuple[str, bytes]:
        try:
            if len(self._requests) > MOST_REQUESTS:
                raise _too_much(
                    sentence(
                        "many-requests",
                        "The query sends more than {most} different requests to partners.",
                        most=MOST_REQUESTS,
                    )
                )
            media_type, body = await self._clients[partner].ask(query, self._path)
            self._bytes += len(body)
            if self._bytes > MOST_BYTES:
                raise _too_much(
                    sentence(
                        "much-from-partners",
                        "The query gets more than {mebibytes} MiB from partners.",
                        mebibytes=MOST_BYTES >> 20,
                    )
                )
        except FederationFailed as error:
            _log.warning("%s", error.detail)
            raise
        return media_type, body


async def _read(reader: asyncio.StreamReader) -> _Asked | None:
    """Return what is asked, None where it is not a request of the engine's HTTP client."""
    head = await reader.readuntil(b"\r\n\r\n")
    first, length = _REQUEST.match(head), _LENGTH.search(head)
    if first is None or length is None or int(length[1]) > _MOST_QUERY:
        return None
    partner = None if first[1] == b"none" else int(first[1])
    return _Asked(partner, first[2] is not None, await reader.readexactly(int(length[1])))


def _response(status: HTTPStatus, media_type: str = "text/plain", body: bytes = b"") -> bytes:
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\nContent-Type: {media_type}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body


def _too_much(what: Sentence) -> FederationFailed:
    return FederationFailed(
        what,
        remedy=sentence("less-in-service", "Ask for less in SERVICE, or split the query."),
    )
