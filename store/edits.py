"""Small differences that were made one by one, kept until what they come to can be written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vises.store.difference import ADD, DELETE, compared

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet

    from vises.store.difference import Difference

MOST = 100_000
"""How many lines are kept; one takes about 300 bytes."""


class Edits:
    """Differences by the IRI of their graph, in their order, as long as they are small.

    A transaction edits a graph several times, such as the one of provenance. Were these edits in
    its change, all of that would have to be read again to write each quad once.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self._differences: dict[str, list[Difference]] = {}
        self._size = 0

    @property
    def graphs(self) -> AbstractSet[str]:
        """The graphs that have some."""
        return self._differences.keys()

    def keep(self, graph: str, difference: Difference) -> bool:
        """Keep a difference and say so; say no where that would be too much."""
        self._size += len(difference.removed) + len(difference.added)
        if self._size > MOST:
            return False
        self._differences.setdefault(graph, []).append(difference)
        return True

    def pop(self, graph: str) -> list[Difference]:
        """Give back what is kept of a graph, and keep it no longer."""
        return self._differences.pop(graph, [])

    def net(self) -> Iterator[tuple[str, Difference]]:
        """Yield what is left of each graph, where something is."""
        for graph, differences in self._differences.items():
            operations = [
                operation
                for each in differences
                for operation in ((DELETE, [*each.removed]), (ADD, [*each.added]))
            ]
            net = compared(operations)
            if net.removed or net.added:
                yield graph, net
