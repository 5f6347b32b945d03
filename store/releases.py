"""The releases of a data folder: reading them, naming them, and the transaction that makes one."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from vises.progress import SILENCE
from vises.store.compaction import compact, let_go
from vises.store.copies import Beside, copy_releases, demand_same
from vises.store.current import CurrentRelease
from vises.store.difference import as_quads
from vises.store.disk import DiskUse, disk_use
from vises.store.files import explained, link
from vises.store.folder import (
    CHANGE,
    JUDGEMENT,
    REPORT,
    DataFolder,
    ReleasePruned,
    StoreDamaged,
    UnknownRelease,
)
from vises.store.history import History
from vises.store.lock import WriterLock
from vises.store.record import Release
from vises.store.repair import set_damaged_aside
from vises.store.tags import Tags
from vises.store.transaction import Gate, Transaction
from vises.store.verification import content_faults, file_faults

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from pyoxigraph import Quad, Store

    from vises.progress import Progress
    from vises.store.difference import Difference
    from vises.store.lease import Lease
    from vises.store.retention import Retention
    from vises.store.transaction import Candidate

__all__ = ["Release", "ReleasePruned", "ReleaseStore", "StoreDamaged", "UnknownRelease"]

WAIT_SECONDS = 60.0
"""How long a change waits for another one, unless it says otherwise."""


@dataclass(frozen=True)
class Pruned:
    """The ids of releases whose snapshots were taken away, and of those still read."""

    gone: Sequence[str]
    held: Sequence[str]


class ReleaseStore:
    """The releases under a folder; nothing is written until a transaction begins.

    Every method raises `DataFolderError` where the folder cannot be read or written and
    `StoreDamaged` where something in it is not as a transaction leaves it; those that change
    something raise `StoreBusy`.
    """

    def __init__(self, folder: Path) -> None:
        """Remember the folder (the setting ``VISES_DATA``)."""
        self._folder = DataFolder(folder)
        self._tags = Tags(self._folder.tags)
        self._current = CurrentRelease(self._folder)

    def current(self) -> Release | None:
        """Return the published release, None where nothing was published yet."""
        return self._current.get()

    def get(self, release_id: str) -> Release:
        """Return one release. Raises `UnknownRelease`."""
        return self._folder.record(release_id)

    def resolve(self, name: str) -> Release:
        """Return the release that has an id or a tag. Raises `UnknownRelease`."""
        return self._folder.record(self._tags.all().get(name, name))

    def list(self) -> list[Release]:
        """Return all releases, newest first; also those whose snapshot was pruned."""
        return [self._folder.record(name) for name in self.ids()]

    def ids(self) -> Sequence[str]:
        """Return the ids of all releases, newest first."""
        return self._folder.ids()[::-1]

    def tags(self) -> Mapping[str, str]:
        """Return the ids of releases by tag."""
        return self._tags.all()

    def is_pruned(self, release_id: str) -> bool:
        """Tell whether a release can no longer be queried."""
        return self._folder.is_pruned(release_id)

    def lease(self, release_id: str) -> Lease:
        """Hold a release against pruning until the lease is closed; it says where the snapshot is.

        Raises `UnknownRelease`, `ReleasePruned`.
        """
        return self._folder.lease(release_id)

    @contextmanager
    def open(self, release_id: str) -> Iterator[Store]:
        """Hold a release and give a read-only store over it. Raises as `lease` does."""
        with self.lease(release_id):
            yield self._folder.open(release_id)

    def report(self, release_id: str) -> Path:
        """Return what validation said of a change (Turtle). Raises `UnknownRelease`."""
        return self._folder.report(self.get(release_id).id)

    def judgement(self, release_id: str) -> Path:
        """Return the folder, perhaps not there, that a gate kept. Raises `UnknownRelease`."""
        return self._folder.judgement(self.get(release_id).id)

    def change(self, release_id: str) -> Path:
        """Return the change that led to a release, as RDF Patch in Zstandard.

        Raises `UnknownRelease`.
        """
        return self._folder.change(self.get(release_id).id)

    def differences(self, before: str, after: str) -> Iterator[Difference]:
        """Yield what differs between two releases, as lines of N-Quads, in one or more parts.

        Raises `UnknownRelease`, `NoCommonHistory`, `PatchDamaged`.
        """
        history = History(self._folder)
        with TemporaryDirectory(prefix="vises-") as work:
            yield from history.between(self.get(before), self.get(after), Path(work))

    def changed_quads(self, before: str, after: str) -> Iterator[tuple[bool, Quad]]:
        """Yield the quads in which two releases differ, with True where `after` has it.

        Raises as `differences` does.
        """
        for difference in self.differences(before, after):
            for added, lines in ((False, difference.removed), (True, difference.added)):
                for quad in as_quads(lines):
                    yield added, quad

    def transaction(
        self,
        *,
        author: str,
        message: str,
        gate: Gate,
        wait_seconds: float = WAIT_SECONDS,
        progress: Progress = SILENCE,
    ) -> AbstractContextManager[Transaction]:
        """Begin a change; see `Transaction`. Waits for another one at most `wait_seconds`.

        `progress` is told how far loading and judging are.
        """
        return Transaction(
            self._folder,
            author=author,
            message=message,
            gate=gate,
            wait_seconds=wait_seconds,
            progress=progress,
        )

    def rollback(self, release_id: str, *, author: str) -> Release | None:
        """Publish a new release that equals an old one; return it, None where it would not differ.

        It is not judged again: the old report goes with it. Raises `UnknownRelease`,
        `NoCommonHistory`, `PatchDamaged`.
        """
        target = self.get(release_id)
        kept = KeptVerdict(target, self._folder.releases / target.id)
        message = f"Rollback to release {target.id}"
        with self.transaction(author=author, message=message, gate=kept.gate) as transaction:
            transaction.return_to(target)
        return transaction.release

    def tag(self, name: str, release_id: str) -> None:
        """Give a release a name, which keeps it from being pruned.

        Raises `BadTag`, `UnknownRelease`, `ReleasePruned`.
        """
        with self._locked(), self.lease(release_id):
            self._tags.set(name, release_id)

    def untag(self, name: str) -> None:
        """Take a name away. Raises `UnknownTag`."""
        with self._locked():
            self._tags.remove(name)

    def to_prune(self, retention: Retention) -> Sequence[Release]:
        """Return the releases whose snapshots a retention policy does not keep, oldest first.

        The current one and the tagged ones are always kept.
        """
        there = [r for r in self.list() if not self.is_pruned(r.id)]
        current = self.current()
        kept = {*self.tags().values(), *([current.id] if current else ())}
        return retention.to_prune(there, kept)

    def prune(self, retention: Retention, *, reader_seconds: float = 60) -> Pruned:
        """Take away the snapshots that `to_prune` names; records and changes stay.

        Waits for readers of each at most `reader_seconds`. What compactions left of the others goes
        where nobody reads it.
        """
        gone: list[str] = []
        held: list[str] = []
        with self._locked(), explained(self._folder.root):
            self._folder.stage()
            for release in self.to_prune(retention):
                free = self._folder.prune(release.id, reader_seconds)
                (gone if free else held).append(release.id)
            let_go(self._folder, 0)
            self._folder.sweep()
        return Pruned(gone, held)

    def disk_use(self) -> DiskUse:
        """Measure the folder; see `vises.store.disk.DiskUse`."""
        with explained(self._folder.root):
            return disk_use(self._folder.root)

    def verify(self, release_id: str, progress: Progress, *, content: bool) -> Sequence[str]:
        """Compare a release with its record; return a sentence for each fault.

        Reads every file; with `content` also every quad. Raises `UnknownRelease`.
        """
        release = self.get(release_id)
        with explained(self._folder.root):
            faults = list(file_faults(self._folder, release, progress))
            if content:
                known = release.parent in self._folder.ids()
                parent = self.get(release.parent) if release.parent and known else None
                faults += content_faults(self._folder, release, parent, progress)
        return faults

    def recover(
        self, *, thorough: bool, wait_seconds: float = WAIT_SECONDS, progress: Progress
    ) -> Sequence[str]:
        """Set a damaged current release aside; see `vises.store.repair.set_damaged_aside`."""
        return set_damaged_aside(
            self._folder, thorough=thorough, wait_seconds=wait_seconds, progress=progress
        )

    def redo(self, release_id: str, *, author: str) -> Release:
        """Publish anew, from its kept change, a release that was set aside; it gets its tags, too.

        Returns the release that has its content, the current one where that has it already. Raises
        `UnknownRelease` where it is not there, `PatchDamaged` and `StoreDamaged` where its change
        does not lead from the current release to what its record says.
        """
        record, folder = self._folder.aside(release_id)
        made = self.current()
        if made is None or made.digests != record.digests:
            kept = KeptVerdict(record, folder)
            message = f"Release {record.id} again, from its change: {record.message}"
            with self.transaction(author=author, message=message, gate=kept.gate) as transaction:
                transaction.redo(record, folder / CHANGE)
            made = transaction.release
            assert made is not None  # a release is made of a change
        with self._locked():
            if release_id not in self.ids():  # it may be back from a backup
                for tag, named in self.tags().items():
                    if named == release_id:
                        self._tags.move(tag, made.id)
        return made

    def compact(self, *, wait_seconds: float = WAIT_SECONDS) -> bool:
        """Merge the files of the current release; see `vises.store.compaction.compact`."""
        return compact(self._folder, wait_seconds)

    def demand_same(self, folder: Path) -> None:
        """Raise `NotThatFolder` where another data folder has releases of the same ids, not these.

        Raises `NothingToCopy` where there are none to be copied, and `DataFolderError`.
        """
        demand_same(self._folder, DataFolder(folder))

    def backup(
        self, folder: Path, progress: Progress, *, beside: Sequence[str] = ()
    ) -> Sequence[str]:
        """Copy what another folder does not have yet; see `vises.store.copies.copy_releases`.

        With the folders `beside` the releases; there, what has changed since is copied again.
        """
        return copy_releases(self._folder, DataFolder(folder), progress, Beside(beside, renew=True))

    def restore(
        self, folder: Path, progress: Progress, *, beside: Sequence[str] = ()
    ) -> Sequence[str]:
        """Copy what a backup has and this folder has not. Raises as `backup` does."""
        return copy_releases(DataFolder(folder), self._folder, progress, Beside(beside))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with explained(self._folder.root):
            self._folder.create()
            with WriterLock(self._folder.lock, WAIT_SECONDS):
                self._folder.sweep()
                yield


@dataclass(frozen=True)
class KeptVerdict:
    """What a gate said of a release once, with the folder of the release."""

    release: Release
    folder: Path
    accepted: bool = True

    def gate(self, candidate: Candidate) -> KeptVerdict:
        """Say it of a candidate that is the same again, with all that the gate kept then.

        Raises `OSError`.
        """
        kept = self.folder / JUDGEMENT
        if kept.is_dir():
            for path in kept.iterdir():
                link(path, candidate.keep / path.name)
        return self

    @property
    def violations(self) -> int:
        """The number of results that would refuse it."""
        return self.release.violations

    @property
    def warnings(self) -> int:
        """The number of results that were published with it."""
        return self.release.warnings

    def summary(self) -> str:
        """Return one sentence."""
        return f"As release {self.release.id} was judged."

    def turtle(self) -> Iterator[bytes]:
        """Yield the lines of the report. Raises `OSError`."""
        with (self.folder / REPORT).open("rb") as file:
            yield from file
