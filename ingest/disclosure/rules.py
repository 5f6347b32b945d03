"""The rules by which a cell says too much of an enterprise by itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vises.ingest.disclosure.table import Amount, Cell


class Reason(StrEnum):
    """Why a cell has no number: concepts of the code list `disclosure-rule`."""

    FEW = "fewer-than-three"
    DOMINANCE = "dominance"
    SECONDARY = "secondary"
    UNSAID = "few-or-secondary"


@dataclass(frozen=True)
class Count:
    """Of a count of enterprises: that there are one or two of them must not be known.

    What can be computed of such a cell must leave open that it is `least`. That it is none cannot
    be left open, since the table does not name what is nothing. Nor is it told which of the hidden
    cells are the small ones: of two that are four together, both would be known.
    """

    least: int = 3

    def reason(self, cell: Cell) -> Reason | None:
        """Return why the cell may not be published, None where it may."""
        return Reason.FEW if 0 < cell.value < self.least else None

    def distance(self, cell: Cell) -> tuple[Amount, Amount]:
        """Return how far below and above its value a hidden cell must remain possible."""
        return 0, self.least - cell.value

    def known(self, cell: Cell) -> Amount:
        """Return the least value that a hidden cell is known to have: one, where it is named."""
        return 1 if cell.published else 0

    def told(self, reason: Reason) -> Reason:
        """Return what is published as the reason of a hidden cell: the same of all."""
        del reason
        return Reason.UNSAID

    def knows_itself(self, cell: Cell) -> bool:
        """Tell whether an enterprise knows the cell from its own books: a count it does not."""
        del cell
        return False


@dataclass(frozen=True)
class Magnitude:
    """Of a sum of amounts: fewer than `least` enterprises, or one with more than `share` of it.

    What can be computed of such a cell must leave open a sum of which its largest enterprise would
    have no more than `share`; at least 1 - `share` of the sum, below and above. That a sum is
    nothing also says something: what can be computed of it must leave open that it is one unit.
    """

    least: int = 3
    share: Fraction = Fraction(85, 100)

    def reason(self, cell: Cell) -> Reason | None:
        """Return why the cell may not be published, None where it may."""
        if len(cell.enterprises) < self.least:
            return Reason.FEW
        return Reason.DOMINANCE if cell.largest > self.share * cell.value else None

    def distance(self, cell: Cell) -> tuple[Amount, Amount]:
        """Return how far below and above its value a hidden cell must remain possible."""
        if cell.value == 0:
            return 0, 1
        wanted = max(cell.largest / self.share - cell.value, (1 - self.share) * cell.value)
        return min(wanted, cell.value), wanted

    def known(self, cell: Cell) -> Amount:
        """Return the least value that a hidden cell is known to have: amounts may be nothing."""
        del cell
        return 0

    def told(self, reason: Reason) -> Reason:
        """Return what is published as the reason of a hidden cell: it tells nothing of the sum."""
        return reason

    def knows_itself(self, cell: Cell) -> bool:
        """Tell whether an enterprise knows the cell from its own books: it is the only one."""
        return len(cell.enterprises) == 1


Rule = Count | Magnitude
