"""The application: the façade, and what goes past it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vises.service.access.address import holds_token, refuse_token
from vises.service.api.codes import CodesKeeper
from vises.service.api.endpoint import API, ApiEndpoint
from vises.service.compression import Compression
from vises.service.dumps.endpoint import Dumps
from vises.service.facade import Parts, create_facade, first_parts
from vises.service.fastpath.fastpath import FastPath
from vises.service.fastpath.queries import PlainQueries
from vises.service.fastpath.resources import PlainResources
from vises.service.graphstore.endpoint import GraphStoreEndpoint
from vises.service.graphstore.target import GRAPHS
from vises.service.headers import SecurityHeaders
from vises.service.methods import whole_server
from vises.service.pages.facts import FactsKeeper
from vises.service.pages.maker import PageMaker
from vises.service.preconditions import Preconditions
from vises.service.public import PublicAddress
from vises.service.refusal import Refusals
from vises.service.repeats import Repeats
from vises.service.resources.endpoint import ResourceEndpoint
from vises.service.resources.missing import Missing
from vises.service.search.described import API_PATH as SEARCH_API
from vises.service.search.search import Search
from vises.service.search.searcher import Costs
from vises.service.site import Site
from vises.service.sparql.editor import Editor
from vises.service.sparql.endpoint import SparqlEndpoint
from vises.service.sparql.update import Updates
from vises.service.void.keeper import PartitionsKeeper
from vises.service.writing import Writing
from vises.store.dumps.kept import KeptDumps
from vises.validation.gate import package_gate

if TYPE_CHECKING:
    from collections.abc import Callable

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
    maker = PageMaker(site, keeper)
    refusals = Refusals(maker)
    codes = CodesKeeper(settings.base_iri)
    parts = Parts(maker, writing, accounts, partitions, dumps, codes, missing, search)
    facade = create_facade(parts)
    reserved = first_parts(facade)
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
    return Service(repeats, FastPath(site, repeats, pool, public.seen, plain))


@dataclass(frozen=True)
class Service:
    """The service as an ASGI application, and what answers requests by their bytes."""

    repeats: Repeats
    fast_path: FastPath

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
