"""Work that a process of its own does beside the service, once for a release."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE
from typing import NamedTuple

_LAST = 300


class Ended(NamedTuple):
    """How a process ended: its exit code, and what it wrote to standard output and error."""

    code: int
    printed: bytes
    said: str

    @property
    def last_words(self) -> str:
        """The end of what it said on standard error."""
        return self.said[-_LAST:]


async def run_beside(module: str, *arguments: str) -> Ended:
    """Run a module of ours to its end: it has no input, and dies with the task that waits."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", module, *arguments),
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
    )
    try:
        printed, said = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return Ended(process.returncode, printed, said.decode(errors="replace").strip())
