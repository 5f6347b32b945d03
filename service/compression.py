"""Content codings of what the service sends (RFC 9110, sections 8.4 and 12.5.3).

An answer of the query processes comes compressed from there; this compresses the rest, the pages
and descriptions, and makes tags and Vary right for all. Compressed pages with a secret in them
could give it away by their length where a stranger chooses another part of them (BREACH). Our pages
have no secret: no session, no token, no form that a cookie authorises.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders

from vises.service.conditional import coded_tag, states, tags, weak, without_coding
from vises.service.negotiation import accepted_codings, best_coding
from vises.store.encoding import IDENTITY, LEAST_BYTES, encoder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from vises.service.negotiation import Coding
    from vises.store.encoding import Encoder

_COMPRESSIBLE = {
    "application/javascript",
    "application/json",
    "application/link-format",
    "application/n-quads",
    "application/n-triples",
    "application/trig",
    "application/vnd.apache.arrow.stream",
    "application/xml",
}
_ANOTHER_THREAD_BYTES = 1 << 16
"""From what size on a part is compressed in a thread: a smaller one takes a millisecond or less."""

_WITHOUT_BODY = {204, 206, 304}

_LISTS = {b"accept", b"accept-encoding", b"accept-language", b"if-match", b"if-none-match"}
"""Headers that may stand in several lines, which are one list (section 5.3)."""


def compressible(media_type: str) -> bool:
    """Tell whether a media type is text of some kind, which gets smaller.

    >>> compressible("application/sparql-results+json"), compressible("image/png")
    (True, False)
    """
    return (
        media_type.startswith("text/")
        or media_type.endswith(("+json", "+xml"))
        or media_type in _COMPRESSIBLE
    )


class Compression:
    """An ASGI application that compresses what an inner one sends, where the client wants it.

    A response that has a Content-Encoding is left as it is; `identity`, which is never sent, says
    that the inner application decided for none. The inner application sees and gives the tags of
    states alone: the coding is taken from those that come and put to those that go. It sees a list
    that came in several headers as one.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, the response in the coding that the client prefers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope = _joined(scope)
        wanted: str | None = None
        conditional = False
        for name, value in scope["headers"]:
            if name == b"accept-encoding":
                wanted = value.decode("latin-1")
            elif name in {b"if-none-match", b"if-match"}:
                conditional = True
        held: list[str] = []
        if conditional:
            headers = Headers(scope=scope)
            accepted = accepted_codings(wanted)
            known = tags(headers.get("if-none-match", ""))
            reads = scope["method"] in {"GET", "HEAD"}
            held = [tag for tag in known if not reads or without_coding(tag)[1] in accepted]
            scope = _with_states(scope, headers, held)
        response = _Response(send, best_coding(wanted), held, head=scope["method"] == "HEAD")
        await self._app(scope, receive, response.send)


def _joined(scope: Scope) -> Scope:
    """Return a scope in which each list is one header."""
    there = [name for name, _ in scope["headers"] if name in _LISTS]
    if len(there) == len(set(there)):
        return scope
    headers = MutableHeaders(raw=list(scope["headers"]))
    for name in {name.decode() for name in there}:
        headers[name] = ", ".join(headers.getlist(name))
    return {**scope, "headers": headers.raw}


def _with_states(scope: Scope, headers: Headers, held: list[str]) -> Scope:
    """Return a scope whose conditions name states.

    Of If-None-Match those tags are left that are `held`: of a request that reads, those whose
    coding the client takes now (a cache may ask for another client); of one that writes all, as of
    If-Match, since a change is made to the state.
    """
    wanted = MutableHeaders(raw=list(headers.raw))
    if held:
        wanted["if-none-match"] = ", ".join(without_coding(tag)[0] for tag in held)
    elif tags(headers.get("if-none-match", "")):
        del wanted["if-none-match"]
    if "if-match" in headers:
        wanted["if-match"] = states(headers["if-match"])
    return {**scope, "headers": wanted.raw}


