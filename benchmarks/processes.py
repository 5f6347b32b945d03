"""A process with all that it has started, and the memory of processes (Linux, /proc)."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def tree(root: int) -> list[int]:
    """Return a process and all that it has started, directly or not."""
    found = [root]
    for pid in found:
        with suppress(OSError):  # it, or a thread of it, has ended since
            for task in Path(f"/proc/{pid}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
    return found


def mebibytes(pids: Iterable[int]) -> float:
    """Return the resident memory of processes, what they share counted once (PSS)."""
    total = 0
    for pid in pids:
        with suppress(OSError):  # it has ended since
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024
