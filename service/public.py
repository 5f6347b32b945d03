"""The address that the public knows the service by, also where a proxy stands before it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from starlette.datastructures import MutableHeaders

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

PATH_SAFE = "/:@!$&'()*+,;=~"
"""The characters of a path that stay as they are (RFC 3986, section 3.3)."""

_MOST_KEPT = 256


def origin_of(request: Request) -> str:
    """Return where the public finds the service that a request came to, such as https://x.example.

    Every character that no address may hold is escaped.
    """
    return _escaped(str(request.base_url))


@lru_cache(_MOST_KEPT)
def _escaped(base_url: str) -> str:
    return quote(base_url.rstrip("/"), safe=PATH_SAFE + "[]%")


def with_query(address: str, request: Request) -> str:
    """Return an address with the parameters that a request came with."""
    return f"{address}?{request.url.query}" if request.url.query else address


class PublicAddress:
    """An ASGI application whose inner one sees requests as if made to a public address.

    So every absolute address that it gives is one that the public can follow, whatever the proxy
    puts into the Host header (RFC 9110, section 7.2), and whatever a stranger does.
    """

    def __init__(self, app: ASGIApp, address: str) -> None:
        """Wrap an application; `address` is a scheme and an authority (``https://example.org``).

        Without one ("") the public knows the service by the address that it asks.
        """
        self._app = app
        parts = urlsplit(address)
        self._scheme, self._authority = parts.scheme, parts.netloc

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on, requests with the public scheme and host."""
        await self._app(self.seen(scope), receive, send)

    def seen(self, scope: Scope) -> Scope:
        """Return the scope of a request as the inner application gets it."""
        if scope["type"] != "http" or not self._authority:
            return scope
        headers = MutableHeaders(raw=list(scope["headers"]))
        headers["host"] = self._authority
        return {**scope, "scheme": self._scheme, "headers": headers.raw}
