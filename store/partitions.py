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
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, QuerySolutions, Store

from vises.namespaces import term
from vises.store.sealing import seal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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

_NICENESS = 10


@dataclass(frozen=True)
class Partitions:
    """The parts of one graph.

    `classes` has for each class the number of its things, `properties` for each property the
    number of its triples, and `links`, for each of `LINKS`, the number of triples for each start of
    the IRIs that they lead to (the IRI without its last part).
    """

    classes: Mapping[str, int] = field(default_factory=dict)
    properties: Mapping[str, int] = field(default_factory=dict)
    links: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


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
    return {
        graph: Partitions(classes[graph], parts, links[graph])
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
    """Return what `to_json` was given. Raises `ValueError` and `TypeError` for anything else."""
    return {str(graph): Partitions(**parts) for graph, parts in json.loads(text).items()}


def main(snapshot: str, mebibytes: int, parent: int) -> None:
    """Print the partitions of a snapshot."""
    seal(mebibytes, parent)
    os.nice(_NICENESS)
    sys.stdout.write(to_json(partitions(Store.read_only(snapshot))))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