class _Response:
    """One response on its way out."""

    def __init__(self, send: Send, coding: Coding, held: list[str], *, head: bool) -> None:
        self._send = send
        self._coding = coding
        self._held = held
        self._head = head
        self._start: Message | None = None
        self._encoder: Encoder | None = None

    async def send(self, message: Message) -> None:
        """Take a message of the inner application."""
        if message["type"] == "http.response.start":
            await self._begin(message)
        elif self._start is not None:
            await self._first(self._start, message)
        elif self._encoder is not None:
            await self._next(self._encoder, message)
        else:
            await self._send(message)

    async def _begin(self, start: Message) -> None:
        """Send the start where the body is not ours to compress, else wait for the body."""
        chosen = next((v for n, v in start["headers"] if n == b"content-encoding"), None)
        if chosen is not None:
            start["headers"] = chosen_headers(start["headers"], chosen.decode("latin-1"))
            await self._send(start)
            return
        headers = MutableHeaders(scope=start)
        media_type = headers.get("content-type", "").partition(";")[0].strip()
        if start["status"] == 304 or compressible(media_type):  # noqa: PLR2004 (HTTP)
            headers.add_vary_header("Accept-Encoding")
        if start["status"] == 304:  # noqa: PLR2004 (HTTP)
            self._tag_as_held(headers)
        elif (
            self._coding.name != IDENTITY
            and start["status"] not in _WITHOUT_BODY
            and compressible(media_type)
        ):
            self._start = start
            return
        await self._send(start)

    def _tag_as_held(self, headers: MutableHeaders) -> None:
        """Name in a 304 the representation that the client holds (section 15.4.5)."""
        tag = headers.get("etag")
        for held in self._held:
            if without_coding(held)[0] == tag:
                headers["etag"] = held
                return

    async def _first(self, start: Message, message: Message) -> None:
        """Decide by the first part of the body, and send it with the start."""
        self._start = None
        headers = MutableHeaders(scope=start)
        body, more = message.get("body", b""), message.get("more_body", False)
        if self._stays(self._length(headers, message)):
            await self._send(start)
            await self._send(message)
            return
        headers["content-encoding"] = self._coding.name
        _tag_as(headers, self._coding.name)
        if "etag" in headers and self._length(headers, message) is None:
            headers["etag"] = weak(headers["etag"])
        del headers["content-length"]
        del headers["accept-ranges"]
        made = encoder(self._coding.name)
        if not more and body:
            whole = await _in_thread(len(body), lambda: made.feed(body) + made.end())
            headers["content-length"] = str(len(whole))
            await self._send(start)
            await self._send({**message, "body": whole})
            return
        await self._send(start)
        if not more:
            await self._send(message)
            return
        self._encoder = made
        await self._next(made, message)

    def _length(self, headers: MutableHeaders, message: Message) -> int | None:
        """Return the length of the whole body, None where it is not known; HEAD may have none."""
        body, more = message.get("body", b""), message.get("more_body", False)
        if not more and (body or not self._head):
            return len(body)
        declared = headers.get("content-length")
        return None if declared is None else int(declared)

    def _stays(self, length: int | None) -> bool:
        """Tell whether a body is not worth a coding."""
        least = 1 if self._coding.forced else LEAST_BYTES
        return length is not None and length < least

    async def _next(self, made: Encoder, message: Message) -> None:
        """Send a part in the coding; what was sent so far can be decoded at once."""
        body, more = message.get("body", b""), message.get("more_body", False)
        last = made.flush if more else made.end
        coded = await _in_thread(len(body), lambda: made.feed(body) + last())
        await self._send({**message, "body": coded})


def chosen_headers(
    headers: Iterable[tuple[bytes, bytes]], coding: str
) -> list[tuple[bytes, bytes]]:
    """Return the headers of an answer whose coding the inner application chose."""
    made = []
    varied = False
    for name, value in headers:
        if name == b"vary":
            varied = True
            made.append((name, value + b", Accept-Encoding"))
        elif name == b"etag":
            made.append((name, coded_tag(value.decode("latin-1"), coding).encode("latin-1")))
        elif name != b"content-encoding" or coding != IDENTITY:
            made.append((name, value))
    return made if varied else [*made, (b"vary", b"Accept-Encoding")]


def _tag_as(headers: MutableHeaders, coding: str) -> None:
    if "etag" in headers:
        headers["etag"] = coded_tag(headers["etag"], coding)


async def _in_thread(size: int, work: Callable[[], bytes]) -> bytes:
    """Do some work on so many bytes: in a thread where it takes long enough to hold up others."""
    return await asyncio.to_thread(work) if size >= _ANOTHER_THREAD_BYTES else work()
