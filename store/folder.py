"""The data folder: where a release lies, which one is current, and how one is put there.

::

    data/
      releases/<id>/store/          the snapshot: a RocksDB folder that nothing writes to again
      releases/<id>/compacted/      the same with its files merged, in its place (compaction.py)
      releases/<id>/release.json    the record of the release
      releases/<id>/report.ttl      what validation said of the change
      releases/<id>/judgement/      what the gate keeps for the next change (transaction.py)
      releases/<id>/change.rdfp.zst what it removed and added against its parent
      releases/<id>/SHA256SUMS      the digests of all these files
      releases/<id>/pruned          says that store/ was taken away
      tags/<name>                   the id of the release that has this name
      damaged/<id>/                 a release that was set aside; <id>.1 the same, before
      current                       the id of the published release
      staging/                      what a transaction is working on, in a folder of its own
      staging/publishing            the id of the release that is on its way to releases/
      staging/pruning-<id>/         where the snapshot of a release goes that is being pruned
      compacting/, compacting.lock  a compaction that is under way, or was killed
      lock                          held by the one writer

A release is published by these steps, each synced to the disk before the next: the whole folder
under ``staging/``, its id in ``staging/publishing``, the rename into ``releases/``, the
replacement of ``current``. Then ``staging/publishing`` goes, because people may write the id of an
earlier release into ``current``. A release that ``staging/publishing`` names and ``current`` does
not is half made: readers do not see it, and `DataFolder.sweep` removes it. A release that is marked
as ``pruned`` and has a snapshot still is half pruned: readers are refused it, and
``staging/pruning-<id>`` tells `DataFolder.sweep` to finish. Nothing else in ``releases/`` is ever
removed here.
"""

from __future__ import annotations

import re
import shutil
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING, Protocol

from pyoxigraph import Store

from vises.errors import NotFound, Unavailable, sentence
from vises.store.files import (
    explained,
    is_of_the_process,
    make_durably,
    sync,
    unusable,
    write_durably,
)
from vises.store.lease import COMPACTED, STORE, Lease, snapshot_of, unread
from vises.store.lock import StoreBusy, WriterLock
from vises.store.record import FORMAT, OtherFormatError, Release
from vises.store.sums import NAME as SUMS
from vises.store.sums import SumsDamaged, read_sums, write_sums, wrong

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_ID = re.compile(r"[0-9]{6,18}")
CHANGE, REPORT, JUDGEMENT = "change.rdfp.zst", "report.ttl", "judgement"
PRUNED = "pruned"
_PRUNING = "pruning-"
_SERVED = "Put the file back from a copy, or publish another release by naming it in current."
_ASIDE = (
    "Put the release back from a backup (`vises releases restore`), or publish its input again."
)


class UnknownRelease(NotFound):
    """There is no release with that id."""

    kind = "unknown-release"
    title = "No such release"


class ReleasePruned(UnknownRelease):
    """The release was there, and its snapshot was taken away."""

    kind = "release-pruned"
    title = "The release is not kept any more"
    status = 410


class StoreDamaged(Unavailable):
    """Something in the data folder is not as a transaction leaves it."""

    kind = "store-damaged"
    title = "The data folder is damaged"


class FolderFormat(Unavailable):
    """Another version of VISES made the data folder."""

    kind = "folder-format"
    title = "The data folder is of another version"


class Snapshots(Protocol):
    """What can be written down as the snapshot of a release."""

    def snapshot(self, target: Path) -> None:
        """Make the RocksDB folder `target`, which is not there. Raises `OSError`."""


