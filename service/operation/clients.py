"""Who asks: the address of a client, also behind proxies that are trusted to tell it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from starlette.types import Scope

    from vises.settings import Network

Address = IPv4Address | IPv6Address
Told = list[tuple[str, str]]
"""The parameters of a header Forwarded, in their order, with their names in small letters."""

_TCHAR = r"[!#$%&'*+.^_`|~0-9A-Za-z-]"
_PAIR = rf"""({_TCHAR}++)=(?:"((?:[^"\\]|\\.)*+)"|([^\s";,]*+))"""
"""A parameter of Forwarded, whose value is a quoted string or a token (RFC 7239, section 4)."""

_PARAMETER = re.compile(_PAIR)
_FORWARDED = re.compile(rf"[\s;,]*+(?:{_PAIR}(?:\s*+[;,][\s;,]*+|\s*+$))*+")

_PORT = r":(?:\d+|_[\w.-]+)"
_NODE = re.compile(rf"\[([^]]+)](?:{_PORT})?|([^:]+){_PORT}")
"""An address of IPv6 in brackets, or one of IPv4 with a port (section 6)."""

_IPV6_NETWORK = 64
_LOGGED = {4: 24, 6: 48}


@dataclass(frozen=True)
class Client:
    """A client: its address (None: not an IP address) and the name that its share is kept under.

    `told` says that a proxy which is not trusted stands before it, or that it says so.
    """

    address: Address | None
    key: str
    told: bool = False


class Clients:
    """Tells clients apart by address; the 2^64 addresses of an IPv6 network are one client.

    X-Forwarded-For and Forwarded (RFC 7239) are read from trusted proxies only, from the end: the
    client is the last address that is not a trusted proxy. Where a request has both headers, one of
    them may come from the client, and neither is believed; nor is a Forwarded that breaks its
    grammar, since a quote that a client leaves open swallows what a proxy adds behind it.
    """

    def __init__(self, trusted: Sequence[Network]) -> None:
        """Take the networks of the proxies to trust."""
        self._trusted = tuple(trusted)

    @staticmethod
    def at(peer: str) -> Client:
        """Return the client of a request that comes from a peer and tells nothing else."""
        return _direct(peer, told=False)

    def of(self, scope: Scope) -> Client:
        """Return the client of a request; where a trusted proxy tells the scheme, note it too."""
        peer = scope["client"][0] if scope.get("client") else ""
        forwarded = [h for h in scope["headers"] if h[0] in {b"x-forwarded-for", b"forwarded"}]
        if not self._trusted:
            return _direct(peer, bool(forwarded))
        if not _within(_address(peer), self._trusted):
            return _direct(peer, bool(forwarded))
        told = {value: _told(value) for name, value in forwarded if name == b"forwarded"}
        _note_scheme(scope, told)
        if len({name for name, _ in forwarded}) != 1 or None in told.values():
            return _direct(peer, bool(forwarded))
        if told:
            hops = [hop for _, value in forwarded for hop in _named("for", told[value])]
        else:
            hops = b",".join(value for _, value in forwarded).decode("latin-1").split(",")
        return _direct(self._last_untrusted(peer, hops), told=False)

    def _last_untrusted(self, peer: str, hops: Iterable[str]) -> str:
        last = peer
        for hop in reversed([h.strip() for h in hops]):
            address = _address(hop)
            if address is None:
                return last
            last = str(address)
            if not _within(address, self._trusted):
                return last
        return last


def may_read(client: Client, networks: Sequence[Network]) -> bool:
    """Whether a client is in one of the networks itself, with no proxy of others before it."""
    return not client.told and _within(client.address, networks)


@lru_cache(maxsize=4096)
def logged(client: Client, how: str) -> str | None:
    """Return what a log tells of a client: its address, its network (/24, /48), or nothing."""
    if client.address is None or how == "none":
        return None
    if how == "address":
        return str(client.address)
    return str(_network(client.address, _LOGGED[client.address.version]))


@lru_cache(maxsize=4096)
def _direct(peer: str, told: bool) -> Client:  # noqa: FBT001 (a key of the cache)
    address = _address(peer)
    if isinstance(address, IPv6Address):
        return Client(address, str(_network(address, _IPV6_NETWORK)), told)
    return Client(address, str(address or "unknown"), told)


@lru_cache(maxsize=4096)
def _address(text: str) -> Address | None:
    """Return the address in a text, with or without a port; that of IPv4 where it is mapped."""
    node = _NODE.fullmatch(text)
    try:
        address = ip_address((node[1] or node[2]) if node else text)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _network(address: Address, bits: int) -> Network:
    return ip_network(f"{address}/{bits}", strict=False)


def _within(address: Address | None, networks: Sequence[Network]) -> bool:
    return address is not None and any(address in network for network in networks)


def _note_scheme(scope: Scope, told: Mapping[bytes, Told | None]) -> None:
    """Note the scheme that the last header tells, with what each Forwarded tells."""
    for name, value in scope["headers"]:
        text = value.decode("latin-1")
        if name == b"x-forwarded-proto" and text in {"http", "https"}:
            scope["scheme"] = text
        elif name == b"forwarded":
            found = [proto.lower() for proto in _named("proto", told[value])]
            if found and found[-1] in {"http", "https"}:
                scope["scheme"] = found[-1]


def _named(name: str, told: Told | None) -> list[str]:
    return [value for parameter, value in told or () if parameter == name]


def _told(forwarded: bytes) -> Told | None:
    """Return what a header Forwarded tells, None where it breaks its grammar.

    A value that reads like another parameter is none: a proxy puts the Host of the client there.
    """
    text = forwarded.decode("latin-1")
    if not _FORWARDED.fullmatch(text):
        return None
    return [
        (parameter.lower(), re.sub(r"\\(.)", r"\1", quoted) or token)
        for parameter, quoted, token in _PARAMETER.findall(text)
    ]
