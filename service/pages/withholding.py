"""Whether what tables withhold can be read elsewhere here, which decides what a page says of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vises.service.graph import Row
    from vises.service.pages.mentions import Speaker
    from vises.service.pages.model import Mention
    from vises.service.pages.visit import Visit


@dataclass(frozen=True)
class Origins:
    """The datasets that some tables were computed from: those that the visitor may read, and not.

    Both are empty where the tables do not say what they are from.
    """

    readable: Sequence[NamedNode]
    closed: Sequence[NamedNode]

    def told(self, speaker: Speaker) -> Told:
        """Return what a page says of them."""
        readable = [speaker.thing(iri.value) for iri in self.readable]
        return Told(readable, closed=bool(self.closed) and not readable)


@dataclass(frozen=True)
class Told:
    """What withholding means: the datasets that undo it, or that all of them are closed."""

    readable: Sequence[Mention]
    closed: bool


async def origins_of(visit: Visit, rows: Iterable[Row]) -> Origins:
    """Return what the tables were computed from whose cells some solutions list, by ?dataset."""
    named = {value for row in rows if isinstance(value := row.get("dataset"), NamedNode)}
    if not named:
        return Origins((), ())
    datasets = sorted(named, key=lambda iri: iri.value)
    solutions = await visit.graph.select("table-origins", resources=datasets)
    found = [value for row in solutions if isinstance(value := row["origin"], NamedNode)]
    counts = visit.reading.counts
    return Origins(
        [iri for iri in found if iri.value in counts],
        [iri for iri in found if iri.value not in counts],
    )
