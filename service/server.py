"""Listening: the address, and one server process or several."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from vises.errors import BadRequest, Unavailable
from vises.service.guardian import set_damaged_aside
from vises.service.operation.logs import JsonLog, log_to
from vises.service.operation.process import Part, run
from vises.service.operation.supervisor import Supervisor
from vises.store.federation.partners import read_partners
from vises.store.releases import ReleaseStore

if TYPE_CHECKING:
    from vises.settings import Settings

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
    an address. Raises `PortInUse`, `HostUnknown`, `StartFailed`, `PartnersError`, `FolderFormat`,
    `DataFolderError`, and `StoreDamaged` where no release is whole.
    """
    read_partners(settings.partners)  # a mistake in the file is told before anything starts
    log_to(JsonLog())
    releases = ReleaseStore(settings.data)
    set_damaged_aside(releases, thorough=False)
    releases.current()  # what is wrong with it is told before anything starts, too
    listening = listen(settings.host, settings.port)
    found = addresses(settings.host, listening)
    if settings.processes == 1:
        started = run(Part(settings), listening, lambda: ready(found))
    else:
        family, address = listening.family, listening.getsockname()
        listening.close()
        supervisor = Supervisor(settings, address, family)
        started = asyncio.run(supervisor.run(lambda: ready(found)))
    if not started:
        raise StartFailed("The query processes could not be started; the log says why.")


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
