"""The addresses of the API: `/api/v1/...`, and the same without a version for the newest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter
from starlette.requests import Request  # noqa: TC002 (FastAPI reads the annotations)
from starlette.responses import Response

from vises.service.api.call import V1
from vises.service.api.codes import CodesKeeper
from vises.service.api.entities import EntitiesApi
from vises.service.api.guide import Guide
from vises.service.api.kinds import KINDS
from vises.service.api.questions import QuestionsApi
from vises.service.headers import preflight

if TYPE_CHECKING:
    from vises.service.search.finder import Finder
    from vises.service.site import Site

_LISTS = {*KINDS, "codes", "questions"}
_METHODS = ["GET", "HEAD"]


def api_router(site: Site, finder: Finder) -> APIRouter:
    """Return the routes of the API; the last of them takes what no other one does."""
    api, routes = Api(site, finder), APIRouter()
    routes.add_api_route("/api", api.page, methods=_METHODS)
    routes.add_api_route("/api/openapi.json", api.described, methods=_METHODS)
    routes.add_api_route("/api/openapi.yaml", api.described, methods=_METHODS)
    for root, last in ((V1, api.listed), ("/api", api.named)):
        routes.add_api_route(f"{root}/questions/{{name}}", api.question, methods=_METHODS)
        routes.add_api_route(f"{root}/codes/{{name}}", api.codes, methods=_METHODS)
        routes.add_api_route(f"{root}/{{name}}", last, methods=_METHODS)
        routes.add_api_route(f"{root}/{{kind}}/{{name:path}}", api.one, methods=_METHODS)
    routes.add_api_route("/api{path:path}", api.allowed, methods=["OPTIONS"])
    return routes


class Api:
    """Hands each request to the part that answers it."""

    def __init__(self, site: Site, finder: Finder) -> None:
        """Make the parts; they share what is known of the code lists."""
        keeper = CodesKeeper(site.settings.base_iri)
        self._questions = QuestionsApi(site, keeper)
        self._entities = EntitiesApi(site, keeper, finder)
        self._guide = Guide(site)

    async def page(self, request: Request) -> Response:
        """Answer `/api`."""
        return await self._guide.page(request)

    async def described(self, request: Request) -> Response:
        """Answer with the description of the API."""
        return await self._guide.described(request, request.scope["path"].rpartition(".")[2])

    async def question(self, request: Request, name: str) -> Response:
        """Answer a question."""
        return await self._questions.answer(request, name)

    async def listed(self, request: Request, name: str) -> Response:
        """Answer with a list; its name may have an ending."""
        stem = name.partition(".")[0]
        if stem == "questions":
            return await self._questions.listed(request)
        if stem == "codes":
            return await self._entities.codes(request, name.removeprefix(stem))
        return await self._entities.listed(request, name)

    async def named(self, request: Request, name: str) -> Response:
        """Answer with a list, or a question."""
        if name.partition(".")[0] in _LISTS:
            return await self.listed(request, name)
        return await self.question(request, name)

    async def codes(self, request: Request, name: str) -> Response:
        """Answer with the codes of a list."""
        return await self._entities.codes(request, name)

    async def one(self, request: Request, kind: str, name: str) -> Response:
        """Answer with one thing."""
        return await self._entities.one(request, kind, name)

    async def allowed(self) -> Response:
        """Tell a script of another site what it may send."""
        return Response(status_code=204, headers=preflight("GET, HEAD, OPTIONS"))
