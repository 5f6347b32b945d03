"""Who asks: set by the service for each request, read by the pool and by whoever counts.

It travels beside the request in a context variable, so that pages, caches and engines need not
hand it on; tasks made for a request inherit it.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vises.store.accounts import Standing
    from vises.store.attempt import Attempt


@dataclass(slots=True)
class Caller:
    """Who makes a request, and what the request has cost.

    `key` tells clients apart. `seconds` is how long it held query processes, `waited` how long it
    waited for one, `error` the kind of the last error of a query ("": none), `query` the text of
    the last query that went to a process, `cache` what the cache of answers had for it: "hit",
    "miss", "passed" (not to be kept) or "" (it was not asked). `left` is what the client had left
    after its last query was charged (None: none was). `begun` is a query that was begun
    for the request, for the pool to go on with.
    """

    key: str
    seconds: float = 0.0
    waited: float = 0.0
    error: str = ""
    query: str = ""
    cache: str = ""
    left: Standing | None = None
    begun: Attempt | None = None

    def close(self) -> None:
        """Stop a query that was begun and that nobody has gone on with."""
        if self.begun is not None:
            self.begun.close()
            self.begun = None


CALLER: ContextVar[Caller | None] = ContextVar("CALLER", default=None)
"""The caller of this request; None where the service asks for itself, which has no limit."""


def note_cache(result: str) -> None:
    """Note what the cache of answers had for this request."""
    caller = CALLER.get()
    if caller is not None:
        caller.cache = result


def known_as(holder: str) -> None:
    """Count this request on the holder of a token, wherever it asks from."""
    caller = CALLER.get()
    if caller is not None:
        caller.key = f"token {holder}"
