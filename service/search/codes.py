"""The codes that a search is limited by: from what an index holds to what a visitor chooses.

An index has the codes that the data give, and no more: the smallest known region, the legal form,
the division of activity. What lies above them is read here, from the release and with the rights of
the request, so a code list may change or be closed without any index being made anew.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from vises.namespaces import VOCABULARY_BASE, term
from vises.service.cache import PerRelease
from vises.service.iris import last_part
from vises.service.pages.labels import LABEL_PROPERTIES, Name, best_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from vises.service.graph import Graph, Row

REGIONS, FAMILIES, THEMES = (f"{VOCABULARY_BASE}code/{n}/" for n in ("nuts", "family", "theme"))
ACTIVITIES = f"{VOCABULARY_BASE}code/nace-rev2.1/"
_OLD_ACTIVITIES = f"{VOCABULARY_BASE}code/nace-rev2/"

_BROADER, _SAME, _FAMILY, _REPLACED = (
    term(n) for n in ("skos:broader", "skos:closeMatch", "vises:inFamily", "dcterms:isReplacedBy")
)
_MOST_STEPS = 12
"""How many levels of a hierarchy are climbed: one that goes in circles is left."""


@dataclass
class Codes:
    """The names of codes, and their relations, by IRI.

    `above` leads from a code to the next broader one, from a legal form to its family, and from an
    activity of the old NACE to that of the current one; `later` from a region to those that
    replaced it.
    """

    labels: dict[str, list[tuple[NamedNode, Literal]]] = field(default_factory=dict)
    above: dict[str, str] = field(default_factory=dict)
    later: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def read(cls, rows: Iterable[Row]) -> Codes:
        """Collect the solutions of queries/pages/search-codes.rq."""
        codes = cls()
        for row in rows:
            resource, prop, value = row["resource"], row["property"], row["value"]
            if isinstance(resource, NamedNode) and isinstance(prop, NamedNode):
                codes._add(resource.value, prop, value)
        return codes

    def _add(self, code: str, prop: NamedNode, value: object) -> None:
        labels = self.labels.setdefault(code, [])
        if isinstance(value, Literal):
            labels.append((LABEL_PROPERTIES[0], value))
        elif isinstance(value, NamedNode):
            if prop == _REPLACED:
                self.later[code].add(value.value)
            elif _leads_up(code, prop, value.value):
                self.above[code] = value.value

    def name(self, code: str, language: str) -> Name:
        """Return what a code is called."""
        return best_label(self.labels.get(code, ()), language) or Name(last_part(code))

    def known(self, code: str) -> bool:
        """Tell whether the release has a code."""
        return code in self.labels

    def path(self, code: str) -> list[str]:
        """Return a code and those above it, the broadest first."""
        found = [code]
        for _ in range(_MOST_STEPS):
            above = self.above.get(found[-1])
            if above is None or above in found:
                break
            found.append(above)
        return found[::-1]

    def within(self, code: str, among: Iterable[str]) -> list[str]:
        """Return those of some codes that are a code, lie below it, or below what replaced it."""
        wanted = {code}
        new = [code]
        while new:
            following = self.later.get(new.pop(), set()) - wanted
            wanted |= following
            new += following
        return sorted(c for c in among if not wanted.isdisjoint(self.path(c)))

    def totals(self, counts: Mapping[str, int]) -> dict[str, int]:
        """Return numbers by code, each also counted for the codes above it."""
        found: dict[str, int] = defaultdict(int)
        for code, count in counts.items():
            for one in self.path(code):
                found[one] += count
        return found

    def below(self, code: str | None, among: Iterable[str]) -> Iterator[str]:
        """Yield those of some codes that are directly below one; None for the broadest."""
        return (c for c in among if self.above.get(c) == code)

    def all(self) -> Iterable[str]:
        """Return all codes."""
        return self.labels


class CodesKeeper:
    """The codes of releases, read once for each and for each of what is hidden in it."""

    def __init__(self) -> None:
        """Hold nothing yet."""
        self._codes: PerRelease[Codes] = PerRelease()

    async def codes(self, graph: Graph) -> Codes:
        """Return the codes of a release. Raises what `Graph.select` does."""

        async def compute() -> Codes:
            return Codes.read(await graph.select("search-codes"))

        return await self._codes.get(graph.key, compute)


def _leads_up(code: str, prop: NamedNode, value: str) -> bool:
    """Tell whether a link is the one that leads up from a code: each has one kind of them."""
    if prop == _SAME:
        return code.startswith(_OLD_ACTIVITIES) and value.startswith(ACTIVITIES)
    if prop == _BROADER:
        return code.startswith((REGIONS, ACTIVITIES))
    return prop == _FAMILY
