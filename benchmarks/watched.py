"""A command and all that it starts: how long it takes, what it uses, and its memory at the peak."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from processes import tree

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PAUSE = 0.1
_MEBIBYTE = 1 << 20
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Watched:
    """Seconds by the clock and of processors; mebibytes of all processes, and of the largest child.

    Memory is what is resident without files (anonymous pages), which the kernel cannot take back.
    `written` is when a file that was named got its last content, None where it did not change.
    """

    output: str
    seconds: float
    written: float | None
    processor: float
    mebibytes: float
    child_mebibytes: float


def watch(
    command: Sequence[str],
    environment: Mapping[str, str] | None = None,
    file: Path | None = None,
) -> Watched:
    """Run a command to its end, which has to be a good one; say when it wrote a file."""
    began = time.time()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    peaks = [0.0, 0.0]
    with subprocess.Popen(
        command, env={**os.environ, **(environment or {})}, stdout=subprocess.PIPE, text=True
    ) as process:
        ended = threading.Event()
        observer = threading.Thread(target=_observe, args=(process.pid, peaks, ended))
        observer.start()
        output, _ = process.communicate()
        ended.set()
        observer.join()
    seconds = time.perf_counter() - begun
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}.")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    written = _written(file) - began if file and _written(file) > began else None
    return Watched(output, seconds, written, used, *(peak / _MEBIBYTE for peak in peaks))


def _written(file: Path) -> float:
    return file.stat().st_mtime if file.exists() else 0


def _observe(root: int, peaks: list[float], ended: threading.Event) -> None:
    while not ended.wait(_PAUSE):
        sizes = {pid: _anonymous(pid) for pid in tree(root)}
        peaks[0] = max(peaks[0], sum(sizes.values()))
        peaks[1] = max([peaks[1], *(size for pid, size in sizes.items() if pid != root)])


def _anonymous(pid: int) -> float:
    try:
        resident, shared = map(int, Path(f"/proc/{pid}/statm").read_text().split()[1:3])
    except OSError:
        return 0
    return (resident - shared) * _PAGE
