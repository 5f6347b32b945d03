"""If-Match, If-Unmodified-Since and `If-None-Match: *` of a request that reads.

RFC 9110, sections 13.1 and 13.2.

They are about what there is, so they are decided by the answer that there would be without them:
one that is no success stays as it is (section 13.2.1). If-None-Match with tags is decided where
answers are made, which then need not be. For writing see `vises.service.graphstore.state`.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from vises.errors import BadRequest, sentence
from vises.service import problems
from vises.service.conditional import moment, tags
from vises.service.headers import ANY_ORIGIN

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from vises.errors import Sentence

ANYTHING = "*"

_DECIDED = {HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT, HTTPStatus.NOT_MODIFIED}
_OF_THE_BODY = {
    "accept-ranges",
    "content-disposition",
    "content-encoding",
    "content-length",
    "content-range",
    "content-type",
}


class NotMatched(BadRequest):
    """What is there now is not what the request demands (sections 13.1.1 and 13.1.4)."""

    kind = "not-matched"
    title = "There is something else now"
    status = 412


class Preconditions:
    """An ASGI application that decides what is left of an inner one's answers to GET and HEAD."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on; where a condition does not hold, another answer goes out."""
        if _is_conditional(scope):
            send = _Answer(scope, receive, send).send
        await self._app(scope, receive, send)


def _is_conditional(scope: Scope) -> bool:
    return (
        scope["type"] == "http"
        and scope["method"] in {"GET", "HEAD"}
        and any(
            name in {b"if-match", b"if-unmodified-since"}
            or (name == b"if-none-match" and value.strip() == b"*")
            for name, value in scope["headers"]
        )
    )


class _Answer:
    """One answer on its way out; nothing of it leaves once another one took its place."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._request = Request(scope, receive)
        self._receive = receive
        self._send = send
        self._replaced = False

    async def send(self, message: Message) -> None:
        """Take a message of the inner application."""
        if message["type"] == "http.response.start" and message["status"] in _DECIDED:
            other = self._other(message["status"], Headers(raw=list(message["headers"])))
            if other is not None:
                self._replaced = True
                await other(self._request.scope, self._receive, self._send)
        if not self._replaced:
            await self._send(message)

    def _other(self, status: int, answer: Headers) -> Response | None:
        """Return what goes out in place of an answer, None where it may go itself."""
        asked = self._request.headers
        wanted = ", ".join(asked.getlist("if-match"))
        if wanted and not _matches(wanted, answer.get("etag", "")):
            return self._refusal("If-Match", _is_tagged(answer.get("etag")))
        if not wanted and _changed_since(asked.get("if-unmodified-since"), answer):
            changed = sentence(
                "last-changed", "It was last changed on {date}.", date=answer["last-modified"]
            )
            return self._refusal("If-Unmodified-Since", changed)
        if status != HTTPStatus.NOT_MODIFIED and asked.get("if-none-match", "").strip() == ANYTHING:
            kept = {name: value for name, value in answer.items() if name not in _OF_THE_BODY}
            return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=kept)
        return None

    def _refusal(self, header: str, what: Sentence) -> Response:
        error = NotMatched(
            what,
            place=f"header {header}",
            remedy=sentence("leave-header-out", "Leave the header out to read what is there now."),
        )
        response = problems.response(self._request, error)
        response.headers.update(ANY_ORIGIN)
        return response


def _is_tagged(tag: str | None) -> Sentence:
    if tag is None:
        return sentence("no-tag", "What is there has no tag.")
    return sentence("tag-is", "Its tag is {tag}.", tag=tag)


def _changed_since(since: str | None, answer: Headers) -> bool:
    """Tell whether an answer is of a later date; what is no date, or has none, tells nothing."""
    if since is None or "last-modified" not in answer:
        return False
    asked, changed = moment(since), moment(answer["last-modified"])
    return asked is not None and changed is not None and changed > asked


def _matches(wanted: str, tag: str) -> bool:
    """Tell whether a header names what there is, by strong comparison (section 8.8.3.2)."""
    return wanted.strip() == ANYTHING or (not tag.startswith("W/") and tag in tags(wanted))
