"""Asking a partner with SPARQLWrapper, over connections to addresses that were checked.

SPARQLWrapper asks by urllib, which follows redirects to anywhere, reads proxies from the
environment and resolves a name by itself. So its requests go through an opener of ours: one
connection, to an allowed address, without redirects, within a deadline.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.error import HTTPError, URLError
from urllib.request import (
    AbstractHTTPHandler,
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    OpenerDirector,
    Request,
)

from SPARQLWrapper import POST, SPARQLWrapper

from vises.errors import Unavailable
from vises.store.federation.addresses import AddressRefused, may_call

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vises.store.federation.partners import Partner

AGENT = "VISES (harvest of a SPARQL endpoint)"
CHUNK = 1 << 16
SHOWN = 200
RETRIED = {429, 502, 503, 504}
"""Statuses that say that the same may succeed later."""


_Socket = TypeVar("_Socket", bound=socket.socket)


class HarvestFailed(Unavailable):
    """An endpoint gave no answer that can be used, and nothing of it was published."""

    kind = "harvest-failed"
    title = "The endpoint cannot be harvested"
    status = 502


class Busy(Exception):
    """The endpoint may answer later: in so many seconds, if it says so."""

    def __init__(self, why: str, retry_after: str = "") -> None:
        """Keep the value of the header Retry-After."""
        super().__init__(why)
        self.retry_after = retry_after


@dataclass(frozen=True)
class Answer:
    """A whole answer: its media type and its bytes."""

    media_type: str
    body: bytes


class Transport:
    """Asks one partner, one request at a time."""

    def __init__(self, partner: Partner, tls: ssl.SSLContext | None = None) -> None:
        """Take the partner; a test gives certificates of its own."""
        self.partner = partner
        self._tls = tls or ssl.create_default_context()

    def ask(self, query: str, accepted: Sequence[str]) -> Answer:
        """Return the whole answer to a query, of one of the media types given.

        Raises `Busy` where the same may succeed later, `HarvestFailed` otherwise.
        """
        call = _Call(self.partner, self._tls)
        try:
            return call.answer(query, accepted)
        except HTTPError as error:
            with error:
                raise self._status(error) from None
        except AddressRefused as error:
            raise self.failed(str(error)) from None
        except URLError as error:
            if isinstance(error.reason, AddressRefused | ssl.SSLCertVerificationError):
                raise self.failed(str(error.reason)) from None
            raise Busy(call.why(error.reason)) from None
        except (OSError, http.client.HTTPException) as error:
            raise Busy(call.why(error)) from None

    def failed(self, why: str, remedy: str = "") -> HarvestFailed:
        """Return the error that tells why, with the partner's name."""
        return _failed(self.partner, why, remedy)

    def _status(self, error: HTTPError) -> Exception:
        if 300 <= error.code < 400:  # noqa: PLR2004 (RFC 9110, section 15.4)
            return self.failed(
                f"it redirects (status {error.code}), and no redirect is followed",
                "List the address that it redirects to as a partner, if that is theirs.",
            )
        if error.code in RETRIED:
            return Busy(
                f"it answers with status {error.code}", error.headers.get("Retry-After", "")
            )
        said = b""
        with suppress(OSError, http.client.HTTPException):  # the status says enough
            said = cast("http.client.HTTPResponse", error.fp).read1(SHOWN)
        return self.failed(
            f"it answers with status {error.code}: {said.decode('utf-8', 'replace')}"
        )


def _failed(partner: Partner, why: str, remedy: str = "") -> HarvestFailed:
    shown = "".join(letter if letter.isprintable() else " " for letter in why)
    return HarvestFailed(
        f"{partner.title or 'The endpoint'} gave no answer that can be used: {shown.rstrip('. ')}.",
        place=partner.endpoint,
        remedy=remedy
        or "Ask those who run it; what was fetched before is kept, and the same command goes on"
        " from there.",
    )


