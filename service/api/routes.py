"""The addresses of the API: `/api/v1/...`, and the same without a version for the newest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter
from starlette.requests import Request  # noqa: TC002 (FastAPI reads the annotations)
from starlette.responses import Response

from vises.service.api.call import V1
from vises.service.api.codes import CodesKeeper
from vises.service.api.entities import EntitiesApi
from vises.service.api.kinds import KINDS
from vises.service.api.questions import QuestionsApi
from vises.service.headers import preflight

if TYPE_CHECKING:
    from vises.service.site import Site

_METHODS = ["GET", "HEAD"]


def api_router(site: Site) -> APIRouter:
    """Return the routes of the API; the last of them takes what no other one does."""
    keeper = CodesKeeper(site.settings.base_iri)
    questions, entities = QuestionsApi(site, keeper), EntitiesApi(site, keeper)
    routes = APIRouter()

    async def question(request: Request, name: str) -> Response:
        return await questions.answer(request, name)

    async def listed(request: Request, name: str) -> Response:
        stem = name.partition(".")[0]
        if stem == "questions":
            return await questions.listed(request)
        if stem == "codes":
            return await entities.codes(request, name.removeprefix(stem))
        return await entities.listed(request, name)

    async def named(request: Request, name: str) -> Response:
        """Return a list, or the answer to a question."""
        is_list = name.partition(".")[0] in {*KINDS, "codes", "questions"}
        return await (listed if is_list else question)(request, name)

    async def codes(request: Request, name: str) -> Response:
        return await entities.codes(request, name)

    async def one(request: Request, kind: str, name: str) -> Response:
        return await entities.one(request, kind, name)

    async def allowed() -> Response:
        return Response(status_code=204, headers=preflight("GET, HEAD, OPTIONS"))

    for root, last in ((V1, listed), ("/api", named)):
        routes.add_api_route(f"{root}/questions/{{name}}", question, methods=_METHODS)
        routes.add_api_route(f"{root}/codes/{{name}}", codes, methods=_METHODS)
        routes.add_api_route(f"{root}/{{name}}", last, methods=_METHODS)
        routes.add_api_route(f"{root}/{{kind}}/{{name:path}}", one, methods=_METHODS)
    routes.add_api_route("/api{path:path}", allowed, methods=["OPTIONS"])
    return routes
