"""Asking a stream politely: from one origin, with bounds, and again when it says so."""

from __future__ import annotations

import asyncio
import ssl
import time
from dataclasses import dataclass
from http import HTTPStatus
from importlib.metadata import version
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from vises.errors import BadRequest
from vises.ingest.replication.failures import FROM_START, StreamUnreachable, unfit
from vises.waiting import seconds_asked

if TYPE_CHECKING:
    from collections.abc import Callable

MEDIA_TYPE = "application/n-quads"
MOST_BYTES = 64 << 20
"""How large a page may be."""

MOST_SECONDS = 300.0
"""How long a page may take, from the request to its last byte."""

MOST_WAIT = 120.0
"""How long a pause lasts at most, whatever Retry-After says."""

TRIES = 6
_SILENT_SECONDS = 30.0
_CODINGS = {"identity", "gzip"}
"""A kilobyte of others (br, zstd) may stand for gigabytes, which the first piece then is."""

_PORTS = {"http": 80, "https": 443}
_LATER = {
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}


class StreamAddress(BadRequest):
    """The address is not that of an event stream."""

    kind = "stream-address"
    title = "The address cannot be followed"


@dataclass(frozen=True)
class Fetched:
    """The body of an answer and its entity tag ("": it has none)."""

    body: bytes
    tag: str


class _Later(Exception):
    """The same may succeed after so many seconds (None: nobody knows)."""

    def __init__(self, reason: str, seconds: float | None = None) -> None:
        super().__init__(reason)
        self.seconds = seconds


class Fetcher:
    """Gets pages of the origin of one address, and of no other, nor by a proxy."""

    def __init__(
        self,
        address: str,
        http: httpx.AsyncClient | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Take the address at which the stream begins. Raises `StreamAddress`."""
        self.address = address
        self._origin = _origin(address)
        if self._origin is None:
            raise StreamAddress(
                f"{address[:200]!r} is no http or https address.",
                remedy="Give the address of the stream, such as https://vises.example/ldes.",
            )
        self._sleep = sleep
        self._http = http or httpx.AsyncClient(
            follow_redirects=False,
            trust_env=False,
            timeout=_SILENT_SECONDS,
            verify=ssl.create_default_context(),
        )
        self._runner = asyncio.Runner()

    def close(self) -> None:
        """Close the connections."""
        with self._runner as runner:
            runner.run(self._http.aclose())

    def get(self, address: str, known: str = "") -> Fetched | None:
        """Return what is at an address; None where it is still what the tag `known` names.

        Raises `StreamUnreachable` after `TRIES` attempts, and `StreamUnfit`.
        """
        if _origin(address) != self._origin:
            raise unfit(
                self.address,
                f"It leads elsewhere, to {address[:200]!r}.",
                "If that is what the service calls itself, give that address.",
            )
        for attempt in range(1, TRIES + 1):
            try:
                return self._runner.run(self._once(address, known))
            except (_Later, httpx.RequestError) as error:
                if attempt == TRIES:
                    why = str(error) or type(error).__name__
                    raise StreamUnreachable(
                        f"It gave no whole answer: {why}.",
                        place=address,
                        remedy="Run the command again later; it goes on where it stopped.",
                    ) from error
                stated = error.seconds if isinstance(error, _Later) else None
                self._sleep(min(MOST_WAIT, 2.0 ** (attempt - 1) if stated is None else stated))
        raise AssertionError

    async def _once(self, address: str, known: str) -> Fetched | None:
        headers = {
            "Accept": MEDIA_TYPE,
            "Accept-Encoding": "gzip",
            "User-Agent": f"vises-replicate/{version('vises')}",
        }
        if known:
            headers["If-None-Match"] = known
        try:
            async with (
                asyncio.timeout(MOST_SECONDS),
                self._http.stream("GET", address, headers=headers) as answer,
            ):
                if answer.status_code == HTTPStatus.NOT_MODIFIED and known:
                    return None
                _judge(address, answer)
                return Fetched(await _body(address, answer), answer.headers.get("etag", ""))
        except TimeoutError:
            raise _Later(f"more than {MOST_SECONDS:.0f} s") from None


def _origin(address: str) -> tuple[str, str, int] | None:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        return None
    return parts.scheme, parts.hostname, port or _PORTS[parts.scheme]


def _judge(address: str, answer: httpx.Response) -> None:
    status = answer.status_code
    if status in _LATER:
        raise _Later(f"status {status}", seconds_asked(answer.headers.get("retry-after", "")))
    if answer.is_redirect:
        target = answer.headers.get("location", "")[:200]
        raise unfit(address, f"It redirects to {target!r}.", "Give the address that it leads to.")
    if status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        remedy = f"Check the address. {FROM_START}"
        raise unfit(address, f"There is nothing (status {status}).", remedy)
    if status != HTTPStatus.OK:
        raise StreamUnreachable(
            f"The status of the answer is {status}.",
            place=address,
            remedy="See what the service says there, and run the command again.",
        )
    media_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != MEDIA_TYPE:
        raise unfit(
            address,
            f"It sends {media_type[:80] or 'no media type'!r} where {MEDIA_TYPE} was asked for.",
            "Give the address of an event stream of VISES, such as https://vises.example/ldes.",
        )
    coding = answer.headers.get("content-encoding", "identity").strip().lower()
    if coding not in _CODINGS:
        detail = f"It sends the coding {coding[:80]!r}, which was not asked for."
        raise unfit(address, detail, "Tell its operator.")


async def _body(address: str, answer: httpx.Response) -> bytes:
    body = bytearray()
    async for part in answer.aiter_bytes():
        body += part
        if len(body) > MOST_BYTES:
            raise unfit(address, f"It has more than {MOST_BYTES >> 20} MiB.", "Tell its operator.")
    return bytes(body)
