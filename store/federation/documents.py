"""Reading a document of a partner: one GET to a checked address, within bounds."""

from __future__ import annotations

import asyncio
import re
import ssl
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpcore

from vises.errors import BadRequest, sentence
from vises.store.federation.addresses import AddressRefused, CheckedNetwork, resolve
from vises.store.federation.failures import FederationFailed, FederationTimeout, reason_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from vises.store.federation.partners import Partner

_CONNECT_SECONDS = 5.0
_USER_AGENT = "VISES (validation)"
_PLAIN = re.compile(r"[!$&-;=?A-Z_a-z~]|%(?!2[eEfF]|5[cC]|00)[0-9A-Fa-f]{2}")
"""A character of an address that says where it leads: no dot, slash or backslash in disguise."""


class DocumentRefused(BadRequest):
    """The document is not one that the operator allows to be read."""

    kind = "document-refused"
    title = "This address may not be read"


class DocumentReader:
    """Reads documents whose addresses begin as a partner's `documents` do.

    A request carries nothing of whoever asked for it. No redirect is followed, no proxy is read
    from the environment, nothing compressed or without a length is taken, and the address that a
    name leads to has to be public or one of the partner's networks.
    """

    def __init__(self, partners: Sequence[Partner]) -> None:
        """Take the partners."""
        self._partners = [partner for partner in partners if partner.documents]

    @property
    def allowed(self) -> tuple[str, ...]:
        """What addresses may begin with."""
        return tuple(start for partner in self._partners for start in partner.documents)

    async def read(self, address: str, accept: str, target: Path) -> str:
        """Write a document into a file; return its Content-Type.

        Raises `DocumentRefused`, `FederationFailed`, `FederationTimeout` and `OSError`.
        """
        partner = self._partner(address)
        try:
            async with asyncio.timeout(partner.seconds):
                return await self._fetched(partner, address, accept, target)
        except (TimeoutError, httpcore.TimeoutException):
            raise FederationTimeout(
                sentence(
                    "document-late",
                    "<{address}> was not whole within {seconds:g} s.",
                    address=address,
                    seconds=partner.seconds,
                ),
                remedy=sentence(
                    "later-or-document", "Try again later, or send the document itself."
                ),
            ) from None
        except (AddressRefused, httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise _failed(address, reason_of(error)) from None

    def _partner(self, address: str) -> Partner:
        for partner in self._partners:
            for start in partner.documents:
                rest = address.removeprefix(start)
                if rest != address and _is_plain(rest):
                    return partner
        raise DocumentRefused(
            sentence("documents-listed", "Only documents of listed partners are read."),
            place="parameter url",
            remedy=sentence(
                "document-or-list",
                "Send the document itself, or ask the operator to list where it is under "
                "`documents` of a partner.",
            ),
        )

    async def _fetched(self, partner: Partner, address: str, accept: str, target: Path) -> str:
        network = CheckedNetwork(partner.networks, resolve)
        headers: dict[bytes | str, bytes | str] = {
            "Host": urlsplit(address).netloc,
            "User-Agent": _USER_AGENT,
            "Accept": accept,
            "Accept-Encoding": "identity",
        }
        async with (
            httpcore.AsyncConnectionPool(
                ssl_context=ssl.create_default_context(), network_backend=network
            ) as pool,
            pool.stream(
                "GET",
                address,
                headers=headers,
                extensions={"timeout": {"connect": _CONNECT_SECONDS}},
            ) as response,
        ):
            found = {name.lower(): value.decode("latin-1") for name, value in response.headers}
            if flaw := _flaw(response.status, found):
                raise _failed(address, flaw)
            length = 0
            with target.open("wb") as file:
                async for chunk in response.aiter_stream():
                    length += file.write(chunk)
                    if length > partner.mebibytes << 20:
                        raise _failed(address, _over(partner.mebibytes))
        return found.get(b"content-type", "")


def _flaw(status: int, headers: Mapping[bytes, str]) -> str | None:
    """Return why a response is not taken, None for one that is."""
    if status != HTTPStatus.OK:
        return sentence("document-status", "its status is {status}", status=status)
    if headers.get(b"content-encoding", "identity").strip().lower() != "identity":
        return sentence("document-compressed", "it is compressed")
    if not headers.keys() & {b"content-length", b"transfer-encoding"}:
        return sentence(
            "document-unmeasured", "it comes without a length, so that half of it would look whole"
        )
    return None


def _over(mebibytes: int) -> str:
    return sentence("document-over", "it is larger than {mebibytes} MiB", mebibytes=mebibytes)


def _is_plain(rest: str) -> bool:
    """Tell whether the rest of an address leads nowhere else: no `..`, no disguise of it."""
    whole = re.fullmatch(rf"(?:{_PLAIN.pattern})*", rest) is not None
    return whole and not any(part in {".", ".."} for part in re.split("[/?]", rest))


def _failed(address: str, reason: str) -> FederationFailed:
    return FederationFailed(
        sentence(
            "document-unread",
            "<{address}> could not be read: {why}.",
            address=address,
            why=reason,
        ),
        remedy=sentence("send-document", "Send the document itself."),
    )
