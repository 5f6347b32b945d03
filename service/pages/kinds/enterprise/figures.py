"""Which figures stand beside an enterprise: the latest of the regions and sectors it is in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from vises.service.graph import Graph, Row, Term

MOST_FIGURES = 400
"""How many figures, the latest, are looked through, and how many of sectors."""

MOST_SHOWN = 12


async def figures_around(
    graph: Graph, places: Sequence[NamedNode], activities: Sequence[NamedNode]
) -> list[NamedNode]:
    """Return the latest figures of each measure under each rule, in the narrowest place of any.

    `places` have the narrowest first. Where several publications give a figure for one place and
    year, all of them are there; those that were revised are not. Raises what `Graph.select` does.
    """
    whole = await graph.select("figures-around", resources=places)
    limited = await graph.select("figures-of-sectors", resources=places)
    of_sectors = [row for row in limited if row["sector"] in activities]
    return [*_latest(whole, places)[:MOST_SHOWN], *_latest(of_sectors, places)[:MOST_SHOWN]]


def _latest(rows: Iterable[Row], places: Sequence[NamedNode]) -> list[NamedNode]:
    """Return the figures of the nearest place and latest year of each series."""
    rank: Mapping[Term, int] = {place: number for number, place in enumerate(places)}
    cells: dict[tuple[Term | None, ...], tuple[Term, Term]] = {}
    found = []
    for row in sorted(rows, key=lambda row: rank[row["resource"]]):
        thing, cell = row["thing"], (row["resource"], row["period"])
        series = (row["perimeter"], row["measure"], row.get("sector"))
        if cells.setdefault(series, cell) == cell and isinstance(thing, NamedNode):
            found.append(thing)
    return found
