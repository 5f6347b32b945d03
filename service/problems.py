"""Errors as problem documents (RFC 9457), or as pages for those who read pages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from starlette.responses import Response

from vises.errors import NotFound, VisesError
from vises.namespaces import VOCABULARY_BASE
from vises.service import render
from vises.service.access.errors import AccessRefused
from vises.service.formats import wants_html
from vises.service.operation.requests import REQUEST_ID
from vises.service.void.keeper import PartitionsUnready
from vises.store.accounts import ClientLimited
from vises.store.engine import EngineBusy, QuerySyntaxError

if TYPE_CHECKING:
    from starlette.requests import Request

PROBLEM_JSON = "application/problem+json"
PROBLEMS = VOCABULARY_BASE + "problems/"


class MethodNotAllowed(VisesError):
    """The method means nothing here."""

    kind = "method-not-allowed"
    title = "The method is not allowed"
    status = 405

    def __init__(self, method: str, allowed: str) -> None:
        """Take the method that was tried and those there are, as the Allow header lists them."""
        super().__init__(f"{method} is not possible here.", remedy=f"Use one of {allowed}.")
        self.allowed = allowed


class NoSuchPage(NotFound):
    """No resource and no page has this address."""

    kind = "no-such-page"
    title = "There is nothing at this address"


def document(error: VisesError) -> dict[str, object]:
    """Return the members of the problem document: RFC 9457's, place, remedy and position."""
    members: dict[str, object] = {
        "type": PROBLEMS + error.kind,
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
    }
    if error.place:
        members["place"] = error.place
    if error.remedy:
        members["remedy"] = error.remedy
    if isinstance(error, QuerySyntaxError):
        members |= {"line": error.line, "column": error.column}
    if isinstance(error, ClientLimited) and error.policy:
        members["violated-policies"] = [error.policy]
    return members


def response(request: Request, error: VisesError) -> Response:
    """Return an error in the form that the client prefers."""
    headers = {"Cache-Control": "no-store"}
    if isinstance(error, MethodNotAllowed):
        headers["Allow"] = error.allowed
    if isinstance(error, AccessRefused):
        headers["WWW-Authenticate"] = error.challenge
    if isinstance(error, EngineBusy):
        headers["Retry-After"] = "5"
    if isinstance(error, ClientLimited):
        headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, PartitionsUnready):
        headers["Retry-After"] = "60"
    if wants_html(request.headers.get("accept")):
        context = {"problem": document(error)}
        page = render.page(request, "problem.html", context, headers=headers)
        page.status_code = error.status
        return page
    told = document(error)
    if REQUEST_ID in request.scope:
        told["request"] = request.scope[REQUEST_ID]
    body = json.dumps(told, ensure_ascii=False)
    headers["Vary"] = "Accept"
    return Response(body, error.status, headers, media_type=PROBLEM_JSON)
