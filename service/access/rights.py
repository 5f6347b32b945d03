"""What a request may do: the graphs it may read and those it may write."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Rights:
    """The rights of one request.

    `holder` is the name of its token, None where it has none. `hidden` are the graphs that it may
    not read: a query sees a dataset without them, as if they were not there. `writable` are the
    graphs that it may write to by SPARQL Update and the Graph Store Protocol.
    """

    holder: str | None = None
    hidden: frozenset[str] = field(default_factory=frozenset)
    writable: frozenset[str] = field(default_factory=frozenset)


EVERYONE = Rights()
"""The rights of a request without a token where no graph is closed."""
