"""What can be computed of the hidden cells of a table: linear programmes over its equations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array, hstack

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from numpy.typing import NDArray

    from vises.ingest.disclosure.rules import Rule
    from vises.ingest.disclosure.table import Table

NOTHING = 1e-7
"""Moves below this, as a part of the distance asked for, are rounding."""


class Programme:
    """The equations of a table as a matrix, ready to be asked (HiGHS)."""

    def __init__(self, table: Table, rule: Rule) -> None:
        """Write the equations: one row for each, 1 for the total and -1 for its parts.

        No hidden cell is less than `rule` says is known of it.
        """
        rows, columns, entries = [], [], []
        for number, equation in enumerate(table.equations):
            for column, entry in ((equation.total, 1.0), *((p, -1.0) for p in equation.parts)):
                rows.append(number)
                columns.append(column)
                entries.append(entry)
        shape = (len(table.equations), len(table.cells))
        self._matrix = csr_array((entries, (rows, columns)), shape=shape)
        self._values = np.array([float(cell.value) for cell in table.cells])
        self._least = np.array([float(rule.known(cell)) for cell in table.cells])

    def reach(self, cell: int, move: float, hidden: Collection[int]) -> float:
        """Return how much of a move (1 is all of it) a hidden cell can have made.

        That is what cannot be excluded by who knows all cells but the hidden ones, that totals are
        sums, and the least that a value can be.
        """
        free = sorted(hidden)
        place = free.index(cell)
        bounds = np.c_[-self._room(move)[free], np.ones(len(free))]
        bounds[place] = (0.0, bounds[place, 1]) if move > 0 else (bounds[place, 0], 0.0)
        cost = np.zeros(len(free))
        cost[place] = -np.sign(move)
        none = np.zeros(self._matrix.shape[0])
        found = linprog(cost, A_eq=self._matrix[:, free], b_eq=none, bounds=bounds)
        return abs(float(_solved(found)[place]))

    def cheapest(
        self, cell: int, move: float, prices: NDArray[np.float64], fixed: Collection[int]
    ) -> Mapping[int, float]:
        """Return which cells move, and by how much, when one of them is moved by `move`.

        All equations still hold and no value becomes less than is known of it; `prices` are what a
        move of one by a cell costs, and the sum is the least. `fixed` cells do not move.
        """
        room = self._room(move)
        stays = np.zeros(len(room), dtype=bool)
        stays[list(fixed)] = True
        up = np.where(stays, 0.0, 1.0)
        down = np.where(stays, 0.0, room)
        bounds = np.concatenate([np.c_[np.zeros_like(up), up], np.c_[np.zeros_like(down), down]])
        bounds[cell] = bounds[len(room) + cell] = (0.0, 0.0)
        bounds[cell if move > 0 else len(room) + cell] = (1.0, 1.0)
        found = linprog(
            np.concatenate([prices, prices]),
            A_eq=hstack([self._matrix, -self._matrix], format="csr"),
            b_eq=np.zeros(self._matrix.shape[0]),
            bounds=bounds,
        )
        moves = _solved(found)
        net = moves[: len(room)] - moves[len(room) :]
        return {int(n): float(net[n]) for n in np.flatnonzero(abs(net) > NOTHING)}

    def _room(self, move: float) -> NDArray[np.float64]:
        """Return by how much of a move each cell can become less; by all of it is enough.

        No cell has to move further than the one that it makes room for, and numbers of one
        magnitude are what HiGHS needs: a table may hold sums of a billion beside sums of a hundred.
        """
        room: NDArray[np.float64] = np.minimum((self._values - self._least) / abs(move), 1.0)
        return room


def _solved(found: object) -> NDArray[np.float64]:
    """Return the solution, which always exists: the values of the table are one."""
    solution: NDArray[np.float64] | None = found.x  # type: ignore[attr-defined]
    if solution is None:
        raise ArithmeticError(f"HiGHS: {found.message}")  # type: ignore[attr-defined]
    return solution
