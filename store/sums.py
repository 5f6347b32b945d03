"""The SHA-256 of every file of a release, kept as ``sha256sum`` writes them.

Releases share most of their files by hard links, and a release's digests are taken over from its
parent for these, so that a small change costs the reading and the syncing of what it wrote alone.
Anyone can check a release with ``sha256sum --check SHA256SUMS`` in its folder.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from vises.errors import Unavailable
from vises.store.files import sync

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

NAME = "SHA256SUMS"

_CHUNK_BYTES = 1 << 20


class SumsDamaged(Unavailable):
    """The digests of a release's files cannot be read."""

    kind = "sums-damaged"
    title = "The digests of a release cannot be read"


def write_sums(made: Path, parent: Path | None) -> None:
    """Digest and sync every file below the folder `made`, and write `SHA256SUMS` into it.

    Files that are the same as in the folder `parent` (hard links) are taken over from its
    `SHA256SUMS`: they were synced with it. Raises `OSError`, `SumsDamaged`.
    """
    known = read_sums(parent) if parent else {}
    sums = {}
    for name, path in _files(made).items():
        if parent and name in known and _same(path, parent / name):
            sums[name] = known[name]
        else:
            sums[name] = _digest(path)
            sync(path)
    text = "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items()))
    (made / NAME).write_text(text, encoding="utf-8")
    sync(made / NAME)
    sync_folders(made)


def read_sums(release: Path) -> Mapping[str, str]:
    """Return the digests of a release's files by name. Raises `OSError`, `SumsDamaged`."""
    path = release / NAME
    try:
        lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
        return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    except ValueError as error:
        raise SumsDamaged(
            "This is no list of digests.",
            place=str(path),
            remedy="`vises releases repair` sets the release aside if it is the current one.",
        ) from error


def missing(release: Path) -> list[str]:
    """Return the names of the files that should be there and are not. Raises as `read_sums`."""
    return [name for name in read_sums(release) if not (release / name).is_file()]


def wrong(release: Path, names: Iterable[str], advance: Callable[[int], None]) -> list[str]:
    """Read the named files of a release; return those that are not as they were made.

    `advance` is told how many bytes were read. Raises `OSError`, `SumsDamaged`.
    """
    known = read_sums(release)
    found = []
    for name in names:
        path = release / name
        if not path.is_file() or _digest(path) != known[name]:
            found.append(name)
        else:
            advance(path.stat().st_size)
    return found


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


def _same(path: Path, other: Path) -> bool:
    return other.exists() and path.samefile(other)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
