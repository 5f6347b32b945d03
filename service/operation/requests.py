"""What is done for every request, whatever it asks: its id, its client, its numbers, its line."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from prometheus_client.core import GaugeMetricFamily

from vises.errors import VisesError
from vises.service.operation.clients import logged, may_read
from vises.service.operation.metrics import CONTENT_TYPE
from vises.service.wire import WHOLE, written
from vises.store.caller import CALLER, Caller

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client import Metric
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from vises.service.answers import RawHeaders
    from vises.service.operation.clients import Client, Clients
    from vises.service.operation.logs import JsonLog
    from vises.service.operation.metrics import Metrics
    from vises.service.repeats import Given, Repeat
    from vises.service.wire import WriteWhole
    from vises.settings import Settings
    from vises.store.accounts import Accounts
    from vises.store.limits import Rate
    from vises.store.releases import ReleaseStore

REQUEST_ID = "vises.request_id"
"""Under which a scope holds the id of its request."""

ROUTES = {
    "sparql": "sparql",
    "graphs": "graphs",
    "static": "static",
    "healthz": "health",
    "readyz": "health",
    "metrics": "health",
    "timemap": "timemap",
}
"""The class of a route by the first part of its path; every other one is "pages"."""

_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_UNCOUNTED = {"health", "static"}
_BODILESS = {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}


@dataclass(frozen=True)
class Watch:
    """What the wrapper works with; `accounts` is None where clients have no limits."""

    settings: Settings
    releases: ReleaseStore
    clients: Clients
    metrics: Metrics
    log: JsonLog
    accounts: Accounts | None


Known = Callable[[bytes], "tuple[Repeat, Given] | None"]


def unknown(_: bytes) -> None:
    """Know no answer."""


class _Told(NamedTuple):
    """What a request says of itself, as it is logged."""

    request_id: str
    method: str
    path: str
    client: Client


class Requests:
    """An ASGI application round the service.

    Gives each request an id (X-Request-ID, taken over where it is well-formed), says who asks (a
    `Caller`), tells each client what it has left (RateLimit, draft-ietf-httpapi-ratelimit-headers),
    counts and logs what came of it, and answers `/metrics`. It does the same for what `known` can
    answer by the bytes of a request (an `Again` of connections).
    """

    def __init__(self, app: ASGIApp, watch: Watch, known: Known = unknown) -> None:
        """Wrap an application."""
        self._app = app
        self._watch = watch
        self._known = known
        self._begin = secrets.token_hex(4)
        self._number = count(1)
        self._logs_requests = watch.settings.log == "requests"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and take note of its end."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = time.perf_counter()
        client = self._watch.clients.of(scope)
        route = route_of(scope["path"])
        caller = None if route == "health" else Caller(client.key)
        seen = _Seen(scope, send, self._headers(scope, route, caller))
        token = CALLER.set(caller)
        try:
            if scope["path"] == "/metrics":
                await self._metrics(client, seen)
            else:
                await self._app(scope, receive, seen.send)
        except BaseException:
            seen.failed = True
            raise
        finally:
            CALLER.reset(token)
            seconds = time.perf_counter() - begun
            outcome = _outcome(seen, caller)
            told = _Told(scope[REQUEST_ID], scope["method"], scope["path"], client)
            self._ended(told, caller, outcome, seen.status, seen.size, seconds)

    def again(self, head: bytes, peer: str, headers: RawHeaders) -> tuple[bytes, bytes] | None:
        """Answer a request by its bytes, as `Again` says."""
        begun = time.perf_counter()
        known = self._known(head)
        if known is None:
            return None
        repeat, given = known
        client = self._watch.clients.at(peer)
        request_id = self._new_id()
        told = _Told(request_id.decode(), repeat.method, repeat.path, client)
        caller = Caller(client.key, cache="hit")
        more = written(headers + _Headers(request_id, self._watch.accounts, caller).made())
        outcome = "answered" if given.status == HTTPStatus.OK else "not-modified"
        seconds = time.perf_counter() - begun
        self._ended(told, caller, outcome, given.status, len(given.body), seconds)
        return b"".join((given.head, more, b"\r\n")), given.body

    def _headers(self, scope: Scope, route: str, caller: Caller | None) -> _Headers:
        request_id = self._id(scope)
        scope[REQUEST_ID] = request_id.decode()
        limited = caller if route not in _UNCOUNTED else None
        return _Headers(request_id, self._watch.accounts, limited)

    def _id(self, scope: Scope) -> bytes:
        for name, value in scope["headers"]:
            if name == b"x-request-id" and _ID.fullmatch(value):
                return bytes(value)
        return self._new_id()

    def _new_id(self) -> bytes:
        return f"{self._begin}-{next(self._number)}".encode()

    async def _metrics(self, client: Client, seen: _Seen) -> None:
        if may_read(client, self._watch.settings.metrics_clients):
            status, body = 200, self._watch.metrics.text(self._release())
        else:
            status, body = 403, b"The metrics are for the clients in VISES_METRICS_CLIENTS.\n"
        kind = CONTENT_TYPE if status == HTTPStatus.OK else "text/plain; charset=utf-8"
        headers = [
            (b"content-type", kind.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
        ]
        await seen.send({"type": "http.response.start", "status": status, "headers": headers})
        await seen.send({"type": "http.response.body", "body": body})

    def _release(self) -> Iterator[Metric]:
        """Return what is known of the current release; nothing where there is none."""
        try:
            release = self._watch.releases.current()
        except VisesError:
            release = None
        if release is None:
            return
        info = GaugeMetricFamily("vises_release_info", "The current release", labels=["release"])
        info.add_metric([release.id], 1)
        yield info
        yield GaugeMetricFamily(
            "vises_release_age_seconds",
            "How long ago the current release was made",
            value=time.time() - release.created.timestamp(),
        )

    def _ended(  # noqa: PLR0913, PLR0917 (what a line is made of)
        self,
        told: _Told,
        caller: Caller | None,
        outcome: str,
        status: int,
        size: int,
        seconds: float,
    ) -> None:
        """Count a request, and write its line."""
        self._watch.metrics.request_ended(route_of(told.path), outcome, seconds, size)
        if caller is not None and caller.cache:
            self._watch.metrics.cache_asked(caller.cache)
        if not self._logs_requests:
            return
        settings = self._watch.settings
        self._watch.log.line(
            "info",
            "request",
            request=told.request_id,
            method=told.method,
            path=told.path,
            status=status or None,
            outcome=outcome,
            seconds=round(seconds, 6),
            query_seconds=round(caller.seconds, 6) if caller and caller.seconds else None,
            cache=(caller.cache or None) if caller else None,
            bytes=size,
            client=logged(told.client, settings.log_clients),
            query=(caller.query or None) if caller and settings.log_queries else None,
        )


def route_of(path: str) -> str:
    """Return the class of the route that a path belongs to."""
    return ROUTES.get(path.split("/", 2)[1] if path.startswith("/") else "", "pages")


@dataclass(slots=True)
class _Headers:
    """The headers that a response gets."""

    request_id: bytes
    accounts: Accounts | None
    caller: Caller | None

    def made(self) -> list[tuple[bytes, bytes]]:
        headers = [(b"x-request-id", self.request_id)]
        if self.accounts is not None and self.caller is not None:
            accounts = self.accounts
            left = accounts.standing(self.caller.key)
            seconds, errors = max(0, int(left.seconds)), max(0, int(left.errors))
            headers += _limits(accounts.seconds, accounts.errors, seconds, errors)
        return headers


class _Seen:
    """What went out: the status, the bytes, whether it was all.

    What comes as a whole goes out as a whole, with its length, where the connection can do that.
    """

    def __init__(self, scope: Scope, send: Send, headers: _Headers) -> None:
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
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self._start = message
            return
        body = message.get("body", b"")
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
    seconds: Rate, errors: Rate, seconds_left: int, errors_left: int
) -> tuple[tuple[bytes, bytes], ...]:
    """Return RateLimit-Policy and RateLimit; the unit "seconds" is not a registered one."""
    policy = (
        f'"seconds";q={seconds.burst:.0f};qu="seconds";w={seconds.window}, '
        f'"errors";q={errors.burst:.0f};w={errors.window}'
    )
    left = (
        f'"seconds";r={seconds_left};t={_until_full(seconds, seconds_left)}, '
        f'"errors";r={errors_left};t={_until_full(errors, errors_left)}'
    )
    return (b"ratelimit-policy", policy.encode()), (b"ratelimit", left.encode())


def _until_full(rate: Rate, left: int) -> int:
    return max(1, round((rate.burst - left) / rate.per_second))


def _outcome(seen: _Seen, caller: Caller | None) -> str:
    """Return what came of a request, in one word."""
    if not seen.whole:
        return "broken" if seen.failed else "disconnected"
    if seen.status < HTTPStatus.BAD_REQUEST:
        return "not-modified" if seen.status == HTTPStatus.NOT_MODIFIED else "answered"
    if seen.status == HTTPStatus.TOO_MANY_REQUESTS:
        return "limited"
    if caller is not None and caller.error:
        return caller.error
    return "refused" if seen.status < HTTPStatus.INTERNAL_SERVER_ERROR else "failed"
