"""The file in which an operator lists the endpoints that SERVICE may call."""

from __future__ import annotations

import ipaddress
import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urlsplit

from pyoxigraph import NamedNode

from vises.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Container, Mapping
    from pathlib import Path

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

SECONDS = 20.0
MEBIBYTES = 8
MOST_SECONDS = 600
MOST_MEBIBYTES = 64
MOST_PARTNERS = 200

_KEYS = ("endpoint", "title", "networks", "seconds", "mebibytes", "documents")
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*", re.IGNORECASE)
_NUMERIC = re.compile(r"(0x[0-9a-f]*|[0-9]+)", re.IGNORECASE)
_HEADER = re.compile(r"\s*\[\[\s*partner\s*\]\]")


class PartnersError(BadInput):
    """The file of partners is not right."""

    kind = "partners"
    title = "The list of partners is not right"


@dataclass(frozen=True)
class Partner:
    """An endpoint that SERVICE may call, and what its answers may cost.

    `endpoint` is compared with the IRI of a SERVICE clause letter by letter. `networks` are the
    addresses that it may have although they are not public. An answer may take `seconds` and have
    `mebibytes`. `documents` is what the addresses of its documents begin with that may be read.
    """

    endpoint: str
    title: str = ""
    networks: tuple[Network, ...] = ()
    seconds: float = SECONDS
    mebibytes: int = MEBIBYTES
    documents: tuple[str, ...] = ()


def read_partners(path: Path | None) -> tuple[Partner, ...]:
    """Return the partners of a TOML file: a table ``[[partner]]`` for each one; None lists nobody.

    Raises `PartnersError` with the file and the line.
    """
    if path is None:
        return ()
    try:
        text = path.read_text("utf-8")
        tables = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise PartnersError(
            f"The file cannot be read: {reason}.",
            place=str(path),
            remedy="Let VISES_PARTNERS name a file that this user can read.",
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise PartnersError(
            f"This is not TOML: {error}.",
            place=str(path),
            remedy='Write a table [[partner]] with endpoint = "https://..." for each endpoint.',
        ) from None
    listed = tables.pop("partner", [])
    as_tables = isinstance(listed, list) and all(isinstance(table, dict) for table in listed)
    if tables or not as_tables or len(listed) > MOST_PARTNERS:
        beside = f" beside {', '.join(tables)}" if tables else ""
        raise PartnersError(
            f"The file is not a list of tables [[partner]], at most {MOST_PARTNERS}{beside}.",
            place=str(path),
            remedy="Write a table [[partner]] for each endpoint and nothing else.",
        )
    partners: dict[str, Partner] = {}
    for number, table in enumerate(listed):
        try:
            partner = _partner(table, partners)
        except _Wrong as wrong:
            place = f"{path}, line {_line(text, number, wrong.key)}"
            detail = f"{wrong.key} {wrong.what}."
            raise PartnersError(detail, place=place, remedy=wrong.remedy) from None
        partners[partner.endpoint] = partner
    return tuple(partners.values())


def is_address(host: str) -> bool:
    """Tell whether a host is the only way to write that IPv4 or IPv6 address in a URL."""
    try:
        return bool(ipaddress.ip_address(host))
    except ValueError:
        return False


class _Wrong(Exception):
    """What is wrong with a key of a table."""

    def __init__(self, key: str, what: str, remedy: str) -> None:
        super().__init__(key)
        self.key = key
        self.what = what
        self.remedy = remedy


def _partner(table: Mapping[str, object], others: Container[str]) -> Partner:
    for key in table:
        if key not in _KEYS:
            raise _Wrong(key, "is not known", f"Use {', '.join(_KEYS)}.")
    endpoint = _iri("endpoint", table.get("endpoint"))
    if endpoint in others:
        raise _Wrong("endpoint", "is listed before", "List each endpoint once.")
    return Partner(
        endpoint=endpoint,
        title=_title(table.get("title", "")),
        networks=_networks(table.get("networks", [])),
        seconds=_number(table, "seconds", SECONDS, MOST_SECONDS),
        mebibytes=int(_number(table, "mebibytes", MEBIBYTES, MOST_MEBIBYTES)),
        documents=_documents(table.get("documents", [])),
    )


def _iri(key: str, value: object) -> str:
    wanted = "Give an absolute http or https IRI without a name, a password or a fragment."
    if not isinstance(value, str):
        raise _Wrong(key, "is missing or not a text", wanted)
    try:
        NamedNode(value)
        parts = urlsplit(value)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise _Wrong(key, f"is not an IRI ({error})", wanted) from None
    if parts.scheme not in {"http", "https"} or "@" in parts.netloc or "#" in value or port == 0:
        raise _Wrong(key, f"is {_shown(value)!r}", wanted)
    if not value.isascii():
        raise _Wrong(key, "has letters outside ASCII", "Write it with xn-- and %-escapes.")
    if not is_address(host) and (not _HOST.fullmatch(host) or _NUMERIC.fullmatch(_last(host))):
        raise _Wrong(
            key,
            f"has the host {host!r}",
            "Give a name, an IPv4 address of four decimal numbers, or an IPv6 address in [ ].",
        )
    return value


def _last(host: str) -> str:
    return host.rstrip(".").rpartition(".")[2]


def _shown(value: str) -> str:
    """Return an IRI without what may be a password in it."""
    before, at, after = value.rpartition("@")
    return f"{before.partition('//')[0]}//...@{after}" if at else value


def _documents(value: object) -> tuple[str, ...]:
    wanted = 'Write a list of addresses that end in /, such as ["https://example.org/data/"].'
    if not isinstance(value, list):
        raise _Wrong("documents", "is not a list", wanted)
    found = tuple(_iri("documents", entry) for entry in value)
    for address in found:
        if not address.endswith("/") or "?" in address:
            raise _Wrong("documents", f"has {_shown(address)!r}", wanted)
    return found


def _title(value: object) -> str:
    if not isinstance(value, str):
        raise _Wrong("title", "is not a text", "Write the name of the partner in quotes.")
    return value


def _networks(value: object) -> tuple[Network, ...]:
    remedy = 'Write a list of addresses or ranges, such as ["10.1.2.0/24", "fd00:1::7"].'
    if not isinstance(value, list):
        raise _Wrong("networks", "is not a list", remedy)
    try:
        return tuple(ipaddress.ip_network(_text(entry)) for entry in value)
    except ValueError as error:
        raise _Wrong("networks", f"has a wrong entry: {error}", remedy) from None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not a text")  # noqa: TRY004 (told as the other mistakes)
    return value


def _number(table: Mapping[str, object], key: str, default: float, most: int) -> float:
    value = table.get(key, default)
    whole = key == "mebibytes"
    fits = isinstance(value, int) or (isinstance(value, float) and not whole)
    if isinstance(value, bool) or not fits or not 0 < float(str(value)) <= most:
        kind = "whole number" if whole else "number"
        raise _Wrong(key, f"is {value!r}", f"Give a {kind} above 0, at most {most}.")
    return float(str(value))


def _line(text: str, number: int, key: str) -> int:
    """Return the line of a key in the table of that number, else the line where it begins."""
    lines = text.splitlines()
    headers = [n for n, line in enumerate(lines, 1) if _HEADER.match(line)]
    if number >= len(headers):
        return 1
    end = headers[number + 1] if number + 1 < len(headers) else len(lines) + 1
    keyed = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=")
    within = (n for n in range(headers[number], end) if keyed.match(lines[n - 1]))
    return next(within, headers[number])
