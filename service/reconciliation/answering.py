"""One request for reconciliation: its release, its language, and how it is answered."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from starlette.responses import Response

from vises.service.headers import ANY_ORIGIN
from vises.service.language import chosen_language, language
from vises.service.pages.visit import asked_release
from vises.service.texts import texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from vises.service.api.rows import Json
    from vises.service.iris import Addresses
    from vises.service.site import Reading, Site
    from vises.service.texts import Texts

JSON = "application/json"


class Answering:
    """What the routes of reconciliation share."""

    def __init__(self, site: Site) -> None:
        """Take the site."""
        self.site = site

    def reading(self, request: Request) -> Reading:
        """Return the release of a request. Raises what naming one does."""
        return self.site.reading(asked_release(request), self.site.access.of(request.scope))

    def addresses(self, request: Request, reading: Reading) -> Addresses:
        """Return what maps IRIs to addresses."""
        return self.site.addresses(reading, chosen_language(request))

    def json(
        self, request: Request, body: Mapping[str, Json], reading: Reading | None = None
    ) -> Response:
        """Return an answer that any site may read; `reading` is the release that decided it."""
        headers = self.headers(request, reading)
        return Response(json.dumps(body), headers=headers, media_type=JSON)

    def headers(self, request: Request, reading: Reading | None) -> dict[str, str]:
        """Return the headers of an answer."""
        headers = {
            **ANY_ORIGIN,
            "Cache-Control": "no-cache",
            "Vary": "Accept, Accept-Language",
            "Content-Language": language(request),
        }
        if reading is not None:
            headers["Cache-Control"] = reading.rights.cache_control("no-cache")
            headers["Vary"] = reading.rights.vary("Accept-Language")
            headers["X-Release"] = reading.release.id
        return headers


def words_of(request: Request) -> Texts:
    """Return the texts of the language of a request."""
    return texts(language(request))
