"""Asking a partner: one POST to a checked address, and an answer within bounds."""

from __future__ import annotations

import asyncio
import ssl
from http import HTTPStatus
from secrets import token_hex
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

import httpcore

from vises.errors import sentence
from vises.store.federation.addresses import AddressRefused, CheckedNetwork, resolve
from vises.store.federation.answers import (
    ACCEPT,
    UnusableAnswer,
    judged,
    solutions_type,
)
from vises.store.federation.failures import FederationFailed, FederationTimeout, reason_of
from vises.store.federation.path import HEADER

if TYPE_CHECKING:
    from vises.errors import Sentence
    from vises.store.federation.addresses import Resolver
    from vises.store.federation.partners import Partner

MOST_AT_ONCE = 4
"""How many requests a partner gets from us at the same time."""

_LESS = sentence("ask-partner-less", "Ask it for less, try again later, or write SERVICE SILENT.")
_CONNECT_SECONDS = 5.0
_KEPT_SECONDS = 5.0
_USER_AGENT = "VISES (SPARQL 1.1 Federated Query)"


class PartnerClient:
    """Asks one partner.

    It posts a query as a form, which every endpoint reads (Virtuoso 7.2 lets a request of the type
    application/sparql-query hang), and nothing of whoever asked it: no cookies, no login, no
    address. It follows no redirect, reads no proxy from the environment and takes nothing
    compressed. A certificate has to be right for the name in the partner's IRI.
    """

    def __init__(
        self, partner: Partner, *, resolver: Resolver = resolve, tls: ssl.SSLContext | None = None
    ) -> None:
        """Take the partner; a test gives a resolver and certificates of its own."""
        self.partner = partner
        self._bytes = partner.mebibytes << 20
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls or ssl.create_default_context(),
            max_connections=MOST_AT_ONCE,
            keepalive_expiry=_KEPT_SECONDS,
            network_backend=CheckedNetwork(partner.networks, resolver),
        )

    async def ask(self, query: bytes, path: str) -> tuple[str, bytes]:
        """Return the media type and the bytes of a whole, well-formed answer to a SELECT query.

        Its blank nodes have labels that nothing else has. `path` has the services that it came
        through, us too. Raises `FederationFailed` and `FederationTimeout`.
        """
        try:
            async with asyncio.timeout(self.partner.seconds):
                media_type, body = await self._post(query, path)
                mark = f"p{token_hex(8)}-"
                body, wrong = await asyncio.to_thread(judged, media_type, body, mark)
            if wrong:
                raise UnusableAnswer(wrong)  # noqa: TRY301 (told as the other flaws)
        except (TimeoutError, httpcore.TimeoutException):
            raise FederationTimeout(
                sentence(
                    "partner-late",
                    "{partner} gave no whole answer within {seconds:g} s.",
                    partner=self._name,
                    seconds=self.partner.seconds,
                ),
                remedy=_LESS,
            ) from None
        except AddressRefused as error:
            raise self._failed(
                error,
                sentence(
                    "list-network",
                    "Tell the operator, who may list the address under `networks` of the partner.",
                ),
            ) from None
        except (UnusableAnswer, httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
            raise self._failed(error) from None
        return media_type, body

    async def aclose(self) -> None:
        """Close the connections."""
        await self._pool.aclose()

    async def _post(self, query: bytes, path: str) -> tuple[str, bytes]:
        headers: dict[bytes | str, bytes | str] = {
            "Host": urlsplit(self.partner.endpoint).netloc,
            "User-Agent": _USER_AGENT,
            "Accept": ACCEPT,
            "Accept-Encoding": "identity",
            "Content-Type": "application/x-www-form-urlencoded",
            HEADER: path,
        }
        async with self._pool.stream(
            "POST",
            self.partner.endpoint,
            headers=headers,
            content=urlencode({"query": query}).encode(),
            extensions={"timeout": {"connect": _CONNECT_SECONDS}},
        ) as response:
            media_type = _accepted(response)
            return media_type, await self._body(response)

    async def _body(self, response: httpcore.Response) -> bytes:
        body = bytearray()
        async for chunk in response.aiter_stream():
            body += chunk
            if len(body) > self._bytes:
                raise UnusableAnswer(
                    sentence(
                        "partner-large",
                        "its answer is larger than {mebibytes} MiB",
                        mebibytes=self.partner.mebibytes,
                    )
                )
        return bytes(body)

    @property
    def _name(self) -> str:
        endpoint = f"<{self.partner.endpoint}>"
        return f"{self.partner.title} {endpoint}" if self.partner.title else endpoint

    def _failed(self, error: Exception, remedy: Sentence = _LESS) -> FederationFailed:
        return FederationFailed(
            sentence(
                "partner-unusable",
                "{partner} gave no answer that can be used: {why}.",
                partner=self._name,
                why=reason_of(error),
            ),
            remedy=remedy,
        )


def _accepted(response: httpcore.Response) -> str:
    """Return the media type of an answer that may be read. Raises `UnusableAnswer`."""
    headers = {name.lower(): value.decode("latin-1") for name, value in response.headers}
    if 300 <= response.status < 400:  # noqa: PLR2004 (RFC 9110, section 15.4)
        raise UnusableAnswer(
            sentence(
                "partner-redirects",
                "it redirects (status {status}), and no redirect is followed",
                status=response.status,
            )
        )
    if response.status != HTTPStatus.OK:
        raise UnusableAnswer(
            sentence("partner-status", "it answers with status {status}", status=response.status)
        )
    encoding = headers.get(b"content-encoding", "identity").strip().lower()
    if encoding != "identity":
        raise UnusableAnswer(
            sentence(
                "partner-compressed",
                "its answer is compressed, though nothing compressed was asked for",
            )
        )
    return solutions_type(headers.get(b"content-type", ""))
