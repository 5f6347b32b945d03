"""What the service does at the connection itself, on both sides of uvicorn's protocol.

A request that is one piece of bytes, from the request line to the blank line, is looked up as it
came. Where its answer is known (`vises.service.repeats`) it goes out at once: no parser of HTTP, no
task, no application has a part in it. Where it is plain (`vises.service.fastpath`), its answer goes
out when it comes. Everything else goes on to the parser.

A response that is there as a whole goes out as a whole. uvicorn's protocol writes head and body one
after the other, and the kernel makes two packets of them, which wake the client twice.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterable

    from uvicorn.protocols.http.flow_control import FlowControl
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle
    from uvicorn.server import ServerState

    from vises.service.answers import RawHeaders
    from vises.store.caller import Caller

HEAD = "vises.head"
"""Under which a scope has the bytes of a request that is nothing but them."""

BEGUN = "vises.begun"
"""Under which a scope has the `Begun` of a request for which a query has begun already."""

WHOLE = "vises.whole"
"""Under which a scope has a `WriteWhole`, where the connection can do that."""

_END = b"\r\n\r\n"
_MOST_LATER = 1 << 16
_ANOTHER_WAY = (b"\r\nconnection:", b"\r\ntransfer-encoding:")


def written(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Return headers, in small letters, as HTTP/1.1 writes them.

    Raises `ValueError` where one would be read as several.
    """
    lines = [b"%b: %b\r\n" % header for header in headers]
    text = b"".join(lines)
    if text.count(b"\n") > len(lines) or text.count(b"\r") > len(lines) or b"\0" in text:
        raise ValueError("A header has a control character in it.")
    return text


@lru_cache
def status_line(status: int) -> bytes:
    """Return the first line of a response."""
    return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n".encode()


class Again(Protocol):
    """What knows answers by the bytes of requests."""

    def again(self, head: bytes, peer: str, headers: RawHeaders) -> tuple[bytes, bytes] | None:
        """Return head and body of the answer to a request of a peer, None where it is not known.

        It gets the headers of every answer, such as Date. Who asks must send what comes.
        """

    def begin(
        self, head: bytes, peer: str, headers: Callable[[], RawHeaders], done: Done
    ) -> Begun | None:
        """Begin to answer a request, None where that cannot be done by its bytes.

        `done` is called later, once: with head and body of the answer, which must be sent, or with
        None where the request is to go to the parser, with the caller that has begun.
        """


Done = Callable[["tuple[bytes, bytes] | None"], None]


class Begun(Protocol):
    """A request that is being answered without the parser."""

    @property
    def caller(self) -> Caller:
        """Who asks."""

    @property
    def since(self) -> float:
        """When the request came, by `time.perf_counter`."""

    def close(self) -> None:
        """Stop, because the client has gone; what was to be called is not called any more."""


class WriteWhole(Protocol):
    """What writes a response at once."""

    async def __call__(self, status: int, headers: RawHeaders, body: bytes) -> bool:
        """Write a response as it is; return False, and do nothing, where that is not possible.

        Raises `ValueError` for a header that cannot be one.
        """


class _AtWork:
    """What uvicorn's protocol takes for a request that is being answered."""

    more_body = False
    response_started = False
    disconnected = False
    scope = None

    def __init__(self) -> None:
        self.response_complete = False
        self.keep_alive = True
        self.message_event = self

    def set(self) -> None:
        """Wake nobody up: it is no event that anybody waits for."""


