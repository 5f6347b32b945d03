"""What the service does at the connection itself, on both sides of uvicorn's protocol.

A request that is one piece of bytes, from the request line to the blank line, is looked up as it
came. Where its answer is known (`vises.service.repeats`) it goes out at once: no parser of HTTP, no
task, no application has a part in it. Everything else goes on to the parser.

A response that is there as a whole goes out as a whole. uvicorn's protocol writes head and body one
after the other, and the kernel makes two packets of them, which wake the client twice.
"""

from __future__ import annotations

from functools import lru_cache, partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterable

    from uvicorn.protocols.http.flow_control import FlowControl
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle
    from uvicorn.server import ServerState

    from vises.service.answers import RawHeaders

HEAD = "vises.head"
"""Under which a scope has the bytes of a request that is nothing but them."""

WHOLE = "vises.whole"
"""Under which a scope has a `WriteWhole`, where the connection can do that."""

_END = b"\r\n\r\n"
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


class WriteWhole(Protocol):
    """What writes a response at once."""

    async def __call__(self, status: int, headers: RawHeaders, body: bytes) -> bool:
        """Write a response as it is; return False, and do nothing, where that is not possible.

        Raises `ValueError` for a header that cannot be one.
        """


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
        super().connection_made(transport)  # type: ignore[misc]

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
        begins = self._between and self._idle()
        if begins:
            data = self._answered(data)
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
