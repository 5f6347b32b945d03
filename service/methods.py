"""What may be done with each address: OPTIONS, and 405 with Allow (RFC 9110, section 15.5.6).

An address may have a route for each of its methods. The routes made here come behind those, and
take what is left, so that Allow names the methods of them all. Most addresses are only read, and
one route behind all others is enough for them.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vises.errors import BadRequest, sentence
from vises.service import problems
from vises.service.headers import preflight
from vises.service.problems import MethodNotAllowed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from starlette.routing import BaseRoute
    from starlette.types import Receive, Scope, Send

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")
"""What the service takes at one address or another."""

_READING = {"GET", "HEAD"}


class NoPath(BadRequest):
    """The request names no path (RFC 9112, section 3.2)."""

    kind = "no-path"
    title = "The request names no path"


def rest(routes: Iterable[BaseRoute]) -> list[Route]:
    """Return routes for what is left at the paths of some routes that take more than reading."""
    taken: dict[str, set[str]] = defaultdict(set)
    for route in flat(routes):
        taken[str(getattr(route, "path", ""))].update(getattr(route, "methods", None) or ())
    return [Route(path, _Rest(m)) for path, m in taken.items() if m and m != _READING]


def rest_of_all() -> Route:
    """Return the route for what is left at all other paths."""
    return Route("/{path:path}", _Rest(_READING))


def flat(routes: Iterable[BaseRoute]) -> Iterator[object]:
    """Yield routes, with those of a router that FastAPI included in its place."""
    for route in routes:
        inner = getattr(route, "effective_route_contexts", None)
        yield from inner() if inner else [route]


async def whole_server(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request for no path: `OPTIONS *` (section 9.3.7), 400 for any other."""
    if scope["method"] == "OPTIONS" and scope["path"] == "*":
        response = Response(status_code=204, headers=preflight(", ".join(METHODS)))
    else:
        response = problems.response(
            Request(scope, receive),
            NoPath(
                sentence("no-slash", "What it asks for does not begin with a slash."),
                remedy=sentence("name-path", "Name a path."),
            ),
        )
    await response(scope, receive, send)


class _Rest:
    """Answers OPTIONS with the methods of an address, and refuses those it does not have."""

    def __init__(self, methods: set[str]) -> None:
        self._allowed = ", ".join(m for m in METHODS if m in methods or m == "OPTIONS")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "OPTIONS":
            raise MethodNotAllowed(scope["method"], self._allowed)
        response = Response(status_code=204, headers=preflight(self._allowed))
        await response(scope, receive, send)
