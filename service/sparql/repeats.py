"""Requests that came before, byte by byte, answered before any other part looks at them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from vises.errors import VisesError
from vises.service.conditional import is_fresh
from vises.service.formats import GRAPH_TYPES
from vises.service.sparql.cache import (
    MOST_ANSWER_BYTES,
    AnswerCache,
    KeptAnswer,
    RawHeaders,
    with_length,
)
from vises.service.sparql.streaming import send_whole
from vises.store.caller import note_cache

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from vises.service.site import Reading, Site

MEMO = "vises.memo"
"""Under which a scope holds the `Memo` of its request."""

_SPARQL = b"/sparql"
_ENDINGS = tuple(f".{form}" for form in GRAPH_TYPES)
_MOST_REQUEST_BYTES = 4096
_DECIDING = {b"authorization", b"accept-datetime", b"accept-profile", b"federation-path"}
"""Headers by which an answer may be refused, or another one."""

_OF_THE_BODY = {b"content-disposition", b"content-encoding", b"content-length", b"content-type"}


class Asked(NamedTuple):
    """What of a request decides its answer, before anything of it is read.

    The host does where an answer names addresses of the service; on the endpoint none does.
    """

    path: bytes
    host: bytes
    query_string: bytes
    accept: bytes
    encoding: bytes


class State(NamedTuple):
    """What else decides the answer to a request without a token, at a moment.

    The release that is current (None where the request names one by its id), and what is hidden
    (`Rights.view`, `Rights.closes`).
    """

    release_id: str | None
    view: str
    closes: bool


class Memo:
    """Where the endpoint says in which state its answer may be given again."""

    def __init__(self) -> None:
        """Begin with an answer that may not."""
        self.state: State | None = None


def note_state(scope: Scope, reading: Reading) -> None:
    """Note in which state the same request will have the same answer."""
    memo = scope.get(MEMO)
    if memo is not None:
        release_id = None if reading.lasting else reading.release.id
        memo.state = State(release_id, reading.rights.view, reading.rights.closes)


class Repeats:
    """An ASGI application that answers a GET that an inner one has answered before.

    That is a query of `/sparql`, or the address of a form of a thing in RDF.

    It does so as long as the state is the one that the inner one noted in the `Memo`; a condition
    that names another tag, a token, and everything else go to the inner application. What is kept
    takes `mebibytes` at most.
    """

    def __init__(self, app: ASGIApp, site: Site, mebibytes: float) -> None:
        """Wrap an application."""
        self._app = app
        self._site = site
        self._kept: AnswerCache[tuple[State, KeptAnswer]] = AnswerCache(mebibytes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request again, or pass it on."""
        found = asked_in(scope) if scope["type"] == "http" and _is_kept(scope["path"]) else None
        if found is None:
            await self._app(scope, receive, send)
            return
        asked, condition = found
        kept = self._known(asked)
        if kept is None or (condition and not is_fresh(condition.decode("latin-1"), kept.tag)):
            await self._pass_on(asked, scope, receive, send)
            return
        note_cache("hit")
        await _answer(kept, send, unchanged=bool(condition), head=scope["method"] == "HEAD")

    def _known(self, asked: Asked) -> KeptAnswer | None:
        found = self._kept.get(asked)
        if found is None:
            return None
        state, kept = found
        try:
            now = self._now()
        except VisesError:
            return None  # the inner application meets the same error, and tells it
        if state in {now, now._replace(release_id=None)}:
            return kept
        self._kept.drop(asked)
        return None

    def _now(self) -> State:
        rights = self._site.access.rights(None)
        return State(self._site.release().id, rights.view, rights.closes)

    async def _pass_on(self, asked: Asked, scope: Scope, receive: Receive, send: Send) -> None:
        memo, record = Memo(), _Record(send)
        await self._app({**scope, MEMO: memo}, receive, record.send)
        if memo.state is not None and scope["method"] == "GET" and record.whole:
            body = bytes(record.body)
            kept = KeptAnswer(record.tag, with_length(record.headers, len(body)), body)
            self._kept.put(asked, (memo.state, kept), len(body))


class _Record:
    """What goes out, as long as it is worth keeping."""

    def __init__(self, send: Send) -> None:
        self.headers: RawHeaders = []
        self.body = bytearray()
        self.tag = ""
        self.whole = False
        self._send = send

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if message["status"] == 200:  # noqa: PLR2004 (HTTP)
                self.headers = list(message["headers"])
                self.tag = dict(self.headers).get(b"etag", b"").decode("latin-1")
        elif self.tag:
            self.body += message.get("body", b"")
            self.whole = not message.get("more_body", False)
            if len(self.body) > MOST_ANSWER_BYTES:
                self.tag, self.whole = "", False
                self.body.clear()
        await self._send(message)


def _length(scope: Scope) -> int:
    return len(scope["query_string"]) + len(scope["raw_path"])


def _is_kept(path: str) -> bool:
    return path == "/sparql" or path.endswith(_ENDINGS)


def asked_in(scope: Scope) -> tuple[Asked, bytes] | None:
    """Return what a GET or HEAD asks for and its If-None-Match; None for what is no such request.

    A request with credentials is none either: what it may see is looked up first.
    """
    if scope["method"] not in {"GET", "HEAD"} or _length(scope) > _MOST_REQUEST_BYTES:
        return None
    accept = encoding = condition = host = b""
    path: bytes = scope["raw_path"]
    for name, value in scope["headers"]:
        if name == b"host" and path != _SPARQL:
            host = value
        elif name == b"accept":
            accept += b"," + value
        elif name == b"accept-encoding":
            encoding += b"," + value
        elif name == b"if-none-match":
            condition += b"," + value
        elif name in _DECIDING:
            return None
    return Asked(path, host, scope["query_string"], accept, encoding), condition


async def _answer(kept: KeptAnswer, send: Send, *, unchanged: bool, head: bool) -> None:
    if unchanged:
        headers = [header for header in kept.headers if header[0] not in _OF_THE_BODY]
        await send_whole(headers, b"", send, status=304)
    else:
        await send_whole(kept.headers, b"" if head else kept.body, send)
