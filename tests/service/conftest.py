"""A small release, a real server on the loopback, and an engine that does as it is told."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
import uvicorn
from pyoxigraph import NamedNode, RdfFormat, parse, serialize

from tests.background import MOST_SECONDS, until, wait_for
from vises.namespaces import Iris
from vises.service.access import granting
from vises.service.access.file import AccessFile
from vises.service.app import create_app
from vises.service.guardian import Guardian
from vises.service.server import listen
from vises.settings import Settings
from vises.store.engine import Answer, DescribeRequest, QueryRequest
from vises.store.releases import Release, ReleaseStore
from vises.store.workers import WorkerPool

if TYPE_CHECKING:
    import socket
    from contextlib import AbstractContextManager

    from starlette.types import ASGIApp

BASE = "https://data.example/"

DATA = """
@prefix adms: <http://www.w3.org/ns/adms#> .
@prefix code: <https://w3id.org/vises/code/> .
@prefix cv: <http://data.europa.eu/m8g/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix legal: <http://www.w3.org/ns/legal#> .
@prefix locn: <http://www.w3.org/ns/locn#> .
@prefix qb: <http://purl.org/linked-data/cube#> .
@prefix sdmx-attribute: <http://purl.org/linked-data/sdmx/2009/attribute#> .
@prefix sdmx-dimension: <http://purl.org/linked-data/sdmx/2009/dimension#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix unit: <http://qudt.org/vocab/unit/> .
@prefix vises: <https://w3id.org/vises/ontology#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

<enterprise/fr-1> a vises:Enterprise ;
    legal:legalName "L'Atelier commun" ;
    adms:identifier <identifier/siren-1> ;
    cv:registeredAddress <address/fr-1> ;
    vises:legalForm code:legal-form-fr\\/9220 ;
    vises:region code:nuts\\/FRE ;
    vises:fictitious true .
<identifier/siren-1> a adms:Identifier ; skos:notation "123456782" .
<address/fr-1> a locn:Address ; locn:postCode "59000" .
<enterprise/be-2> a vises:Enterprise ;
    legal:legalName "<script>alert('hostile')</script>" ;
    foaf:homepage <javascript:alert%281%29> ;
    vises:region code:nuts\\/BE3 .
<claim/fr-1/insee-flag> a vises:SseStatusClaim ;
    vises:about <enterprise/fr-1> ;
    vises:perimeter code:perimeter\\/insee-flag ;
    vises:countsAsSse true ;
    vises:asOf "2025-01-31"^^xsd:date .
<indicator/volunteer-hours> a vises:Indicator ;
    skos:prefLabel "Hours of volunteering"@en , "Heures de bénévolat"@fr ;
    vises:unit unit:HR .
<result/1> a vises:IndicatorResult ;
    vises:about <enterprise/fr-1> ;
    vises:indicator <indicator/volunteer-hours> ;
    vises:value 12345.5 ;
    vises:fictitious true .
<publication/p1> a vises:Publication ; dcterms:title "Bilan 2024"@fr .
<figure/1> a vises:RegionalFigure ;
    sdmx-dimension:refArea code:nuts\\/FRE ;
    sdmx-dimension:refPeriod "2024"^^xsd:gYear ;
    qb:measureType vises:shareOfSalariedEmployment ;
    vises:shareOfSalariedEmployment 10.8 ;
    sdmx-attribute:unitMeasure unit:PERCENT ;
    vises:perimeter code:perimeter\\/insee-ess ;
    vises:family code:family\\/total ;
    vises:publication <publication/p1> .
"""
PROVENANCE = """
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix vises: <https://w3id.org/vises/ontology#> .
<graph/data> a dcat:Dataset ;
    dcterms:title "Test data"@en , "Données d'essai"@fr ;
    dcterms:license <https://creativecommons.org/licenses/by/4.0/> .
