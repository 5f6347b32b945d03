"""Millions of lines, each once, and their tally, told by their hashes.

Asking the store which quads it holds reads an index of all of it. The hashes are computed anyway
(`vises.store.digest`). A line of which a filter of bits (a Bloom filter) says that it may have come
before is put aside, a few in a thousand; in the end the beginnings of all hashes, which went to
a file, say of these whether they did. Memory does not grow with the number of lines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np

from vises.store.digest import HASH_BYTES, Tally, hashes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

MOST = 500_000
"""How many lines that were put aside are looked up at once, about."""

_WORD = np.dtype(np.uint64)
_WORDS = 2
"""How many words of a hash are compared: 16 bytes."""

_FEWEST_BITS, _MOST_BITS = 16, 29
_BITS_PER_LINE = 32
_HALF = 32
_LOOK_UP_MASK = np.uint64((1 << 24) - 1)
_READ_BYTES = 1 << 22
_DIGIT = np.dtype(">u4")
_DIGIT_BITS = 32
_DIGITS = HASH_BYTES // _DIGIT.itemsize
"""A hash as a number of eight digits: sums of millions of them stay below 2^64."""


class Repeats:
    """Takes lines, within a `with` block, and gives each of them back once.

    `first` gives most of them at once, `rest` the others in the end.
    """

    def __init__(self, path: Path, lines: int, most: int = MOST) -> None:
        """Work in the file `path` and one beside it, which the block makes and removes.

        `lines` is about how many there will be.
        """
        self._path = path
        self._aside_path = path.with_name(f"{path.name}-aside")
        self._most = most
        bits = min(max((_BITS_PER_LINE * lines).bit_length(), _FEWEST_BITS), _MOST_BITS)
        self._mask = np.uint64((1 << bits) - 1)
        self._filter = np.zeros(1 << (bits - 3), np.uint8)
        self._count = 0
        self._digits = np.zeros(_DIGITS, np.uint64)

    def __enter__(self) -> Self:
        """Make the files. Raises `OSError`."""
        self._file = self._path.open("w+b")
        self._aside = self._aside_path.open("w+b")
        return self

    def __exit__(self, *_: object) -> None:
        """Remove the files. Raises `OSError`."""
        for path, file in ((self._path, self._file), (self._aside_path, self._aside)):
            path.unlink()
            file.close()

    def first(self, lines: Sequence[bytes]) -> Sequence[bytes]:
        """Return those of some lines that did not come before, for sure. Raises `OSError`."""
        if not lines:
            return lines
        found = _hashes(lines)
        new = self._is_new(found[:, 0])
        if new.all():
            self._note(found)
            return lines
        self._note(found[new])
        self._aside.writelines(line for line, is_new in zip(lines, new, strict=True) if not is_new)
        return [line for line, is_new in zip(lines, new, strict=True) if is_new]

    def rest(self) -> Iterator[Sequence[bytes]]:
        """Yield the other lines, each once. Raises `OSError`."""
        self._aside.seek(0)
        while lines := self._aside.readlines(self._most * 100):
            found = _hashes(lines)
            known = self._known(found[:, 0])
            new = np.zeros(len(lines), np.bool_)
            for at, words in enumerate(map(tuple, found[:, :_WORDS].tolist())):
                if words not in known:
                    known.add(words)
                    new[at] = True
            self._note(found[new])
            yield [line for line, is_new in zip(lines, new, strict=True) if is_new]

    @property
    def tally(self) -> Tally:
        """The tally of the lines that were given back."""
        total = 0
        for digit in self._digits.tolist():
            total = (total << _DIGIT_BITS) + digit
        return Tally.of_sum(self._count, total)

    def _is_new(self, words: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Tell of each hash whether it is new, for sure, and put all of them into the filter."""
        new = np.zeros(len(words), np.bool_)
        new[np.unique(words, return_index=True)[1]] = True
        places = (words & self._mask, (words >> np.uint64(_HALF)) & self._mask)
        cells = [(place >> np.uint64(3), _bit(place)) for place in places]
        known = [self._filter[cell] & bit for cell, bit in cells]
        new &= (known[0] == 0) | (known[1] == 0)
        for cell, bit in cells:
            np.bitwise_or.at(self._filter, cell, bit)
        return new

    def _note(self, found: NDArray[np.uint64]) -> None:
        """Count lines that are given back, by their hashes."""
        self._file.seek(0, 2)
        self._file.write(np.ascontiguousarray(found[:, :_WORDS]).tobytes())
        digits = np.ascontiguousarray(found).view(_DIGIT).reshape(-1, _DIGITS)
        self._digits += digits.sum(axis=0, dtype=np.uint64)
        self._count += len(found)

    def _known(self, wanted: NDArray[np.uint64]) -> set[tuple[int, ...]]:
        """Return the noted hashes that begin as a wanted one does, as two words each."""
        near = np.zeros(int(_LOOK_UP_MASK) + 1, np.bool_)
        near[wanted & _LOOK_UP_MASK] = True
        known: set[tuple[int, ...]] = set()
        self._file.seek(0)
        while data := self._file.read(_READ_BYTES):
            noted = np.frombuffer(data, _WORD).reshape(-1, _WORDS)
            noted = noted[near[noted[:, 0] & _LOOK_UP_MASK]]
            known.update(map(tuple, noted[np.isin(noted[:, 0], wanted)].tolist()))
        return known


def _hashes(lines: Sequence[bytes]) -> NDArray[np.uint64]:
    """Return the hash of each line as a row of words."""
    return np.frombuffer(b"".join(hashes(lines)), _WORD).reshape(-1, HASH_BYTES // _WORD.itemsize)


def _bit(places: NDArray[np.uint64]) -> NDArray[np.uint8]:
    bits: NDArray[np.uint8] = np.left_shift(1, places & np.uint64(7)).astype(np.uint8)
    return bits
