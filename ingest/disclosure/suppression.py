"""Choosing the cells to hide: those that say too much, and those that would give them away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vises.ingest.disclosure.programme import Programme
from vises.ingest.disclosure.rules import Reason

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from vises.ingest.disclosure.rules import Rule
    from vises.ingest.disclosure.table import Cell, Key, Table

SLACK = 1e-6
"""By how much, as a part of the distance, what a cell can move may fall short: rounding."""


def suppress(table: Table, rule: Rule) -> Mapping[Key, Reason]:
    """Return the cells that are published without their number, and why.

    For each cell that says too much, a linear programme asks for the cheapest way in which it could
    be so much smaller, and so much larger, as its rule wants; the cells that move with it are
    hidden as well. That is the model of Fischetti and Salazar-González (Management Science 47(7),
    2001), solved for one cell after the other: their exact solution hides the least, this one
    somewhat more. The same table always gives the same cells.
    """
    programme = Programme(table, rule)
    reasons = {n: why for n, cell in enumerate(table.cells) if (why := rule.reason(cell))}
    hidden = {*reasons, *(n for n, cell in enumerate(table.cells) if not cell.published)}
    for cell in sorted(reasons, key=lambda n: (-table.cells[n].value, n)):
        for move in _moves(table.cells[cell], rule):
            prices = _prices(table, hidden)
            hidden |= set(programme.cheapest(cell, move, prices, _known(table, cell, rule)))
    return {
        table.cells[n].key: rule.told(reasons.get(n, Reason.SECONDARY))
        for n in sorted(hidden)
        if table.cells[n].published
    }


def exposed(
    table: Table, rule: Rule, suppressed: Collection[Key]
) -> Mapping[Key, tuple[float, float]]:
    """Return the cells that can be computed too well from the published ones, with their bounds.

    Bounds are looked for as far as the rule wants them apart. An empty mapping is the proof that
    the table may be published.
    """
    programme = Programme(table, rule)
    hidden = {
        n for n, cell in enumerate(table.cells) if cell.key in suppressed or not cell.published
    }
    found = {}
    for n, cell in enumerate(table.cells):
        if rule.reason(cell) is None:
            continue
        reached = {
            move: programme.reach(n, move, hidden) if n in hidden else 0.0
            for move in _moves(cell, rule)
        }
        if min(reached.values()) < 1.0 - SLACK:
            moved = [0.0, *(move * part for move, part in reached.items())]
            found[cell.key] = float(cell.value) + min(moved), float(cell.value) + max(moved)
    return found


def _moves(cell: Cell, rule: Rule) -> tuple[float, ...]:
    below, above = rule.distance(cell)
    return tuple(float(move) for move in (-below, above) if move)


def _prices(table: Table, hidden: Collection[int]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return what hiding each cell costs: nothing once it is hidden, else more for more."""
    prices = np.array([1.0 + np.log1p(float(cell.value)) for cell in table.cells])
    prices[list(hidden)] = 0.0
    return prices


def _known(table: Table, cell: int, rule: Rule) -> frozenset[int]:
    """Return the cells that one enterprise knows from its own books, and so cannot hide another.

    Those of an enterprise that is itself in the cell can: it is one of those to be protected.
    """
    inside = table.cells[cell].enterprises
    return frozenset(
        n
        for n, other in enumerate(table.cells)
        if rule.knows_itself(other) and not other.enterprises <= inside
    )
