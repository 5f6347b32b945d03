"""Processes that wait between two pieces of work."""

from __future__ import annotations

from vises.store.process import WorkerProcess


class Standby:
    """Processes of one module: started with the first work that needs one, kept for the next.

    Each has `mebibytes` of address space and no network. Whoever takes one gives it back when it
    has answered, or ends it.
    """

    def __init__(self, mebibytes: int, module: str) -> None:
        """Start no process yet."""
        self._mebibytes = mebibytes
        self._module = module
        self._idle: list[WorkerProcess] = []

    async def take(self) -> WorkerProcess:
        """Return a process that waits, or a new one. Raises as `WorkerProcess.start` does."""
        while self._idle:
            worker = self._idle.pop()
            if not worker.closed.done():
                return worker
        return await WorkerProcess.start(self._mebibytes, self._module)

    def give_back(self, worker: WorkerProcess) -> None:
        """Let a process wait for the next work."""
        self._idle.append(worker)

    async def close(self) -> None:
        """End the processes that wait."""
        while self._idle:
            await self._idle.pop().end()
