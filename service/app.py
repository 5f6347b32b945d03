"""The application: the façade with pages and health, and the SPARQL endpoint beside it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.exceptions import HTTPException

from vises.errors import TRY_LATER, VisesError, sentence
from vises.service import health, problem_types, problems
from vises.service.access.address import holds_token, refuse_token
from vises.service.api.codes import CodesKeeper
from vises.service.api.endpoint import API, ApiEndpoint
from vises.service.assets import StaticAssets
from vises.service.catalogue.routes import CatalogueRoutes
from vises.service.codes.routes import codes_router
from vises.service.compression import Compression
from vises.service.dumps.endpoint import Dumps
from vises.service.dumps.keeper import DumpsKeeper
from vises.service.graphstore.endpoint import GraphStoreEndpoint
from vises.service.graphstore.target import GRAPHS
from vises.service.headers import ANY_ORIGIN, SecurityHeaders
from vises.service.inbox.routes import Inbox
from vises.service.jobs.keeper import JobKeeper
from vises.service.jobs.routes import JobRoutes
from vises.service.judging.routes import Judging
from vises.service.ldes.keeper import StreamsKeeper
from vises.service.ldes.routes import StreamRoutes
from vises.service.methods import flat, rest, rest_of_all, whole_server
from vises.service.pages.asked import questions_router
from vises.service.pages.citing import Citing
from vises.service.pages.facts import FactsKeeper
from vises.service.pages.home import home_router
from vises.service.pages.kinds.dataset.index import Datasets
from vises.service.pages.kinds.indicator.index import Indicators
from vises.service.pages.reception import Reception
from vises.service.pages.regions.routes import regions_router
from vises.service.pages.reporting import Reporting
from vises.service.pages.routes import Pages
from vises.service.pages.standing import Standing
from vises.service.preconditions import Preconditions
from vises.service.public import PublicAddress
from vises.service.reconciliation.routes import ReconciliationRoutes
from vises.service.refusal import Refusals
from vises.service.releases.routes import releases_router
from vises.service.repeats import Repeats
from vises.service.resources import contexts
from vises.service.resources.endpoint import ResourceEndpoint
from vises.service.resources.missing import Missing
from vises.service.search.described import API_PATH as SEARCH_API
from vises.service.search.search import Search
from vises.service.search.searcher import Costs
from vises.service.site import Site
from vises.service.sparql.editor import Editor
from vises.service.sparql.endpoint import SparqlEndpoint
from vises.service.sparql.sharing import Sharing
from vises.service.sparql.update import Updates
from vises.service.straight.queries import PlainQueries
from vises.service.straight.resources import PlainResources
from vises.service.straight.straight import Straight
from vises.service.vocabulary.alignments import PATH as ALIGNMENTS
from vises.service.vocabulary.alignments import Alignments
from vises.service.vocabulary.keeper import VocabularyKeeper
from vises.service.vocabulary.routes import vocabulary_router
from vises.service.void.endpoint import void_router
from vises.service.void.keeper import PartitionsKeeper
from vises.service.wellknown.routes import WellKnown
from vises.service.writing import Writing
from vises.store.dumps.kept import KeptDumps
from vises.validation.gate import package_gate

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

    from vises.settings import Settings
    from vises.store.accounts import Accounts
    from vises.store.engine import StartableEngine
    from vises.store.releases import ReleaseStore
    from vises.store.transaction import Gate
    from vises.store.workers import WorkerPool

_OTHERS = {API[1:], GRAPHS[1:], "metrics", "sparql"}
"""The first parts of the paths that `_Split`, or what is round the service, sends elsewhere."""

NO_COSTS = Costs()
"""Nobody is told what searches cost."""


def create_app(  # noqa: PLR0913 (what the service is put together from)
    settings: Settings,
    releases: ReleaseStore,
    engine: StartableEngine,
    gate: Callable[[], Gate] = package_gate,
    *,
    accounts: Accounts | None = None,
    costs: Costs = NO_COSTS,
    pool: WorkerPool | None = None,
) -> Service:
    """Return the service of a data folder as an ASGI application.

    Its lifespan starts and closes the engine, and what takes changes. Every request is answered
    from the release that is current at that moment. `gate` makes what judges changes; to `accounts`
    is charged what is judged without being published (None: clients are not told apart); `costs` is
    who is told what searches cost; `pool` is what the engine asks, where it may be asked directly.
    """
    site = Site(settings, releases, engine)
    writing = Writing(site, gate)
    updates = Updates(site, writing)
    partitions = PartitionsKeeper(
        releases, settings.data / "cache" / "partitions", settings.worker_mebibytes
    )
    dumps = Dumps(site, KeptDumps(settings.data, settings.base_iri))
    search = Search(site, costs)
    keeper = FactsKeeper(partitions, search.finder, dumps)
    missing = Missing(site, search.routes.suggestions)
    standing = Standing(Reception(site, keeper))
    judging = Judging(standing, writing, accounts)
    inbox = Inbox(standing, writing, accounts)
    refusals = Refusals(standing)
    codes = CodesKeeper(settings.base_iri)
    facade = _facade(
        standing,
        keeper,
        writing,
        partitions,
        dumps,
        codes=codes,
        missing=missing,
        search=search,
        judging=judging,
        inbox=inbox,
    )
    reserved = _first_parts(facade)
    endpoint = SparqlEndpoint(site, Editor(site, keeper, codes), updates, refusals)
    inner = Compression(
        _Split(
            endpoint,
            GraphStoreEndpoint(site, writing, updates, refusals),
            ApiEndpoint(site, codes, search.finder),
            ResourceEndpoint(site, missing, facade, reserved),
        )
    )
    public = PublicAddress(Preconditions(inner), settings.public_url)
    repeats = Repeats(SecurityHeaders(public), site, settings.cache_mebibytes / 2)
    plain = (
        PlainQueries(endpoint, settings.base_iri),
        PlainResources(site, reserved | _OTHERS),
    )
    return Service(repeats, Straight(site, repeats, pool, public.seen, plain))


@dataclass(frozen=True)
class Service:
    """The service as an ASGI application, and what answers requests by their bytes."""

    repeats: Repeats
    straight: Straight

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await self.repeats(scope, receive, send)


class _Split:
    """Sends `/sparql`, `/graphs` and `/api` past the façade, whose routing costs a look-up.

    What is left goes to `resources`, which takes the RDF of things and passes on the rest.

    What has a token in its address reaches none of them.
    """

    def __init__(
        self, endpoint: ASGIApp, graphs: ASGIApp, api: ASGIApp, resources: ASGIApp
    ) -> None:
        self._endpoint = endpoint
        self._graphs = graphs
        self._api = api
        self._resources = resources

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._resources
        if scope["type"] == "http":
            if scope["query_string"] and holds_token(scope["query_string"]):
                app = refuse_token
            elif not scope["path"].startswith("/"):
                app = whole_server
            elif scope["path"] == "/sparql":
                app = self._endpoint
            elif scope["path"] == GRAPHS or scope["path"].startswith(f"{GRAPHS}/"):
                app = self._graphs
            elif f"{scope['path']}/".startswith(f"{API}/") and scope["path"] != SEARCH_API:
                app = self._api
        await app(scope, receive, send)


def _facade(  # noqa: PLR0913 (each is a part of its own)
    standing: Standing,
    keeper: FactsKeeper,
    writing: Writing,
    partitions: PartitionsKeeper,
    dumps: Dumps,
    *,
    codes: CodesKeeper,
    missing: Missing,
    search: Search,
    judging: Judging,
    inbox: Inbox,
) -> FastAPI:
    site = standing.site
    making = DumpsKeeper(site)
    jobs = JobKeeper(site)
    streams = StreamsKeeper(site)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await site.engine.start()
        if current := site.releases.current():
            partitions.begin(current)
            missing.begin()
        search.start()
        making.start()
        try:
            async with writing.running(), jobs.running():
                yield
        finally:
            for part in (judging, inbox, making, streams, search, missing, partitions, site.engine):
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
    facade.include_router(void_router(site, partitions, dumps))
    facade.include_router(dumps.router())
    facade.include_router(problem_types.router())
    facade.include_router(contexts.router())
    facade.include_router(Sharing(site).router())
    reception = standing.reception
    facade.include_router(JobRoutes(site, jobs, writing).router())
    for pages in (Citing, Indicators, Datasets, Reporting):
        facade.include_router(pages(reception).router())
    facade.include_router(judging.router())
    facade.include_router(inbox.router())
    facade.include_router(releases_router(standing))
    facade.include_router(WellKnown(standing, dumps).router())
    facade.include_router(CatalogueRoutes(standing, partitions, dumps).router())
    facade.include_router(StreamRoutes(standing, streams).router())
    facade.include_router(home_router(standing, keeper))
    facade.include_router(regions_router(standing))
    facade.include_router(codes_router(standing))
    facade.include_router(questions_router(standing, codes))
    facade.include_router(ReconciliationRoutes(standing, search.finder).router())
    vocabulary = VocabularyKeeper(site.settings.base_iri)
    facade.include_router(vocabulary_router(standing, vocabulary))
    facade.include_router(Alignments(standing, vocabulary).router())
    facade.routes.extend(rest(facade.routes))
    facade.include_router(Pages(site, keeper, missing).router())
    facade.routes.append(rest_of_all())
    return facade


def _first_parts(facade: FastAPI) -> frozenset[str]:
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
