"""What a dataset holds, by class, with some of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from vises.service.void.keeper import PartitionsUnready
from vises.store.partitions import Partitions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from vises.service.pages.mentions import Speaker
    from vises.service.pages.model import Mention
    from vises.service.pages.visit import Visit

MOST_CLASSES = 30
MOST_SAMPLED = 12
MOST_EXAMPLES = 3
"""How many classes are listed, of how many of them examples are shown, and how many of each."""


@dataclass(frozen=True)
class Counted:
    """The classes of a dataset with the numbers of their things, and examples of some.

    `ready` says that the numbers are there; `left_out` how many classes are not listed. `period` is
    the first and the last of the times that the dataset is about, where it names some.
    """

    classes: Mapping[NamedNode, int]
    examples: Mapping[NamedNode, Sequence[NamedNode]]
    ready: bool = True
    left_out: int = 0
    period: tuple[str, str] | None = None

    def mentioned(self) -> Iterator[NamedNode]:
        """Yield every IRI that a page has to name."""
        yield from self.classes
        for things in self.examples.values():
            yield from things


@dataclass(frozen=True)
class Line:
    """A class, the number of its things as it is written, and some of them."""

    mention: Mention
    things: int
    examples: tuple[Mention, ...]


async def counted(visit: Visit, iri: NamedNode) -> Counted:
    """Return what a graph holds; nothing where the request may not read it.

    Raises what `Graph.select` does.
    """
    if iri.value not in visit.reading.counts:
        return Counted({}, {})
    try:
        partitions = await visit.facts.partitions()
    except PartitionsUnready:
        visit.unfinished.add("classes")
        return Counted({}, {}, ready=False)
    parts = partitions.get(iri.value, Partitions())
    found = parts.classes
    ordered = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    classes = {NamedNode(name): count for name, count in ordered[:MOST_CLASSES]}
    examples = {name: await _examples(visit, iri, name) for name in list(classes)[:MOST_SAMPLED]}
    left_out = max(0, len(ordered) - MOST_CLASSES)
    return Counted(classes, examples, left_out=left_out, period=parts.period)


def lines(held: Counted, speaker: Speaker) -> list[Line]:
    """Return the classes, the most numerous first."""
    return [
        Line(
            speaker.thing(name.value),
            count,
            tuple(speaker.thing(iri.value) for iri in held.examples.get(name, ())),
        )
        for name, count in held.classes.items()
    ]


async def _examples(visit: Visit, iri: NamedNode, name: NamedNode) -> list[NamedNode]:
    rows = await visit.graph.select("dataset-sample", resources=[name], graphs=(iri.value,))
    things = [row["thing"] for row in rows if isinstance(row["thing"], NamedNode)]
    return things[:MOST_EXAMPLES]
