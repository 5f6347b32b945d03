"""Where the results of a release are kept, and found again without reading them twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vises.validation.incremental.ledger import (
    BASE,
    CHANGES,
    Ledger,
    read_base,
    read_changes,
    write_base,
    write_changes,
)
from vises.validation.report import Report

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from vises.validation.incremental.ledger import Results
    from vises.validation.incremental.pairs import Key

Identity = tuple[int, int, int, int]


def kept_report(folder: Path) -> Report | None:
    """Return the report on a release from what its gate kept; None where it kept nothing.

    Raises `OSError`.
    """
    ledger = KeptResults().read(folder)
    return Report.of(ledger.results()) if ledger.units else None


class KeptResults:
    """Reads and writes ledgers; the last one written or read is remembered."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._base: tuple[Identity, Mapping[Key, Results]] | None = None
        self._last: tuple[Identity, Ledger] | None = None

    def read(self, folder: Path | None) -> Ledger:
        """Return the ledger in a folder; an empty one where there is none, or one that is spoilt.

        Of an empty one nothing is known, so that everything is judged. Raises `OSError`.
        """
        if folder is None or not (folder / CHANGES).is_file():
            return Ledger(frozenset())
        identity = _file(folder / CHANGES)
        if self._last is None or self._last[0] != identity:
            try:
                self._last = identity, read_changes(folder / CHANGES, self._read_base(folder))
            except (ValueError, KeyError, TypeError, IndexError, FileNotFoundError):
                return Ledger(frozenset())
        return self._last[1]

    def write(self, ledger: Ledger, folder: Path, parent: Path | None) -> None:
        """Write a ledger into a folder, sharing the file of the parent's folder where it can.

        Raises `OSError`.
        """
        folded = ledger.folded()
        target = folder / BASE
        shared = self._base is not None and self._base[1] is folded.base
        if not (shared and parent is not None and _linked(parent / BASE, target)):
            write_base(target, folded.base)
            self._base = _file(target), folded.base
        write_changes(folder / CHANGES, folded)
        self._last = _file(folder / CHANGES), folded

    def _read_base(self, folder: Path) -> Mapping[Key, Results]:
        identity = _file(folder / BASE)
        if self._base is None or self._base[0] != identity:
            self._base = identity, read_base(folder / BASE)
        return self._base[1]


def _linked(path: Path, target: Path) -> bool:
    """Make a hard link, where the file is there and its file system allows one."""
    try:
        target.hardlink_to(path)
    except OSError:
        return False
    return True


def identity(folder: Path) -> Identity | None:
    """Return what tells the results in a folder from any others; None where there are none."""
    path = folder / CHANGES
    return _file(path) if path.is_file() else None


def _file(path: Path) -> Identity:
    found = path.stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
