"""The addresses of the API: `/api/v1/...`, and the same without a version for the newest.

A bare ASGI application: routing by a framework would cost a third of a list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from vises.errors import VisesError
from vises.service import problems
from vises.service.api.call import V1
from vises.service.api.entities import EntitiesApi
from vises.service.api.guide import Guide
from vises.service.api.kinds import KINDS
from vises.service.api.questions import QuestionsApi
from vises.service.headers import ANY_ORIGIN, preflight

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from vises.service.api.codes import CodesKeeper
    from vises.service.search.finder import Finder
    from vises.service.site import Site

API = "/api"
_DESCRIBED = {f"{API}/openapi.json", f"{API}/openapi.yaml"}
_LISTS = {*KINDS, "codes", "questions"}
_METHODS = "GET, HEAD, OPTIONS"


class ApiEndpoint:
    """Hands each request to the part that answers it."""

    def __init__(self, site: Site, keeper: CodesKeeper, finder: Finder) -> None:
        """Make the parts; they share what is known of the code lists."""
        self._questions = QuestionsApi(site, keeper)
        self._entities = EntitiesApi(site, keeper, finder)
        self._guide = Guide(site)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; a `VisesError` becomes a problem document."""
        request = Request(scope, receive)
        try:
            response = await self._answer(request, scope["path"])
        except VisesError as error:
            response = problems.response(request, error)
            response.headers.update(ANY_ORIGIN)
        await response(scope, receive, send)

    async def _answer(self, request: Request, path: str) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=preflight(_METHODS))
        if request.method not in {"GET", "HEAD"}:
            raise problems.MethodNotAllowed(request.method, _METHODS)
        if path.rstrip("/") == API:
            return await self._guide.page(request)
        if path in _DESCRIBED:
            return await self._guide.described(request, path.rpartition(".")[2])
        return await self._named(request, path)

    async def _named(self, request: Request, path: str) -> Response:
        """Answer with a question, a list or a thing."""
        versioned = path.startswith(f"{V1}/")
        first, slash, name = path[len(V1 if versioned else API) + 1 :].partition("/")
        if not slash:
            known = versioned or first.partition(".")[0] in _LISTS
            answer = self._listed if known else self._questions.answer
            return await answer(request, first)
        if first == "questions":
            return await self._questions.answer(request, name)
        if first == "codes":
            return await self._entities.codes(request, name)
        return await self._entities.one(request, first, name)

    async def _listed(self, request: Request, name: str) -> Response:
        """Answer with a list; its name may have an ending."""
        stem = name.partition(".")[0]
        if name in {"questions", "questions.json"}:
            return await self._questions.listed(request)
        if stem == "codes":
            return await self._entities.codes(request, name.removeprefix(stem))
        return await self._entities.listed(request, name)
