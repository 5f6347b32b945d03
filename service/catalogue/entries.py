"""What the catalogue knows of the datasets of a release, gathered once for each."""

from __future__ import annotations

import asyncio
import calendar
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from vises.namespaces import term
from vises.service.catalogue.terms import name as iri_of
from vises.service.pages.labels import is_true

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from vises.service.graph import Graph, Row, Term
    from vises.service.site import Reading
    from vises.store.partitions import Partitions
    from vises.store.releases import Release, ReleaseStore

Said = dict[NamedNode, "list[Term]"]
"""What is said of a thing: the values of each property."""


@dataclass(frozen=True)
class Lived:
    """When a dataset came into the releases, and the last one that changed it."""

    issued: datetime
    modified: datetime
    version: str


@dataclass(frozen=True)
class Entry:
    """A dataset of the catalogue.

    `said` is what the data say of it and `things` what they say of the things that it names;
    `period` is the first and the last day that it is about, None where it names no time; `regions`
    are the codes of those that it covers, none where neither its description nor its figures and
    enterprises name one; `warnings` counts those of the shapes; `units` and `series` describe
    figures; `parts` are its classes and properties.
    """

    iri: NamedNode
    said: Said
    things: Mapping[NamedNode, Said]
    lived: Lived
    period: tuple[str, str] | None
    regions: Sequence[NamedNode]
    parts: Partitions
    statements: int
    warnings: int = 0
    units: Sequence[NamedNode] = ()
    series: int | None = None

    def values(self, name: str) -> list[Term]:
        """Return the values of a property, by its prefixed name."""
        return self.said.get(iri_of(name), [])

    def things_of(self, name: str) -> list[NamedNode]:
        """Return those values that are IRIs, in a fixed order."""
        found = {v for v in self.values(name) if isinstance(v, NamedNode)}
        return sorted(found, key=lambda iri: iri.value)

    def texts(self, name: str) -> list[Literal]:
        """Return those values that are texts."""
        return [v for v in self.values(name) if isinstance(v, Literal)]

    def thing(self, iri: NamedNode) -> Said:
        """Return what is said of a thing that the dataset names."""
        return self.things.get(iri, {})

    @property
    def titles(self) -> list[Literal]:
        """What it is called."""
        return self.texts("dcterms:title")

    @property
    def licence(self) -> NamedNode | None:
        """Its licence, None where none is stated, or several."""
        stated = self.things_of("dcterms:license")
        return stated[0] if len(stated) == 1 else None

    @property
    def fictitious(self) -> bool:
        """Whether it is made up."""
        return any(map(is_true, self.values("vises:fictitious")))

    @property
    def structure(self) -> NamedNode | None:
        """The structure of its cube, None where it is none."""
        return next(iter(self.things_of("qb:structure")), None)


@dataclass(frozen=True)
class Entries:
    """The datasets of a release that a request may read, by IRI."""

    all: Sequence[Entry]

    @property
    def spatial(self) -> list[NamedNode]:
        """The regions that any of them covers."""
        found = {region for entry in self.all for region in regions(entry)}
        return sorted(found, key=lambda iri: iri.value)

    @property
    def period(self) -> tuple[str, str] | None:
        """The first and the last day that any of them is about."""
        found = [entry.period for entry in self.all if entry.period]
        if not found:
            return None
        return min(first for first, _ in found), max(last for _, last in found)


async def entries(
    graph: Graph, reading: Reading, parts: Mapping[str, Partitions], releases: ReleaseStore
) -> Entries:
    """Return the datasets of a release. Raises what `Graph.select` does."""
    said = _by_thing(await graph.select("datasets"))
    named = {
        value
        for about in said.values()
        for prop in _NAMED
        for value in about.get(prop, ())
        if isinstance(value, NamedNode)
    }
    named |= {NamedNode(area) for iri in reading.counts for area in parts[iri].areas}
    ordered = sorted(named, key=lambda iri: iri.value)
    things = _by_thing(await graph.select("catalogue-things", resources=ordered))
    warnings = _numbers(await graph.select("catalogue-warnings"), "warnings")
    series = _numbers(await graph.select("catalogue-series"), "series")
    units = _units(await graph.select("catalogue-units"))
    above = await _above(graph, ordered)
    lived = await asyncio.to_thread(lives, releases, reading.release)
    counts = {NamedNode(iri): number for iri, number in sorted(reading.counts.items())}
    return Entries(
        [
            Entry(
                iri=iri,
                said=said.get(iri, {}),
                things=things,
                lived=lived[iri.value],
                period=_period(parts[iri.value]),
                regions=_regions(said.get(iri, {}), parts[iri.value], above),
                parts=parts[iri.value],
                statements=statements,
                warnings=warnings.get(iri, 0),
                units=sorted(units.get(iri, ()), key=lambda unit: unit.value),
                series=series.get(iri),
            )
            for iri, statements in counts.items()
        ]
    )


