"""Sending an answer as it comes, and noticing on either side when the other is gone."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Self

from vises.errors import VisesError
from vises.service.answers import MOST_ANSWER_BYTES, RawHeaders, send_whole, with_length

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from types import TracebackType

    from starlette.types import Receive, Send

    from vises.store.engine import Answer

_WATCH_SECONDS = 0.05

_log = logging.getLogger(__name__)


class TransferBroken(Exception):
    """The answer failed after its first byte; the server drops the connection.

    The client sees a transfer without its end (RFC 9112, section 8), never a short answer that
    looks whole.
    """


class WhileConnected:
    """Cancels the work in its `with` block when the client leaves, and ends the block quietly.

    A client is watched only when the work takes longer than 50 ms: most of it is done by then, and
    a watch costs as much as a look-up.
    """

    def __init__(self, receive: Receive) -> None:
        """Take what says that the client has gone; nobody else may call it from now on."""
        self._receive = receive
        self._watch: asyncio.Task[None] | None = None
        self._left = False

    def __enter__(self) -> Self:
        """Begin, in the task that is cancelled."""
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task(self._loop)
        self._timer = self._loop.call_later(_WATCH_SECONDS, self._begin)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        """End the watch; swallow the cancellation that it has caused."""
        self._timer.cancel()
        if self._watch is not None:
            self._watch.cancel()
        if not self._left or self._task is None:
            return False
        self._task.uncancel()
        return kind is asyncio.CancelledError

    def _begin(self) -> None:
        self._watch = self._loop.create_task(self._wait())

    async def _wait(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._left = True
        if self._task is not None:
            self._task.cancel()


def raw_headers(headers: Mapping[str, str]) -> RawHeaders:
    """Return headers as an ASGI message has them."""
    return [(k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in headers.items()]


async def send_answer(
    answer: Answer, headers: RawHeaders, send: Send, *, head: bool
) -> tuple[RawHeaders, bytes] | None:
    """Send an answer with status 200; return its headers and body where they are not large.

    Nothing is sent before the first bytes are there, so that a failure until then is still an
    error document: it is raised as it comes. A later one raises `TransferBroken`.
    """
    if answer.whole is not None:
        headers = with_length(headers, len(answer.whole))
        await send_whole(headers, b"" if head else answer.whole, send)
        return headers, answer.whole
    try:
        first = await anext(answer.chunks, b"")
        if answer.length is None:
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            body = None if head else await _send_parts(first, answer.chunks, send)
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return None if body is None else (with_length(headers, len(body)), body)
        headers = with_length(headers, answer.length)
        body = first + b"".join([chunk async for chunk in answer.chunks])
        await send_whole(headers, b"" if head else body, send)
    finally:
        await answer.aclose()
    return headers, body


async def _send_parts(first: bytes, chunks: AsyncIterator[bytes], send: Send) -> bytes | None:
    """Send a body part by part; return it, None where it became too large to be kept."""
    kept: bytearray | None = bytearray(first)
    await send({"type": "http.response.body", "body": first, "more_body": True})
    try:
        async for chunk in chunks:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
            if kept is not None:
                kept += chunk
                kept = kept if len(kept) <= MOST_ANSWER_BYTES else None
    except VisesError as error:
        _log.warning("an answer was broken off: %s", error.kind)
        raise TransferBroken(error.kind) from None
    return None if kept is None else bytes(kept)
