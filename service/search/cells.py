"""What a list of enterprises shows and is narrowed by, as the index of a release keeps it.

A row of a list is the terms of a thing by property, as texts; a mark is what a filter asks for.
Both are read from the release, so that a list is answered without a query.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from vises.namespaces import term
from vises.service.pages.labels import FICTITIOUS, LABEL_PROPERTIES, NOTATION, TYPE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pyoxigraph import Quad, Store

NUMBER, SSE, PERIMETER = "number", "sse", "perimeter"
ABOUT, COUNTS_AS_SSE, OF_PERIMETER = (
    term(name) for name in ("vises:about", "vises:countsAsSse", "vises:perimeter")
)
CLAIMED = frozenset({COUNTS_AS_SSE, OF_PERIMETER})
"""What a claim says that decides in which lists the thing that it is about stands."""

MARKED = {
    term("vises:region"): "region",
    term("vises:activity"): "activity",
    term("vises:legalForm"): "legalForm",
    term("vises:sizeBand"): "sizeBand",
    term("vises:operatingStatus"): "status",
}
"""The properties that a list is narrowed by, with the names of their filters."""

SORTED = term("legal:legalName")
"""The property by which a list can be sorted."""

CELLS = frozenset({TYPE, FICTITIOUS, *LABEL_PROPERTIES, *MARKED})
"""The properties of which a row has the values."""

_IDENTIFIER = term("adms:identifier")
_STRING = term("xsd:string")
_TRUTHS = frozenset(map(Literal, (True, False)))
_BETWEEN_PARTS, _BETWEEN_CELLS = "\t", "\r"
"""What stands in no term, as it is escaped there."""

Told = tuple[str, frozenset[str]]
"""A text, and the graphs that must be seen to know it."""


def cell(value: object) -> str:
    """Return a term as SPARQL's TSV format has it."""
    return value.value if value in _TRUTHS else str(value)  # type: ignore[attr-defined]


def said(prop: NamedNode, value: object) -> str:
    """Return a property and one of its values as a text."""
    return f"{prop} {cell(value)}"


def row(iri: str, told: Iterable[str]) -> str:
    """Return the row of a thing from what is `said` of it, each once."""
    found: dict[str, set[str]] = {}
    for text in told:
        prop, value = text.split(" ", 1)
        found.setdefault(prop, set()).add(value)
    return _BETWEEN_PARTS.join([f"<{iri}>", *parts(found)])


def parts(cells: Mapping[str, Iterable[str]]) -> list[str]:
    """Return the parts of a row: each property with its values, in a fixed order."""
    return [f"{prop} {_BETWEEN_CELLS.join(sorted(cells[prop]))}" for prop in sorted(cells)]


def read_row(text: str) -> tuple[str, list[str]]:
    """Return the thing of a row, and its parts."""
    item, *told = text.split(_BETWEEN_PARTS)
    return item, told


def read_part(text: str) -> tuple[str, list[str]]:
    """Return the property of a part of a row, and its values."""
    prop, cells = text.split(" ", 1)
    return prop, cells.split(_BETWEEN_CELLS)


def mark(name: str, *values: str) -> str:
    """Return what the index has of each thing that a filter lets through."""
    return " ".join((name, *values))


def marks(store: Store, thing: NamedNode, said: Iterable[Quad]) -> Iterator[Told]:
    """Yield the marks of a thing: `said` is what is said of it."""
    for quad in said:
        value = quad.object
        if quad.predicate in MARKED:
            yield mark(MARKED[quad.predicate], cell(value)), _graphs(quad)
        elif quad.predicate == _IDENTIFIER and not isinstance(value, Literal):
            for part in store.quads_for_pattern(value, NOTATION, None, None):
                if isinstance(part.object, Literal) and part.object.datatype == _STRING:
                    yield mark(NUMBER, cell(part.object)), _graphs(quad, part)
    for about in store.quads_for_pattern(None, ABOUT, thing, None):
        yield from _claimed(store, about)


def _claimed(store: Store, about: Quad) -> Iterator[Told]:
    """Yield the marks that a claim gives to the thing that it is about."""
    for counts in store.quads_for_pattern(about.subject, COUNTS_AS_SSE, None, None):
        whether = cell(counts.object)
        yield mark(SSE, whether), _graphs(about, counts)
        for within in store.quads_for_pattern(about.subject, OF_PERIMETER, None, None):
            under = mark(PERIMETER, cell(within.object), whether)
            yield under, _graphs(about, counts, within)


def _graphs(*quads: Quad) -> frozenset[str]:
    return frozenset(q.graph_name.value for q in quads if isinstance(q.graph_name, NamedNode))
