"""What a request says of the services that it came through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vises.errors import sentence
from vises.service.bodies import ProtocolError, header
from vises.store.federation.path import HEADER, services

if TYPE_CHECKING:
    from starlette.requests import Request


def federation_path(request: Request) -> str:
    """Return the header Federation-Path, "" where there is none. Raises `ProtocolError`.

    It binds nobody but who sends it, who may do less with it: so it needs no trust.
    """
    path = header(request, HEADER.lower().encode()) or ""
    try:
        services(path)
    except ValueError:
        raise ProtocolError(
            sentence("no-federation-path", "This is not the path of a query through services."),
            place=f"header {HEADER}",
            remedy=sentence(
                "services-send-it",
                "Leave the header out: services that call this one with SERVICE send it.",
            ),
        ) from None
    return path