def _units(rows: Iterable[Row]) -> Mapping[NamedNode, list[NamedNode]]:
    found: dict[NamedNode, list[NamedNode]] = defaultdict(list)
    for row in rows:
        resource, unit = row["resource"], row["unit"]
        if isinstance(resource, NamedNode) and isinstance(unit, NamedNode):
            found[resource].append(unit)
    return found


def regions(entry: Entry) -> list[NamedNode]:
    """Return the regions that a dataset covers, by the IRIs that Eurostat gives them.

    A code of ours that is linked to none keeps its own.
    """
    return [official(entry, region) for region in entry.regions]


def official(entry: Entry, code: NamedNode) -> NamedNode:
    """Return the IRI in the European Union's lists that a code is the same as, else itself."""
    same = [
        value
        for value in entry.thing(code).get(term("skos:exactMatch"), ())
        if isinstance(value, NamedNode) and value.value.startswith(_OFFICIAL)
    ]
    return min(same, key=lambda iri: iri.value, default=code)


_OFFICIAL = ("http://data.europa.eu/", "http://publications.europa.eu/")
_NAMED = [
    term(name)
    for name in ("dcat:theme", "dcterms:publisher", "dcterms:spatial", "prov:wasGeneratedBy")
]


def lives(releases: ReleaseStore, release: Release) -> dict[str, Lived]:
    """Return when each graph of a release first came, and the last release that changed it.

    Records are read from the release backwards, those of pruned releases too.
    """
    last: dict[str, Release] = {}
    first: dict[str, Release] = {}
    for name in releases.ids():
        if int(name) > int(release.id):
            continue
        past = releases.get(name)
        for graph in release.counts:
            if graph in past.counts:
                first[graph] = past
            if graph in past.changes:
                last.setdefault(graph, past)
    return {
        graph: Lived(
            first[graph].created,
            last.get(graph, first[graph]).created,
            last.get(graph, first[graph]).id,
        )
        for graph in release.counts
    }


def _by_thing(rows: Iterable[Row]) -> dict[NamedNode, Said]:
    found: dict[NamedNode, Said] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        resource, prop = row["resource"], row["property"]
        if isinstance(resource, NamedNode) and isinstance(prop, NamedNode):
            found[resource][prop].append(row["value"])
    return found


def _numbers(rows: Iterable[Row], name: str) -> dict[NamedNode, int]:
    found = {}
    for row in rows:
        resource, value = row["resource"], row[name]
        if isinstance(resource, NamedNode) and isinstance(value, Literal):
            found[resource] = int(value.value)
    return found


async def _above(graph: Graph, areas: Sequence[NamedNode]) -> Mapping[str, set[str]]:
    """Return the areas that hold each of some areas."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in await graph.select("above", resources=areas):
        area, above = row["resource"], row["above"]
        if isinstance(area, NamedNode) and isinstance(above, NamedNode):
            found[area.value].add(above.value)
    return found


def _regions(said: Said, parts: Partitions, above: Mapping[str, set[str]]) -> list[NamedNode]:
    """Return what a dataset covers: what is stated, and where its figures and enterprises are.

    An area that lies within another of them is left out.
    """
    stated = said.get(term("dcterms:spatial"), ())
    found = {*parts.areas, *(v.value for v in stated if isinstance(v, NamedNode))}
    return [NamedNode(area) for area in sorted(found) if above.get(area, set()).isdisjoint(found)]


def _period(parts: Partitions) -> tuple[str, str] | None:
    """Return the days that a graph is about, None where it names no time."""
    if parts.period is None:
        return None
    first, last = parts.period
    return _day(first, last=False), _day(last, last=True)


def _day(text: str, *, last: bool) -> str:
    """Return the first or the last day of a year, a month, a day or a moment.

    >>> _day("2024-02", last=True)
    '2024-02-29'
    """
    year, month, day = text[:4], text[5:7], text[8:10]
    month = month or ("12" if last else "01")
    if not day:
        in_month = calendar.monthrange(int(year) or 1, int(month))[1] if _is_month(month) else 1
        day = f"{in_month:02d}" if last else "01"
    return f"{year}-{month}-{day}"


def _is_month(text: str) -> bool:
    return text.isdecimal() and 1 <= int(text) <= 12  # noqa: PLR2004 (months)