class DataFolder:
    """Paths and publication; see the module for the layout."""

    def __init__(self, root: Path) -> None:
        """Remember the folder; nothing is read or written yet."""
        self.root = root
        self.releases = root / "releases"
        self.damaged = root / "damaged"
        self.staging = root / "staging"
        self.tags = root / "tags"
        self.lock = root / "lock"
        self.compacting = root / "compacting"
        self.compacting_lock = root / "compacting.lock"
        self.current_file = root / "current"
        self._publishing = self.staging / "publishing"

    def create(self) -> None:
        """Make the folder where it is not there. Raises `OSError`."""
        make_durably(self.releases)

    def stage(self) -> None:
        """Make ``staging/``, which must not be there. Raises `OSError`."""
        self.staging.mkdir()
        sync(self.root)

    def snapshot(self, release_id: str) -> Path:
        """Return where the RocksDB folder of a release lies, whether or not there is one."""
        return snapshot_of(self.releases / release_id)

    def snapshots(self, release_id: str) -> list[Path]:
        """Return the RocksDB folders of a release: none, one, or two while it is compacted."""
        folder = self.releases / release_id
        return [folder / name for name in (STORE, COMPACTED) if (folder / name).exists()]

    def report(self, release_id: str) -> Path:
        """Return where the validation report of a release lies."""
        return self.releases / release_id / REPORT

    def judgement(self, release_id: str) -> Path:
        """Return where lies what the gate of a release kept; it may not be there."""
        return self.releases / release_id / JUDGEMENT

    def change(self, release_id: str) -> Path:
        """Return where the change that led to a release lies."""
        return self.releases / release_id / CHANGE

    def ids(self) -> list[str]:
        """Return the ids of the published releases, oldest first."""
        half_made = {self._half_made()}
        with explained(self.releases):
            names = [p.name for p in self.releases.iterdir()] if self.releases.exists() else []
        half_made.add(self._half_made())
        return sorted((n for n in names if _ID.fullmatch(n) and n not in half_made), key=int)

    def current_id(self) -> str | None:
        """Return the id in ``current``, None where nothing was published yet.

        Raises `StoreDamaged` where the file does not hold an id, or is gone though there are
        releases, and `DataFolderError`.
        """
        name = self._read(self.current_file)
        if name is None:
            ids = self.ids()
            name = self._read(self.current_file)  # the first release may have come meanwhile
        if name is None:
            if ids:
                raise StoreDamaged(
                    "The file is not there, though there are releases.",
                    place=str(self.current_file),
                    remedy=f"Write the id of the release to serve into it, such as {ids[-1]}.",
                )
            return None
        if not _ID.fullmatch(name):
            raise StoreDamaged(
                f"The file holds {name[:40]!r}, which is not the id of a release.",
                place=str(self.current_file),
                remedy=f"Write the id of the release to serve into it, one of {self.releases}.",
            )
        return name

    def current_name(self) -> str | None:
        """Return the id in ``current``; None where it holds none, or is not there."""
        name = self._read(self.current_file)
        return name if name and _ID.fullmatch(name) else None

    def current(self) -> Release | None:
        """Return the published release; raises as `current_id` and `record` do."""
        name = self.current_id()
        if name is None:
            return None
        try:
            return self.record(name)
        except UnknownRelease as error:
            raise StoreDamaged(
                f"It names release {name}, which is not in {self.releases}.",
                place=str(self.current_file),
                remedy="Put that release back, or write the id of another one into the file.",
            ) from error

    def record(self, release_id: str) -> Release:
        """Read a release's record.

        Raises `UnknownRelease`, `StoreDamaged`, `FolderFormat`, `DataFolderError`.
        """
        if not _ID.fullmatch(release_id) or release_id == self._half_made():
            raise _unknown(release_id)
        path = self.releases / release_id / "release.json"
        text = self._read(path)
        if text is None:
            if not path.parent.is_dir():
                raise _unknown(release_id)
            raise _damaged(path, "The record is not there.")
        try:
            return Release.from_json(text)
        except OtherFormatError as error:
            raise FolderFormat(
                f"The record is in format {error} of the data folder, and this version reads"
                f" {FORMAT}.",
                place=str(path),
                remedy="Publish the data anew in another folder (VISES_DATA), or use the version of"
                " VISES that made this one.",
            ) from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise _damaged(path, "This is not the record of a release.") from error

    def is_pruned(self, release_id: str) -> bool:
        """Tell whether the snapshot of a release was taken away on purpose."""
        return (self.releases / release_id / PRUNED).exists()

    def lease(self, release_id: str) -> Lease:
        """Hold a release against pruning. Raises `UnknownRelease`, `ReleasePruned`."""
        with explained(self.releases):
            try:
                lease = Lease(self.releases / self.record(release_id).id)
            except FileNotFoundError:
                raise _unknown(release_id) from None
            if self.is_pruned(release_id):
                lease.close()
                raise ReleasePruned(
                    sentence(
                        "snapshot-pruned",
                        "Release {release} was pruned: its record and its change are kept, its"
                        " snapshot is not.",
                        release=release_id,
                    ),
                    remedy=sentence(
                        "roll-back",
                        "`vises releases rollback {release}` publishes what it held anew.",
                        release=release_id,
                    ),
                )
        return lease

    def open(self, release_id: str) -> Store:
        """Return a read-only store over a snapshot that is held.

        Raises `StoreDamaged`, and `DataFolderError` where the fault is not the snapshot's.
        """
        path = self.snapshot(release_id)
        try:
            return Store.read_only(str(path))
        except OSError as error:
            if is_of_the_process(error):
                raise unusable(error, path) from error
            raise unreadable(path, error) from error
        except RuntimeError as error:
            raise unreadable(path, error) from error

    def sweep(self) -> None:
        """Remove what interrupted work left behind; only the holder of the lock may.

        That is a transaction, pruning, or a compaction, if none is under way in another process.
        Raises `OSError`.
        """
        if half_made := self._half_made():
            shutil.rmtree(self.releases / half_made)
            sync(self.releases)
        for pruning in self.staging.glob(f"{_PRUNING}*"):
            release_id = pruning.name.removeprefix(_PRUNING)
            if self.is_pruned(release_id):
                for snapshot in self.snapshots(release_id):
                    shutil.rmtree(snapshot)
        if self.staging.exists():
            shutil.rmtree(self.staging)
        if self.compacting.exists():
            # One may be under way, or end at this moment and take its folder away.
            with suppress(StoreBusy, FileNotFoundError), WriterLock(self.compacting_lock, 0):
                shutil.rmtree(self.compacting)

    def next_id(self) -> str:
        """Return the id after the highest there is, which does not depend on any clock."""
        aside = [path.name for path in self.damaged.iterdir()] if self.damaged.exists() else []
        ids = [*self.ids(), *filter(_ID.fullmatch, aside)]
        return f"{max(map(int, ids), default=0) + 1:06d}"

    def publish_again(self, release_id: str) -> None:
        """Make a release that is there the current one. Raises `OSError`."""
        write_durably(self.current_file, f"{release_id}\n".encode())

    def prune(self, release_id: str, wait_seconds: float) -> bool:
        """Take a release's snapshot away when nobody reads it; tell whether that was so.

        Only the holder of the lock may, with ``staging/`` there. Raises `OSError`.
        """
        folder = self.releases / release_id
        pruning = self.staging / f"{_PRUNING}{release_id}"
        with unread(folder, wait_seconds) as free:
            if not free:
                return False
            pruning.mkdir()
            sync(self.staging)
            (folder / PRUNED).touch()
            sync(folder)
            for snapshot in self.snapshots(release_id):
                snapshot.rename(pruning / snapshot.name)
            sync(folder)
        shutil.rmtree(pruning)
        return True

    def aside(self, release_id: str) -> tuple[Release, Path]:
        """Return the record and the folder of a release that was set aside.

        Raises `UnknownRelease` where one of them is not there, `StoreDamaged` where they are not
        the files that were published.
        """
        place = self.damaged / release_id
        names = ("release.json", REPORT, CHANGE)
        if not _ID.fullmatch(release_id) or not all((place / name).is_file() for name in names):
            raise UnknownRelease(
                sentence(
                    "nothing-aside",
                    "Of release {release!r} nothing was set aside that could be published again.",
                    release=release_id,
                ),
                place=str(self.damaged),
                remedy=sentence("publish-input", "Publish its input again, or put back a backup."),
            )
        try:
            known = read_sums(place)
            spoilt = wrong(place, {name: known[name] for name in names}, lambda _: None)
            record = Release.from_json((place / names[0]).read_text(encoding="utf-8"))
        except SumsDamaged as error:
            raise _damaged(place / SUMS, error.detail, _ASIDE) from error
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise _damaged(place, f"It cannot be read: {error}.", _ASIDE) from error
        if spoilt:
            detail = "This is not the file that was published."
            raise _damaged(place / spoilt[0], detail, _ASIDE)
        return record, place

    def set_aside(self, release_id: str) -> Path:
        """Move a release that is damaged out of the way; return where to. Raises `OSError`.

        Its id is not given to another one. What was set aside of it before, and put back since,
        stays under a name with a number. Only the holder of the lock may.
        """
        make_durably(self.damaged)
        aside = self.damaged / release_id
        release = self.releases / release_id
        if release.exists():
            if aside.exists():
                names = (self.damaged / f"{release_id}.{number}" for number in count(1))
                aside.rename(next(name for name in names if not name.exists()))
            release.rename(aside)
        else:
            aside.mkdir(exist_ok=True)
        sync(self.damaged)
        sync(self.releases)
        return aside

    def publish(
        self,
        release: Release,
        clone: Snapshots,
        report: Iterable[bytes],
        change: Path,
        judgement: Path,
    ) -> None:
        """Snapshot the clone as `release` and make it the current one. Raises `OSError`.

        The file of the change and the folder of the judgement are moved.
        """
        made = self.staging / release.id
        made.mkdir()
        clone.snapshot(made / STORE)
        (made / "release.json").write_text(release.to_json(), encoding="utf-8")
        with (made / REPORT).open("wb") as file:
            file.writelines(report)
        change.rename(made / self.change(release.id).name)
        judgement.rename(made / JUDGEMENT)
        write_sums(made, self.releases / release.parent if release.parent else None)
        write_durably(self._publishing, release.id.encode())
        made.rename(self.releases / release.id)
        sync(self.releases)
        write_durably(self.current_file, f"{release.id}\n".encode())
        with suppress(OSError):  # it is published; the next sweep takes the mark away
            self._publishing.unlink()

    def _half_made(self) -> str | None:
        """Return the id of a release that lies in ``releases/`` and was not published.

        A later current one tells that it was published, between the two readings here.
        """
        name = self._read(self._publishing)
        if name is None or not _ID.fullmatch(name):
            return None
        current = self.current_name()
        if current and int(current) >= int(name):
            return None
        return name if (self.releases / name).is_dir() else None

    def _read(self, path: Path) -> str | None:
        with explained(path):
            try:
                return path.read_text(encoding="utf-8", errors="replace").strip()
            except FileNotFoundError:
                return None


def unreadable(snapshot: Path, error: Exception) -> StoreDamaged:
    """Return the error for a snapshot that cannot be opened or read."""
    return StoreDamaged(
        f"Release {snapshot.parent.name} cannot be read: {str(error).rstrip('.')}.",
        place=str(snapshot),
        remedy="`vises releases repair` sets it aside and serves the one before it.",
    )


def _unknown(release_id: str) -> UnknownRelease:
    return UnknownRelease(
        sentence("no-such-release", "There is no release {release}.", release=repr(release_id)),
        remedy=sentence("releases-listed", "`vises releases` lists those there are."),
    )


def _damaged(path: Path, detail: str, remedy: str = _SERVED) -> StoreDamaged:
    return StoreDamaged(detail, place=str(path), remedy=remedy)
