"""The form of a report that a request asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vises.service.formats import GRAPH_ALIASES, GRAPH_TYPES, HTML
from vises.service.judging.work import JSON
from vises.service.negotiation import best_media_type, unacceptable

if TYPE_CHECKING:
    from starlette.requests import Request

_ALIASES = {key: value for key, value in GRAPH_ALIASES.items() if key != JSON}
_OFFERS = [JSON, HTML, *GRAPH_TYPES.values(), *_ALIASES]


def report_type(request: Request) -> str:
    """Return the media type of the report that a request gets. Raises `NotAcceptable`."""
    found = best_media_type(request.headers.get("accept"), _OFFERS)
    if found is None:
        raise unacceptable([JSON, HTML, *GRAPH_TYPES.values()])
    return _ALIASES.get(found, found)
