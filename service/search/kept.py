"""The indexes that are kept in the data folder: which are sound, and which may go.

::

    data/cache/search/<release id>/   an index: the files of tantivy, and index.json
    data/cache/search/making-<id>/    one that is being made
    data/cache/search/lock            held by the process that makes one
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
from functools import cache
from typing import TYPE_CHECKING

from vises.service.questions import questions_here
from vises.store.files import sync
from vises.store.folder import UnknownRelease

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from vises.store.releases import Release, ReleaseStore

FORMAT = 6
"""The number that a change of fields, of words, or of what is indexed raises."""

LOCK = "lock"
RECORD = "index.json"
MOST_KEPT = 8
"""How many indexes stay, besides that of the current release: those that were made last."""

_MAKING = "making-"
_LOCKS = {".tantivy-meta.lock", ".tantivy-writer.lock"}

_log = logging.getLogger(__name__)

Files = dict[str, tuple[int, str]]
"""The sizes and the SHA-256 of files, by name."""


def folder_of(data: Path) -> Path:
    """Return the folder of all indexes in a data folder."""
    return data / "cache" / "search"


@cache
def made_of() -> str:
    """Return what tells indexes of this version of the package from those of others."""
    parts = [str(FORMAT)]
    for q in questions_here():
        parts += [q.id, str(sorted(q.wording.items())), str(sorted(q.summary.items()))]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


class KeptIndexes:
    """The indexes under a folder, for the holder of its lock."""

    def __init__(self, releases: ReleaseStore, folder: Path) -> None:
        """Take the releases and the folder."""
        self._releases = releases
        self._folder = folder

    def is_whole(self, release: Release) -> bool:
        """Tell whether the index of a release is there, of this version, and undamaged."""
        files = self._record(release)
        if files is None:
            return False
        place = self._folder / release.id
        wrong = [name for name, known in files.items() if _measured(place / name) != known]
        if wrong:
            _log.error(
                "the index of release %s is damaged and is made anew: %s", release.id, wrong[0]
            )
        return not wrong

    def nearest(self, release: Release) -> Release | None:
        """Return the release with an index that is the fewest releases away, None without one."""
        found = []
        for path in self._indexes():
            try:
                other = self._releases.get(path.name)
            except UnknownRelease:
                continue
            files = self._record(other)
            if files is not None and all(
                (path / name).is_file() and (path / name).stat().st_size == size
                for name, (size, _) in files.items()
            ):
                found.append(other)
        return min(found, key=lambda other: abs(int(other.id) - int(release.id)), default=None)

    def publish(self, made: Path, release: Release, base: Release | None) -> None:
        """Put an index in its place; files that stand in that of `base`, too, are not read again.

        Raises `OSError`.
        """
        known = self._record(base) or {} if base else {}
        files: Files = {}
        for path in made.iterdir():
            if path.name in _LOCKS:
                path.unlink()
                continue
            size = path.stat().st_size
            old = known.get(path.name)
            linked = old is not None and old[0] == size and path.stat().st_nlink > 1
            files[path.name] = old if linked and old else _measured(path)
            sync(path)
        record = {
            "made_of": made_of(),
            "digests": dict(release.digests),
            "files": files,
        }
        (made / RECORD).write_text(json.dumps(record), "utf-8")
        sync(made / RECORD)
        sync(made)
        made.rename(self._folder / release.id)
        sync(self._folder)

    def remove(self, release_id: str) -> None:
        """Take an index away, if there is one; who has it open keeps its files."""
        shutil.rmtree(self._folder / release_id, ignore_errors=True)

    def sweep(self, wanted: str) -> None:
        """Remove what was left half made, indexes of releases that are gone, and the oldest ones.

        That of `wanted` and that of the current release stay.
        """
        for path in self._folder.glob(f"{_MAKING}*"):
            shutil.rmtree(path, ignore_errors=True)
        current = self._releases.current()
        staying = {wanted, current.id if current else wanted}
        there = sorted(self._indexes(), key=lambda path: path.stat().st_mtime, reverse=True)
        ids = {release.id for release in self._releases.list()}
        for place, path in enumerate(there):
            gone = path.name not in ids or self._releases.is_pruned(path.name)
            if gone or (place >= MOST_KEPT and path.name not in staying):
                self.remove(path.name)

    def _indexes(self) -> Iterator[Path]:
        return (p for p in self._folder.iterdir() if p.name.isdecimal() and p.is_dir())

    def _record(self, release: Release) -> Files | None:
        """Return the files of a release's index, None where it has none of this version."""
        path = self._folder / release.id / RECORD
        try:
            record: Mapping[str, object] = json.loads(path.read_bytes())
            if record["made_of"] != made_of() or record["digests"] != dict(release.digests):
                return None
            files = record["files"]
            assert isinstance(files, dict)
            return {str(n): (int(size), str(digest)) for n, (size, digest) in files.items()}
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, AssertionError) as error:
            _log.warning("%s is not read and will be replaced: %s", path, error)
            return None


def _measured(path: Path) -> tuple[int, str]:
    """Return the size and the digest of a file, of nothing where it cannot be read."""
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            return file.tell(), digest
    except OSError:
        return -1, ""
