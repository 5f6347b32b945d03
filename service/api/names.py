"""What the things are called that others point to: asked once for each release, then kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vises.service.cache import PerRelease
from vises.service.pages.labels import Known, Labels

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyoxigraph import NamedNode

    from vises.service.graph import Graph

MOST_NAMES = 50_000
"""Of how many things of a release the names are kept: more than all code lists have."""


class NamesKeeper:
    """Answers for the names of things."""

    def __init__(self) -> None:
        """Hold nothing yet."""
        self._known: PerRelease[dict[str, Known]] = PerRelease()

    async def labels(self, graph: Graph, language: str, iris: Iterable[NamedNode]) -> Labels:
        """Return the names of some IRIs in a language."""

        async def nothing() -> dict[str, Known]:
            return {}

        known = await self._known.get(graph.key, nothing)
        wanted = {iri.value: iri for iri in iris}
        missing = sorted(wanted.keys() - known.keys())
        found = {iri: known[iri] for iri in wanted if iri in known}
        if missing:
            rows = await graph.select("labels", resources=[wanted[iri] for iri in missing])
            read = Labels.read(language, rows)
            fresh = {iri: read.known(iri) for iri in missing}
            found |= fresh
            known |= fresh
            while len(known) > MOST_NAMES:
                del known[next(iter(known))]
        return Labels(language, found)
