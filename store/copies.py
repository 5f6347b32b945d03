"""Copying a data folder to another one: a backup, and a backup put back."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vises.errors import BadRequest, NotFound, Refused
from vises.store import sums
from vises.store.files import DRAFT, copy_durably, explained, link, make_durably, sync
from vises.store.folder import PRUNED, ReleasePruned, StoreDamaged
from vises.store.lock import WriterLock
from vises.store.tags import Tags

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from vises.progress import Progress
    from vises.store.folder import DataFolder


class NothingToCopy(NotFound):
    """There are no releases to copy."""

    kind = "nothing-to-copy"
    title = "There is nothing to copy"


class NotThatFolder(Refused):
    """The folder to copy into holds other releases."""

    kind = "not-that-folder"
    title = "The folder holds something else"


class SameFolder(BadRequest):
    """A data folder and its copy are one, or one would lie in the other."""

    kind = "same-folder"
    title = "A copy needs a folder of its own"


@dataclass(frozen=True)
class Beside:
    """Folders that lie in a data folder beside the releases, and are copied with them.

    Their files appear whole and are not changed afterwards, but may be replaced. A file that both
    folders have is copied where it differs in size or time and `renew` says so; the same for tags.
    """

    folders: Sequence[str] = ()
    renew: bool = False


def demand_apart(folder: Path, other: Path) -> None:
    """Raise `SameFolder` where `other` is the same folder or within it, also through links."""
    with explained(other):
        place = other.resolve()
        if folder.exists() and any(p.exists() and p.samefile(folder) for p in _upwards(place)):
            raise SameFolder(
                f"It is the folder {folder}, or lies within it.",
                place=str(other),
                remedy="Name a folder outside of it, best on another disk.",
            )


def _upwards(place: Path) -> Sequence[Path]:
    return (place, *place.parents)


def demand_same(source: DataFolder, target: DataFolder) -> None:
    """Raise `NotThatFolder` where both have a release of the same id, but not the same one.

    Raises `NothingToCopy` where the source has none.
    """
    _demand_some(source)
    with explained(target.root):
        there = set(target.ids())
        for release_id in source.ids():
            if release_id in there:
                _compare(source.releases / release_id, target.releases / release_id)


def copy_releases(
    source: DataFolder, target: DataFolder, progress: Progress, beside: Beside
) -> Sequence[str]:
    """Copy the releases that `target` does not have, with tags and ``current``; return their ids.

    Every file is compared with its digest as it is written, and files that releases share are
    written once. What lies beside the releases is copied after them, so that it has what they tell
    of. It can be interrupted at any point and done again: a release is there whole or not at all,
    and so is a file. Raises `NothingToCopy`, `NotThatFolder` where `target` has a release of the
    same id with other content, `StoreDamaged` where a file of the source is not as it was made,
    `DataFolderError`, `StoreBusy`.
    """
    _demand_some(source)
    with explained(target.root):
        target.create()
        with WriterLock(target.lock, 0):
            target.sweep()
            target.stage()
            current, there = _published(source)
            copied = _copy_missing(source, target, there, progress)
            _copy_tags(source, target, renew=beside.renew)
            if current and not _has_later(target, current):
                target.publish_again(current)
            for name in beside.folders:
                _copy_beside(source.root / name, target.root / name, renew=beside.renew)
            target.sweep()
    return copied


def _demand_some(source: DataFolder) -> None:
    if not source.ids():
        raise NothingToCopy(
            "The folder holds no release.",
            place=str(source.root),
            remedy="Name a data folder, or one that `vises releases backup` wrote.",
        )


def _published(source: DataFolder) -> tuple[str | None, Sequence[str]]:
    """Return the current release and all there are, at one moment while others publish."""
    while True:
        current, there = source.current_id(), source.ids()
        if source.current_id() == current:
            return current, there


def _has_later(target: DataFolder, current: str) -> bool:
    """Tell whether a folder serves a later release, which a copy of older ones must not hide."""
    name = target.current_name()
    return name in target.ids() and int(name) > int(current)


def _copy_missing(
    source: DataFolder, target: DataFolder, release_ids: Sequence[str], progress: Progress
) -> list[str]:
    there = set(target.ids())
    known: dict[str, Path] = {}
    copied = []
    for release_id in release_ids:
        folder = source.releases / release_id
        if release_id in there:
            _compare(folder, target.releases / release_id)
        else:
            progress.start(f"release {release_id}", None)
            made = target.staging / release_id
            with _held(source, release_id) as snapshot:
                _copy(folder, made, known, progress, snapshot=snapshot)
            made.rename(target.releases / release_id)
            sync(target.releases)
            copied.append(release_id)
        known |= _by_digest(target.releases / release_id)
    return copied


def _copy_tags(source: DataFolder, target: DataFolder, *, renew: bool) -> None:
    """Give the releases of `target` their tags; one that is there moves where `renew` says so."""
    tags, there = Tags(target.tags), set(target.ids())
    known = tags.all()
    for name, release_id in Tags(source.tags).all().items():
        if release_id in there and (renew or name not in known):
            tags.move(name, release_id)


@contextmanager
def _held(source: DataFolder, release_id: str) -> Iterator[bool]:
    """Hold a release against pruning; give False where it was pruned."""
    try:
        lease = source.lease(release_id)
    except ReleasePruned:
        yield False
        return
    with lease:
        yield True


def _compare(folder: Path, other: Path) -> None:
    if (folder / "release.json").read_bytes() != (other / "release.json").read_bytes():
        raise NotThatFolder(
            f"Release {folder.name} there is another one.",
            place=str(other),
            remedy="Name an empty folder, or one that holds an earlier copy of the same releases.",
        )


def _copy(
    folder: Path, made: Path, known: Mapping[str, Path], progress: Progress, *, snapshot: bool
) -> None:
    """Copy a release's files; those that another release in the target has are linked."""
    published = sums.read_sums(folder)
    copied = published if snapshot else sums.without_snapshot(published)
    for name, digest in copied.items():
        path = made / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if digest in known:
            link(known[digest], path)
            sync(path)
        else:
            written = sums.copy(folder / name, path, progress.advance)
            if written != digest:
                raise StoreDamaged(
                    "The file is not the one that was published.",
                    place=str(folder / name),
                    remedy=sums.SPOILT,
                )
    (made / sums.NAME).write_bytes(sums.as_text(published))
    sync(made / sums.NAME)
    if not snapshot:
        (made / PRUNED).touch()
    sums.sync_folders(made)


def _copy_beside(folder: Path, copy: Path, *, renew: bool) -> None:
    """Copy the files of a folder; those that go meanwhile are not missed."""
    for place, _, names in os.walk(folder, onerror=_unless_gone):
        made = copy / Path(place).relative_to(folder)
        make_durably(made)
        for name in sorted(names):
            path, there = Path(place, name), made / name
            with suppress(FileNotFoundError):
                if not name.endswith(DRAFT) and (
                    not there.exists() or (renew and _differ(path, there))
                ):
                    copy_durably(path, there)


def _unless_gone(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


def _differ(path: Path, other: Path) -> bool:
    one, two = path.stat(), other.stat()
    return (one.st_size, one.st_mtime_ns) != (two.st_size, two.st_mtime_ns)


def _by_digest(release: Path) -> Mapping[str, Path]:
    known = {digest: release / name for name, digest in sums.read_sums(release).items()}
    return {digest: path for digest, path in known.items() if path.is_file()}
