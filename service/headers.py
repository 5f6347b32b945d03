"""Headers that every answer carries for the safety of who reads it in a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
"""What an answer may use: our stylesheet and icon, and no script."""

PAGE_POLICY = f"{CONTENT_SECURITY_POLICY}; script-src 'self'; connect-src 'self'"
"""What our pages may use besides: our script for the search fields, which asks us alone."""

ANY_ORIGIN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Accept-Ranges, Content-Profile, Content-Range, ETag, Link, "
    "Location, Memento-Datetime, RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, "
    "X-Release, X-Request-ID",
}
"""What lets a script of any other site read our data and what the headers say of it."""


def preflight(methods: str) -> dict[str, str]:
    """Return what a script of another site is told before it asks with these methods (Fetch).

    It may send a token; ``*`` would not allow that.
    """
    return {
        **ANY_ORIGIN,
        "Allow": methods,
        "Access-Control-Allow-Methods": methods,
        "Access-Control-Allow-Headers": "Accept, Accept-Datetime, Accept-Profile, Authorization, "
        "Content-Type, If-Match, If-Modified-Since, If-None-Match, If-Range, If-Unmodified-Since, "
        "Range, Slug, X-Request-ID",
        "Access-Control-Max-Age": "86400",
    }


SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}

_RAW = [(name.lower().encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]


def secured(headers: Sequence[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Return headers of an answer, with those of `SECURITY_HEADERS` that they lack."""
    there = {name for name, _ in headers}
    return [*headers, *(header for header in _RAW if header[0] not in there)]


class SecurityHeaders:
    """An ASGI application that adds the headers an inner one did not set itself."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, the start of the response with more headers."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = secured(message["headers"])
            await send(message)

        await self._app(scope, receive, send_with_headers)
