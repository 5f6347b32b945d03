"""How much room releases take: files that they share count once."""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_BLOCK = 512


@dataclass(frozen=True)
class DiskUse:
    """Bytes on disk: of the whole folder, and for each release what it alone holds."""

    total: int
    alone: Mapping[str, int]


def disk_use(root: Path) -> DiskUse:
    """Measure a data folder.

    What vanishes meanwhile, as others publish, does not count, nor a folder that is not to be read.
    Raises `OSError`.
    """
    sizes: dict[tuple[int, int], int] = {}
    owners: defaultdict[tuple[int, int], set[str]] = defaultdict(set)
    for path in _inside(root):
        try:
            status = path.lstat()
        except FileNotFoundError:
            continue
        key = (status.st_dev, status.st_ino)
        sizes[key] = status.st_blocks * _BLOCK
        owners[key].add(_owner(path.relative_to(root).parts))
    alone: defaultdict[str, int] = defaultdict(int)
    for key, names in owners.items():
        if len(names) == 1:
            alone[next(iter(names))] += sizes[key]
    return DiskUse(sum(sizes.values()), dict(alone))


def _inside(root: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(root, onerror=_unless_out_of_sight):
        yield from (Path(place, name) for name in (*folders, *files))


def _unless_out_of_sight(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError | PermissionError):
        raise error


def _owner(parts: tuple[str, ...]) -> str:
    """Return the id of the release that a path belongs to, or the first folder of another one."""
    return parts[1] if parts[0] == "releases" and len(parts) > 1 else parts[0]
