"""What a transaction has changed so far, in memory, for as long as that is little."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vises.store.difference import ADD, DELETE, compared

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from vises.store.difference import Difference, Operation

MOST = 100_000
"""How many lines are kept; one takes about 300 bytes."""

_WORDS = {ADD: b"A ", DELETE: b"D "}


class ChangeLog:
    """Lines of N-Quads that were removed and added, in their order."""

    def __init__(self, before: Iterable[Operation] = ()) -> None:
        """Begin with what was changed before."""
        self._operations: list[Operation] | None = list(before)
        self._size = 0

    def note(self, removed: Collection[bytes], added: Collection[bytes]) -> None:
        """Take in lines, removed before added."""
        if self._operations is None:
            return
        self._size += len(removed) + len(added)
        if self._size > MOST:
            self._operations = None
            return
        self._operations += [(DELETE, [*removed]), (ADD, [*added])]

    def net(self) -> Difference | None:
        """Return what it comes to; None where it was too much to keep."""
        return None if self._operations is None else compared(self._operations)


def write_operations(path: Path, removed: Collection[bytes], added: Collection[bytes]) -> None:
    """Write lines to a file, with ``D`` or ``A`` before each as in RDF Patch. Raises `OSError`."""
    with path.open("wb") as file:
        for kind, lines in ((DELETE, removed), (ADD, added)):
            file.writelines(_WORDS[kind] + line for line in lines)


def read_operations(path: Path) -> list[Operation]:
    """Return what `write_operations` wrote; nothing where there is no file. Raises `OSError`."""
    try:
        lines = path.read_bytes().splitlines(keepends=True)
    except FileNotFoundError:
        return []
    return [
        (kind, [line[2:] for line in lines if line.startswith(word)])
        for kind, word in ((DELETE, _WORDS[DELETE]), (ADD, _WORDS[ADD]))
    ]
