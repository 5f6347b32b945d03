"""Which releases to keep: the newest of each hour, day and month, and those with a name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Sequence
    from datetime import datetime

    from vises.store.record import Release


@dataclass(frozen=True)
class Retention:
    """How many releases to keep: the last ones, and the newest of the last hours, days, months.

    Hours, days and months in which nothing was published do not count. Times are UTC.
    """

    last: int = 10
    hourly: int = 24
    daily: int = 30
    monthly: int = 120

    def to_prune(self, releases: Sequence[Release], kept: Container[str]) -> list[Release]:
        """Return the releases to prune, oldest first; `kept` has ids that stay in any case."""
        newest_first = sorted(releases, key=lambda release: int(release.id), reverse=True)
        staying = {release.id for release in newest_first[: self.last]}
        for most, period in (
            (self.hourly, _hour),
            (self.daily, _day),
            (self.monthly, _month),
        ):
            staying |= _newest_of_each(newest_first, period, most)
        return [r for r in reversed(newest_first) if r.id not in staying and r.id not in kept]


def _newest_of_each(
    newest_first: Sequence[Release], period: Callable[[datetime], object], most: int
) -> set[str]:
    found: dict[object, str] = {}
    for release in newest_first:
        found.setdefault(period(release.created), release.id)
    return set(list(found.values())[:most])


def _hour(moment: datetime) -> object:
    return moment.date(), moment.hour


def _day(moment: datetime) -> object:
    return moment.date()


def _month(moment: datetime) -> object:
    return moment.year, moment.month
