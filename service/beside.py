"""Work that a process of its own does beside the service, and what the log tells where it fails."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE
from typing import NamedTuple

from vises.store.deaths import fields_of


class Ended(NamedTuple):
    """How a process ended: its exit code, and what it wrote to standard output and error."""

    code: int
    printed: bytes
    said: str

    @property
    def fields(self) -> dict[str, object]:
        """What a line of the log says of it: its exit code, its error, and how it came to that."""
        return fields_of(self.code, self.said)


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
