"""A table of sums over records, with the equations that hold between its cells."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from vises.ingest.disclosure.hierarchy import REST

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from vises.ingest.disclosure.hierarchy import Hierarchy

Key = tuple[str, ...]
Amount = int | Fraction
"""What is summed, exactly: a sum that is published has the digits that its parts have."""


class Record(NamedTuple):
    """What one enterprise adds: its narrowest value in each dimension, and how much."""

    enterprise: str
    values: Key
    amount: Amount = 1


@dataclass(frozen=True)
class Cell:
    """A cell with its sum, the enterprises that it is of, and the largest part of one of them.

    `published` is whether the table has this cell: it has none for what a value holds beside its
    narrower ones, but anyone can subtract.
    """

    key: Key
    value: Amount
    enterprises: frozenset[str]
    largest: Amount
    published: bool


@dataclass(frozen=True)
class Equation:
    """A total and its parts, as numbers of cells: the value of one is the sum of the others."""

    total: int
    parts: Sequence[int]


@dataclass(frozen=True)
class Table:
    """All cells in the order of their keys, and all equations between them.

    A cell that no record falls into is not in it: everyone knows that it is nothing.
    """

    cells: Sequence[Cell]
    equations: Sequence[Equation]


def tabulate(records: Iterable[Record], dimensions: Sequence[Hierarchy]) -> Table:
    """Return the table of records by every combination of values at every level.

    `dimensions` are in the order of `Record.values`. Amounts are not negative (`ValueError`), since
    what is known of the cells of a table of such amounts is what makes it safe.
    """
    amounts: dict[Key, dict[str, Amount]] = defaultdict(lambda: defaultdict(int))
    for record in records:
        if record.amount < 0:
            raise ValueError(f"the amount of {record.enterprise} is negative")
        places = (d.places(v) for d, v in zip(dimensions, record.values, strict=True))
        for key in product(*places):
            amounts[key][record.enterprise] += record.amount
    keys = sorted(amounts)
    return Table([_cell(key, amounts[key]) for key in keys], list(_equations(keys, dimensions)))


def _cell(key: Key, amounts: Mapping[str, Amount]) -> Cell:
    return Cell(
        key,
        sum(amounts.values()),
        frozenset(amounts),
        max(amounts.values()),
        published=not any(value.endswith(REST) for value in key),
    )


def _equations(keys: Sequence[Key], dimensions: Sequence[Hierarchy]) -> Iterable[Equation]:
    numbers = {key: number for number, key in enumerate(keys)}
    for place, dimension in enumerate(dimensions):
        parts: dict[Key, list[int]] = defaultdict(list)
        for key in keys:
            if (parent := dimension.parent(key[place])) is not None:
                parts[*key[:place], parent, *key[place + 1 :]].append(numbers[key])
        for total, found in parts.items():
            yield Equation(numbers[total], found)
