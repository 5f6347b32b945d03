"""An answer on its way: read from the engine, parsed and written again, in a thread of its own.

Parsing it here makes sure that it is whole, and gives every engine's answer the same form.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import CancelledError
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

import httpx

from vises.errors import VisesError, sentence
from vises.store.engine import QueryFailed, QueryTimeout, deadline_met
from vises.store.remote.http import unreachable

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from concurrent.futures import Executor, Future
    from typing import Any

    from vises.store.remote.dialect import Reader

CHUNK_BYTES = 1 << 16
_MOST_CHUNKS = 4

T = TypeVar("T")


class AnswerDoubted(QueryFailed):
    """The engine left a part of the answer out, or changed a value."""

    kind = "answer-doubted"
    title = "The remote engine's answer cannot be trusted"


class Transfer(AsyncIterator[bytes]):
    """The `Chunks` of a remote answer.

    `convert` is called in a thread with this object, from which it reads the engine's bytes and to
    which it writes ours. `confirm` is awaited before the last bytes are handed out: the answer
    counts if it does not raise, and a small one is whole or not begun. `release` is called once,
    when everything is over.
    """

    def __init__(
        self,
        response: httpx.Response,
        reader: Reader,
        *,
        deadline: float,
        seconds: float,
        release: Callable[[], object],
    ) -> None:
        """Take a response whose head is there; nothing is read yet."""
        self._loop = asyncio.get_running_loop()
        self._response = response
        self._source = response.aiter_bytes(CHUNK_BYTES)
        self._reader = reader
        self._seconds = seconds
        self._release = release
        self._unread = b""
        self._ended = False
        self._unwritten = bytearray()
        self._chunks: deque[bytes] = deque()
        self._ready, self._room = asyncio.Event(), asyncio.Event()
        self._waiting: Future[Any] | None = None
        self._stopped = self._late = self._over = False
        self._error: VisesError | None = None
        self._work: asyncio.Task[None] | None = None
        self._alarm = self._loop.call_at(deadline, self._expire)

    def begin(
        self,
        executor: Executor,
        convert: Callable[[Transfer], None],
        confirm: Callable[[], Awaitable[None]],
    ) -> None:
        """Start the thread."""
        self._work = asyncio.create_task(self._run(executor, convert, confirm))

    async def __anext__(self) -> bytes:
        """Return the next bytes of our answer."""
        while not self._chunks and not self._over:
            self._ready.clear()
            await self._ready.wait()
        if self._chunks:
            self._room.set()
            return self._chunks.popleft()
        if self._error is not None:
            raise self._error
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """Drop the connection if the answer is still on its way, which stops the engine's work."""
        self._stop()
        if self._work is not None:
            await asyncio.gather(self._work, return_exceptions=True)

    def read(self, size: int) -> bytes:
        """Return at most `size` bytes of the engine's answer; the thread calls this."""
        while not self._unread and not self._ended:
            self._unread = self._wait(self._received())
        data, self._unread = self._unread[:size], self._unread[size:]
        return data

    def write(self, data: bytes) -> int:
        """Take bytes of our answer; the thread calls this."""
        self._unwritten += data
        if len(self._unwritten) >= CHUNK_BYTES:
            self._wait(self._offer(bytes(self._unwritten)))
            self._unwritten.clear()
        return len(data)

    def flush(self) -> None:
        """Do nothing: small writes are gathered."""

    def _wait(self, step: Coroutine[Any, Any, T]) -> T:
        """Let the loop do a step, and wait for it in the thread."""
        future = asyncio.run_coroutine_threadsafe(step, self._loop)
        self._waiting = future
        if self._stopped:
            future.cancel()
        return future.result()

    async def _received(self) -> bytes:
        chunk = await anext(self._source, None)
        if chunk is None:
            self._ended = True
            return self._reader.end()
        return self._reader.feed(chunk)

    async def _offer(self, chunk: bytes) -> None:
        while len(self._chunks) >= _MOST_CHUNKS:
            self._room.clear()
            await self._room.wait()
        self._chunks.append(chunk)
        self._ready.set()

    async def _run(
        self,
        executor: Executor,
        convert: Callable[[Transfer], None],
        confirm: Callable[[], Awaitable[None]],
    ) -> None:
        try:
            await self._loop.run_in_executor(executor, self._convert, convert)
            await confirm()
            if self._unwritten:
                self._chunks.append(bytes(self._unwritten))
        except asyncio.CancelledError:
            self._error = self._timeout() if self._late else _abandoned()
        except VisesError as error:
            self._error = error
        except httpx.HTTPError as error:
            self._error = unreachable(error)
        except CancelledError:
            self._error = _abandoned()
        finally:
            self._alarm.cancel()
            with suppress(httpx.HTTPError, RuntimeError):
                await self._response.aclose()
            self._release()
            self._over = True
            self._ready.set()

    def _convert(self, convert: Callable[[Transfer], None]) -> None:
        failure = self._failure(convert)
        if failure is not None:
            raise failure

    def _failure(self, convert: Callable[[Transfer], None]) -> Exception | None:
        """Convert, and return what went wrong, without the frames it went through.

        They hold objects of pyoxigraph, which must not end in another thread than they began in.
        """
        try:
            convert(self)
            while self.read(CHUNK_BYTES):
                pass
        except (VisesError, httpx.HTTPError, CancelledError) as error:
            error.__context__ = None
            return error.with_traceback(None)
        except (SyntaxError, ValueError, RuntimeError, OSError) as error:
            return _unreadable(str(error))
        reason = self._reader.doubt()
        if reason is None:
            return None
        return AnswerDoubted(reason, remedy="Ask for less at once, or for other values.")

    def _expire(self) -> None:
        self._late = True
        self._stop()

    def _stop(self) -> None:
        self._stopped = True
        if self._waiting is not None:
            self._waiting.cancel()
        if self._work is not None and not self._over:
            self._work.cancel()

    def _timeout(self) -> QueryTimeout:
        return deadline_met(self._seconds)


def _abandoned() -> QueryFailed:
    return QueryFailed(
        sentence("broken-off", "The answer was broken off."),
        remedy=sentence("ask-once-more", "Ask again."),
    )


def _unreadable(why: str) -> QueryFailed:
    return QueryFailed(
        sentence(
            "answer-unread", "The engine's answer cannot be read: {why}.", why=why.rstrip(".")
        ),
        remedy=sentence("tell", "Tell the operator of the service."),
    )
