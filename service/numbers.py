"""Numbers in addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vises.errors import BadRequest, sentence
from vises.service.sentences import no_page_number

if TYPE_CHECKING:
    from starlette.requests import Request

_MOST_DIGITS = 9


class PageMalformed(BadRequest):
    """The parameter `page` is not a number from 1 on."""

    kind = "page-malformed"
    title = "The number of the page cannot be read"


def whole_number(text: str) -> int | None:
    """Return the number that a text of at most nine digits is, None for any other text.

    >>> whole_number("0050"), whole_number("-1"), whole_number("\u0661")
    (50, None, None)
    """
    plain = text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS
    return int(text) if plain else None


def page_number(request: Request) -> int:
    """Return the parameter `page`, 1 without it. Raises `PageMalformed`."""
    text = request.query_params.get("page", "1")
    number = whole_number(text)
    if not number:
        raise PageMalformed(
            no_page_number(text),
            place="parameter page",
            remedy=sentence("give-from-1", "Give a number from 1 on."),
        )
    return number
