"""Everything that a relation leads to, however many steps away."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_T = TypeVar("_T")


def reachable(starts: Iterable[_T], following: Callable[[_T], Iterable[_T]]) -> set[_T]:
    """Return the starts, and all that `following` leads to from them (its transitive closure).

    >>> reachable([6], lambda number: [number // 2] if number else [])
    {0, 1, 3, 6}
    """
    found = set(starts)
    waiting = list(found)
    while waiting:
        new = set(following(waiting.pop())) - found
        found |= new
        waiting += new
    return found
