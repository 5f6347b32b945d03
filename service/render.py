"""Turning page models into HTML."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from vises.service.assets import asset
from vises.service.language import COOKIE, LANGUAGES, chosen_language, language
from vises.service.pages.values import number
from vises.service.texts import texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

_YEAR = 365 * 24 * 3600


@cache
def environment() -> Environment:
    """Return the templates of service/templates: always escaping, tolerating no undefined name."""
    made = Environment(
        loader=PackageLoader("vises.service", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["asset"] = asset
    return made


def page(
    request: Request,
    template: str,
    context: Mapping[str, object],
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a template as a page in the visitor's language; `?lang=` is remembered in a cookie."""
    words = texts(language(request))
    html = (
        environment()
        .get_template(template)
        .render(
            **context,
            t=words,
            lang=words.language,
            here=request.url.path,
            number=lambda n: number(str(n), words),
            switches={other: _switched(request, other) for other in LANGUAGES},
        )
    )
    response = HTMLResponse(html, status, headers)
    response.headers.setdefault("Vary", "Accept, Accept-Language, Cookie")
    response.headers["Content-Language"] = words.language
    chosen = chosen_language(request)
    if chosen:
        response.set_cookie(COOKIE, chosen, max_age=_YEAR, samesite="lax", httponly=True)
    return response


def _switched(request: Request, other: str) -> str:
    """Return the address of this page in another language."""
    kept = [(k, v) for k, v in request.query_params.multi_items() if k != "lang"]
    return "?" + urlencode([*kept, ("lang", other)])
