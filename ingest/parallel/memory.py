"""What the rows of a batch leave behind for later ones: sets of keys, put together from pieces."""

from __future__ import annotations

import marshal
from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vises.ingest.keys import (
    KeySet,
    Members,
    NumberPieceSet,
    NumberSet,
    PieceSet,
    StoredNumbers,
    TextSet,
)
from vises.ingest.parallel.whole import write_whole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

Keys = dict[str, tuple[bool, bytes | list[str]]]
"""The keys of a piece by the name of their set: whether each may come once, and they themselves."""


@dataclass(frozen=True)
class PieceMemory:
    """The sets of one piece, by name.

    `earlier` are those of what was read before, and `known` keys that other pieces of the same file
    have, which stand before it.
    """

    earlier: Mapping[str, Members]
    known: Mapping[str, frozenset[str]]
    _sets: dict[str, tuple[bool, PieceSet]] = field(default_factory=dict)

    def numbers(self, name: str, unique: bool) -> KeySet:  # noqa: FBT001 (see Reading.sets)
        """Return a set of numbers, which is made where it is not there yet."""
        if name not in self._sets:
            self._sets[name] = unique, NumberPieceSet(self._before(name))
        return self._sets[name][1]

    def texts(self, name: str) -> KeySet:
        """Return a set of texts of which each may come once."""
        if name not in self._sets:
            self._sets[name] = True, PieceSet(self._before(name))
        return self._sets[name][1]

    def keys(self) -> Keys:
        """Return what the piece added: numbers as an array of them, texts as a list."""
        return {
            name: (
                unique,
                array("I", map(int, keys)).tobytes()
                if isinstance(keys, NumberPieceSet)
                else list(keys),
            )
            for name, (unique, keys) in self._sets.items()
        }

    def _before(self, name: str) -> Sequence[Members]:
        sources = (self.earlier.get(name), self.known.get(name))
        return [each for each in sources if each is not None]


class BatchMemory:
    """The sets of a batch, by name, while its pieces are put together in their order."""

    def __init__(self) -> None:
        """Begin with none."""
        self._sets: dict[str, NumberSet | TextSet] = {}

    def take(self, keys: Keys) -> dict[str, frozenset[str]]:
        """Add the keys of a piece.

        Where some of those that may come once are there already, they are returned by the name of
        their set, and nothing is added: the piece has to be read again, knowing them.
        """
        twice = {
            name: found
            for name, (unique, given) in keys.items()
            if unique and (found := self._there(name, given))
        }
        if not twice:
            for name, (_, given) in keys.items():
                self._add(name, given)
        return twice

    @property
    def sets(self) -> Mapping[str, Members]:
        """The sets themselves, which grow."""
        return self._sets

    def stored(self, folder: Path) -> Mapping[str, Members]:
        """Write the sets into files of `folder`; return them as other processes may read them."""
        found: dict[str, Members] = {}
        for name, keys in self._sets.items():
            path = folder / f"keys-{name.replace(' ', '-')}"
            if isinstance(keys, NumberSet):
                write_whole(path, keys.bits)
                found[name] = StoredNumbers(path)
            else:
                write_whole(path, marshal.dumps(list(keys)))
                found[name] = StoredTexts(path)
        return found

    def _there(self, name: str, given: bytes | list[str]) -> frozenset[str]:
        keys = self._sets.get(name)
        if keys is None:
            return frozenset()
        if isinstance(keys, TextSet):
            assert isinstance(given, list)
            return frozenset(key for key in given if key in keys)
        assert isinstance(given, bytes)
        return frozenset(f"{number:08d}" for number in keys.common(given))

    def _add(self, name: str, given: bytes | list[str]) -> None:
        if isinstance(given, bytes):
            numbers = self._sets.setdefault(name, NumberSet())
            assert isinstance(numbers, NumberSet)
            numbers.add_all(given)
        else:
            texts = self._sets.setdefault(name, TextSet())
            for key in given:
                texts.add(key)


class StoredTexts:
    """A set of texts that was written to a file."""

    def __init__(self, path: Path) -> None:
        """Read the file `path`. Raises `OSError`."""
        self._path = path
        self._keys = frozenset(marshal.loads(path.read_bytes()))  # noqa: S302 (a file of ours)

    def __contains__(self, key: str) -> bool:
        """Tell whether the text is in the set."""
        return key in self._keys

    def __reduce__(self) -> tuple[type[StoredTexts], tuple[Path]]:
        """Travel to another process as the name of the file."""
        return StoredTexts, (self._path,)
