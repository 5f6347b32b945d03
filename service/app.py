"""The application: the façade with pages and health, and the SPARQL endpoint beside it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.exceptions import HTTPException

from vises.errors import VisesError
from vises.service import health, problem_types, problems
from vises.service.access.address import holds_token, refuse_token
from vises.service.api.routes import api_router
from vises.service.assets import StaticAssets
from vises.service.compression import Compression
from vises.service.graphstore.endpoint import GraphStoreEndpoint
from vises.service.graphstore.target import GRAPHS
from vises.service.headers import ANY_ORIGIN, SecurityHeaders
from vises.service.pages.facts import FactsKeeper
from vises.service.pages.routes import Pages
from vises.service.public import PublicAddress
from vises.service.repeats import Repeats
from vises.service.site import Site
from vises.service.sparql.endpoint import SparqlEndpoint
from vises.service.sparql.sharing import Sharing
from vises.service.sparql.update import Updates
from vises.service.void.endpoint import void_router
from vises.service.void.keeper import PartitionsKeeper
from vises.service.writing import Writing
from vises.validation.gate import package_gate

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

    from vises.settings import Settings
    from vises.store.engine import StartableEngine
    from vises.store.releases import ReleaseStore
    from vises.store.transaction import Gate


def create_app(
    settings: Settings,
    releases: ReleaseStore,
    engine: StartableEngine,
    gate: Callable[[], Gate] = package_gate,
) -> Repeats:
    """Return the service of a data folder as an ASGI application.

    Its lifespan starts and closes the engine, and what takes changes. Every request is answered
    from the release that is current at that moment. `gate` makes what judges changes.
    """
    site = Site(settings, releases, engine)
    keeper = FactsKeeper()
    writing = Writing(site, gate)
    updates = Updates(site, writing)
    partitions = PartitionsKeeper(
        releases, settings.data / "cache" / "partitions", settings.worker_mebibytes
    )
    inner = Compression(
        _Split(
            SparqlEndpoint(site, keeper, updates),
            GraphStoreEndpoint(site, writing, updates),
            _facade(site, engine, keeper, writing, partitions),
        )
    )
    public = PublicAddress(inner, settings.public_url) if settings.public_url else inner
    return Repeats(SecurityHeaders(public), site, settings.cache_mebibytes / 2)


class _Split:
    """Sends `/sparql` and `/graphs` past the façade, whose routing costs more than a look-up.

    What has a token in its address reaches none of them.
    """

    def __init__(self, endpoint: ASGIApp, graphs: ASGIApp, facade: ASGIApp) -> None:
        self._endpoint = endpoint
        self._graphs = graphs
        self._facade = facade

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._facade
        if scope["type"] == "http":
            if scope["query_string"] and holds_token(scope["query_string"]):
                app = refuse_token
            elif scope["path"] == "/sparql":
                app = self._endpoint
            elif scope["path"] == GRAPHS or scope["path"].startswith(f"{GRAPHS}/"):
                app = self._graphs
        await app(scope, receive, send)


def _facade(
    site: Site,
    engine: StartableEngine,
    keeper: FactsKeeper,
    writing: Writing,
    partitions: PartitionsKeeper,
) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await engine.start()
        if current := site.releases.current():
            partitions.begin(current)
        try:
            async with writing.running():
                yield
        finally:
            await partitions.close()
            await engine.close()

    facade = FastAPI(
        title="VISES", lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None
    )
    facade.add_exception_handler(VisesError, _problem)
    facade.add_exception_handler(HTTPException, _http_problem)
    facade.add_exception_handler(Exception, _unexpected)
    facade.include_router(health.router(site))
    facade.mount("/static", StaticAssets())
    facade.include_router(void_router(site, partitions))
    facade.include_router(problem_types.router())
    facade.include_router(Sharing(site).router())
    facade.include_router(api_router(site))
    facade.include_router(Pages(site, keeper).router())
    return facade


async def _problem(request: Request, error: Exception) -> Response:
    """Tell of an error; a script of another site may read it, as it may the data."""
    assert isinstance(error, VisesError)
    response = problems.response(request, error)
    response.headers.update(ANY_ORIGIN)
    return response


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
