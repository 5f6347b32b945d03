"""Writing so that it survives a crash, and saying what is wrong with the data folder."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from vises.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

_SETTING = "the data folder is that of VISES_DATA"
_REMEDIES = {
    errno.EACCES: f"Let this user write there, or name another folder; {_SETTING}.",
    errno.EPERM: f"Let this user write there, or name another folder; {_SETTING}.",
    errno.EROFS: f"Name a folder on a file system that can be written to; {_SETTING}.",
    errno.ENOTDIR: f"Name a folder, not a file; {_SETTING}.",
    errno.EEXIST: f"Name a folder, not a file; {_SETTING}.",
    errno.ENOSPC: "Free some space there and try again; the published release is as it was.",
    errno.EDQUOT: "Free some space there and try again; the published release is as it was.",
    errno.EFBIG: "Raise the size that a file may have (ulimit -f), and try again.",
    errno.EMFILE: "Raise the number of files a process may have open (ulimit -n).",
}
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What is wrong where a disk, or a limit, has no room for what is written."""

_OF_THE_PROCESS = {errno.EACCES, errno.EPERM, errno.EMFILE, errno.ENFILE, errno.ENOMEM}
_IN_SENTENCES = {os.strerror(number): number for number in (*_OF_THE_PROCESS, errno.ENOSPC)}
_FEW_DESCRIPTORS = "file descriptors"
"""What Oxigraph says where a process may have too few files open for one store."""


DRAFT = ".tmp"
"""What the names of files end in that are being written."""

_NO_LINKS = {errno.EPERM, errno.EXDEV, errno.EMLINK, errno.ENOTSUP, errno.ENOSYS}


class DataFolderError(Unavailable):
    """The data folder cannot be read or written as it must be."""

    kind = "data-folder"
    title = "The data folder cannot be used"


@contextmanager
def explained(place: Path) -> Iterator[None]:
    """Turn an `OSError` of the block into a `DataFolderError` about `place`, with a way out.

    The same for what RocksDB says of damaged files, which comes as a `RuntimeError`.
    """
    try:
        yield
    except RuntimeError as error:
        if not str(error).startswith("Corruption"):
            raise
        raise DataFolderError(
            f"{str(error).rstrip('.')}.",
            place=str(place),
            remedy="Write the id of a sound release into the file current, and see to the disk.",
        ) from error
    except OSError as error:
        raise unusable(error, place) from error


def unusable(error: OSError, place: Path) -> DataFolderError:
    """Return the error for what cannot be read or written, at `place` where it names no file."""
    where = error.filename if isinstance(error.filename, str | Path) else place
    return DataFolderError(
        f"{(error.strerror or str(error)).rstrip('.')}.",
        place=str(where),
        remedy=_REMEDIES.get(
            _number(error), "See to the disk and the folder's rights, and try again."
        ),
    )


def is_of_the_process(error: Exception) -> bool:
    """Tell whether an error says nothing of a file: this process may not, or has too many open."""
    return isinstance(error, OSError) and _number(error) in _OF_THE_PROCESS


def write_durably(path: Path, data: bytes, *, private: bool = False) -> None:
    """Put `data` in the file `path`: after a crash it holds the old bytes or the new ones, whole.

    The bytes are synced before the name points to them, and the name is synced before this
    returns. A `private` file is from its first byte on for its owner alone (mode 0600), who is the
    owner of the folder where root writes it. Raises `OSError`.
    """
    draft = path.with_name(path.name + DRAFT)
    with draft.open("wb") as file:
        if private:
            _keep_private(file.fileno(), path.parent)
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync(path.parent)


def copy_durably(path: Path, target: Path) -> None:
    """Copy a file with its rights and times; after a crash it is there whole, or not at all.

    Until it has its rights it is for its owner alone, as in `write_durably`. Raises `OSError`.
    """
    draft = target.with_name(target.name + DRAFT)
    with path.open("rb") as original, draft.open("wb") as file:
        _keep_private(file.fileno(), target.parent)
        shutil.copyfileobj(original, file)
        file.flush()
        of = os.fstat(original.fileno())  # not of the name: another file may have it by now
        os.fchmod(file.fileno(), stat.S_IMODE(of.st_mode))
        os.utime(file.fileno(), ns=(of.st_atime_ns, of.st_mtime_ns))
        os.fsync(file.fileno())
    draft.replace(target)
    sync(target.parent)


def _keep_private(descriptor: int, folder: Path) -> None:
    os.fchmod(descriptor, 0o600)
    if os.geteuid() == 0:
        owner = folder.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)


def clone_snapshot(snapshot: Path, clone: Path) -> None:
    """Make a RocksDB folder that may be written to, from one that nothing writes to any more.

    RocksDB never changes a table file (``.sst``) once it is written, so these are linked; the few
    small files beside them are copied. Raises `OSError`, also where the snapshot is no RocksDB
    folder any more: RocksDB would begin an empty one in its place.
    """
    (snapshot / "CURRENT").stat()
    clone.mkdir()
    for path in snapshot.iterdir():
        if path.suffix == ".sst":
            link(path, clone / path.name)
        elif path.name != "LOCK":
            shutil.copyfile(path, clone / path.name)


def link(path: Path, target: Path) -> None:
    """Make a hard link, or a copy where the file system has none. Raises `OSError`."""
    try:
        target.hardlink_to(path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        shutil.copyfile(path, target)


def make_durably(path: Path) -> None:
    """Make a folder, and those above it, where they are not there; sync the names of the new ones.

    Raises `OSError`.
    """
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    path.mkdir(parents=True, exist_ok=True)
    for folder in missing:
        sync(folder.parent)


def sync(path: Path) -> None:
    """Sync one file, or the names in one folder. Raises `OSError`."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _number(error: OSError) -> int:
    """Return the error's number, also where RocksDB gives only a sentence."""
    if error.errno is not None:
        return error.errno
    sentence = str(error)
    if _FEW_DESCRIPTORS in sentence:
        return errno.EMFILE
    return next((n for words, n in _IN_SENTENCES.items() if words in sentence), 0)
