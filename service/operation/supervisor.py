"""Several server processes on one data folder and one port."""

from __future__ import annotations

import asyncio
import logging
import os
import pickle
import signal
import socket
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, BinaryIO

from vises.service.operation.logs import JsonLog, log_to
from vises.service.operation.metrics import forget_process
from vises.service.operation.process import SHUTDOWN_SECONDS, Part, run

if TYPE_CHECKING:
    from collections.abc import Callable

    from vises.settings import Settings

_START_SECONDS = 60
_RESTART_SECONDS = 1.0
_BACKLOG = 2048

_log = logging.getLogger(__name__)


class Supervisor:
    """Starts the server processes, replaces those that die, and ends them.

    Each listens on the port with a socket of its own (SO_REUSEPORT: the kernel spreads connections
    over them). The first one is started alone, so that what a start does to the data folder is done
    once. They share a folder for the accounts of clients and the numbers of the metrics.
    """

    def __init__(self, settings: Settings, address: tuple[str, int], family: int) -> None:
        """Take an address that is free; it is kept while processes come and go."""
        self._settings = settings
        self._address = address
        self._family = family
        self._running: set[asyncio.subprocess.Process] = set()

    async def run(self, ready: Callable[[], None]) -> bool:
        """Run until SIGINT or SIGTERM, also while it starts; False where it does not start."""
        log_to(JsonLog())
        kept = bound_beside(self._family, self._address, listen=False)
        with TemporaryDirectory(prefix="vises-") as name, kept:
            serving = asyncio.create_task(self._serve(Part(self._settings, Path(name)), ready))
            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, serving.cancel)
            try:
                await serving
            except asyncio.CancelledError:
                return True
            finally:
                await asyncio.gather(*(self._end(process) for process in list(self._running)))
        return False

    async def _serve(self, part: Part, ready: Callable[[], None]) -> None:
        """Start the processes and replace those that die; end where the first does not start."""
        first = await self._start(part)
        if first is None:
            return
        others = replace(part, first=False)
        count = self._settings.processes
        started = await asyncio.gather(*(self._start(others) for _ in range(count - 1)))
        ready()
        await asyncio.gather(*(self._keep(process, others) for process in (first, *started)))

    async def _keep(self, process: asyncio.subprocess.Process | None, part: Part) -> None:
        while True:
            if process is not None:
                code = await process.wait()
                self._running.discard(process)
                _log.error("Server process %d ended (%d) and is replaced.", process.pid, code)
                assert part.folder is not None
                forget_process(part.folder, process.pid)
            process = await self._start(part)
            if process is None:
                await asyncio.sleep(_RESTART_SECONDS)

    async def _start(self, part: Part) -> asyncio.subprocess.Process | None:
        """Start a process and wait until it answers requests; None where it does not."""
        try:
            return await self._started(part)
        except OSError as error:  # there is no room for another process
            _log.error("A server process could not be started: %s", error)
            return None

    async def _started(self, part: Part) -> asyncio.subprocess.Process | None:
        reading, writing = os.pipe()
        with os.fdopen(reading, "rb") as told:
            try:
                process = await asyncio.create_subprocess_exec(
                    sys.executable,
                    *("-P", "-m", "vises.service.operation.supervisor", str(writing)),
                    stdin=asyncio.subprocess.PIPE,
                    pass_fds=(writing,),
                    process_group=0,
                )
            finally:
                os.close(writing)
            self._running.add(process)
            assert process.stdin is not None
            message = pickle.dumps((part, self._address, self._family))
            process.stdin.write(len(message).to_bytes(4, "big") + message)
            try:
                async with asyncio.timeout(_START_SECONDS):
                    if await _one_byte(told):
                        return process
            except TimeoutError:
                _log.error("A server process did not start within %d s.", _START_SECONDS)
        await self._end(process)
        self._running.discard(process)
        _log.error("Server process %d ended before it had started.", process.pid)
        return None

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        """Let a process end its answers, and kill it where it takes too long."""
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(2 * SHUTDOWN_SECONDS):
                await process.wait()
        except TimeoutError:
            _log.error("Server process %d did not end and was killed.", process.pid)
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def _one_byte(pipe: BinaryIO) -> bytes:
    """Read from a pipe; nothing where its other end was closed."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    try:
        return await reader.read(1)
    finally:
        transport.close()


def bound_beside(family: int, address: tuple[str, int], *, listen: bool) -> socket.socket:
    """Return a socket at an address that others of this service have, too."""
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    bound.bind(address)
    if listen:
        bound.listen(_BACKLOG)
    return bound


def main() -> int:
    """Be one of the processes: read what to do from standard input, and say when it is done."""
    stdin = sys.stdin.fileno()
    size = int.from_bytes(os.read(stdin, 4), "big")
    message = b""
    while len(message) < size:
        message += os.read(stdin, size - len(message))
    part, address, family = pickle.loads(message)  # noqa: S301 (our supervisor wrote it)
    started = run(part, bound_beside(family, address, listen=True), _tell)
    return 0 if started else 1


def _tell() -> None:
    """Say that requests are answered; the supervisor may be ending already."""
    with suppress(BrokenPipeError):
        os.write(int(sys.argv[1]), b"+")


if __name__ == "__main__":
    sys.exit(main())
