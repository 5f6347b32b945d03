"""Requests that are answered at the connection, by their bytes alone.

A request that is one piece of bytes, from the request line to the blank line, is looked up as it
came. Where its answer is known (`vises.service.repeats`) it goes out at once: no parser of HTTP, no
task, no application has a part in it. Everything else goes on to the parser.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from vises.service.repeats import HEAD

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from uvicorn.protocols.http.flow_control import FlowControl
    from uvicorn.server import ServerState

    from vises.service.answers import RawHeaders

_END = b"\r\n\r\n"


class Again(Protocol):
    """What knows answers by the bytes of requests."""

    def again(self, head: bytes, peer: str, headers: RawHeaders) -> tuple[bytes, bytes] | None:
        """Return head and body of the answer to a request of a peer, None where it is not known.

        It gets the headers of every answer, such as Date. Who asks must send what comes.
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
        while data and not (self.flow.write_paused or self.transport.is_closing()):
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
