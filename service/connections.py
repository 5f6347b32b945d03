"""What one connection may cost: how long a request may take to come, an answer to be fetched.

The HTTP server has a limit for idle connections only. A client that sends a byte a second, or stops
reading in the middle of an answer, would hold its connection, and with an answer a query process,
for as long as it likes; a thousand of them would use up the file descriptors of the service.

The limits on time are those of Apache's mod_reqtimeout: 20 seconds, and one more for every 500
bytes that came, or were fetched. They run while the client is to act, never while the service is at
work.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from fcntl import ioctl
from struct import Struct
from termios import TIOCOUTQ
from typing import TYPE_CHECKING, Any, cast

from httptools import HttpParserInvalidMethodError
from starlette.requests import HTTPConnection
from uvicorn.protocols.http.auto import AutoHTTPProtocol
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from vises.errors import TRY_LATER, BadRequest, Unavailable, VisesError, sentence
from vises.languages import LANGUAGES
from vises.service.census import Census
from vises.service.language import language
from vises.service.methods import METHODS
from vises.service.negotiation import best_language
from vises.service.problems import PROBLEM_JSON, document
from vises.service.texts import texts
from vises.service.wire import Answering

if TYPE_CHECKING:
    from collections.abc import Callable

    from uvicorn.protocols.http.flow_control import FlowControl

    from vises.service.census import ConnectionLimits
    from vises.service.texts import Texts
    from vises.service.wire import Again

NOT_FETCHED = "answer-not-fetched"
"""Why a connection ends whose client does not take what waits for it."""

_NUMBER = Struct("i")
_USE_ONE = sentence("use-one-of", "Use one of {allowed}.", allowed=", ".join(METHODS))
_REQUEST_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) [^\x00-\x20\x7f]+ HTTP/1\.[01]\r?\n")
"""What a request begins with, whatever its method (RFC 9112, section 3)."""

_ACCEPT_LANGUAGE = re.compile(rb"\naccept-language:([^\r\n]*)", re.IGNORECASE)


class NotHttp(BadRequest):
    """The bytes are not a request (RFC 9112)."""

    kind = "not-http"
    title = "This is not an HTTP request"


class UnknownMethod(BadRequest):
    """The method is one that the service does not know at all (RFC 9110, section 15.6.2)."""

    kind = "unknown-method"
    title = "The method is not known"
    status = 501


class HeadTooLarge(BadRequest):
    """The line and the headers of the request are over the bound."""

    kind = "head-too-large"
    title = "The headers of the request are too large"
    status = 431


class RequestTooSlow(BadRequest):
    """The request did not come in time."""

    kind = "request-too-slow"
    title = "The request came too slowly"
    status = 408


class TooManyConnections(Unavailable):
    """There are as many connections as there may be."""

    kind = "too-many-connections"
    title = "Too many connections"


def limited(
    limits: ConnectionLimits, ended: Callable[[str], None], known: Again | None = None
) -> type[asyncio.Protocol]:
    """Return the protocol of the HTTP server with limits, which all its connections share.

    `ended` is told of each connection that a limit ends: the kind of the error, or `NOT_FETCHED`.
    On httptools it answers what is `known` before anything is parsed.
    """
    bases: tuple[type, ...] = (_Limited, AutoHTTPProtocol)
    if known is not None and issubclass(AutoHTTPProtocol, HttpToolsProtocol):
        bases = (Answering, *bases)
    shared = {"census": Census(limits), "ended": staticmethod(ended), "known": known}
    return type("LimitedProtocol", bases, shared)


class _Limited(asyncio.Protocol):
    """What is put before a protocol of uvicorn, h11's or httptools's; both have the members below.

    A request has come when its `cycle` expects no `more_body`; the service is at work until the
    cycle's `response_complete`.
    """

    census: Census
    ended: Callable[[str], None]
    loop: asyncio.AbstractEventLoop
    flow: FlowControl
    cycle: Any
    transport: asyncio.Transport
    _latest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to watch a connection, or refuse it (called by the event loop)."""
        peer = transport.get_extra_info("peername")
        self._address = str(peer[0]) if peer else ""
        self._admitted = self.census.admit(self._address)
        self.transport = cast("asyncio.Transport", transport)
        if not self._admitted:
            taken = sentence("connections-taken", "All are taken.")
            self._refuse(TooManyConnections(taken, remedy=TRY_LATER))
            return
        super().connection_made(transport)
        self._begin()
        self._unfetched: tuple[float, int] | None = None
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop watching (called by the event loop)."""
        if not self._admitted:
            return
        self.census.leave(self._address)
        self._watching.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what comes (called by the event loop)."""
        if self.transport.is_closing():
            return
        self._received += len(data)
        self._latest = data
        if self._before_body() and self._received > self.census.limits.head_bytes + len(data):
            most = self.census.limits.head_bytes
            self._refuse(
                HeadTooLarge(
                    sentence("bound-is", "The bound is {most:,} bytes.", most=most),
                    remedy=sentence("query-in-body", "Send the query in the body, by POST."),
                )
            )
            return
        super().data_received(data)

    def on_response_complete(self) -> None:
        """Wait for the next request (called by the answer that ends)."""
        self._begin()
        super().on_response_complete()  # type: ignore[misc]

    def send_400_response(self, _: str) -> None:
        """Answer what is no request, or one that the parser has no name for (called by it)."""
        unknown = isinstance(sys.exception(), HttpParserInvalidMethodError)
        line = _REQUEST_LINE.match(self._latest) if unknown else None
        if line:
            method = line[1].decode("ascii")[:40]
            self._refuse(
                UnknownMethod(
                    sentence("method-is", "It is {method}.", method=method), remedy=_USE_ONE
                )
            )
        else:
            self._refuse(
                NotHttp(sentence("no-http", "The bytes that came cannot be read as HTTP/1.1."))
            )

    def _begin(self) -> None:
        """Begin to wait for a request."""
        self._since = self.loop.time()
        self._received = 0

    def _before_body(self) -> bool:
        """Tell whether no request is under way whose headers have been read."""
        return self.cycle is None or self.cycle.response_complete

    def _watch(self) -> None:
        """Look at the connection several times within the limit, for as long as it lasts."""
        self._watching = self.loop.call_later(self.census.limits.seconds / 4, self._watch)
        if self._fetches_too_slowly():
            self.ended(NOT_FETCHED)
            self.transport.abort()
        elif self._sends_too_slowly() and not self.transport.is_closing():
            if self._received:
                self._refuse(
                    RequestTooSlow(
                        sentence("not-in-time", "It did not come in time."),
                        remedy=sentence("send-at-once", "Send it at once."),
                    )
                )
            else:
                self.transport.close()

    def _sends_too_slowly(self) -> bool:
        if not (self._before_body() or self.cycle.more_body):
            return False
        if self.flow.read_paused:
            self._begin()
            return False
        return self._exceeded(self._since, self._received)

    def _fetches_too_slowly(self) -> bool:
        """Tell whether bytes wait too long for the client to fetch them.

        The server stops writing while more than 64 KiB wait, so this is about what waits then; or
        about the rest, when nothing more is to be written. Either can only become less.
        """
        stopped = self.transport.is_closing() or self.flow.write_paused or self._before_body()
        if not stopped or not self.transport.get_write_buffer_size():
            self._unfetched = None
            return False
        waiting = self.transport.get_write_buffer_size() + _in_kernel(self.transport)
        since, before = self._unfetched = self._unfetched or (self.loop.time(), waiting)
        return self._exceeded(since, before - waiting)

    def _exceeded(self, since: float, moved: int) -> bool:
        limits = self.census.limits
        return self.loop.time() - since > limits.seconds + moved / limits.bytes_per_second

    def resume_writing(self) -> None:
        """Note that the client fetched what waited (called by the event loop)."""
        self._unfetched = None
        super().resume_writing()

    def _refuse(self, error: VisesError) -> None:
        """End the connection, with a problem document where no answer has begun."""
        self.ended(error.kind)
        if not self._admitted or self._before_body() or not self.cycle.response_started:
            self.transport.write(_answer(error, texts(self._reader())))
        self.transport.close()

    def _reader(self) -> str:
        """Return the language of the reader, as far as what came tells it."""
        if not self._before_body():
            return language(HTTPConnection(self.cycle.scope))
        found = _ACCEPT_LANGUAGE.search(self._latest)
        accepted = found[1].decode("latin-1") if found else None
        return best_language(accepted, LANGUAGES) or LANGUAGES[0]


def _in_kernel(transport: asyncio.Transport) -> int:
    """Return how many bytes the kernel holds that the other side has not acknowledged.

    It takes more of the service only when a third of its buffer is free, which for a client that
    fetches 10 kB a second can be a minute.
    """
    try:
        found = ioctl(transport.get_extra_info("socket").fileno(), TIOCOUTQ, bytes(_NUMBER.size))
    except OSError:
        return 0
    return int(_NUMBER.unpack(found)[0])


def _answer(error: VisesError, words: Texts) -> bytes:
    body = json.dumps(document(error, words), ensure_ascii=False).encode()
    head = (
        f"HTTP/1.1 {error.status} {error.title}\r\n"
        f"Content-Type: {PROBLEM_JSON}\r\nContent-Length: {len(body)}\r\n"
        "Cache-Control: no-store\r\nConnection: close\r\n\r\n"
    )
    return head.encode("ascii") + body
