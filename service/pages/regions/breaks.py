"""Where series stop comparing, and which breaks concern a region and a perimeter."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from vises.namespaces import VOCABULARY_BASE, term
from vises.service.pages.labels import LABEL_PROPERTIES, Name, best_label

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from vises.service.graph import Row, Term
    from vises.service.pages.visit import Visit

_AREA = term("sdmx-dimension:refArea")
_PERIMETER = term("vises:perimeter")
_MEASURE = term("qb:measureType")
_FROM = term("vises:breaksFrom")
_REASON = term("vises:breakReason")
_DESCRIPTION = term("dcterms:description")
_SOURCE = term("dcterms:source")
_RECODING = VOCABULARY_BASE + "code/break-reason/area-recoding"


@dataclass
class SeriesBreak:
    """A break: what it is of, none for all; the first year after it; why, and who says so."""

    iri: str
    areas: set[str] = field(default_factory=set)
    perimeters: set[str] = field(default_factory=set)
    measures: set[str] = field(default_factory=set)
    year: int | None = None
    reason: str | None = None
    descriptions: list[tuple[NamedNode, Literal]] = field(default_factory=list)
    sources: set[str] = field(default_factory=set)

    def add(self, prop: Term, value: Term) -> None:
        """Take in one statement about the break."""
        held = {
            _AREA: self.areas,
            _PERIMETER: self.perimeters,
            _MEASURE: self.measures,
            _SOURCE: self.sources,
        }
        if isinstance(value, NamedNode):
            if prop in held:
                held[prop].add(value.value)  # type: ignore[index]
            elif prop == _REASON:
                self.reason = value.value
        elif isinstance(value, Literal):
            if prop == _FROM and value.value.isdecimal():
                self.year = int(value.value)
            elif prop == _DESCRIPTION:
                self.descriptions.append((LABEL_PROPERTIES[0], value))

    @property
    def parts_series(self) -> bool:
        """Whether figures before and after do not compare: another code alone is no obstacle."""
        return self.reason != _RECODING

    def concerns(self, areas: Collection[str]) -> bool:
        """Tell whether the break is one of these areas, or of all."""
        return not self.areas or not self.areas.isdisjoint(areas)

    def is_of(self, perimeter: str, measure: str) -> bool:
        """Tell whether the break is one of a series."""
        within = not self.perimeters or perimeter in self.perimeters
        return within and (not self.measures or measure in self.measures)

    def description(self, language: str) -> Name | None:
        """Return what happened, in a language."""
        return best_label(self.descriptions, language)


def read_breaks(rows: Iterable[Row]) -> list[SeriesBreak]:
    """Collect the solutions of queries/pages/breaks.rq: the breaks that have a year, by year."""
    found: dict[str, SeriesBreak] = {}
    for row in rows:
        iri = row["resource"]
        if isinstance(iri, NamedNode):
            found.setdefault(iri.value, SeriesBreak(iri.value)).add(row["property"], row["value"])
    dated = [b for b in found.values() if b.year is not None]
    return sorted(dated, key=lambda b: (b.year or 0, b.iri))


async def breaks_of(visit: Visit, areas: Collection[str]) -> Sequence[SeriesBreak]:
    """Return the breaks of areas in the release of a visit; they are read once for each release."""

    async def read() -> list[SeriesBreak]:
        return read_breaks(await visit.graph.select("breaks"))

    found: list[SeriesBreak] = await visit.facts.kept.get("breaks", read)
    return [b for b in found if b.concerns(areas)]


def mentioned(breaks: Iterable[SeriesBreak]) -> set[NamedNode]:
    """Return the IRIs that a list of breaks names."""
    iris: set[str] = set()
    for b in breaks:
        iris |= b.sources | b.perimeters | ({b.reason} if b.reason else set())
    return {NamedNode(iri) for iri in iris}
