"""Who asks, directly and behind proxies."""

from __future__ import annotations

import time
from ipaddress import ip_network
from typing import Any

import pytest

from vises.service.operation.clients import Clients, logged, may_read

TRUSTED = (ip_network("10.0.0.0/8"), ip_network("2001:db8:aaaa::/48"))


def scope(peer: str | None, **headers: str) -> dict[str, Any]:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"client": (peer, 1234) if peer else None, "headers": raw, "scheme": "http"}


@pytest.mark.parametrize(
    ("peer", "key"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("/run/socket", "unknown"),
        (None, "unknown"),
    ],
)
def test_a_client_is_its_address(peer: str | None, key: str) -> None:
    assert Clients(()).of(scope(peer)).key == key


def test_nobody_is_trusted_by_default() -> None:
    asked = scope("127.0.0.1", x_forwarded_for="192.0.2.7", x_forwarded_proto="https")
    client = Clients(()).of(asked)
    assert (client.key, client.told) == ("127.0.0.1", True)
    assert asked["scheme"] == "http"


@pytest.mark.parametrize(
    ("peer", "headers", "key"),
    [
        ("10.0.0.1", {"x_forwarded_for": "192.0.2.7"}, "192.0.2.7"),
        ("10.0.0.1", {"x_forwarded_for": "6.6.6.6, 192.0.2.7, 10.0.0.2"}, "192.0.2.7"),
        ("10.0.0.1", {"x_forwarded_for": "192.0.2.7:4711"}, "192.0.2.7"),
        ("10.0.0.1", {"x_forwarded_for": "[2001:db8:1:2::3]"}, "2001:db8:1:2::/64"),
        ("10.0.0.1", {"x_forwarded_for": "6.6.6.6, nonsense"}, "10.0.0.1"),
        ("10.0.0.1", {"x_forwarded_for": "10.0.0.9"}, "10.0.0.9"),
        ("10.0.0.1", {"forwarded": "for=6.6.6.6, for=192.0.2.7;proto=https"}, "192.0.2.7"),
        ("10.0.0.1", {"forwarded": 'For="[2001:db8:1:2::3]:4711"'}, "2001:db8:1:2::/64"),
        ("10.0.0.1", {"forwarded": "for=_hidden"}, "10.0.0.1"),
        ("10.0.0.1", {"forwarded": 'for=192.0.2.7;host="for=6.6.6.6"'}, "192.0.2.7"),
        ("10.0.0.1", {"forwarded": "for=192.0.2.7;host=for=6.6.6.6"}, "192.0.2.7"),
        ("10.0.0.1", {"forwarded": 'for=192.0.2.7;host="\\";for=6.6.6.6"'}, "192.0.2.7"),
        ("10.0.0.1", {"forwarded": 'for=192.0.2.7;x-for=6.6.6.6;by="10.0.0.2"'}, "192.0.2.7"),
        ("10.0.0.1", {"forwarded": 'for="6.6.6.6, for=192.0.2.7'}, "10.0.0.1"),
        ("10.0.0.1", {"forwarded": 'host=", for="[2001:db8:1:2::3]";proto=https'}, "10.0.0.1"),
        ("10.0.0.1", {"forwarded": 'for=6.6.6.6;host=", for=192.0.2.7;host="x"'}, "10.0.0.1"),
        ("10.0.0.1", {"forwarded": "for=192.0.2.7 , ,for=10.0.0.2; proto=http;"}, "192.0.2.7"),
        ("10.0.0.1", {"forwarded": 'for="192.0.2.7:_port"'}, "192.0.2.7"),
        ("10.0.0.1", {"x_forwarded_for": "[2001:db8:1:2::3]:4711"}, "2001:db8:1:2::/64"),
        ("10.0.0.1", {"forwarded": "for=6.6.6.6", "x_forwarded_for": "192.0.2.7"}, "10.0.0.1"),
        ("10.0.0.1", {}, "10.0.0.1"),
        ("192.0.2.99", {"x_forwarded_for": "192.0.2.7"}, "192.0.2.99"),
        ("2001:db8:aaaa::1", {"x_forwarded_for": "192.0.2.7"}, "192.0.2.7"),
    ],
)
def test_trusted_proxies_tell_the_client(peer: str, headers: dict[str, str], key: str) -> None:
    assert Clients(TRUSTED).of(scope(peer, **headers)).key == key


@pytest.mark.parametrize(
    "headers", [{"x_forwarded_proto": "https"}, {"forwarded": "for=192.0.2.7;proto=https"}]
)
def test_trusted_proxies_tell_the_scheme(headers: dict[str, str]) -> None:
    asked = scope("10.0.0.1", **headers)
    Clients(TRUSTED).of(asked)
    assert asked["scheme"] == "https"
    forged = scope("10.0.0.1", forwarded='for=192.0.2.7;proto=http;host="proto=https"')
    Clients(TRUSTED).of(forged)
    assert forged["scheme"] == "http"
    broken = scope("10.0.0.1", forwarded='host=", for=192.0.2.7;proto=https;host="x"')
    Clients(TRUSTED).of(broken)
    assert broken["scheme"] == "http"
    stranger = scope("192.0.2.7", **headers)
    Clients(TRUSTED).of(stranger)
    assert stranger["scheme"] == "http"


@pytest.mark.parametrize("unit", ["a", "a=", '="', 'a="', 'a="b', 'for="\\', "for=1;"])
def test_a_hostile_header_costs_no_more_than_its_length(unit: str) -> None:
    begin = time.process_time()
    Clients(TRUSTED).of(scope("10.0.0.1", forwarded=unit * (1 << 16)))
    assert time.process_time() - begin < 5


def test_what_a_log_tells() -> None:
    four, six = (Clients(()).of(scope(p)) for p in ("192.0.2.7", "2001:db8:1:2::3"))
    assert [logged(four, how) for how in ("address", "network", "none")] == [
        "192.0.2.7",
        "192.0.2.0/24",
        None,
    ]
    assert logged(six, "network") == "2001:db8:1::/48"
    assert logged(Clients(()).of(scope(None)), "network") is None


def test_who_may_read_the_metrics() -> None:
    here = (ip_network("127.0.0.0/8"),)
    assert may_read(Clients(()).of(scope("127.0.0.1")), here)
    assert not may_read(Clients(()).of(scope("192.0.2.7")), here)
    through = scope("127.0.0.1", x_forwarded_for="127.0.0.1")
    assert not may_read(Clients(()).of(through), here), "a proxy that nobody told us of"
    assert not may_read(Clients(here).of(scope("127.0.0.1", x_forwarded_for="6.6.6.6")), here)
    swallowed = scope("127.0.0.1", forwarded='host=", for="[2001:db8::5]"')
    assert not may_read(Clients(here).of(swallowed), here), "a quote that the client left open"
