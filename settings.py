"""The settings: read once from the environment and passed down."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from difflib import get_close_matches
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from pyoxigraph import NamedNode

from vises.errors import BadRequest
from vises.namespaces import VOCABULARY_BASE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from collections.abc import Set as AbstractSet

T = TypeVar("T")

Network = IPv4Network | IPv6Network

PUBLISHER_TYPES = (
    *("Academia-ScientificOrganisation", "Company", "IndustryConsortium", "LocalAuthority"),
    *("NationalAuthority", "NonGovernmentalOrganisation", "NonProfitOrganisation"),
    *("PrivateIndividual(s)", "RegionalAuthority", "StandardisationBody"),
    "SupraNationalAuthority",
)
"""The types of publishers that ADMS knows, which DCAT-AP asks for."""

_FEWEST_WORKERS = 4
_PREFIX = "VISES_"
_OTHERS = frozenset({"VISES_URL", "VISES_TEST_PICTURES"})
"""Variables that begin like settings and are none: of the notebook, and of the tests."""

_RATE = "two numbers above 0 with a slash between them: per minute, and at once"
_NETWORKS = "IP addresses or networks (192.0.2.0/24) with spaces between them"
_CONTACT = "mailto: and an e-mail address, or the https address of a page"
_ADDRESS = "an http or https address without a name, a password, a query or a fragment"


class SettingError(BadRequest):
    """A setting has a value that it cannot have."""

    kind = "setting"
    title = "A setting is not right"


@dataclass(frozen=True)
class Settings:
    """What an operator decides; docs/operations.md has a heading for each variable.

    `data` is the data folder; `host` and `port` say where the service listens; `base_iri` is what
    the IRIs of our own data start with; `query_seconds` is the deadline of a query; `workers` is
    the number of query processes and `worker_mebibytes` the address space each may use;
    `cache_mebibytes` is what the answers that are kept in memory may take, `upload_mebibytes` how
    much may be sent to the graph store at once; `engine`, `engine_update` and `engine_graphs` are
    the addresses at which a remote engine takes queries, updates and graphs ("": there is none),
    `engine_login` is the file with its login; `partners` is the file that lists whom SERVICE may
    call. `public_url` is the address that the public knows the service by ("": the one that each
    request names).

    `processes` is the number of server processes. `client_seconds` and `client_errors` are what a
    client may use per minute and at once. `trusted_proxies` may say for whom they ask, and
    `metrics_clients` may read the metrics. `log` is "requests" or "events", `log_clients` says what
    the log tells of addresses, `log_queries` whether it has the text of queries. `dumps` says
    whether the service has files made of each release; `publisher`, of one of `PUBLISHER_TYPES`,
    and `contact` (mailto or https; "": none) are whom the catalogue names.
    """

    data: Path
    host: str
    port: int
    base_iri: str
    query_seconds: float
    workers: int
    worker_mebibytes: int
    cache_mebibytes: int = 64
    upload_mebibytes: int = 32
    engine: str = ""
    engine_update: str = ""
    engine_graphs: str = ""
    engine_login: Path | None = None
    processes: int = 1
    client_seconds: tuple[float, float] = (60, 120)
    client_errors: tuple[float, float] = (30, 60)
    trusted_proxies: tuple[Network, ...] = ()
    metrics_clients: tuple[Network, ...] = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))
    log: str = "requests"
    log_clients: str = "network"
    log_queries: bool = False
    partners: Path | None = None
    public_url: str = ""
    dumps: bool = False
    publisher: str = "VISES"
    publisher_type: str = "NonProfitOrganisation"
    contact: str = ""

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Settings:
        """Read the settings from environment variables.

        Raises `SettingError` with the variable's name, its value and what it should have been; also
        where a variable begins with VISES_ and is no setting, since nothing would follow it.
        """
        known = set(_OTHERS)

        def read(name: str, default: str, cast: Callable[[str], T], wanted: str) -> T:
            known.add(name)
            value = environ.get(name, default)
            try:
                return cast(value)
            except ValueError:
                raise SettingError(
                    f"{name} is {_shown(value)!r}.",
                    place="environment",
                    remedy=f"It must be {wanted}.",
                ) from None

        processes = read("VISES_PROCESSES", "1", _whole(1, 64), "a whole number, 1 to 64")
        workers = max(_FEWEST_WORKERS, (os.cpu_count() or 1) // processes + 2)
        settings = cls(
            data=read("VISES_DATA", "./data", _folder, "the path of a folder"),
            host=read("VISES_HOST", "127.0.0.1", _host, "a host name or an IP address"),
            port=read("VISES_PORT", "8000", _whole(0, 65535), "a whole number from 0 to 65535"),
            base_iri=read(
                "VISES_BASE_IRI", VOCABULARY_BASE, _base_iri, "an http or https IRI ending in /"
            ),
            query_seconds=read(
                "VISES_QUERY_SECONDS", "60", _seconds, "a number of seconds above 0, at most 3600"
            ),
            workers=read("VISES_WORKERS", str(workers), _whole(1, 256), "a whole number, 1 to 256"),
            worker_mebibytes=read(
                "VISES_WORKER_MEMORY",
                "2048",
                _whole(256, 1 << 20),
                "a number of mebibytes, at least 256",
            ),
            cache_mebibytes=read(
                "VISES_CACHE_MEMORY",
                "64",
                _whole(0, 1 << 20),
                "a whole number of mebibytes, 0 for none",
            ),
            upload_mebibytes=read(
                "VISES_UPLOAD", "32", _whole(1, 1 << 12), "a whole number of mebibytes, 1 to 4096"
            ),
            engine=read("VISES_ENGINE", "", _address, _ADDRESS),
            engine_update=read("VISES_ENGINE_UPDATE", "", _address, _ADDRESS),
            engine_graphs=read("VISES_ENGINE_GRAPHS", "", _address, _ADDRESS),
            engine_login=read("VISES_ENGINE_LOGIN", "", _file, "the path of a file"),
            processes=processes,
            client_seconds=read("VISES_CLIENT_SECONDS", "60/120", _rate, _RATE),
            client_errors=read("VISES_CLIENT_ERRORS", "30/60", _rate, _RATE),
            trusted_proxies=read("VISES_TRUSTED_PROXIES", "", _networks, _NETWORKS),
            metrics_clients=read("VISES_METRICS_CLIENTS", "127.0.0.0/8 ::1", _networks, _NETWORKS),
            log=read("VISES_LOG", "requests", _one_of("requests", "events"), "requests or events"),
            log_clients=read(
                "VISES_LOG_CLIENTS",
                "network",
                _one_of("address", "network", "none"),
                "address, network or none",
            ),
            log_queries=read("VISES_LOG_QUERIES", "no", _yes, "yes or no"),
            partners=read("VISES_PARTNERS", "", _file, "the path of a file"),
            public_url=read("VISES_PUBLIC_URL", "", _origin, f"{_ADDRESS}, and without a path"),
            dumps=read("VISES_DUMPS", "yes", _yes, "yes or no"),
            publisher=read("VISES_PUBLISHER", "VISES", _line, "a name on one line"),
            publisher_type=read(
                "VISES_PUBLISHER_TYPE",
                "NonProfitOrganisation",
                _one_of(*PUBLISHER_TYPES),
                f"one of {', '.join(PUBLISHER_TYPES)}",
            ),
            contact=read("VISES_CONTACT", "", _contact, _CONTACT),
        )
        _demand_known(environ, known)
        return settings


def _demand_known(environ: Mapping[str, str], known: AbstractSet[str]) -> None:
    """Raise `SettingError` for a variable with our prefix that no setting has."""
    for name in sorted(environ):
        if name.startswith(_PREFIX) and name not in known:
            ends = [each.removeprefix(_PREFIX) for each in sorted(known - _OTHERS)]
            near = get_close_matches(name.removeprefix(_PREFIX), ends, n=1)
            meant = f"Did you mean {_PREFIX}{near[0]}? " if near else ""
            raise SettingError(
                f"There is no setting {name}.",
                place="environment",
                remedy=f"{meant}Unset it, or give it the name of one: docs/operations.md has all.",
            )


def _folder(value: str) -> Path:
    if not value or "\0" in value:
        raise ValueError(value)
    return Path(value)


def _shown(value: str) -> str:
    """Return a value without what may be a password in an address."""
    before, at, after = value.rpartition("@")
    scheme, slashes, _ = before.partition("//")
    return f"{scheme}{slashes}...@{after}" if at and slashes else value


def _file(value: str) -> Path | None:
    return _folder(value) if value else None


def _address(value: str) -> str:
    """Return an address. Raises `ValueError`, as the port of `urlsplit` does by itself."""
    parts = urlsplit(value)
    wrong = (
        parts.scheme not in {"http", "https"}
        or not parts.hostname
        or parts.port == 0
        or "@" in parts.netloc
        or parts.query
        or parts.fragment
        or any(c <= " " for c in value)
    )
    if value and wrong:
        raise ValueError(value)
    return value


def _origin(value: str) -> str:
    if urlsplit(_address(value)).path.strip("/"):
        raise ValueError(value)
    return value.rstrip("/")


def _line(value: str) -> str:
    if not value.strip() or not value.isprintable():
        raise ValueError(value)
    return value.strip()


def _contact(value: str) -> str:
    if value.startswith("mailto:"):
        name, _, domain = value.removeprefix("mailto:").partition("@")
        if (
            not name
            or not domain
            or "@" in domain
            or any(c <= " " or c in '<>"{}|\\^`?' for c in value)
        ):
            raise ValueError(value)
        return value
    if value and urlsplit(value).scheme != "https":
        raise ValueError(value)
    return _address(value)


def _host(value: str) -> str:
    if not value or any(c.isspace() or c == "/" for c in value):
        raise ValueError(value)
    return value


def _whole(low: int, high: int) -> Callable[[str], int]:
    def cast(value: str) -> int:
        number = int(value)
        if not low <= number <= high:
            raise ValueError(value)
        return number

    return cast


def _one_of(*values: str) -> Callable[[str], str]:
    def cast(value: str) -> str:
        if value not in values:
            raise ValueError(value)
        return value

    return cast


def _yes(value: str) -> bool:
    return _one_of("yes", "no")(value) == "yes"


def _rate(value: str) -> tuple[float, float]:
    per_minute, burst = map(float, value.split("/"))
    if not (0 < per_minute < math.inf and 0 < burst < math.inf):
        raise ValueError(value)
    return per_minute, burst


def _networks(value: str) -> tuple[Network, ...]:
    return tuple(ip_network(text) for text in value.replace(",", " ").split())


def _seconds(value: str) -> float:
    number = float(value)
    if not 0 < number <= 3600:  # noqa: PLR2004 (an hour)
        raise ValueError(value)
    return number


def _base_iri(value: str) -> str:
    """Return what IRIs begin with. Raises `ValueError`, as `NamedNode` does for what is none."""
    NamedNode(value)
    parts = urlsplit(value)
    forbidden = set('<>"{}|\\^`')
    if (
        parts.scheme not in {"http", "https"}
        or not parts.netloc
        or parts.query
        or parts.fragment
        or not value.endswith("/")
        or any(c <= " " or c in forbidden for c in value)
    ):
        raise ValueError(value)
    return value
