"""The way into the API: a page for people at `/api`, and its description for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from vises.service import render
from vises.service.api.call import V1, Call, json_response
from vises.service.api.forms import JSON, QUESTION_FORMS
from vises.service.api.kinds import KINDS
from vises.service.api.openapi import openapi
from vises.service.api.questions import asked_parameters
from vises.service.conditional import etag
from vises.service.formats import content_type, wants_html
from vises.service.headers import ANY_ORIGIN
from vises.service.language import language
from vises.service.questions import questions_by_topic
from vises.service.texts import texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request

    from vises.service.api.rows import Json
    from vises.service.site import Site

YAML = "application/yaml"
"""The media type of YAML (RFC 9512)."""

DESCRIPTION = "/api/openapi.json"
SHOWN_FORMS = [form for form in QUESTION_FORMS if form not in {"srj", "srx", "tsv"}]


class Guide:
    """Answers the requests for the page and the description."""

    def __init__(self, site: Site) -> None:
        """Take the site."""
        self._site = site

    async def page(self, request: Request) -> Response:
        """Return the page; who asks for no page is sent to the description."""
        if not wants_html(request.headers.get("accept")):
            return RedirectResponse(DESCRIPTION, 303, {**ANY_ORIGIN, "Vary": "Accept"})
        call = Call.of(request, self._site)
        reading = call.reading
        tag = etag("api", reading.release.id, reading.chosen or "", call.origin, language(request))
        headers = {
            "ETag": tag,
            "Cache-Control": "no-cache",
            "Vary": render.VARY,
            "X-Release": reading.release.id,
            "Link": f'<{DESCRIPTION}>; rel="service-desc"; type="application/openapi+json"',
        }
        if unchanged := call.unchanged(headers):
            return unchanged
        context = {
            "topics": questions_by_topic(),
            "parameters": asked_parameters,
            "example": _example,
            "kinds": KINDS.values(),
            "forms": SHOWN_FORMS,
            "origin": call.origin,
            "root": V1,
        }
        return render.page(request, "api.html", context, reading=reading, headers=headers)

    async def described(self, request: Request, ending: str) -> Response:
        """Return the description, as JSON or YAML, in the language that the request prefers."""
        call = Call.of(request, self._site)
        call.demand_known(())
        document = openapi(call.origin, texts(call.language()))
        if ending == "json":
            headers = call.headers(JSON, "openapi", call.language())
            return call.unchanged(headers) or json_response(document, headers)
        headers = call.headers(YAML, "openapi", call.language())
        body = "\n".join(_yaml(document)) + "\n"
        return call.unchanged(headers) or Response(
            body, headers={**headers, "Content-Type": content_type(YAML)}
        )


def _example(values: dict[str, list[str]]) -> str:
    """Return parameters as the query string of an address."""
    return urlencode([(name, value) for name, found in values.items() for value in found])


def _yaml(value: Json, indent: str = "") -> Iterator[str]:
    """Yield the lines of a document in YAML 1.2, with texts and keys quoted as in JSON."""
    if isinstance(value, dict) and value:
        pairs = [(f"{json.dumps(key)}:", inner) for key, inner in value.items()]
    elif isinstance(value, list) and value:
        pairs = [("-", inner) for inner in value]
    else:
        yield indent + json.dumps(value, ensure_ascii=False)
        return
    for mark, inner in pairs:
        if isinstance(inner, dict | list) and inner:
            yield indent + mark
            yield from _yaml(inner, indent + "  ")
        else:
            yield f"{indent}{mark} {json.dumps(inner, ensure_ascii=False)}"
