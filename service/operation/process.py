"""One server process: the application, its pool of query processes, the HTTP server."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import uvicorn

from vises.service.app import create_app
from vises.service.census import ConnectionLimits
from vises.service.connections import limited
from vises.service.guardian import Guardian
from vises.service.operation.clients import Clients
from vises.service.operation.logs import JsonLog, log_to
from vises.service.operation.metrics import WRITE_SECONDS, Metrics
from vises.service.operation.requests import Requests, Watch
from vises.service.search.searcher import Costs
from vises.service.sparql.streaming import TransferBroken
from vises.store.accounts import Accounts
from vises.store.federation.federation import Federation
from vises.store.federation.partners import read_partners
from vises.store.limits import Rate
from vises.store.releases import ReleaseStore
from vises.store.remote.choice import EngineChoice
from vises.store.remote.engine import RemoteEngine
from vises.store.workers import WorkerPool

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from pathlib import Path

    from vises.settings import Settings
    from vises.store.engine import StartableEngine

SHUTDOWN_SECONDS = 5
"""How long running answers may go on when the service ends."""

_BROKEN_OFF = "Cancel %s running task(s), timeout graceful shutdown exceeded"
"""What uvicorn logs as an error when answers are not done in that time."""

_NOT_STARTED = "Application startup failed. Exiting."
"""What uvicorn logs after the reason."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Part:
    """What one of several server processes is told.

    `folder` is what they share (None: there is one process), `first` says that this one looks
    after the data folder at its start.
    """

    settings: Settings
    folder: Path | None = None
    first: bool = True


def run(part: Part, listening: socket.socket, ready: Callable[[], None]) -> bool:
    """Serve until SIGINT or SIGTERM; tell whether it had started.

    `ready` is called once requests are answered.
    """
    settings = part.settings
    releases = ReleaseStore(settings.data)
    metrics = Metrics(part.folder)
    accounts = Accounts(
        Rate(*settings.client_seconds),
        Rate(*settings.client_errors),
        part.folder / "accounts" if part.folder else None,
    )
    log = JsonLog()
    log_to(log)
    logging.getLogger("uvicorn.error").addFilter(_Unexpected(log))
    pool = WorkerPool(
        releases,
        size=settings.workers,
        query_seconds=settings.query_seconds,
        mebibytes=settings.worker_mebibytes,
        accounts=accounts,
        observer=metrics,
        federation=Federation.of(read_partners(settings.partners)),
    )
    engine = _engine(settings, releases, Guardian(releases, pool, at_start=part.first))
    watch = Watch(settings, releases, Clients(settings.trusted_proxies), metrics, log, accounts)
    costs = Costs(accounts, metrics.search_ended)
    directly = None if settings.engine else pool
    app = create_app(settings, releases, engine, accounts=accounts, costs=costs, pool=directly)
    config = _config(Requests(app, watch, app.repeats.known, app.fast_path), metrics)

    def started() -> None:
        for sentence in pool.protections if part.first else ():
            _log.warning("%s", sentence)
        ready()

    server = _Server(config, started, metrics, alone=part.folder is None)
    with suppress(KeyboardInterrupt, SystemExit), listening:  # it exits where it cannot start
        server.run(sockets=[listening])
    accounts.close()
    return server.started


def _engine(
    settings: Settings, releases: ReleaseStore, embedded: StartableEngine
) -> StartableEngine:
    """Return the engine of the service: with a remote one beside it where one is set."""
    if not settings.engine:
        return embedded
    remote = RemoteEngine(
        settings.engine,
        releases,
        base_iri=settings.base_iri,
        query_seconds=settings.query_seconds,
    )
    return EngineChoice(releases, embedded, remote)


def _config(requests: Requests, metrics: Metrics) -> uvicorn.Config:
    limits = ConnectionLimits()
    return uvicorn.Config(
        requests,
        http=limited(limits, metrics.connection_ended, requests),
        h11_max_incomplete_event_size=limits.head_bytes << 4,
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )


class _Server(uvicorn.Server):
    """A server that says when it is ready, and writes its numbers down for the others.

    As one of several it ends with standard input, which its supervisor holds open.
    """

    def __init__(
        self, config: uvicorn.Config, ready: Callable[[], None], metrics: Metrics, *, alone: bool
    ) -> None:
        super().__init__(config)
        self._ready = ready
        self._metrics = metrics
        self._alone = alone

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.started:
            return
        gc.collect()
        gc.freeze()  # what is there now stays, and looking through it holds up all requests
        if not self._alone:
            self._writing = asyncio.create_task(self._write())
            asyncio.get_running_loop().add_reader(sys.stdin.fileno(), self._end)
        self._ready()

    async def _write(self) -> None:
        while True:
            self._metrics.write()
            await asyncio.sleep(WRITE_SECONDS)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        if not self._alone:
            self._writing.cancel()
            self._metrics.write()

    def _end(self) -> None:
        asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
        self.should_exit = True


class _Unexpected(logging.Filter):
    """Keeps from the log, as errors, what it has already, and the ends of answers that were meant.

    Those are transfers that were broken on purpose, logged already, and answers that were not done
    when the service ended, of which one line of the log tells.
    """

    def __init__(self, log: JsonLog) -> None:
        """Take the log."""
        super().__init__()
        self._log = log

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether a record of the HTTP server goes to the log as it is."""
        if record.msg == _BROKEN_OFF and isinstance(record.args, tuple):
            (count,) = record.args
            self._log.line("info", "ended", broken_off=count, after_seconds=SHUTDOWN_SECONDS)
            return False
        if record.msg == _NOT_STARTED:
            return False
        error = record.exc_info[1] if record.exc_info else None
        return not isinstance(error, TransferBroken | asyncio.CancelledError)
