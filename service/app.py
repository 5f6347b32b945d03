"""The application: the façade with pages and health, and the SPARQL endpoint beside it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.exceptions import HTTPException

from vises.errors import VisesError
from vises.service import health, problem_types, problems
from vises.service.assets import StaticAssets
from vises.service.headers import SecurityHeaders
from vises.service.pages.facts import FactsKeeper
from vises.service.pages.routes import Pages
from vises.service.site import Site
from vises.service.sparql.endpoint import SparqlEndpoint
from vises.service.sparql.sharing import Sharing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

    from vises.settings import Settings
    from vises.store.engine import StartableEngine
    from vises.store.releases import ReleaseStore


def create_app(settings: Settings, releases: ReleaseStore, engine: StartableEngine) -> ASGIApp:
    """Return the service of a data folder as an ASGI application.

    Its lifespan starts and closes the engine. Every request is answered from the release that is
    current at that moment.
    """
    site = Site(settings, releases, engine)
    keeper = FactsKeeper()
    return SecurityHeaders(_Split(SparqlEndpoint(site, keeper), _facade(site, engine, keeper)))


class _Split:
    """Sends `/sparql` past the façade, whose routing costs more than a look-up does."""

    def __init__(self, endpoint: ASGIApp, facade: ASGIApp) -> None:
        self._endpoint = endpoint
        self._facade = facade

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        queries = scope["type"] == "http" and scope["path"] == "/sparql"
        await (self._endpoint if queries else self._facade)(scope, receive, send)


def _facade(site: Site, engine: StartableEngine, keeper: FactsKeeper) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await engine.start()
        try:
            yield
        finally:
            await engine.close()

    facade = FastAPI(
        title="VISES", lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None
    )
    facade.add_exception_handler(VisesError, _problem)
    facade.add_exception_handler(HTTPException, _http_problem)
    facade.add_exception_handler(Exception, _unexpected)
    facade.include_router(health.router(site))
    facade.mount("/static", StaticAssets())
    facade.include_router(problem_types.router())
    facade.include_router(Sharing(site).router())
    facade.include_router(Pages(site, keeper).router())
    return facade


async def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, VisesError)
    return problems.response(request, error)


async def _http_problem(request: Request, error: Exception) -> Response:
    """Turn what the framework refuses by itself into a problem of ours."""
    assert isinstance(error, HTTPException)
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = (error.headers or {})["Allow"]
        return problems.response(request, problems.MethodNotAllowed(request.method, allowed))
    missing = problems.NoSuchPage("There is no such file.", place=request.url.path)
    return problems.response(request, missing)


async def _unexpected(request: Request, _: Exception) -> Response:
    """Tell the visitor nothing about an error of ours; the server logs it."""
    error = VisesError("The service met an error of its own.", remedy="Please try again later.")
    return problems.response(request, error)
