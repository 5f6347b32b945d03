"""What is done for every request, whatever it asks: its id, its client, its numbers, its line."""

from __future__ import annotations

import re
import secrets
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from http import HTTPStatus
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from vises.errors import VisesError
from vises.service.operation.clients import logged, may_read
from vises.service.operation.metrics import CONTENT_TYPE, of_release
from vises.service.operation.outgoing import Outgoing, OwnHeaders
from vises.service.wire import BEGUN, written
from vises.store.caller import CALLER, Caller

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from vises.service.answers import RawHeaders
    from vises.service.fastpath.fastpath import FastPath
    from vises.service.operation.clients import Client, Clients
    from vises.service.operation.logs import JsonLog
    from vises.service.operation.metrics import Metrics
    from vises.service.repeats import Given, Repeat
    from vises.service.wire import Begun, Done
    from vises.settings import Settings
    from vises.store.accounts import Accounts
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
    answer by the bytes of a request, and what `fast_path` begins (an `Again` of connections).
    """

    def __init__(
        self,
        app: ASGIApp,
        watch: Watch,
        known: Known = unknown,
        fast_path: FastPath | None = None,
    ) -> None:
        """Wrap an application."""
        self._app = app
        self._watch = watch
        self._known = known
        self._fast_path = fast_path
        self._begin = secrets.token_hex(4)
        self._number = count(1)
        self._logs_requests = watch.settings.log == "requests"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and take note of its end."""
        if scope["type"] != "http":
            await self._app(scope, receive, partial(_to_server, send))
            return
        started: Begun | None = scope.get(BEGUN)
        begun = started.since if started else time.perf_counter()
        client = self._watch.clients.of(scope)
        route = route_of(scope["path"])
        caller = None
        if route != "health":
            caller = started.caller if started else Caller(client.key)
        seen = Outgoing(scope, send, self._headers(scope, route, caller))
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
            if caller is not None:
                caller.close()
            seconds = time.perf_counter() - begun
            outcome = _outcome(seen, caller)
            told = _Told(scope[REQUEST_ID], scope["method"], scope["path"], client)
            self._ended(told, caller, outcome, seen.status, seen.size, seconds)
            if self._fast_path is not None and seen.status == HTTPStatus.OK:
                self._fast_path.learn(scope)

    def begin(
        self, head: bytes, peer: str, headers: Callable[[], RawHeaders], done: Done
    ) -> _Attempt | None:
        """Begin to answer a request by its bytes, as `Again` says."""
        if self._fast_path is None:
            return None
        asked = _Attempt(self, head, self._watch.clients.at(peer), headers, done)
        return asked if self._fast_path.begin(head, asked.caller, asked.answered) else None

    def again(self, head: bytes, peer: str, headers: RawHeaders) -> tuple[bytes, bytes] | None:
        """Answer a request by its bytes, as `Again` says."""
        begun = time.perf_counter()
        known = self._known(head)
        if known is None:
            return None
        repeat, given = known
        client = self._watch.clients.at(peer)
        caller = Caller(client.key, cache="hit")
        told = self.told(repeat.method, repeat.path, client)
        return self.written(told, caller, given, headers, begun)

    def told(self, method: str, path: str, client: Client) -> _Told:
        """Return what a request says that has no id of its own."""
        return _Told(self._new_id().decode(), method, path, client)

    def written(
        self, told: _Told, caller: Caller, given: Given, headers: RawHeaders, begun: float
    ) -> tuple[bytes, bytes]:
        """Return an answer that is there with the headers of every answer, and count it."""
        own = OwnHeaders(told.request_id.encode(), self._watch.accounts, caller)
        more = _lines(*headers) + own.written()
        outcome = "answered" if given.status == HTTPStatus.OK else "not-modified"
        seconds = time.perf_counter() - begun
        self._ended(told, caller, outcome, given.status, len(given.body), seconds)
        return b"".join((given.head, more, b"\r\n")), given.body

    def left(self, told: _Told, caller: Caller, begun: float) -> None:
        """Count a request whose client has gone."""
        self._ended(told, caller, "disconnected", 0, 0, time.perf_counter() - begun)

    def _headers(self, scope: Scope, route: str, caller: Caller | None) -> OwnHeaders:
        request_id = self._id(scope)
        scope[REQUEST_ID] = request_id.decode()
        limited = caller if route not in _UNCOUNTED else None
        return OwnHeaders(request_id, self._watch.accounts, limited)

    def _id(self, scope: Scope) -> bytes:
        for name, value in scope["headers"]:
            if name == b"x-request-id" and _ID.fullmatch(value):
                return bytes(value)
        return self._new_id()

    def _new_id(self) -> bytes:
        return f"{self._begin}-{next(self._number)}".encode()

    async def _metrics(self, client: Client, seen: Outgoing) -> None:
        if may_read(client, self._watch.settings.metrics_clients):
            status, body = 200, self._watch.metrics.text(of_release(self._watch.releases))
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


class _Attempt:
    """A plain request that was begun at its connection (what a `Begun` of connections is)."""

    def __init__(
        self,
        requests: Requests,
        head: bytes,
        client: Client,
        headers: Callable[[], RawHeaders],
        done: Done,
    ) -> None:
        self.caller = Caller(client.key)
        self._requests = requests
        self._head = head
        self._client = client
        self._headers = headers
        self._done = done
        self.since = time.perf_counter()

    def answered(self, given: Given | None) -> None:
        """Pass on the answer, with the headers of every answer."""
        if given is None:
            self._done(None)
            return
        headers = self._headers()
        self._done(self._requests.written(self._told(), self.caller, given, headers, self.since))

    def close(self) -> None:
        """Stop, because the client has gone."""
        self.caller.close()
        self._requests.left(self._told(), self.caller, self.since)

    def _told(self) -> _Told:
        path = self._head.split(b" ", 2)[1].partition(b"?")[0].decode()
        return self._requests.told("GET", path, self._client)


async def _to_server(send: Send, message: Message) -> None:
    """Tell the server how the start or the end went (ASGI, lifespan protocol).

    It logs why the service does not start. The framework would have it log a whole traceback, in
    which the sentence of an error of ours is the last of many lines.
    """
    error = sys.exception()
    if message["type"] == "lifespan.startup.failed" and isinstance(error, VisesError):
        message["message"] = str(error)
    await send(message)


@lru_cache(maxsize=64)
def _lines(*headers: tuple[bytes, bytes]) -> bytes:
    """Return headers of every answer as HTTP/1.1 writes them: they change once a second."""
    return written(headers)


def route_of(path: str) -> str:
    """Return the class of the route that a path belongs to."""
    return ROUTES.get(path.split("/", 2)[1] if path.startswith("/") else "", "pages")


def _outcome(seen: Outgoing, caller: Caller | None) -> str:
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
