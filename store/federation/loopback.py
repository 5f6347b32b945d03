"""The way out of a sealed process: a listening socket of its network, handed to the service.

A socket belongs to the network namespace in which it was made. The process brings the loopback
interface of its own namespace up, listens there, and passes the socket to the service, which
answers on it from outside. So the engine's HTTP client reaches the service and nothing else, and
no byte of a partner passes the query process before the service has judged it.
"""

from __future__ import annotations

import fcntl
import socket
import struct
from typing import TYPE_CHECKING

from vises.store.federation.clauses import WayOut
from vises.store.sealing import NETWORK

if TYPE_CHECKING:
    from collections.abc import Sequence

_SIOCGIFFLAGS = 0x8913
_SIOCSIFFLAGS = 0x8914
_IFF_UP = 0x1
_IFREQ = struct.Struct("16sh14x")
_HOST = "127.0.0.1"


def open_way_out(descriptor: int, partners: Sequence[str], missing: list[str]) -> WayOut | None:
    """Pass a listening socket of this sealed process through a socket of that descriptor.

    `missing` is what `seal` said. Where the process could reach the network by itself, or the
    platform does not allow this, there is no way out, and `missing` gets a sentence more.
    """
    with socket.socket(fileno=descriptor) as channel:
        try:
            if not any(sentence.startswith(NETWORK) for sentence in missing):
                return WayOut(_give_listener(channel), tuple(partners))
            reason = "query processes can reach the network by themselves"
        except OSError as error:
            reason = str(error)
    missing.append(f"Partners are listed, and SERVICE is refused all the same. ({reason})")
    return None


def take_listener(channel: socket.socket) -> socket.socket | None:
    """Return the socket that a query process has passed, None where it passed none."""
    channel.settimeout(0)
    try:
        _, descriptors, _, _ = socket.recv_fds(channel, 1, 1)
    except BlockingIOError:
        return None
    return socket.socket(fileno=descriptors[0]) if descriptors else None


def _give_listener(channel: socket.socket) -> int:
    _bring_up("lo")
    with socket.create_server((_HOST, 0)) as listener:
        socket.send_fds(channel, [b"L"], [listener.fileno()])
        return int(listener.getsockname()[1])


def _bring_up(interface: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        asked = _IFREQ.pack(interface.encode(), 0)
        _, flags = _IFREQ.unpack(fcntl.ioctl(control, _SIOCGIFFLAGS, asked))
        fcntl.ioctl(control, _SIOCSIFFLAGS, _IFREQ.pack(interface.encode(), flags | _IFF_UP))
