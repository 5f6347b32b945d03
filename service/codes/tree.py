"""As much of a list's tree as a page shows: from the top, level by level."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vises.service.codes.scheme import Concept, Scheme

MOST_NODES = 260
"""How many codes a page shows: about 60 kB of HTML."""


@dataclass
class Node:
    """A code in the tree; `below` counts all codes below it, also where they are not shown."""

    concept: Concept
    below: int
    children: list[Node] = field(default_factory=list)
    left_out: int = 0

    def all(self) -> Iterator[Node]:
        """Yield the node and what is shown below it."""
        yield self
        for child in self.children:
            yield from child.all()


def tree(scheme: Scheme, roots: Iterable[str], most: int = MOST_NODES) -> tuple[list[Node], int]:
    """Return the trees below some codes, and how many of these codes there was no room for.

    Levels are added while there is room for the whole of them, so that what is shown of one branch
    is shown of all; `left_out` says how many children a node has that are not shown. A code stands
    once below itself: circles end.
    """
    given = [iri for iri in roots if iri in scheme.concepts]
    nodes = [Node(scheme.concepts[iri], scheme.below(iri)) for iri in given[:most]]
    level: list[tuple[tuple[str, ...], Node]] = [((node.concept.iri,), node) for node in nodes]
    shown = len(nodes)
    while level:
        below = [(way, n, _children(scheme, way)) for way, n in level]
        wanted = sum(len(children) for _, _, children in below)
        if shown + wanted > most:
            for _, node, children in below:
                node.left_out = len(children)
            break
        shown += wanted
        level = []
        for way, node, children in below:
            for iri in children:
                child = Node(scheme.concepts[iri], scheme.below(iri))
                node.children.append(child)
                level.append(((*way, iri), child))
    return nodes, len(given) - len(nodes)


def _children(scheme: Scheme, way: tuple[str, ...]) -> list[str]:
    return [iri for iri in scheme.children.get(way[-1], ()) if iri not in way]
