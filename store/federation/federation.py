"""The partners as the pool of query processes sees them."""

from __future__ import annotations

import asyncio
from secrets import token_hex
from typing import TYPE_CHECKING

from vises.errors import sentence
from vises.store.engine import DescribeRequest, FederationRefused, QueryRequest
from vises.store.federation.fetch import PartnerClient
from vises.store.federation.path import extended, services
from vises.store.federation.relay import Relay

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vises.store.federation.partners import Partner


class Federation:
    """Whom SERVICE may call; nobody where there are no partners.

    `identity` is what partners know this service by, another one at each start.
    """

    def __init__(self, clients: Iterable[PartnerClient] = ()) -> None:
        """Take those that ask the partners."""
        self.identity = token_hex(8)
        self._clients = tuple(clients)

    @classmethod
    def of(cls, partners: Iterable[Partner]) -> Federation:
        """Return the federation with these partners."""
        return cls(map(PartnerClient, partners))

    @property
    def endpoints(self) -> tuple[str, ...]:
        """The IRIs of the partners, for the service description."""
        return tuple(client.partner.endpoint for client in self._clients)

    def relay(self) -> Relay | None:
        """Return the way to the partners for one query process, None where there are none."""
        return Relay(self._clients) if self._clients else None

    def open(self, relay: Relay | None, request: QueryRequest | DescribeRequest) -> None:
        """Open the way for a query that may have a SERVICE clause."""
        if relay and isinstance(request, QueryRequest) and "service" in request.query.lower():
            relay.open(extended(request.federation_path, self.identity))

    def refuse_circle(self, request: QueryRequest | DescribeRequest) -> None:
        """Raise `FederationRefused` where a query came through this service before."""
        path = services(request.federation_path) if isinstance(request, QueryRequest) else []
        if self.identity in path:
            raise FederationRefused(
                sentence(
                    "in-a-circle", "The query comes from this service, by way of its partners."
                ),
                remedy=sentence(
                    "outside-service",
                    "Ask for the pattern outside SERVICE; the operator should not list the "
                    "service as a partner of its own.",
                ),
            )

    async def aclose(self) -> None:
        """Close the connections to the partners."""
        await asyncio.gather(*(client.aclose() for client in self._clients))
