"""What a release consists of, graph by graph: classes, properties, links to elsewhere (VoID).

``python -m vises.store.partitions SNAPSHOT MEBIBYTES PARENT`` counts them and prints them as JSON.
It is a process of its own, because it reads every quad: that takes longer than a query may, and
must not take the place of one.
"""

from __future__ import annotations

import json
import os
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pyoxigraph import Literal, NamedNode, QuerySolutions, Store

from vises.namespaces import term
from vises.store.sealing import seal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

LINKS = tuple(
    term(name)
    for name in (
        "owl:sameAs",
        "owl:equivalentClass",
        "owl:equivalentProperty",
        "rdfs:subClassOf",
        "rdfs:subPropertyOf",
        "rdfs:seeAlso",
        "schema:sameAs",
        "skos:exactMatch",
        "skos:closeMatch",
        "skos:broadMatch",
        "skos:narrowMatch",
        "skos:relatedMatch",
    )
)
"""The properties that link a thing to one that somebody else describes."""

TIMES = tuple(
    term(name)
    for name in (
        "prov:endedAtTime",
        "prov:startedAtTime",
        "schema:endDate",
        "schema:startDate",
        "sdmx-dimension:refPeriod",
        "vises:asOf",
        "vises:breaksFrom",
        "vises:periodEnd",
        "vises:periodStart",
    )
)
"""The properties that say which time a statement is about, from a year to a moment.

The day that an enterprise was founded is none of them: a register of today is not about 1955. Nor
are the days that something was published or changed: figures of 2013 are not about their revision.
"""

AREAS = tuple(term(name) for name in ("sdmx-dimension:refArea", "vises:region"))
"""The properties that say which area a figure or an enterprise belongs to."""

_CLASSES = """SELECT ?graph ?class (COUNT(*) AS ?count)
WHERE { GRAPH ?graph { ?thing a ?class FILTER(isIRI(?class)) } } GROUP BY ?graph ?class"""
_PROPERTIES = """SELECT ?graph ?property (COUNT(*) AS ?count)
WHERE { GRAPH ?graph { ?s ?property ?o } } GROUP BY ?graph ?property"""
_LINKS = f"""SELECT ?graph ?link ?start (COUNT(*) AS ?count)
WHERE {{
  VALUES ?link {{ {" ".join(map(str, LINKS))} }}
  GRAPH ?graph {{ ?s ?link ?o }} FILTER(isIRI(?o))
  BIND(REPLACE(STR(?o), "[^/#]+[/#]?$", "") AS ?start)
}} GROUP BY ?graph ?link ?start"""

_PERIODS = f"""SELECT ?graph (MIN(?day) AS ?first) (STRBEFORE(MAX(?end), "~") AS ?last)
WHERE {{
  VALUES ?property {{ {" ".join(map(str, TIMES))} }}
  GRAPH ?graph {{ ?s ?property ?o }}
  BIND(STR(?o) AS ?day) FILTER(REGEX(?day, "^[0-9]{{4}}($|-[0-9]{{2}})"))
  BIND(CONCAT(?day, "~") AS ?end)
}} GROUP BY ?graph"""
"""A year ends after its months, and a month after its days: "~" sorts after what may follow."""

_AREAS = f"""SELECT DISTINCT ?graph ?area
WHERE {{
  VALUES ?property {{ {" ".join(map(str, AREAS))} }}
  GRAPH ?graph {{ ?s ?property ?area }} FILTER(isIRI(?area))
}} ORDER BY ?graph ?area"""

_NICENESS = 10


@dataclass(frozen=True)
class Partitions:
    """The parts of one graph.

    `classes` has for each class the number of its things, `properties` for each property the
    number of its triples, and `links`, for each of `LINKS`, the number of triples for each start of
    the IRIs that they lead to (the IRI without its last part). `period` is the first and the last
    of the times that the graph is about, as they are written; None where it names none. `areas` are
    the IRIs of the areas that its figures and enterprises are in.
    """

    classes: Mapping[str, int] = field(default_factory=dict)
    properties: Mapping[str, int] = field(default_factory=dict)
    links: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    period: tuple[str, str] | None = None
    areas: Sequence[str] = field(default_factory=list)


def partitions(store: Store) -> dict[str, Partitions]:
    """Return the partitions of each graph. Reads every quad. Raises what pyoxigraph does."""
    classes: dict[str, dict[str, int]] = defaultdict(dict)
    properties: dict[str, dict[str, int]] = defaultdict(dict)
    links: dict[str, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    for graph, name, count in _rows(store, _CLASSES):
        classes[graph][name] = int(count)
    for graph, name, count in _rows(store, _PROPERTIES):
        properties[graph][name] = int(count)
    for graph, link, start, count in _rows(store, _LINKS):
        links[graph][link][start] = int(count)
    periods = {graph: (first, last) for graph, first, last in _rows(store, _PERIODS)}
    areas: dict[str, list[str]] = defaultdict(list)
    for graph, area in _rows(store, _AREAS):
        areas[graph].append(area)
    return {
        graph: Partitions(classes[graph], parts, links[graph], periods.get(graph), areas[graph])
        for graph, parts in properties.items()
    }


def _rows(store: Store, query: str) -> Iterator[tuple[str, ...]]:
    solutions = store.query(query)
    assert isinstance(solutions, QuerySolutions)
    for row in solutions:
        yield tuple(_text(term) for term in row)


def _text(value: object) -> str:
    assert isinstance(value, NamedNode | Literal)
    return value.value


def to_json(found: Mapping[str, Partitions]) -> str:
    """Return the partitions of all graphs as text."""
    return json.dumps({graph: vars(parts) for graph, parts in found.items()})


def from_json(text: str | bytes) -> dict[str, Partitions]:
    """Return what `to_json` was given.

    Raises `ValueError`, `KeyError` and `TypeError` for anything else, such as what an earlier
    version wrote.
    """
    return {str(graph): _from_json(parts) for graph, parts in json.loads(text).items()}


def _from_json(parts: dict[str, Any]) -> Partitions:
    period, areas = parts.pop("period"), parts.pop("areas")
    return Partitions(
        **parts, period=None if period is None else (period[0], period[1]), areas=areas
    )


def main(snapshot: str, mebibytes: int, parent: int) -> None:
    """Print the partitions of a snapshot."""
    seal(mebibytes, parent)
    os.nice(_NICENESS)
    sys.stdout.write(to_json(partitions(Store.read_only(snapshot))))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
