from __future__ import annotations

import asyncio
import ipaddress

import pytest

from vises.store.federation.addresses import AddressRefused, CheckedNetwork, NameUnknown, may_call

PUBLIC = ["93.184.216.34", "1.1.1.1", "2606:4700::1111", "2a00:1450:4007::1", "::ffff:1.1.1.1"]
NOT_PUBLIC = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%1",
    "2a00:1450:4007::1%1",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_may_be_called(address: str) -> None:
    assert may_call(ipaddress.ip_address(address), ())


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_other_addresses_may_not(address: str) -> None:
    assert not may_call(ipaddress.ip_address(address), ())


def test_what_is_not_public_is_not_so_for_python_either() -> None:
    """Nothing that Python takes for local, private or multicast passes."""
    for first in range(256):
        for second in range(0, 256, 3):
            address = ipaddress.ip_address(f"{first}.{second}.0.1")
            if may_call(address, ()):
                assert address.is_global
                assert not address.is_multicast


def test_listed_networks_may_be_called() -> None:
    networks = [ipaddress.ip_network("10.1.0.0/16"), ipaddress.ip_network("fd00::/16")]
    for address in ("10.1.2.3", "::ffff:10.1.2.3", "fd00::1", "1.1.1.1"):
        assert may_call(ipaddress.ip_address(address), networks)
    for address in ("10.2.0.1", "::ffff:10.2.0.1", "fd01::1", "127.0.0.1"):
        assert not may_call(ipaddress.ip_address(address), networks)


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], ["1.1.1.1", "10.0.0.1"], ["1.1.1.1", "::ffff:127.0.0.1"]],
)
def test_one_wrong_address_is_enough(addresses: list[str]) -> None:
    async def resolver(host: str, port: int) -> list[str]:
        assert (host, port) == ("partner.example", 80)
        return addresses

    with pytest.raises(AddressRefused, match=r"partner\.example") as caught:
        asyncio.run(CheckedNetwork((), resolver).connect_tcp("partner.example", 80, 1))
    assert not any(address in str(caught.value) for address in addresses)


def test_a_name_without_an_address() -> None:
    async def none(host: str, port: int) -> list[str]:
        return [] if host and port else [""]

    async def unknown(host: str, port: int) -> list[str]:
        raise OSError(f"{host}:{port} is unknown")

    for resolver in (none, unknown):
        with pytest.raises(NameUnknown, match=r"partner\.example"):
            asyncio.run(CheckedNetwork((), resolver).connect_tcp("partner.example", 80, 1))
