"""What a request may do: the graphs it may read and those it may write."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vises.errors import sentence
from vises.service.access.errors import TokenNeeded, WriteForbidden

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from vises.errors import Sentence


@dataclass(frozen=True)
class Rights:
    """The rights of one request.

    `holder` is the name of its token, None where it has none. `hidden` are the graphs that it may
    not read: a query sees a dataset without them, as if they were not there. `writable` are the
    graphs that its token may write to by SPARQL Update and the Graph Store Protocol, as IRIs and
    as beginnings of IRIs that end in ``*``; what ingest manages is refused besides, when it is
    written (`vises.service.access.managed`). `ingestible` are, in the same form, the graphs of the
    datasets that files may be ingested as. `closes` says that some graph is closed, to this
    request or to others. `view` is another text for each `hidden`, "" where nothing is hidden, from
    which their names cannot be guessed.
    """

    holder: str | None = None
    hidden: frozenset[str] = field(default_factory=frozenset)
    writable: frozenset[str] = field(default_factory=frozenset)
    ingestible: frozenset[str] = field(default_factory=frozenset)
    closes: bool = False
    view: str = ""

    @property
    def hidden_graphs(self) -> tuple[str, ...]:
        """What is hidden, in a fixed order, as the engine is told."""
        return tuple(sorted(self.hidden))

    @property
    def etag_parts(self) -> tuple[str, ...]:
        """What the rights add to an entity tag: nothing where nothing is hidden."""
        return (self.view,) if self.hidden else ()

    def may_write(self, graph: str) -> bool:
        """Tell whether the token was given the right to write to a graph."""
        return covers(self.writable, graph)

    def demand_token(self, needed: Sentence, *, right: str = "--write") -> None:
        """Raise `TokenNeeded` (401) for a request without a token.

        `needed` says what for; `right` is the option of `vises tokens create` that gives it.
        """
        if self.holder is None:
            raise TokenNeeded(
                needed,
                place="header Authorization",
                remedy=sentence(
                    "get-token",
                    "Send `Authorization: Bearer` and a token; the operator of the service gives "
                    "one out with `vises tokens create {right}`.",
                    right=right,
                ),
            )

    def demand_write(self, graph: str) -> None:
        """Raise `TokenNeeded` (401) or `WriteForbidden` (403) for a graph not to be written to."""
        self.demand_token(
            sentence("writing-needs", "Writing to <{graph}> needs an access token.", graph=graph)
        )
        if not self.may_write(graph):
            raise WriteForbidden(
                sentence(
                    "does-not-write",
                    "The token of {holder} does not write to <{graph}>.",
                    holder=self.holder,
                    graph=graph,
                ),
                place=graph,
                remedy=sentence(
                    "writes-to",
                    "It writes to: {graphs}. Ask the operator of the service for another one.",
                    graphs=_listed(self.writable),
                ),
            )

    def demand_ingest(self, graph: str) -> None:
        """Raise `TokenNeeded` (401) or `WriteForbidden` (403) for a dataset not to be ingested."""
        self.demand_token(
            sentence("ingesting-needs", "Ingesting files needs an access token."), right="--ingest"
        )
        if not covers(self.ingestible, graph):
            raise WriteForbidden(
                sentence(
                    "does-not-ingest",
                    "The token of {holder} does not ingest into <{graph}>.",
                    holder=self.holder,
                    graph=graph,
                ),
                place=graph,
                remedy=sentence(
                    "ingests-into",
                    "It ingests into: {graphs}. Ask the operator of the service for another one "
                    "(`vises tokens create --ingest`).",
                    graphs=_listed(self.ingestible),
                ),
            )

    def readable(self, counts: Mapping[str, int]) -> dict[str, int]:
        """Return the part of the counts of a release (by graph) that may be told."""
        return {graph: count for graph, count in counts.items() if graph not in self.hidden}

    def cache_control(self, usual: str) -> str:
        """Return how long an answer may be kept (RFC 9111, section 5.2.2).

        What was asked with a token is for its holder alone. While a graph is closed, nothing is
        kept for good: what it holds may be opened or closed later.
        """
        if self.holder is not None:
            return "private, no-cache"
        return "no-cache" if self.closes else usual

    def vary(self, usual: str) -> str:
        """Return the Vary header: the token decides, too, while some graph is closed."""
        return f"{usual}, Authorization" if self.closes or self.holder is not None else usual

    def headers(self, usual: str, *varying: str) -> dict[str, str]:
        """Return Cache-Control and, where anything decides between answers, Vary."""
        vary = self.vary(", ".join(varying)).removeprefix(", ")
        return {"Cache-Control": self.cache_control(usual), **({"Vary": vary} if vary else {})}


def covers(patterns: Iterable[str], graph: str) -> bool:
    """Tell whether a graph is one of some IRIs, or begins as one that ends in ``*`` does.

    >>> covers({"https://a.example/graph/*"}, "https://a.example/graph/b")
    True
    """
    return any(
        graph.startswith(pattern[:-1]) if pattern.endswith("*") else graph == pattern
        for pattern in patterns
    )


def _listed(patterns: Iterable[str]) -> str:
    return ", ".join(f"<{pattern}>" for pattern in sorted(patterns)) or "—"
