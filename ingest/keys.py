"""Sets of keys that were seen, small enough for a whole register."""

from __future__ import annotations

import mmap
from array import array
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

NUMBERS = 10**8
_DIGITS = 8


class Members(Protocol):
    """A set that can be asked only."""

    def __contains__(self, key: str) -> bool:
        """Tell whether the key is in the set."""


class KeySet(Protocol):
    """A set that tells what is new."""

    def add(self, key: str) -> bool:
        """Add a key and tell whether it was new."""

    def add_together(self, keys: Sequence[str]) -> bool:
        """Add keys if all of them are new, and no two the same; tell whether they are."""

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

    def add_together(self, keys: Sequence[str]) -> bool:
        """Add numbers if all of them are new, and no two the same; tell whether they are."""
        numbers = array("I", map(_index, keys))
        if len({*numbers}) < len(numbers) or self.common(numbers.tobytes()):
            return False
        self.add_all(numbers.tobytes())
        return True

    def __contains__(self, key: str) -> bool:
        """Tell whether the number was added."""
        place, bit = divmod(_index(key), 8)
        return bool(self._bits[place] & 1 << bit)

    @property
    def bits(self) -> bytearray:
        """The set as it is written to a file."""
        return self._bits

    def common(self, numbers: bytes) -> list[int]:
        """Return those of many numbers that are in the set; an array of unsigned integers each."""
        import numpy as np  # noqa: PLC0415 (0.1 s to import)

        given = np.frombuffer(numbers, np.uint32)
        bits = np.frombuffer(self._bits, np.uint8)[given >> 3] >> (given & 7) & 1
        common: list[int] = given[bits == 1].tolist()
        return common

    def add_all(self, numbers: bytes) -> None:
        """Add many numbers, an array of unsigned integers."""
        import numpy as np  # noqa: PLC0415 (0.1 s to import)

        given = np.frombuffer(numbers, np.uint32)
        bits = np.frombuffer(self._bits, np.uint8)
        np.bitwise_or.at(bits, given >> 3, (1 << (given & 7)).astype(np.uint8))


class StoredNumbers:
    """A `NumberSet` that was written to a file; processes that read it share its memory."""

    def __init__(self, path: Path) -> None:
        """Map the file `path`, which has the `bits` of a set. Raises `OSError`."""
        self._path = path
        with path.open("rb") as file:
            self._bits = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def __contains__(self, key: str) -> bool:
        """Tell whether the number is in the set."""
        place, bit = divmod(_index(key), 8)
        return bool(self._bits[place] & 1 << bit)

    def __reduce__(self) -> tuple[type[StoredNumbers], tuple[Path]]:
        """Travel to another process as the name of the file."""
        return StoredNumbers, (self._path,)


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

    def add_together(self, keys: Sequence[str]) -> bool:
        """Add keys if all of them are new, and no two the same; tell whether they are."""
        new = set(keys)
        if len(new) < len(keys) or not new.isdisjoint(self._keys):
            return False
        self._keys |= new
        return True

    def __contains__(self, key: str) -> bool:
        """Tell whether the key was added."""
        return key in self._keys

    def __iter__(self) -> Iterator[str]:
        """Yield the keys."""
        return iter(self._keys)


class PieceSet:
    """The keys that a piece of a table adds to `earlier` ones.

    As many as the rows of a piece are held in memory, whatever is in the earlier sets.
    """

    def __init__(self, earlier: Sequence[Members]) -> None:
        """Begin with none of its own."""
        self._earlier = earlier
        self._fresh: set[str] = set()

    def add(self, key: str) -> bool:
        """Add a key and tell whether it was new."""
        fresh = self._fresh
        if key in fresh:
            return False
        for earlier in self._earlier:
            if key in earlier:
                return False
        fresh.add(key)
        return True

    def add_together(self, keys: Sequence[str]) -> bool:
        """Add keys if all of them are new, and no two the same; tell whether they are."""
        new = set(keys)
        if len(new) < len(keys) or not new.isdisjoint(self._fresh):
            return False
        if any(key in earlier for earlier in self._earlier for key in new):
            return False
        self._fresh |= new
        return True

    def __contains__(self, key: str) -> bool:
        """Tell whether the key was added, here or earlier."""
        return key in self._fresh or any(key in earlier for earlier in self._earlier)

    def __iter__(self) -> Iterator[str]:
        """Yield the keys of its own."""
        return iter(self._fresh)


class NumberPieceSet(PieceSet):
    """The same for the numbers of a `NumberSet`, known by the digits that count."""

    def add(self, key: str) -> bool:
        """Add a number and tell whether it was new."""
        return super().add(significant(key))

    def add_together(self, keys: Sequence[str]) -> bool:
        """Add numbers if all of them are new, and no two the same; tell whether they are."""
        return super().add_together([significant(key) for key in keys])

    def __contains__(self, key: str) -> bool:
        """Tell whether the number was added, here or earlier."""
        return super().__contains__(significant(key))


def significant(number: str) -> str:
    """Return the digits of a number that its check digits follow from."""
    return number.replace(".", "")[:_DIGITS]


def _index(key: str) -> int:
    return int(significant(key))