class _Call:
    """One request within the time that the partner has."""

    def __init__(self, partner: Partner, tls: ssl.SSLContext) -> None:
        self._partner = partner
        self._tls = tls
        self._socket: socket.socket | None = None
        self._late = False

    def answer(self, query: str, accepted: Sequence[str]) -> Answer:
        watch = threading.Timer(self._partner.seconds, self._stop)
        watch.daemon = True
        watch.start()
        try:
            client = _Client(self._partner.endpoint, self._opener(), self._partner.seconds)
            client.setMethod(POST)
            client.setOnlyConneg(True)
            client.addCustomHttpHeader("Accept", ", ".join(accepted))
            client.addCustomHttpHeader("Accept-Encoding", "identity")
            client.setQuery(query)
            with client.query().response as response:
                return self._read(response, accepted)
        finally:
            watch.cancel()

    def why(self, reason: object) -> str:
        """Return why the call ended: because its time was over, or for the reason given."""
        if self._late or isinstance(reason, TimeoutError):
            return f"it gave no whole answer within {self._partner.seconds:g} s"
        return str(reason) or type(reason).__name__

    def _read(self, response: http.client.HTTPResponse, accepted: Sequence[str]) -> Answer:
        media_type = (response.headers.get("Content-Type") or "").partition(";")[0].strip().lower()
        if media_type not in accepted:
            raise _failed(self._partner, f"its answer is of the type {media_type[:80] or 'none'}")
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            raise _failed(self._partner, "its answer is compressed, which was not asked for")
        length = response.headers.get("Content-Length")
        if not response.chunked and not (length or "").isdecimal():
            raise _failed(
                self._partner, "it does not say how long its answer is, nor sends it in chunks"
            )
        body = bytearray()
        while chunk := response.read1(CHUNK):
            body += chunk
            if len(body) > self._partner.mebibytes << 20:
                raise _failed(
                    self._partner,
                    f"its answer is larger than {self._partner.mebibytes} MiB",
                    "Ask for smaller pages (page: in the description).",
                )
        if not response.chunked and len(body) != int(length or 0):
            raise http.client.IncompleteRead(b"", int(length or 0) - len(body))
        return Answer(media_type, bytes(body))

    def _stop(self) -> None:
        self._late = True
        if self._socket is not None:
            with suppress(OSError):  # it may be closed by now
                self._socket.shutdown(socket.SHUT_RDWR)

    def _opener(self) -> OpenerDirector:
        opener = OpenerDirector()
        for handler in (_Handler(self), HTTPDefaultErrorHandler(), HTTPErrorProcessor()):
            opener.add_handler(handler)
        return opener

    def connect(self, host: str, port: int) -> socket.socket:
        """Connect to the first address of a name that answers; all of them have to be allowed.

        Raises `AddressRefused`, and `OSError` where none answers in time.
        """
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        for address in addresses:
            if not may_call(ipaddress.ip_address(address), self._partner.networks):
                raise AddressRefused(f"the name {host} leads to an address that is not public")
        failure: OSError = OSError(f"{host} has no address")
        for address in addresses:
            if self._late:
                raise TimeoutError
            try:
                made = socket.create_connection((address, port), self._partner.seconds)
            except OSError as error:
                failure = error
            else:
                return self._watched(made)
        raise failure

    def secured(self, raw: socket.socket, host: str) -> socket.socket:
        """Return the connection under TLS, with a certificate that is right for the name."""
        made = self._tls.wrap_socket(raw, server_hostname=host, do_handshake_on_connect=False)
        try:
            self._watched(made).do_handshake()
        except OSError:
            made.close()
            raise
        return made

    def _watched(self, made: _Socket) -> _Socket:
        """Let the end of the time end a connection; raise `TimeoutError` where it came before."""
        self._socket = made
        if self._late:
            made.close()
            raise TimeoutError
        return made


class _Client(SPARQLWrapper):
    """SPARQLWrapper with another way out than urllib's own."""

    def __init__(self, endpoint: str, opener: OpenerDirector, seconds: float) -> None:
        super().__init__(endpoint, agent=AGENT)
        self._opener = opener
        self._seconds = seconds

    def _query(self) -> tuple[Any, str]:
        return self._opener.open(self._createRequest(), timeout=self._seconds), self.returnFormat


class _Handler(AbstractHTTPHandler):
    """Opens http and https over the connections of a call."""

    http_request = AbstractHTTPHandler.do_request_
    https_request = AbstractHTTPHandler.do_request_

    def __init__(self, call: _Call) -> None:
        super().__init__()
        self._call = call

    def http_open(self, request: Request) -> http.client.HTTPResponse:
        return self._opened(request, secure=False)

    def https_open(self, request: Request) -> http.client.HTTPResponse:
        return self._opened(request, secure=True)

    def _opened(self, request: Request, *, secure: bool) -> http.client.HTTPResponse:
        connection = cast("Any", _Connection)  # with two arguments more than those of http.client
        return self.do_open(connection, request, call=self._call, secure=secure)


class _Connection(http.client.HTTPConnection):
    """A connection that a call makes."""

    def __init__(self, host: str, *, call: _Call, secure: bool, timeout: float) -> None:
        self.default_port = http.client.HTTPS_PORT if secure else http.client.HTTP_PORT
        super().__init__(host, timeout=timeout)
        self._call = call
        self._secure = secure

    def connect(self) -> None:
        raw = self._call.connect(self.host, self.port)
        self.sock = self._call.secured(raw, self.host) if self._secure else raw