class Answering:
    """What is put before the limits of a connection and uvicorn's protocol on httptools.

    It may take bytes only where a request begins, and not while an earlier one is being answered.
    The parser says where that is, also after an answer that did not wait for all of a request.
    """

    known: Again
    cycle: Any
    flow: FlowControl
    scope: Any
    server_state: ServerState
    transport: asyncio.Transport
    _address: str
    _begin: Callable[[], None]
    _unset_keepalive_if_required: Callable[[], None]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin where a request begins (called by the event loop)."""
        self._between = True
        self._begun: Begun | None = None
        super().connection_made(transport)  # type: ignore[misc]

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop what was begun for the client (called by the event loop)."""
        if self._begun is not None:
            self._begun.close()
            self._begun = None
        super().connection_lost(exc)  # type: ignore[misc]

    def on_message_begin(self) -> None:
        """Note that a request has begun (called by the parser)."""
        self._between = False
        super().on_message_begin()  # type: ignore[misc]

    def on_headers_complete(self) -> None:
        """Let the response be written as a whole (called by the parser)."""
        super().on_headers_complete()  # type: ignore[misc]
        if self.cycle is not None and self.cycle.scope is self.scope:
            self.scope[WHOLE] = partial(_write_whole, self.cycle)

    def on_message_complete(self) -> None:
        """Note that all of a request has come (called by the parser)."""
        self._between = True
        super().on_message_complete()  # type: ignore[misc]

    def data_received(self, data: bytes) -> None:
        """Answer what is known, and pass on the rest (called by the event loop)."""
        if self._begun is not None:
            self._wait(data)
            return
        begins = self._between and self._idle()
        if begins:
            data = self._answered(data)
            if data and self._begin_answer(data):
                return
        if not data:
            return
        super().data_received(data)  # type: ignore[misc]
        alone = begins and self._between and data.find(_END) == len(data) - len(_END)
        if alone and self.cycle is not None and self.cycle.keep_alive:
            self.scope[HEAD] = data

    def _idle(self) -> bool:
        """Tell whether nothing is being answered."""
        return self.cycle is None or self.cycle.response_complete

    def _answered(self, data: bytes) -> bytes:
        """Answer requests, as long as they are known and fetched; return the rest of the bytes."""
        while data and not (self.transport.is_closing() or self.flow.write_paused):
            end = data.find(_END) + len(_END)
            head = data if end == len(data) else data[:end]
            answer = self.known.again(head, self._address, self.server_state.default_headers)
            if answer is None:
                break
            self.transport.writelines(answer)
            self._unset_keepalive_if_required()
            self._begin()
            data = data[end:]
        return data

    def _begin_answer(self, data: bytes) -> bool:
        """Begin to answer a request without the parser; tell whether that was possible."""
        end = data.find(_END) + len(_END)
        if end < len(_END) or self.transport.is_closing() or self.flow.write_paused:
            return False
        head = data if end == len(data) else data[:end]
        self._begun = self.known.begin(head, self._address, self._headers, self._done)
        if self._begun is None:
            return False
        self._unset_keepalive_if_required()
        self._head, self._later = head, data[end:]
        self._before, self.cycle = self.cycle, _AtWork()
        return True

    def _headers(self) -> RawHeaders:
        return self.server_state.default_headers

    def _wait(self, data: bytes) -> None:
        """Keep what comes until the request before it is answered."""
        self._later += data
        if len(self._later) > _MOST_LATER:
            self.flow.pause_reading()

    def _done(self, answer: tuple[bytes, bytes] | None) -> None:
        """Send the answer, or let the request go to the parser; then go on with what came later."""
        begun, self._begun = self._begun, None
        assert begun is not None
        if answer is not None:
            self._send(*answer)
        elif not self._parsed(begun):
            begun.close()
            return
        self.flow.resume_reading()
        later, self._later = self._later, b""
        if later:
            self.data_received(later)

    def _parsed(self, begun: Begun) -> bool:
        """Let the request go to the parser; False where the connection is ending already."""
        before, keep_alive = self.scope, self.cycle.keep_alive
        self.cycle = self._before
        super().data_received(self._head)  # type: ignore[misc]
        if self.scope is before:
            return False
        self.scope[BEGUN] = begun
        if not keep_alive:  # the service ends
            self.cycle.keep_alive = False
        if self.cycle.keep_alive:
            self.scope[HEAD] = self._head
        return True

    def _send(self, head: bytes, body: bytes) -> None:
        work = self.cycle
        work.response_complete = True
        if not work.keep_alive:  # the service ends
            head = head.removesuffix(b"\r\n") + b"connection: close\r\n\r\n"
        self.transport.writelines((head, body))
        self._begin()
        if not work.keep_alive:
            self.transport.close()


async def _write_whole(
    cycle: RequestResponseCycle, status: int, headers: RawHeaders, body: bytes
) -> bool:
    """Do what `WriteWhole` says, and leave the cycle as its own way of writing does."""
    text = written(headers)
    if any(name in text for name in _ANOTHER_WAY):
        return False
    if cycle.flow.write_paused and not cycle.disconnected:
        await cycle.flow.drain()
    if cycle.disconnected:
        return True
    cycle.response_started = cycle.response_complete = True
    cycle.waiting_for_100_continue = False
    more = written(cycle.default_headers)
    close = b"" if cycle.keep_alive else b"connection: close\r\n"
    cycle.transport.write(b"".join((status_line(status), more, close, text, b"\r\n", body)))
    cycle.message_event.set()
    if not cycle.keep_alive:
        cycle.transport.close()
    cycle.on_response()
    return True
