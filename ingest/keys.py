"""Sets of keys that were seen, small enough for a whole register."""

from __future__ import annotations

from typing import Protocol

NUMBERS = 10**8


class KeySet(Protocol):
    """A set that tells what is new."""

    def add(self, key: str) -> bool:
        """Add a key and tell whether it was new."""

    def __contains__(self, key: str) -> bool:
        """Tell whether the key was added."""


class NumberSet:
    """A set of SIREN or KBO/BCE numbers, with or without dots, in 12.5 MB whatever their count.

    Both have eight digits that count, and check digits that follow from these: one bit for each.
    The check digits must have been judged before.
    """

    def __init__(self) -> None:
        """Begin empty; untouched pages of the bitmap take no memory."""
        self._bits = bytearray(NUMBERS // 8)

    def add(self, key: str) -> bool:
        """Add a number and tell whether it was new."""
        place, bit = divmod(_index(key), 8)
        known = self._bits[place] & 1 << bit
        self._bits[place] |= 1 << bit
        return not known

    def __contains__(self, key: str) -> bool:
        """Tell whether the number was added."""
        place, bit = divmod(_index(key), 8)
        return bool(self._bits[place] & 1 << bit)


class TextSet:
    """A set of any keys, for tables of a size that a person could have written."""

    def __init__(self) -> None:
        """Begin empty."""
        self._keys: set[str] = set()

    def add(self, key: str) -> bool:
        """Add a key and tell whether it was new."""
        before = len(self._keys)
        self._keys.add(key)
        return len(self._keys) > before

    def __contains__(self, key: str) -> bool:
        """Tell whether the key was added."""
        return key in self._keys


def _index(key: str) -> int:
    return int(key.replace(".", "")[:8])
