"""The regions of a release: their names, their parts, and their codes in other versions of NUTS."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from vises.namespaces import term
from vises.service.iris import last_part
from vises.service.pages.labels import LABEL_PROPERTIES, Name, best_label
from vises.service.pages.model import Mention
from vises.service.pages.regions.layout import layout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from vises.service.graph import Row, Term
    from vises.service.iris import Addresses
    from vises.service.pages.visit import Visit

REGION = term("vises:Region").value
_BROADER = term("skos:broader")
_NOTATION = term("skos:notation")
_REPLACED_BY = term("dcterms:isReplacedBy")
_VINTAGE = term("vises:nutsVintage")
_FROM = term("schema:validFrom")
_THROUGH = term("schema:validThrough")


@dataclass
class Region:
    """What the release says of a region. `broader` and `replaced_by` are IRIs."""

    iri: str
    code: str
    labels: list[tuple[NamedNode, Literal]] = field(default_factory=list)
    broader: set[str] = field(default_factory=set)
    replaced_by: set[str] = field(default_factory=set)
    replaces: set[str] = field(default_factory=set)
    parts: set[str] = field(default_factory=set)
    vintages: set[str] = field(default_factory=set)
    valid_from: Literal | None = None
    valid_through: Literal | None = None

    def add(self, prop: Term, value: Term) -> None:
        """Take in one statement about the region."""
        if isinstance(value, NamedNode):
            if prop == _BROADER:
                self.broader.add(value.value)
            elif prop == _REPLACED_BY:
                self.replaced_by.add(value.value)
        elif isinstance(value, Literal):
            self._add_literal(prop, value)

    def _add_literal(self, prop: Term, value: Literal) -> None:
        if prop in LABEL_PROPERTIES and isinstance(prop, NamedNode):
            self.labels.append((prop, value))
        elif prop == _NOTATION:
            self.code = value.value
        elif prop == _VINTAGE:
            self.vintages.add(value.value)
        elif prop == _FROM:
            self.valid_from = value
        elif prop == _THROUGH:
            self.valid_through = value

    @property
    def level(self) -> int:
        """The NUTS level, by the length of the code: 0 for a country."""
        return len(self.code) - 2


@dataclass(frozen=True)
class Atlas:
    """The regions by IRI and by code."""

    regions: Mapping[str, Region]
    by_code: Mapping[str, Region]

    @classmethod
    def read(cls, rows: Iterable[Row]) -> Atlas:
        """Collect the solutions of queries/pages/regions.rq (?region ?property ?value)."""
        found: dict[str, Region] = {}
        for row in rows:
            iri = row["region"]
            if isinstance(iri, NamedNode):
                region = found.setdefault(iri.value, Region(iri.value, last_part(iri.value)))
                region.add(row["property"], row["value"])
        for region in found.values():
            for whole in region.broader & found.keys():
                found[whole].parts.add(region.iri)
            for later in region.replaced_by & found.keys():
                found[later].replaces.add(region.iri)
        ordered = dict(sorted(found.items(), key=lambda item: item[1].code))
        return cls(ordered, {region.code: region for region in ordered.values()})

    def same(self, iri: str) -> Sequence[str]:
        """Return a region under its codes in all versions of NUTS, itself first.

        Codes that became one, or one that was split, are not the same extent and are left out.
        """
        return [iri, *(other for other in _walk(iri, self._renamed) if other != iri)]

    def _renamed(self, iri: str) -> Iterator[str]:
        """Yield the codes that have the extent of this one: one became one, by way of no merger."""
        region = self.regions.get(iri)
        if region is None:
            return
        for later in region.replaced_by & self.regions.keys():
            if len(region.replaced_by) == 1 and self._is_heir(later, region):
                yield later
        for earlier in region.replaces:
            before = self.regions[earlier]
            if len(before.replaced_by) == 1 and self._is_heir(iri, before):
                yield earlier

    def _is_heir(self, later: str, region: Region) -> bool:
        """Tell whether all that a code replaces are one territory: one code, or nested ones."""
        others = self.regions[later].replaces - {region.iri}
        return all(
            other in self.above(region.iri) or region.iri in self.above(other) for other in others
        )

    def above(self, iri: str) -> Sequence[str]:
        """Return the regions that hold this one, the next one first."""
        return [other for other in _walk(iri, self._wholes) if other != iri]

    def below(self, iri: str) -> Sequence[str]:
        """Return the region and all its parts, at any level."""
        return list(_walk(iri, self._parts))

    def across(self, iri: str) -> Sequence[Region]:
        """Return the regions of the same level on the other side of the border, by code.

        A region that does not touch the border has those of the region that holds it.
        """
        for place in (iri, *self.above(iri)):
            codes = [self.regions[p].code for p in self.same(place) if p in self.regions]
            meet = [other for code in codes for other in layout().across.get(code, ())]
            found = [self.by_code[code] for code in dict.fromkeys(meet) if code in self.by_code]
            if found:
                return sorted(found, key=lambda region: region.code)
        return []

    def beside(self, iri: str) -> Sequence[Region]:
        """Return the other parts of the region that holds this one, in the same version of NUTS."""
        region = self.regions[iri]
        wholes = [self.regions[whole] for whole in region.broader if whole in self.regions]
        found = {part for whole in wholes for part in whole.parts} - {iri}
        return [r for r in self.sorted(found) if r.vintages & region.vintages or not r.vintages]

    def sorted(self, iris: Iterable[str]) -> Sequence[Region]:
        """Return the regions of IRIs, by code."""
        return sorted((self.regions[iri] for iri in iris), key=lambda region: region.code)

    def name(self, iri: str, language: str) -> Name:
        """Return what a region is called in a language, its code where it has no name."""
        region = self.regions.get(iri)
        found = best_label(region.labels, language) if region else None
        return found or Name(region.code if region else last_part(iri))

    def mention(self, iri: str, language: str, addresses: Addresses) -> Mention:
        """Return the mention of a region, with its code."""
        region = self.regions.get(iri)
        code = region.code if region else None
        return Mention(self.name(iri, language), addresses.href(iri), code=code)

    def _wholes(self, iri: str) -> Iterable[str]:
        region = self.regions.get(iri)
        return sorted(region.broader & self.regions.keys()) if region else ()

    def _parts(self, iri: str) -> Iterable[str]:
        region = self.regions.get(iri)
        return sorted(region.parts) if region else ()


def _walk(start: str, following: Callable[[str], Iterable[str]]) -> Iterator[str]:
    """Yield what can be reached from an IRI, nearest first, each once: data may go in circles."""
    seen, waiting = {start}, [start]
    while waiting:
        here = waiting.pop(0)
        yield here
        for other in following(here):
            if other not in seen:
                seen.add(other)
                waiting.append(other)


async def atlas(visit: Visit) -> Atlas:
    """Return the regions of the release of a visit, read once for each."""

    async def read() -> Atlas:
        return Atlas.read(await visit.graph.select("regions"))

    found: Atlas = await visit.facts.kept.get("atlas", read)
    return found
