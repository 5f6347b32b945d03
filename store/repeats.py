"""The tally of millions of lines, and whether one stands twice, told by their hashes.

Asking the store how many quads it holds reads an index of all of it. The hashes are there anyway
(`vises.store.digest`): the first eight bytes of each go to a file, and are sorted part by part, so
that memory does not grow with their number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np

from vises.store.digest import HASH_BYTES, Tally

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path
    from types import TracebackType

    from numpy.typing import NDArray

MOST = 2_000_000
"""How many are sorted at once, about: 16 MB."""

_WORD = np.dtype(np.uint64)
_WORD_BITS = 64
_READ_BYTES = 1 << 20
_NONE = np.empty(0, _WORD)
_DIGIT = np.dtype(">u4")
_DIGIT_BITS = 32
_DIGITS = HASH_BYTES // _DIGIT.itemsize
"""A hash as a number of eight digits: sums of millions of them stay below 2^64."""


class Repeats:
    """Takes the hashes of lines, within a `with` block, and tells whether two are the same."""

    def __init__(self, path: Path, most: int = MOST) -> None:
        """Work in the file `path`, which the block makes and removes."""
        self._path = path
        self._most = most
        self._count = 0
        self._digits = np.zeros(_DIGITS, np.uint64)

    def __enter__(self) -> Self:
        """Make the file. Raises `OSError`."""
        self._file = self._path.open("w+b")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove the file. Raises `OSError`."""
        self._path.unlink()
        self._file.close()

    def add(self, hashes: Collection[bytes]) -> None:
        """Take hashes as `digest.hashes` gives them. Raises `OSError`."""
        joined = b"".join(hashes)
        words = np.frombuffer(joined, _WORD)[:: HASH_BYTES // _WORD.itemsize]
        self._file.write(words.tobytes())
        digits = np.frombuffer(joined, _DIGIT).reshape(-1, _DIGITS)
        self._digits += digits.sum(axis=0, dtype=np.uint64)
        self._count += len(hashes)

    @property
    def tally(self) -> Tally:
        """What `Tally.plus` gives for the lines: each counts, also where it comes again."""
        total = 0
        for digit in self._digits.tolist():
            total = (total << _DIGIT_BITS) + digit
        return Tally.of_sum(self._count, total)

    def found(self) -> bool:
        """Tell whether two are the same in their first eight bytes. Raises `OSError`.

        Two lines that are not the same share these by chance once in some ten thousand files of
        30 million lines.
        """
        bits = (self._count // self._most).bit_length()
        for part in range(1 << bits):
            words = np.concatenate([_NONE, *self._beginning_with(part, bits)])
            words.sort()
            if (words[1:] == words[:-1]).any():
                return True
        return False

    def _beginning_with(self, part: int, bits: int) -> Iterator[NDArray[np.uint64]]:
        """Yield the hashes that begin with so many bits of the number `part`."""
        self._file.seek(0)
        while data := self._file.read(_READ_BYTES):
            words = np.frombuffer(data, _WORD)
            yield words[words >> (_WORD_BITS - bits) == part] if bits else words