"""


class Accepted:
    """The verdict of a gate that lets everything through."""

    accepted = True
    violations = 0
    warnings = 0

    def summary(self) -> str:
        return "fine"

    def turtle(self) -> list[bytes]:
        return []


Publish = Callable[[ReleaseStore, Path, dict[str, bytes]], None]


@pytest.fixture(scope="session")
def publish() -> Publish:
    """Return what publishes a release of graphs given as Turtle with relative IRIs."""

    def publish_(releases: ReleaseStore, scratch: Path, graphs: dict[str, bytes]) -> None:
        with releases.transaction(
            author="test", message="test data", gate=lambda _: Accepted()
        ) as transaction:
            for number, (name, turtle) in enumerate(graphs.items()):
                quads = parse(turtle, format=RdfFormat.TURTLE, base_iri=BASE)
                file = scratch / f"{number}.nt"
                serialize((q.triple for q in quads), str(file), format=RdfFormat.N_TRIPLES)
                transaction.replace_graph(NamedNode(Iris(BASE).graph(name).value), file)

    return publish_


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory, publish: Publish) -> Settings:
    """Return settings whose data folder holds one release."""
    data = tmp_path_factory.mktemp("service") / "data"
    scratch = tmp_path_factory.mktemp("scratch")
    package = files("vises")

    def turtle(*folders: str) -> bytes:
        found = [f for d in folders for f in Path(str(package.joinpath(d))).glob("*.ttl")]
        return b"\n".join(f.read_bytes() for f in sorted(found))

    publish(
        ReleaseStore(data),
        scratch,
        {
            "data": DATA.encode(),
            "provenance": PROVENANCE.encode(),
            "ontology": turtle("ontology"),
            "codes": turtle("ontology/codes"),
            "shapes": turtle("shapes"),
        },
    )
    return Settings(
        data=data,
        host="127.0.0.1",
        port=0,
        base_iri=BASE,
        query_seconds=20,
        workers=2,
        worker_mebibytes=2048,
    )


def pool(settings: Settings) -> WorkerPool:
    return WorkerPool(
        ReleaseStore(settings.data),
        size=settings.workers,
        query_seconds=settings.query_seconds,
        mebibytes=settings.worker_mebibytes,
    )


@contextmanager
def running(app: ASGIApp) -> Iterator[str]:
    """Run an application under uvicorn in a thread; yield its address."""
    listening = listen("127.0.0.1", 0)
    config = uvicorn.Config(app, lifespan="on", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    ready = threading.Event()
    startup = server.startup

    async def tell(sockets: list[socket.socket] | None = None) -> None:
        await startup(sockets)
        ready.set()

    server.startup = tell  # type: ignore[method-assign]
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        assert ready.wait(60), "the server did not start"
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)
        listening.close()


@pytest.fixture(scope="session")
def service(settings: Settings) -> Iterator[str]:
    """Return the address of the service, made of what `vises serve` makes it of."""
    releases = ReleaseStore(settings.data)
    guarded = Guardian(releases, pool(settings))
    with running(create_app(settings, releases, guarded)) as address:
        wait_for(address, "/api/v1/enterprises?size=1")
        yield address


@pytest.fixture
def client(service: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=service, timeout=MOST_SECONDS) as found:
        yield found


@pytest.fixture
def browser(service: str) -> Iterator[httpx.Client]:
    """Return a client that asks as a browser does."""
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    headers = {"Accept": accept, "Accept-Language": "en-GB,en;q=0.8"}
    with httpx.Client(
        base_url=service, timeout=MOST_SECONDS, headers=headers, follow_redirects=True
    ) as found:
        yield found


Step = bytes | Exception | asyncio.Event | threading.Event


class Script:
    """The chunks of a fake answer: bytes to yield, errors to raise, events to wait for.

    An event of `threading` is set by a test in its own thread.
    """

    def __init__(self, steps: list[Step]) -> None:
        self._steps = list(steps)
        self.closed = threading.Event()

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if not self._steps:
            raise StopAsyncIteration
        step = self._steps.pop(0)
        if isinstance(step, asyncio.Event):
            await step.wait()
            return await self.__anext__()
        if isinstance(step, threading.Event):
            assert await asyncio.to_thread(step.wait, 20)
            return await self.__anext__()
        if isinstance(step, Exception):
            raise step
        return step

    async def aclose(self) -> None:
        self.closed.set()


class Dated(ReleaseStore):
    """A store whose releases were made a day apart, at noon from 2 March 2026 on."""

    def get(self, release_id: str) -> Release:
        found = super().get(release_id)
        created = datetime(2026, 3, 1, 12, tzinfo=UTC) + timedelta(days=int(found.id))
        return replace(found, created=created)

    def resolve(self, name: str) -> Release:
        return self.get(super().resolve(name).id)

    def current(self) -> Release | None:
        found = super().current()
        return found and self.get(found.id)

    def list(self) -> list[Release]:
        return [self.get(release.id) for release in super().list()]


def legal_name(name: str) -> bytes:
    turtle = DATA.replace("L'Atelier commun", name)
    assert turtle != DATA
    return turtle.encode()


@pytest.fixture(scope="session")
def past(
    tmp_path_factory: pytest.TempPathFactory, settings: Settings, publish: Publish
) -> Iterator[str]:
    """Return the address of a service with three releases, made a day apart.

    The enterprise fr-1 is called Premier, Second, Third; be-2 and the figure are not in the first
    one, and `gone` is in no other.
    """
    data = tmp_path_factory.mktemp("past") / "data"
    scratch = tmp_path_factory.mktemp("scratch")
    first = legal_name("Premier").partition(b"<enterprise/be-2>")[0]
    first += b'<gone> <http://purl.org/dc/terms/title> "Gone" .'
    for turtle in (first, legal_name("Second"), legal_name("Third")):
        publish(ReleaseStore(data), scratch, {"data": turtle, "provenance": PROVENANCE.encode()})
    here = replace(settings, data=data)
    with running(create_app(here, Dated(data), pool(here))) as address:
        yield address


@dataclass
class FakeEngine:
    """Answers every query by the same script, and remembers what it was asked."""

    steps: list[Step] = field(default_factory=list)
    error: Exception | None = None
    media_type: str = "text/csv"
    asked: list[QueryRequest | DescribeRequest] = field(default_factory=list)
    scripts: list[Script] = field(default_factory=list)

    def accepts(self, query: str) -> bool:
        return bool(query)

    async def start(self) -> None:
        pass

    async def close(self) -> None:
        pass

    async def answer(self, request: QueryRequest | DescribeRequest, release_id: str) -> Answer:
        assert release_id
        self.asked.append(request)
        if self.error:
            raise self.error
        self.scripts.append(Script(self.steps))
        return Answer(self.media_type, self.scripts[-1], coding=None)


@pytest.fixture
def fake(settings: Settings) -> Callable[[FakeEngine], ASGIApp]:
    """Return what makes the application over a fake engine."""

    def make(engine: FakeEngine) -> ASGIApp:
        return create_app(settings, ReleaseStore(settings.data), engine)

    return make


@pytest.fixture(scope="session")
def run_app() -> Callable[[ASGIApp], AbstractContextManager[str]]:
    """Return what runs an application under uvicorn, for fixtures that outlive a test."""
    return running


@pytest.fixture
def run() -> Callable[[ASGIApp], object]:
    """Return what runs an application under uvicorn: a context manager of its address."""
    return running


@pytest.fixture
def fake_engine() -> type[FakeEngine]:
    return FakeEngine


@pytest.fixture
def base() -> str:
    return BASE


@dataclass(frozen=True)
class Desk:
    """A service that takes writes: its address, its data folder, and a token for graph/mine*."""

    address: str
    data: Path
    token: str

    @property
    def releases(self) -> ReleaseStore:
        return ReleaseStore(self.data)

    @property
    def current(self) -> str:
        release = self.releases.current()
        assert release is not None
        return release.id

    def grant(
        self,
        *graphs: str,
        read: bool = False,
        write: bool = True,
        ingest: bool = False,
        name: str = "Writer",
    ) -> str:
        """Return a new token for graphs of datasets, once the service has taken notice."""
        names = tuple(f"{BASE}graph/{graph}" for graph in graphs)
        grant = granting.Grant(name, names, read, write, ingest=ingest)
        token = granting.create(AccessFile(self.data), grant, (), datetime.now(UTC))[1]
        with self.client(token) as client:
            until(lambda: client.get("/sparql", params={"query": "ASK {}"}).is_success)
        return token

    def client(self, token: str | None = None, **headers: str) -> httpx.Client:
        headers["Authorization"] = f"Bearer {token or self.token}"
        return httpx.Client(base_url=self.address, timeout=MOST_SECONDS, headers=headers)

    def lines(self, graph: str) -> set[str]:
        """Return what a graph of a dataset holds."""
        with self.releases.open(self.current) as store:
            name = NamedNode(f"{BASE}graph/{graph}")
            return {str(quad.triple) for quad in store.quads_for_pattern(None, None, None, name)}


Open = Callable[..., "AbstractContextManager[Desk]"]


@pytest.fixture(scope="session")
def open_desk(
    tmp_path_factory: pytest.TempPathFactory, settings: Settings, publish: Publish
) -> Open:
    """Return what opens a service on a data folder of its own, with other settings where given.

    Its graphs are data, provenance, and draft, which is closed to reading.
    """

    @contextmanager
    def opened(**changed: object) -> Iterator[Desk]:
        data = tmp_path_factory.mktemp("desk") / "data"
        draft = b'<enterprise/draft-1> <http://purl.org/dc/terms/title> "Brouillon" .'
        graphs = {"data": DATA.encode(), "provenance": PROVENANCE.encode(), "draft": draft}
        publish(ReleaseStore(data), tmp_path_factory.mktemp("scratch"), graphs)
        granting.close(AccessFile(data), [f"{BASE}graph/draft"])
        here = replace(settings, data=data, workers=1, **changed)  # type: ignore[arg-type]
        grant = granting.Grant("Partner", (f"{BASE}graph/mine*",), read=False, write=True)
        token = granting.create(AccessFile(data), grant, (), datetime.now(UTC))[1]
        with running(create_app(here, ReleaseStore(data), pool(here))) as address:
            yield Desk(address, data, token)

    return opened


@pytest.fixture(scope="session")
def desk(open_desk: Open) -> Iterator[Desk]:
    with open_desk() as found:
        yield found
