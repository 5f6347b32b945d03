"""The SHA-256 of every file of a release, kept as ``sha256sum`` writes them.

Releases share most of their files by hard links, and a release's digests are taken over from its
parent for these, so that a small change costs the reading and the syncing of what it wrote alone.
Anyone can check a release with ``sha256sum --check SHA256SUMS`` in its folder.
"""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from vises.errors import Unavailable
from vises.store.files import is_of_the_process, sync
from vises.store.lease import COMPACTED, STORE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NAME = "SHA256SUMS"

SPOILT = (
    "If it is of the current release, `vises releases repair`. Else remove the folder of that"
    " release; `vises releases restore` puts back what a backup has of it."
)
"""What to do about a file of a release that is not the one that was published."""

_CHUNK_BYTES = 1 << 20


class SumsDamaged(Unavailable):
    """The digests of a release's files cannot be read."""

    kind = "sums-damaged"
    title = "The digests of a release cannot be read"


def write_sums(made: Path, parent: Path | None) -> None:
    """Digest and sync every file below the folder `made`, and write `SHA256SUMS` into it.

    Table files that are the same as in the folder `parent` (hard links) are taken over from its
    `SHA256SUMS`: they were synced with it. Raises `OSError`, `SumsDamaged`.
    """
    known = _table_files(parent) if parent else {}
    sums = {}
    new = {}
    for name, path in _files(made).items():
        other, found = known.get(path.name, (None, ""))
        if other and _same(path, other):
            sums[name] = found
        else:
            new[name] = path
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        sums |= zip(new, threads.map(_digested, new.values()), strict=True)
    (made / NAME).write_bytes(as_text(sums))
    sync(made / NAME)
    sync_folders(made)


def as_text(sums: Mapping[str, str]) -> bytes:
    """Return digests by name as ``sha256sum`` writes them."""
    return "".join(f"{value}  {name}\n" for name, value in sorted(sums.items())).encode()


def read_sums(release: Path) -> Mapping[str, str]:
    """Return the digests of a release's files by name. Raises `OSError`, `SumsDamaged`."""
    path = release / NAME
    try:
        lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
        return {name: value for value, name in (line.split("  ", 1) for line in lines)}
    except (FileNotFoundError, ValueError) as error:
        raise SumsDamaged(
            "This is no list of digests, or not there.", place=str(path), remedy=SPOILT
        ) from error


def missing(release: Path) -> list[str]:
    """Return the names of the files that should be there and are not. Raises as `read_sums`."""
    return [name for name in read_sums(release) if not (release / name).is_file()]


def wrong(release: Path, known: Mapping[str, str], advance: Callable[[int], None]) -> list[str]:
    """Read files of a release; return the names of those that have not the digest that is known.

    One that the disk does not give back has not. `advance` is told how many bytes were read. Raises
    `OSError` where this process may not read them, or has too many files open.
    """
    found = []
    for name, value in known.items():
        path = release / name
        if _is(path, value):
            advance(path.stat().st_size)
        else:
            found.append(name)
    return found


def without_snapshot(known: Mapping[str, str]) -> Mapping[str, str]:
    """Return the digests of the files beside the snapshot: all that a pruned release has."""
    folders = (f"{STORE}/", f"{COMPACTED}/")
    return {name: value for name, value in known.items() if not name.startswith(folders)}


def copy(path: Path, target: Path, advance: Callable[[int], None]) -> str:
    """Copy a file, sync it, and return the digest of what was copied. Raises `OSError`."""
    hashed = hashlib.sha256()
    with path.open("rb") as source, target.open("wb") as file:
        while chunk := source.read(_CHUNK_BYTES):
            hashed.update(chunk)
            file.write(chunk)
            advance(len(chunk))
        file.flush()
        os.fsync(file.fileno())
    return hashed.hexdigest()


def sync_folders(root: Path) -> None:
    """Sync the names in a folder and all below it. Raises `OSError`."""
    for folder, _, _ in os.walk(root):
        sync(Path(folder))


def _files(folder: Path) -> dict[str, Path]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != NAME)
    return {path.relative_to(folder).as_posix(): path for path in paths}


def _table_files(release: Path) -> dict[str, tuple[Path, str]]:
    """Return the table files of a release by their bare name, with their digests."""
    names = read_sums(release).items()
    return {
        Path(name).name: (release / name, value) for name, value in names if name.endswith(".sst")
    }


def _digested(path: Path) -> str:
    """Return the digest of a file that is new, and sync it."""
    value = digest(path)
    sync(path)
    return value


def _same(path: Path, other: Path) -> bool:
    return other.exists() and path.samefile(other)


def _is(path: Path, value: str) -> bool:
    try:
        return path.is_file() and digest(path) == value
    except OSError as error:
        if is_of_the_process(error):
            raise
        return False


def digest(path: Path) -> str:
    """Return the SHA-256 of a file as hexadecimal digits. Raises `OSError`."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
