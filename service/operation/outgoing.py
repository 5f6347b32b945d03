"""A response on its way out: its own headers, and what is to be known of it afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING

from vises.service.wire import WHOLE, written

if TYPE_CHECKING:
    from starlette.types import Message, Scope, Send

    from vises.service.answers import RawHeaders
    from vises.service.wire import WriteWhole
    from vises.store.accounts import Accounts
    from vises.store.caller import Caller
    from vises.store.limits import Rate

_Left = tuple["Rate | None", "Rate | None", int, int]
"""The rates of clients, None where they have none, and what a client has left."""

_BODILESS = {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}


@dataclass(slots=True)
class OwnHeaders:
    """The headers that a response gets for its request and its client."""

    request_id: bytes
    accounts: Accounts | None
    caller: Caller | None

    def made(self) -> RawHeaders:
        """Return them, as things are now."""
        return [(b"x-request-id", self.request_id), *_limits(*self._left())]

    def written(self) -> bytes:
        """Return them as HTTP/1.1 writes them."""
        return b"x-request-id: %b\r\n" % self.request_id + _lines(*self._left())

    def _left(self) -> _Left:
        accounts = self.accounts
        if accounts is None or self.caller is None:
            return None, None, 0, 0
        left = self.caller.left or accounts.standing(self.caller.key)
        return accounts.seconds, accounts.errors, max(0, int(left[0])), max(0, int(left[1]))


class Outgoing:
    """What went out: the status, the bytes, whether it was all.

    What comes as a whole goes out as a whole, with its length, where the connection can do that.
    """

    def __init__(self, scope: Scope, send: Send, headers: OwnHeaders) -> None:
        """Begin with nothing sent."""
        self._send = send
        self._headers = headers
        self._write: WriteWhole | None = scope.get(WHOLE)
        self._bare = scope["method"] == "HEAD"
        self._start: Message | None = None
        self.status = 0
        self.size = 0
        self.whole = False
        self.failed = False

    async def send(self, message: Message) -> None:
        """Take a message of the application."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self._start = message
            return
        body = b"" if self._bare else message.get("body", b"")
        self.size += len(body)
        self.whole = not message.get("more_body", False)
        start, self._start = self._start, None
        if start is not None:
            start["headers"] = [*start["headers"], *self._headers.made()]
            if self.whole and self._write is not None:
                headers = self._with_length(start["headers"], body)
                if headers is not None and await self._write(self.status, headers, body):
                    return
            await self._send(start)
        await self._send(message)

    def _with_length(self, headers: RawHeaders, body: bytes) -> RawHeaders | None:
        """Return the headers of a whole response; None where its length is another one."""
        if self._bare or self.status in _BODILESS:
            return headers
        declared = next((value for name, value in headers if name == b"content-length"), None)
        length = b"%d" % len(body)
        if declared is None:
            return [*headers, (b"content-length", length)]
        return headers if declared == length else None


@lru_cache(maxsize=4096)
def _limits(
    seconds: Rate | None, errors: Rate | None, seconds_left: int, errors_left: int
) -> tuple[tuple[bytes, bytes], ...]:
    """Return RateLimit-Policy and RateLimit; the unit "seconds" is not a registered one."""
    if seconds is None or errors is None:
        return ()
    policy = (
        f'"seconds";q={seconds.burst:.0f};qu="seconds";w={seconds.window}, '
        f'"errors";q={errors.burst:.0f};w={errors.window}'
    )
    left = (
        f'"seconds";r={seconds_left};t={_until_full(seconds, seconds_left)}, '
        f'"errors";r={errors_left};t={_until_full(errors, errors_left)}'
    )
    return (b"ratelimit-policy", policy.encode()), (b"ratelimit", left.encode())


@lru_cache(maxsize=4096)
def _lines(*left: *_Left) -> bytes:
    return written(_limits(*left))


def _until_full(rate: Rate, left: int) -> int:
    return max(1, round((rate.burst - left) / rate.per_second))
