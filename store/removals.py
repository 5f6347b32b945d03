"""Which release took away what was said of a thing: an index of the removals in all kept changes.

A thing of which the data say nothing now was last known to the release before the newest one that
took statements about it out of a graph. The changes say so, also those of releases whose snapshots
were pruned; but they are as large as what changed. So each is read once, and the hashes of subject
and graph go into a table in SQLite. It is made in a process of its own:
``python -m vises.store.removals DATA INDEX PARENT``.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from contextlib import closing
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from vises.store.difference import DELETE
from vises.store.patch import PatchDamaged, read_patch
from vises.store.releases import ReleaseStore
from vises.store.sealing import seal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from vises.store.record import Release

_NICENESS = 10
_MEBIBYTES = 1024
_WAIT_SECONDS = 30.0
_TABLES = """
CREATE TABLE IF NOT EXISTS indexed (release TEXT PRIMARY KEY, made TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS removed (
    subject INTEGER, release INTEGER, PRIMARY KEY (subject, release)) WITHOUT ROWID;
"""


class Removals:
    """The index in a file. Every method raises `sqlite3.Error` where it cannot be read."""

    def __init__(self, file: Path) -> None:
        """Remember the file; it is there once `index` has made it."""
        self._file = file

    def missing(self, releases: Iterable[Release]) -> list[Release]:
        """Return those of some releases that took something away and are not in the index yet."""
        taking = [release for release in releases if release.removed]
        if not taking or not self._file.exists():
            return taking
        with closing(self._open()) as table:
            known = dict(table.execute("SELECT release, made FROM indexed"))
        return [r for r in taking if known.get(r.id) != r.created.isoformat()]

    def last_to_remove(self, subjects: Iterable[str], graphs: Iterable[str]) -> str | None:
        """Return the newest release that took statements about one of some IRIs out of a graph.

        None where no release did, as far as the index goes.
        """
        names = list(graphs)
        keys = [_key(f"<{s}>".encode(), f"<{g}>".encode()) for s in subjects for g in names]
        if not keys or not self._file.exists():
            return None
        with closing(self._open()) as table:
            found = [
                number
                for key in keys
                for (number,) in table.execute(
                    "SELECT max(release) FROM removed WHERE subject = ?", (key,)
                )
                if number is not None
            ]
        return f"{max(found):06d}" if found else None

    def index(self, releases: ReleaseStore) -> None:
        """Read the changes of the releases that are not in the index yet.

        One whose change cannot be read is left out.
        """
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with closing(self._open()) as table:
            table.executescript(_TABLES)
        for release in self.missing(releases.list()):
            try:
                self._add(release, releases.change(release.id))
            except PatchDamaged as error:
                sys.stderr.write(f"{error}\n")

    def _add(self, release: Release, change: Path) -> None:
        number = int(release.id)
        with closing(self._open()) as table, table:
            table.execute("DELETE FROM removed WHERE release = ?", (number,))
            table.executemany(
                "INSERT OR IGNORE INTO removed VALUES (?, ?)",
                ((key, number) for key in _removed(change)),
            )
            table.execute(
                "INSERT OR REPLACE INTO indexed VALUES (?, ?)",
                (release.id, release.created.isoformat()),
            )

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self._file, timeout=_WAIT_SECONDS)


def _removed(change: Path) -> Iterator[int]:
    """Yield the keys of the IRIs about which a change removes something, each about once."""
    before: tuple[bytes, bytes] | None = None
    for operation, lines in read_patch(change):
        for line in lines if operation == DELETE else ():
            subject, graph = line[: line.index(b" ")], line[line.rindex(b"<") : -3]
            if (subject, graph) != before and subject.startswith(b"<"):
                before = subject, graph
                yield _key(subject, graph)


def _key(subject: bytes, graph: bytes) -> int:
    digest = blake2b(subject + b" " + graph, digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def main(arguments: Sequence[str]) -> None:
    """Bring an index up to date."""
    data, index, parent = arguments
    seal(_MEBIBYTES, int(parent))
    os.nice(_NICENESS)
    Removals(Path(index)).index(ReleaseStore(Path(data)))


if __name__ == "__main__":
    main(sys.argv[1:])
