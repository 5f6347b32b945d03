"""The values of a dimension, each within one that is wider."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vises.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

REST = "\0rest"
"""What ends the name of the part that holds what a value has beside its narrower ones."""


@dataclass(frozen=True)
class Hierarchy:
    """A dimension: `broader` leads from each value to the one that it is within.

    Raises `BadRequest` where a value is within itself.
    """

    broader: Mapping[str, str]

    def __post_init__(self) -> None:
        """Refuse a circle, which has no total: raises `BadRequest`."""
        for value in self.broader:
            self.above(value)

    def above(self, value: str) -> tuple[str, ...]:
        """Return a value and all that it is within, the narrowest first. Raises `BadRequest`."""
        found = [value]
        while (wider := self.broader.get(found[-1])) is not None:
            if wider in found:
                raise BadRequest(
                    f"{wider} is within itself.",
                    place="a dimension of the table",
                    remedy="Correct the code list: no value can be broader than itself.",
                )
            found.append(wider)
        return tuple(found)

    def places(self, value: str) -> tuple[str, ...]:
        """Return where a record of this value is counted, the narrowest first.

        Where the value has narrower ones, that begins with its rest: what is in none of them.
        """
        above = self.above(value)
        return (value + REST, *above) if value in self._inner else above

    def parent(self, place: str) -> str | None:
        """Return the value that a place is a part of, None for the widest."""
        if place.endswith(REST):
            return place.removesuffix(REST)
        return self.broader.get(place)

    @property
    def _inner(self) -> frozenset[str]:
        return frozenset(self.broader.values())
