"""Which addresses a partner may have, and connecting to one that was checked."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TYPE_CHECKING, TypeAlias

import httpcore

from vises.errors import sentence

if TYPE_CHECKING:
    from vises.store.federation.partners import Network

_log = logging.getLogger(__name__)

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]

_NOT_PUBLIC = [
    *map(
        ipaddress.ip_network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
        ),
    )
]
_PUBLIC_V6 = ipaddress.ip_network("2000::/3")
_NOT_PUBLIC_V6 = [
    *map(
        ipaddress.ip_network,
        ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
    )
]


class AddressRefused(OSError):
    """A partner's name leads to an address that it may not have."""


class NameUnknown(OSError):
    """A partner's name leads nowhere."""


def may_call(address: Address, networks: Iterable[Network]) -> bool:
    """Tell whether a partner may have an address: one of `networks`, or a public one.

    Public are the unicast addresses that IANA's registries of special-purpose addresses (RFC 6890)
    do not set apart; of IPv6, those in 2000::/3 without tunnels that hide an IPv4 address (Teredo,
    6to4). An IPv4 address inside an IPv6 one (::ffff:0:0/96) is that IPv4 address.
    """
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if any(address.version == n.version and address in n for n in networks):
        return True
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC)
    hidden = any(address in network for network in _NOT_PUBLIC_V6)
    return address in _PUBLIC_V6 and not hidden and address.scope_id is None


async def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a name, as the machine resolves it. Raises `OSError`."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


class CheckedNetwork(httpcore.AsyncNetworkBackend):
    """Connections to a partner: its name is resolved once, and every address has to be allowed.

    The connection is made to an address that was checked, never by the name again, so a name server
    that changes its mind (DNS rebinding) changes nothing.
    """

    def __init__(self, networks: Sequence[Network], resolver: Resolver) -> None:
        """Take the partner's own networks and what resolves names."""
        self._networks = networks
        self._resolver = resolver
        self._backend = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 (httpcore's interface)
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address that answers.

        Raises `AddressRefused`, `NameUnknown` and what httpcore raises.
        """
        failure: Exception = NameUnknown(
            sentence("name-nowhere", "{host} has no address", host=host)
        )
        for address in await self._checked(host, port):
            try:
                return await self._backend.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await self._backend.sleep(seconds)

    async def _checked(self, host: str, port: int) -> list[str]:
        try:
            found = [*dict.fromkeys(await self._resolver(host, port))]
        except (OSError, UnicodeError) as error:
            unknown = sentence(
                "name-unknown", "the name {host} is not known: {why}", host=host, why=str(error)
            )
            raise NameUnknown(unknown) from None
        for text in found:
            if not may_call(ipaddress.ip_address(text), self._networks):
                _log.warning("the name %s of a partner leads to %s", host, text)
                raise AddressRefused(
                    sentence(
                        "name-private",
                        "the name {host} leads to an address that is not public",
                        host=host,
                    )
                )
        return found
