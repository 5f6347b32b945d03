"""Listening: the socket, the pool of query processes, and the HTTP server."""

from __future__ import annotations

import errno
import logging
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import uvicorn

from vises.errors import BadRequest, Unavailable
from vises.service.app import create_app
from vises.service.connections import ConnectionLimits, limited
from vises.service.guardian import Guardian
from vises.service.sparql.streaming import TransferBroken
from vises.store.releases import ReleaseStore
from vises.store.remote.choice import EngineChoice
from vises.store.remote.engine import RemoteEngine
from vises.store.workers import WorkerPool

if TYPE_CHECKING:
    from vises.settings import Settings
    from vises.store.engine import StartableEngine

_SHUTDOWN_SECONDS = 5
_BACKLOG = 2048

Ready = Callable[[Sequence[tuple[str, str]]], None]


class PortInUse(Unavailable):
    """Something else listens on the port."""

    kind = "port-in-use"
    title = "The port is in use"


class HostUnknown(BadRequest):
    """The machine has no such address."""

    kind = "host"
    title = "The service cannot listen there"


class StartFailed(Unavailable):
    """The application could not start."""

    kind = "start-failed"
    title = "The service did not start"


def serve(settings: Settings, ready: Ready) -> None:
    """Serve a data folder until Ctrl-C or SIGTERM, letting running answers end for 5 seconds.

    `ready` is called once requests are answered, with what is worth opening: pairs of a word and
    an address. Raises `PortInUse`, `HostUnknown`, `StartFailed`.
    """
    listening = listen(settings.host, settings.port)
    releases = ReleaseStore(settings.data)
    pool = WorkerPool(
        releases,
        size=settings.workers,
        query_seconds=settings.query_seconds,
        mebibytes=settings.worker_mebibytes,
    )
    limits = ConnectionLimits()
    config = uvicorn.Config(
        create_app(settings, releases, _engine(settings, releases, Guardian(releases, pool))),
        http=limited(limits),
        h11_max_incomplete_event_size=limits.head_bytes << 4,
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
    )
    logging.getLogger("uvicorn.error").addFilter(_expected)
    server = _Server(config, lambda: ready(addresses(settings.host, listening)))
    with suppress(KeyboardInterrupt), listening:
        server.run(sockets=[listening])
    if not server.started:
        raise StartFailed("The query processes could not be started; the log says why.")


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


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens. Raises `PortInUse` and `HostUnknown`.

    It names its protocol, because asyncio sets TCP_NODELAY only on connections of one that does;
    without it each answer on a connection that is kept waits 40 ms for an acknowledgement.
    """
    try:
        family, *_, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, UnicodeError) as error:
        raise _unknown_host(host, error) from None
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        raise _refused(host, port, error) from None
    return listening


def addresses(host: str, listening: socket.socket) -> list[tuple[str, str]]:
    """Return what is worth opening, as pairs of a word and an address."""
    everywhere = host in {"0.0.0.0", "::"}  # noqa: S104 (compared, not bound)
    name = "localhost" if everywhere else f"[{host}]" if ":" in host else host
    base = f"http://{name}:{listening.getsockname()[1]}"
    return [
        ("home", f"{base}/"),
        ("query editor", f"{base}/sparql"),
        ("the method", f"{base}/method/vises"),
        ("figures", f"{base}/figures"),
    ]


class _Server(uvicorn.Server):
    """A server that says when it is ready."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()


def _expected(record: logging.LogRecord) -> bool:
    """Keep from the log the trace of a transfer that was broken on purpose, logged already."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, TransferBroken)


def _refused(host: str, port: int, error: OSError) -> Unavailable | BadRequest:
    if error.errno == errno.EADDRINUSE:
        return PortInUse(
            f"Something else listens on port {port} of {host}.",
            place=f"VISES_PORT={port}",
            remedy="Stop it, or set VISES_PORT to another port.",
        )
    if error.errno == errno.EACCES:
        return Unavailable(
            f"This user may not listen on port {port}.",
            place=f"VISES_PORT={port}",
            remedy="Set VISES_PORT to a port from 1024.",
        )
    return _unknown_host(host, error)


def _unknown_host(host: str, error: OSError | UnicodeError) -> HostUnknown:
    return HostUnknown(
        f"The machine has no address {host!r}: {error}.",
        place=f"VISES_HOST={host}",
        remedy="Set VISES_HOST to an address of this machine, such as 127.0.0.1 or 0.0.0.0.",
    )
