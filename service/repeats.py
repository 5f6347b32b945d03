"""Requests that came before, byte by byte, answered before any other part looks at them."""

from __future__ import annotations

from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from vises.errors import VisesError
from vises.service.answers import (
    MOST_ANSWER_BYTES,
    AnswerCache,
    RawHeaders,
    send_whole,
    with_length,
)
from vises.service.conditional import is_fresh
from vises.service.wire import HEAD, status_line, written
from vises.store.caller import note_cache

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from vises.service.site import Reading, Site

MEMO = "vises.memo"
"""Under which a scope holds the `Memo` of its request."""

_MOST_ADDRESS_BYTES = 4096
_DECIDING = {
    b"authorization",
    b"accept-datetime",
    b"accept-profile",
    b"federation-path",
    b"if-match",
    b"if-modified-since",
    b"if-unmodified-since",
}
"""Headers by which an answer may be refused, or another one."""

_ASKING = {b"accept", b"accept-encoding", b"accept-language", b"host"}
"""Headers by which an answer differs."""

_TELLING = {b"forwarded", b"x-forwarded-for", b"x-forwarded-proto", b"x-request-id"}
"""Headers that tell who asks, or name the request; others read them."""

_OF_THE_BODY = {b"content-disposition", b"content-encoding", b"content-length", b"content-type"}


class Asked(NamedTuple):
    """What of a request decides its answer, before anything of it is read."""

    scheme: str
    path: bytes
    query_string: bytes
    headers: tuple[tuple[bytes, bytes], ...]


class Repeat(NamedTuple):
    """A request that may have come before: what it asks, how it is logged, its If-None-Match."""

    asked: Asked
    method: str
    path: str
    condition: bytes


class State(NamedTuple):
    """What else decides the answer to a request without a token, at a moment.

    The release that is current (None where the request names one by its id), and what is hidden
    (`Rights.view`, `Rights.closes`).
    """

    release_id: str | None
    view: str
    closes: bool


class Memo:
    """Where an application says in which state its answer may be given again."""

    def __init__(self) -> None:
        """Begin with an answer that may not."""
        self.state: State | None = None


def note_state(scope: Scope, reading: Reading) -> None:
    """Note that an answer with an entity tag is decided by what was read and what is in `Asked`.

    One from a release that was named by a tag is not: the tag may move.
    """
    memo: Memo | None = scope.get(MEMO)
    if memo is not None and (reading.lasting or reading.name is None):
        memo.state = state_of(reading)


def state_of(reading: Reading) -> State:
    """Return the state that decides what is read."""
    release_id = None if reading.lasting else reading.release.id
    return State(release_id, reading.rights.view, reading.rights.closes)


class Given(NamedTuple):
    """A whole answer; `head` is its status and its headers as HTTP/1.1 writes them."""

    status: int
    headers: RawHeaders
    body: bytes
    head: bytes


class _Kept:
    """An answer, the state in which it may be given again, and the forms in which it is.

    Most answers are never asked for again, so a form is made when it is.
    """

    def __init__(self, state: State, tag: str, headers: RawHeaders, body: bytes) -> None:
        self.state = state
        self._tag = tag
        self._headers = headers
        self._body = body

    @cached_property
    def whole(self) -> Given:
        return _given(HTTPStatus.OK, self._headers, self._body)

    @cached_property
    def bare(self) -> Given:
        return self.whole._replace(body=b"")

    @cached_property
    def unchanged(self) -> Given:
        without = [header for header in self._headers if header[0] not in _OF_THE_BODY]
        return _given(HTTPStatus.NOT_MODIFIED, without, b"")

    def form(self, repeat: Repeat) -> Given | None:
        """Return the form that a request asks for, None where its condition names another tag."""
        if repeat.condition:
            fresh = is_fresh(repeat.condition.decode("latin-1"), self._tag)
            return self.unchanged if fresh else None
        return self.bare if repeat.method == "HEAD" else self.whole


