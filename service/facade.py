"""The façade: the routes of pages and of everything that no application of its own answers."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from fastapi import APIRouter, FastAPI
from starlette.exceptions import HTTPException

from vises.errors import TRY_LATER, VisesError, sentence
from vises.service import health, problem_types, problems
from vises.service.assets import StaticAssets
from vises.service.catalogue.routes import CatalogueRoutes
from vises.service.codes.routes import codes_router
from vises.service.dumps.keeper import DumpsKeeper
from vises.service.headers import ANY_ORIGIN
from vises.service.inbox.routes import Inbox
from vises.service.jobs.keeper import JobKeeper
from vises.service.jobs.routes import JobRoutes
from vises.service.judging.routes import Judging
from vises.service.ldes.keeper import StreamsKeeper
from vises.service.ldes.routes import StreamRoutes
from vises.service.methods import flat, rest, rest_of_all
from vises.service.pages.citing import Citing
from vises.service.pages.home import home_router
from vises.service.pages.kinds.dataset.index import Datasets
from vises.service.pages.kinds.indicator.index import Indicators
from vises.service.pages.questions import questions_router
from vises.service.pages.regions.routes import regions_router
from vises.service.pages.reporting import Reporting
from vises.service.pages.routes import Pages
from vises.service.reconciliation.routes import ReconciliationRoutes
from vises.service.releases.routes import releases_router
from vises.service.resources import contexts
from vises.service.sparql.sharing import Sharing
from vises.service.vocabulary.alignments import PATH as ALIGNMENTS
from vises.service.vocabulary.alignments import Alignments
from vises.service.vocabulary.keeper import VocabularyKeeper
from vises.service.vocabulary.routes import vocabulary_router
from vises.service.void.endpoint import void_router
from vises.service.wellknown.routes import WellKnown

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from starlette.requests import Request
    from starlette.responses import Response

    from vises.service.api.codes import CodesKeeper
    from vises.service.dumps.endpoint import Dumps
    from vises.service.pages.maker import PageMaker
    from vises.service.resources.missing import Missing
    from vises.service.search.search import Search
    from vises.service.void.keeper import PartitionsKeeper
    from vises.service.writing import Writing
    from vises.store.accounts import Accounts


@dataclass(frozen=True)
class Parts:
    """The parts of the service that the routes ask.

    To `accounts` is charged what is judged without being published (None: clients are not told
    apart).
    """

    maker: PageMaker
    writing: Writing
    accounts: Accounts | None
    partitions: PartitionsKeeper
    dumps: Dumps
    codes: CodesKeeper
    missing: Missing
    search: Search


def create_facade(parts: Parts) -> FastAPI:
    """Return the façade.

    Its lifespan starts the engine and what works beside requests, and closes all of it.
    """
    site, search = parts.maker.site, parts.search
    making = DumpsKeeper(site)
    jobs = JobKeeper(site)
    streams = StreamsKeeper(site)
    judging = Judging(parts.maker, parts.writing, parts.accounts)
    inbox = Inbox(parts.maker, parts.writing, parts.accounts)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await site.engine.start()
        if current := site.releases.current():
            parts.partitions.begin(current)
            parts.missing.begin()
        search.start()
        making.start()
        try:
            async with parts.writing.running(), jobs.running():
                yield
        finally:
            kept = (making, streams, search, parts.missing, parts.partitions)
            for part in (judging, inbox, *kept, site.engine):
                await part.close()

    facade = FastAPI(
        title="VISES", lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None
    )
    facade.add_exception_handler(VisesError, _problem)
    facade.add_exception_handler(HTTPException, _http_problem)
    facade.add_exception_handler(Exception, _unexpected)
    facade.include_router(health.router(site))
    facade.routes.extend(search.routes.routes())
    facade.mount("/static", StaticAssets())
    for router in (judging.router(), inbox.router(), *_routers(parts, jobs, streams)):
        facade.include_router(router)
    facade.routes.extend(rest(facade.routes))
    facade.include_router(Pages(parts.maker, parts.missing).router())
    facade.routes.append(rest_of_all())
    return facade


def _routers(parts: Parts, jobs: JobKeeper, streams: StreamsKeeper) -> Iterator[APIRouter]:
    """Yield the routes of the parts that have nothing to close."""
    maker, dumps = parts.maker, parts.dumps
    yield void_router(maker.site, parts.partitions, dumps)
    yield dumps.router()
    yield problem_types.router()
    yield contexts.router()
    yield Sharing(maker.site).router()
    yield JobRoutes(maker.site, jobs, parts.writing).router()
    yield Citing(maker).router()
    yield Indicators(maker).router()
    yield Datasets(maker).router()
    yield Reporting(maker).router()
    yield releases_router(maker)
    yield WellKnown(maker, dumps).router()
    yield CatalogueRoutes(maker, parts.partitions, dumps).router()
    yield StreamRoutes(maker, streams).router()
    yield home_router(maker)
    yield regions_router(maker)
    yield codes_router(maker)
    yield questions_router(maker, parts.codes)
    yield ReconciliationRoutes(maker, parts.search.finder).router()
    vocabulary = VocabularyKeeper(maker.site.settings.base_iri)
    yield vocabulary_router(maker, vocabulary)
    yield Alignments(maker, vocabulary).router()


def first_parts(facade: FastAPI) -> frozenset[str]:
    """Return the first parts of the paths that have a route of their own, and no things."""
    paths = (str(getattr(route, "path", "")) for route in flat(facade.routes))
    first = frozenset(path.split("/", 2)[1] for path in paths if path.startswith("/"))
    return first - {ALIGNMENTS[1:]}


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
    missing = problems.NoSuchPage(
        sentence("no-such-file", "There is no such file."), place=request.url.path
    )
    return problems.response(request, missing)


async def _unexpected(request: Request, _: Exception) -> Response:
    """Tell the visitor nothing about an error of ours; the server logs it."""
    error = VisesError(
        sentence("own-error", "The service met an error of its own."),
        remedy=TRY_LATER,
    )
    return problems.response(request, error)
