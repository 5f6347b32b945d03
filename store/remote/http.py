"""Talking to a remote engine: its addresses, its login, and what its refusals mean.

Nothing else is ever called: redirects are not followed, proxies and ``.netrc`` of the environment
are not read. The login is sent in answer to a challenge only, never in an address, an argument or
a log.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, TypedDict

import httpx

from vises.errors import BadInput, BadRequest, Unavailable

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

CONNECT_SECONDS = 5.0
_SHOWN_LETTERS = 200
_REFUSED = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}


class RemoteUnavailable(Unavailable):
    """The engine cannot be reached, or does not speak as it should."""

    kind = "remote-unavailable"
    title = "The remote engine does not answer"


class RemoteLoginRefused(Unavailable):
    """The engine does not take the login."""

    kind = "remote-login"
    title = "The remote engine refuses the login"


class NoRemoteEngine(BadRequest):
    """A setting that names the engine is missing."""

    kind = "no-remote-engine"
    title = "No remote engine is set"


@dataclass(frozen=True)
class Login:
    """A name and a password, from a file."""

    name: str
    password: str = field(repr=False)

    @classmethod
    def read(cls, path: Path) -> Login:
        """Read the first line of a file: ``NAME:PASSWORD``. Raises `BadInput`."""
        try:
            line = path.read_text("utf-8").split("\n", 1)[0].rstrip("\r")
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(
                f"The file with the login cannot be read: {error.__class__.__name__}.",
                place=str(path),
                remedy="Let VISES_ENGINE_LOGIN name a file that this user can read.",
            ) from None
        name, colon, password = line.partition(":")
        if not (name and colon and password):
            raise BadInput(
                "The first line is not a name, a colon and a password.",
                place=str(path),
                remedy="Write NAME:PASSWORD into it.",
            )
        return cls(name, password)


@dataclass(frozen=True)
class RemoteAddress:
    """Where an engine takes queries, updates and graphs, and the login for the latter two.

    `update` and `graphs` may be empty for one that is only asked.
    """

    query: str
    update: str = ""
    graphs: str = ""
    login: Login | None = None


class ChallengedLogin(httpx.Auth):
    """Answers a Digest challenge (RFC 7616), or a Basic one (RFC 7617) where nobody listens in."""

    def __init__(self, login: Login) -> None:
        """Take the login; what the engine wants is learned from its first challenge."""
        self._digest = httpx.DigestAuth(login.name, login.password)
        self._basic = httpx.BasicAuth(login.name, login.password)
        self._chosen: httpx.Auth | None = None

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send the request, and once more with the login if the engine asks for it."""
        if self._chosen is None:
            response = yield request
            if response.status_code != HTTPStatus.UNAUTHORIZED:
                return
            self._chosen = self._answer_to(response.headers.get("WWW-Authenticate", ""), request)
        yield from self._chosen.auth_flow(request)

    def _answer_to(self, challenge: str, request: httpx.Request) -> httpx.Auth:
        scheme = challenge.split(" ", 1)[0].lower()
        if scheme == "digest":
            return self._digest
        if scheme != "basic":
            raise RemoteLoginRefused(
                f"The engine asks for a login of the kind {scheme or 'unknown'!r}.",
                remedy="Let it take HTTP Digest or Basic.",
            )
        if request.url.scheme != "https" and not _is_this_machine(request.url.host):
            raise RemoteLoginRefused(
                "The engine wants the password as it is, over a connection that is not encrypted.",
                remedy="Reach it over https, or on this machine, or let it ask for Digest.",
            )
        return self._basic


class _Options(TypedDict):
    follow_redirects: bool
    trust_env: bool
    timeout: httpx.Timeout
    headers: dict[str, str]


def client_options(seconds: float) -> _Options:
    """Return the options of every client here; `seconds` bound the wait for the next bytes."""
    return {
        "follow_redirects": False,
        "trust_env": False,
        "timeout": httpx.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS)),
        "headers": {"User-Agent": "vises"},
    }


def unreachable(error: httpx.HTTPError) -> RemoteUnavailable:
    """Return the error for a connection that failed."""
    why = str(error) or error.__class__.__name__
    return RemoteUnavailable(
        f"The connection to the engine failed: {why.rstrip('.')}.",
        place="VISES_ENGINE",
        remedy="Start the engine, or correct its address.",
    )


def refusal(response: httpx.Response, what: str) -> Unavailable | None:
    """Return the error for a redirect or a refused login, None for any other response."""
    if response.is_redirect or response.has_redirect_location:
        return RemoteUnavailable(
            f"The engine answers {what} with a redirect ({response.status_code}), which is not "
            "followed.",
            place="VISES_ENGINE",
            remedy="Set the address that the engine itself answers at.",
        )
    if response.status_code in _REFUSED:
        return RemoteLoginRefused(
            f"The engine refuses {what} ({response.status_code}).",
            place="VISES_ENGINE_LOGIN",
            remedy="Correct the name and the password in that file, or the rights of that user.",
        )
    return None


def first_line(text: str) -> str:
    """Return the first line of what an engine says, cut to what fits a sentence."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "nothing")
    return line[:_SHOWN_LETTERS].rstrip(".")


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
