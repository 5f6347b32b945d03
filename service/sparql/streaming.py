"""Sending an answer as it comes, and noticing on either side when the other is gone."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from vises.errors import VisesError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Mapping

    from starlette.requests import Request
    from starlette.types import Receive, Send

    from vises.store.engine import Answer

_log = logging.getLogger(__name__)


class TransferBroken(Exception):
    """The answer failed after its first byte; the server drops the connection.

    The client sees a transfer without its end (RFC 9112, section 8), never a short answer that
    looks whole.
    """


async def while_connected(request: Request, work: Coroutine[Any, Any, None]) -> None:
    """Do some work, and cancel it if the client leaves before it is done."""
    working = asyncio.create_task(work)
    leaving = asyncio.create_task(_gone(request.receive))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        leaving.cancel()
        if not working.done():
            working.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)
    if not working.cancelled():
        working.result()


async def send_answer(
    answer: Answer, headers: Mapping[str, str], send: Send, *, head: bool
) -> None:
    """Send an answer with status 200.

    Nothing is sent before the first bytes are there, so that a failure until then is still an
    error document: it is raised as it comes. A later one raises `TransferBroken`.
    """
    try:
        first = await anext(answer.chunks, b"")
        raw = [(k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in headers.items()]
        await send({"type": "http.response.start", "status": 200, "headers": raw})
        if not head:
            await _send_rest(first, answer.chunks, send)
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    finally:
        await answer.aclose()


async def _send_rest(first: bytes, chunks: AsyncIterator[bytes], send: Send) -> None:
    await send({"type": "http.response.body", "body": first, "more_body": True})
    try:
        async for chunk in chunks:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
    except VisesError as error:
        _log.warning("an answer was broken off: %s", error.kind)
        raise TransferBroken(error.kind) from None


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
