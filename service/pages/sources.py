"""The graphs that the statements of a page come from, numbered as they turn up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from vises.service.pages.labels import Name
from vises.service.pages.model import Mention

if TYPE_CHECKING:
    from pyoxigraph import DefaultGraph

    from vises.service.graph import Term
    from vises.service.pages.mentions import Speaker


class Sources:
    """Gives each graph its number, counted from 1."""

    def __init__(self) -> None:
        """Know no graph yet."""
        self._numbers: dict[Term | DefaultGraph, int] = {}

    def number(self, graph: Term | DefaultGraph) -> int:
        """Return the number of a graph, a new one where it turns up for the first time."""
        return self._numbers.setdefault(graph, len(self._numbers) + 1)

    def mentions(self, speaker: Speaker) -> tuple[Mention, ...]:
        """Return what to call the graphs, in the order of their numbers."""
        return tuple(
            speaker.thing(graph.value)
            if isinstance(graph, NamedNode)
            else Mention(Name(speaker.words("value.unnamed")))
            for graph in self._numbers
        )