class Repeats:
    """An ASGI application that answers a GET or HEAD that an inner one has answered before.

    It does so as long as the state is the one that the inner one noted in the `Memo`; a condition
    that names another tag, a token, and everything else go to the inner application. What is kept
    takes `mebibytes` at most; with 0 it passes everything on.
    """

    def __init__(self, app: ASGIApp, site: Site, mebibytes: float) -> None:
        """Wrap an application."""
        self._app = app
        self._site = site
        self._on = mebibytes > 0
        self._kept: AnswerCache[_Kept] = AnswerCache(mebibytes * 3 / 4)
        self._heads: AnswerCache[Repeat] = AnswerCache(mebibytes / 4)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request again, or pass it on."""
        repeat = repeat_in(scope) if self._on and scope["type"] == "http" else None
        if repeat is None:
            await self._app(scope, receive, send)
            return
        given = self._given(repeat)
        if given is None:
            await self._pass_on(repeat, scope, receive, send)
            return
        head = scope.get(HEAD)
        if head is not None and not any(name in _TELLING for name, _ in scope["headers"]):
            self._heads.put(head, repeat, len(head))
        note_cache("hit")
        await send_whole(given.headers, given.body, send, status=given.status)

    def known(self, head: bytes) -> tuple[Repeat, Given] | None:
        """Return what the bytes of a request ask for and the answer to it, where both are known."""
        repeat = self._heads.get(head)
        if repeat is None:
            return None
        given = self._given(repeat)
        return None if given is None else (repeat, given)

    @property
    def on(self) -> bool:
        """Whether anything is kept."""
        return self._on

    def has(self, asked: Asked) -> bool:
        """Tell whether there is an answer to what a request asks, in whatever state."""
        return self._kept.get(asked) is not None

    def keep(self, asked: Asked, state: State, tag: str, headers: RawHeaders, body: bytes) -> None:
        """Keep an answer for the same request in the same state."""
        self._kept.put(asked, _Kept(state, tag, headers, body), len(body))

    def _given(self, repeat: Repeat) -> Given | None:
        kept = self._kept.get(repeat.asked)
        if kept is None:
            return None
        try:
            holds = self._holds(kept.state)
        except VisesError:
            return None  # the inner application meets the same error, and tells it
        if holds:
            return kept.form(repeat)
        self._kept.drop(repeat.asked)
        return None

    def _holds(self, state: State) -> bool:
        rights = self._site.access.rights(None)
        if state.view != rights.view or state.closes != rights.closes:
            return False
        return state.release_id in {None, self._site.release().id}

    async def _pass_on(self, repeat: Repeat, scope: Scope, receive: Receive, send: Send) -> None:
        memo = Memo()
        record = _Record(send, memo)
        await self._app({**scope, MEMO: memo}, receive, record.send)
        if memo.state is not None and repeat.method == "GET" and record.whole:
            body = bytes(record.body)
            headers = with_length(record.headers, len(body))
            self.keep(repeat.asked, memo.state, record.tag, headers, body)


class _Record:
    """What goes out, as long as it is worth keeping: an answer with a tag that may be given again.

    One that sets a cookie is for one visitor.
    """

    def __init__(self, send: Send, memo: Memo) -> None:
        self.headers: RawHeaders = []
        self.body = bytearray()
        self.tag = ""
        self.whole = False
        self._send = send
        self._memo = memo

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if message["status"] == HTTPStatus.OK and self._memo.state is not None:
                self._begin(list(message["headers"]))
        elif self.tag:
            self.body += message.get("body", b"")
            self.whole = not message.get("more_body", False)
            if len(self.body) > MOST_ANSWER_BYTES:
                self.tag, self.whole = "", False
                self.body.clear()
        await self._send(message)

    def _begin(self, headers: RawHeaders) -> None:
        named = dict(headers)
        if b"set-cookie" not in named:
            self.headers = headers
            self.tag = named.get(b"etag", b"").decode("latin-1")


def repeat_in(scope: Scope) -> Repeat | None:
    """Return what a GET or HEAD asks for; None for what is no such request.

    A request with credentials is none either: what it may see is looked up first.
    """
    method, path, query_string = scope["method"], scope["raw_path"], scope["query_string"]
    if method not in {"GET", "HEAD"} or len(path) + len(query_string) > _MOST_ADDRESS_BYTES:
        return None
    condition = b""
    for name, value in scope["headers"]:
        if name == b"if-none-match":
            condition += b"," + value
        elif name in _DECIDING:
            return None
    asked = Asked(scope["scheme"], path, query_string, asking_of(scope["headers"]))
    return Repeat(asked, method, scope["path"], condition)


def asking_of(headers: Iterable[tuple[bytes, bytes]]) -> tuple[tuple[bytes, bytes], ...]:
    """Return those of the headers of a request by which its answer differs."""
    return tuple([header for header in headers if header[0] in _ASKING])


def _given(status: HTTPStatus, headers: RawHeaders, body: bytes) -> Given:
    return Given(status.value, headers, body, status_line(status) + written(headers))
