"""Solutions as the texts of their terms (SPARQL 1.1 Query Results TSV Format, section 4).

A page of a list has the same few codes again and again. As texts they can be looked up; only those
that are new are made into terms.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, QueryResultsFormat, QuerySolutions, parse_query_results

from vises.service.search.cells import parts, read_part, read_row

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from vises.service.api.things import Statements
    from vises.service.graph import Term

_ESCAPED_IN_TEXTS = "\t", "\n"
"""What parts terms and rows in TSV stands in no term, as it is escaped there."""


def rows(body: bytes) -> list[list[str]]:
    """Return the rows of an answer in TSV, without the names of its columns."""
    tab, end = _ESCAPED_IN_TEXTS
    return [line.split(tab) for line in body.decode().split(end)[1:-1]]


def terms(cells: Iterable[str]) -> dict[str, Term]:
    """Return the terms that texts stand for, by text."""
    distinct = list(dict.fromkeys(cells))
    if not distinct:
        return {}
    body = "\n".join(["?term", *distinct, ""]).encode()
    solutions = parse_query_results(body, format=QueryResultsFormat.TSV)
    assert isinstance(solutions, QuerySolutions)
    return dict(zip(distinct, (solution[0] for solution in solutions), strict=True))


def is_iri(cell: str) -> bool:
    """Tell whether a text is that of an IRI."""
    return cell.startswith("<")


@dataclass(frozen=True)
class Listed:
    """What is said of the things of a list, in its order: by thing, a text for each property.

    These are the parts of a row (`vises.service.search.cells`); each value is there once.
    """

    things: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, texts: Iterable[str]) -> Listed:
        """Read rows of an index."""
        return cls(dict(map(read_row, texts)))

    @classmethod
    def read(cls, body: bytes) -> Listed:
        """Collect the solutions of queries/api/listed.rq in TSV."""
        found: dict[str, dict[str, set[str]]] = {}
        for item, prop, value in rows(body):
            found.setdefault(item, {}).setdefault(prop, set()).add(value)
        return cls({item: parts(said) for item, said in found.items() if is_iri(item)})

    def first(self, number: int) -> Listed:
        """Return the first things of the list."""
        return Listed(dict(list(self.things.items())[:number]))

    @cached_property
    def items(self) -> list[NamedNode]:
        """The IRIs of the things."""
        return [NamedNode(item[1:-1]) for item in self.things]

    def statements(self) -> dict[Term, Statements]:
        """Return the same as terms."""
        said = [dict(map(read_part, told)) for told in self.things.values()]
        known = terms(cell for told in said for cells in told.values() for cell in cells)
        return {
            item: {prop[1:-1]: [known[cell] for cell in cells] for prop, cells in told.items()}
            for item, told in zip(self.items, said, strict=True)
        }
