"""What the gate says of a change: what the change answers for, and what the release will have."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vises.validation.incremental.ledger import Ledger
from vises.validation.report import Report

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vises.validation.report import Result


@dataclass(frozen=True)
class Judgement(Report):
    """The report on a change, with all results of the state that it leads to (`ledger`).

    `results` has what the change answers for: the results of whatever it concerns, without the
    violations that were there before it. Where it is accepted, `violations` and `warnings` count
    what the release will have, from the data that it leaves as it is too.
    """

    ledger: Ledger = field(default_factory=lambda: Ledger(frozenset()))

    @property
    def accepted(self) -> bool:
        """Whether the change may be published: it brings no violation, and all was judged."""
        return self.caused.accepted

    @property
    def caused(self) -> Report:
        """What the change answers for, as a report of its own."""
        return Report(self.results, self.complete, self.notes)

    @property
    def violations(self) -> int:
        """The number of violations: of the release, and of a change that is refused its own."""
        if not self.accepted:
            return self.caused.violations
        known = self.ledger.counts
        return sum(known.values()) - known.get("Warning", 0) - known.get("Info", 0)

    @property
    def warnings(self) -> int:
        """The number of warnings, as for `violations`."""
        return self.ledger.counts.get("Warning", 0) if self.accepted else self.caused.warnings

    def summary(self) -> str:
        """Return the outcome for the change in one English sentence."""
        return self.caused.summary()

    def everything(self) -> Iterator[Result]:
        """Yield all results of the state that the change leads to."""
        return self.ledger.results()
