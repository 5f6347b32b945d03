"""Solutions as the texts of their terms (SPARQL 1.1 Query Results TSV Format, section 4).

A page of a list has the same few codes again and again. As texts they can be looked up; only those
that are new are made into terms.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, QueryResultsFormat, QuerySolutions, parse_query_results

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
    """What is said of the things of a list, in its order: by thing and property, as texts.

    Each value is there once.
    """

    things: Mapping[str, Mapping[str, Sequence[str]]]

    @classmethod
    def read(cls, body: bytes) -> Listed:
        """Collect the solutions of queries/api/listed.rq in TSV."""
        found: dict[str, dict[str, dict[str, None]]] = {}
        for item, prop, value in rows(body):
            found.setdefault(item, {}).setdefault(prop, {})[value] = None
        return cls(
            {
                item: {prop: sorted(values) for prop, values in statements.items()}
                for item, statements in found.items()
                if is_iri(item)
            }
        )

    def first(self, number: int) -> Listed:
        """Return the first things of the list."""
        return Listed(dict(list(self.things.items())[:number]))

    @cached_property
    def items(self) -> list[NamedNode]:
        """The IRIs of the things."""
        return [NamedNode(item[1:-1]) for item in self.things]

    def statements(self) -> dict[Term, Statements]:
        """Return the same as terms."""
        cells = chain.from_iterable(
            values for said in self.things.values() for values in said.values()
        )
        known = terms(cells)
        return {
            item: {prop[1:-1]: [known[cell] for cell in cells] for prop, cells in said.items()}
            for item, said in zip(self.items, self.things.values(), strict=True)
        }
