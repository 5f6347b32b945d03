"""What the headers of a request ask for, where they are plain."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.requests import Request

from vises.service.fastpath.head import Head
from vises.service.formats import graph_type, results_type, wants_html
from vises.service.negotiation import best_coding
from vises.service.public import origin_of
from vises.service.repeats import asking_of

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from starlette.types import Scope

    from vises.service.answers import RawHeaders
    from vises.service.negotiation import Coding
    from vises.service.site import Reading

_PLAIN = {
    b"accept",
    b"accept-encoding",
    b"accept-language",
    b"cache-control",
    b"connection",
    b"dnt",
    b"host",
    b"origin",
    b"pragma",
    b"priority",
    b"referer",
    b"user-agent",
}
"""Headers that nothing decides by, or by which `Form` tells what they decide."""

_MOST_HEADS = 256


@dataclass
class Form:
    """What the headers of a request ask for; `origin` is where the service is, as they name it."""

    scheme: str
    asking: tuple[tuple[bytes, bytes], ...]
    results_type: str | None
    graph_type: str | None
    coding: Coding
    origin: str = ""
    _state: object = None
    _heads: dict[Hashable, Head] = field(default_factory=dict)

    @classmethod
    def of(cls, scope: Scope, public: Scope) -> Form | None:
        """Return that of a request, None where its headers may decide something else.

        `public` is the scope as the applications behind the public address get it.
        """
        headers = dict(scope["headers"])
        plain = all(name in _PLAIN or name.startswith(b"sec-") for name in headers)
        if not plain or len(headers) < len(scope["headers"]):
            return None
        accept = headers[b"accept"].decode("latin-1") if b"accept" in headers else None
        if wants_html(accept):
            return None
        encodings = headers.get(b"accept-encoding")
        return cls(
            scope["scheme"],
            asking_of(scope["headers"]),
            results_type(accept),
            graph_type(accept),
            best_coding(None if encodings is None else encodings.decode("latin-1")),
            origin_of(Request(public)),
        )

    def head(self, reading: Reading, kind: Hashable, make: Callable[[], RawHeaders]) -> Head:
        """Return the head of a kind of answers of one state, for which `make` has the headers."""
        state = (reading.release.id, reading.rights)
        if state != self._state:
            self._state = state
            self._heads.clear()
        head = self._heads.get(kind)
        if head is None:
            if len(self._heads) >= _MOST_HEADS:
                self._heads.clear()
            head = self._heads[kind] = Head(make())
        return head
