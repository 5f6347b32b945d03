"""What sessions of sources share."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vises.ingest.contract import Row
    from vises.ingest.source import OutOfScope, Reading, Selector


class RowByRow:
    """A session in which a row is decided on when it is read, whatever rows other parts have.

    A source that needs nothing of the reading begins one by `partial(RowByRow, selectors)`; another
    one derives its session from it.
    """

    as_of = None
    complete = True

    def __init__(self, selectors: Mapping[str, Selector], reading: Reading) -> None:  # noqa: ARG002 (a session is begun with it)
        """Take what decides on the rows of each part, by the part's name."""
        self._selectors = selectors

    def selector(self, part: str) -> Selector:
        """Return what decides on the rows of a part."""
        return self._selectors[part]

    def confirm(self, part: str, row: Row) -> Row | OutOfScope:  # noqa: ARG002 (no part waits for another)
        """Let every selected row pass."""
        return row
