"""Tokens in addresses: refused, because addresses are kept in logs, histories and caches."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from vises.errors import sentence
from vises.service import problems
from vises.service.access.errors import TokenInAddress
from vises.service.access.tokens import TOKEN
from vises.service.headers import ANY_ORIGIN
from vises.service.language import language
from vises.service.texts import texts

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

_TOKEN = re.compile(rb"(?:^|&)(?:access_)?token=|%b" % TOKEN.pattern.encode())


def holds_token(query_string: bytes) -> bool:
    """Tell whether a query string has a parameter for a token (RFC 6750, section 2.3), or a token.

    >>> holds_token(b"query=ASK%7B%7D&access_token=x")
    True
    """
    lower = query_string.lower()
    seldom = b"token=" in lower or b"vises_" in lower
    return seldom and _TOKEN.search(lower) is not None


async def refuse_token(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request that has a token in its address, without repeating any of it.

    It is a problem document for pages, too: their links would repeat the address.
    """
    error = TokenInAddress(
        sentence(
            "token-in-address",
            "The address has a token in it, or a parameter for one. It was not looked at.",
        ),
        place="address",
        remedy=sentence(
            "token-in-header",
            "Send it in the header: `Authorization: Bearer`, a space and the token. Revoke one "
            "that stood in an address (`vises tokens revoke`): proxies and browsers keep"
            " addresses.",
        ),
    )
    headers = {**ANY_ORIGIN, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    words = texts(language(Request(scope, receive)))
    body = json.dumps(problems.document(error, words), ensure_ascii=False)
    media_type = problems.PROBLEM_JSON
    await Response(body, error.status, headers, media_type)(scope, receive, send)
