"""Turning page models into HTML."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from vises.languages import LANGUAGES
from vises.service.assets import asset
from vises.service.charts.pictures import PICTURES
from vises.service.headers import PAGE_POLICY
from vises.service.iris import in_release
from vises.service.language import chosen_language, language
from vises.service.pages.values import number, written_moment
from vises.service.site import RELEASE
from vises.service.texts import texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from vises.service.site import Reading

VARY = "Accept, Accept-Language"
"""What decides between the forms of a page."""


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
    made.globals |= PICTURES
    return made


def page(
    request: Request,
    template: str,
    context: Mapping[str, object],
    *,
    reading: Reading | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a template as a page in the visitor's language.

    The links of the page stay in the language and the release that the request named, `reading`
    (None: no release has to do with the page); where it is not the current one, the page says so.
    """
    release, chosen = reading.chosen if reading else None, chosen_language(request)
    words = texts(language(request))
    html = (
        environment()
        .get_template(template)
        .render(
            **context,
            t=words,
            lang=words.language,
            here=request.url.path,
            to=lambda address: in_release(address, release, chosen),
            chosen_language=chosen,
            reading=reading,
            moment=lambda moment: written_moment(moment, words),
            current_page=_changed(request, RELEASE),
            number=lambda n: number(str(n), words),
            switches={other: _changed(request, "lang", other) for other in LANGUAGES},
            unswitched=_changed(request, "lang"),
        )
    )
    response = HTMLResponse(html, headers=headers)
    response.headers.setdefault("Vary", VARY)
    response.headers.setdefault("Content-Security-Policy", PAGE_POLICY)
    response.headers["Content-Language"] = words.language
    return response


def _changed(request: Request, name: str, value: str | None = None) -> str:
    """Return the address of this page with another value of a parameter, None for without it."""
    kept = [(k, v) for k, v in request.query_params.multi_items() if k != name]
    return "?" + urlencode(kept if value is None else [*kept, (name, value)])
