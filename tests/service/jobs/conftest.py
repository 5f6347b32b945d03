"""A service on a data folder of its own, and who sends files to it."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.background import MOST_SECONDS
from vises.service.access import granting
from vises.service.access.file import AccessFile
from vises.service.app import create_app
from vises.store.releases import ReleaseStore
from vises.store.workers import WorkerPool

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.types import ASGIApp

    from vises.settings import Settings

COLUMNS = (
    "siren,denominationUniteLegale,categorieJuridiqueUniteLegale,"
    "economieSocialeSolidaireUniteLegale\n"
)
UNITS = COLUMNS + "000000018,ATELIER INVENTÉ,9220,O\n000000026,COOPÉRATIVE INVENTÉE,5460,O\n"


@dataclass(frozen=True)
class Counter:
    """A service that takes files: its address, its data folder, and tokens for sirene*."""

    address: str
    data: Path
    token: str
    other: str
    writer: str

    def client(self, token: str | None = None, **headers: str) -> httpx.Client:
        headers["Authorization"] = f"Bearer {token or self.token}"
        return httpx.Client(base_url=self.address, timeout=MOST_SECONDS, headers=headers)

    def send(
        self,
        text: str | bytes = UNITS,
        path: str = "/ingest/sirene",
        *,
        headers: Mapping[str, str] = MappingProxyType({}),
        params: Mapping[str, str | list[str]] = MappingProxyType({}),
        token: str | None = None,
    ) -> httpx.Response:
        """Send a body, by default a small CSV of invented units."""
        headers = {"Content-Type": "text/csv", **headers}
        params = {"fictitious": "true", **params}
        content = text.encode() if isinstance(text, str) else text
        with self.client(token) as client:
            return client.post(path, content=content, headers=headers, params=params)

    def wait(self, answer: httpx.Response, seconds: float = 240) -> dict[str, Any]:
        """Wait until the job of an answer has ended, and return it."""
        assert answer.status_code == 202, answer.text
        deadline = time.monotonic() + seconds
        with self.client() as client:
            while time.monotonic() < deadline:
                job: dict[str, Any] = client.get(answer.headers["Location"]).json()
                if job["ended"]:
                    return job
                time.sleep(0.1)
        pytest.fail(f"it did not end: {job}")

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Hold the lock of who does the jobs, so that they wait."""
        folder = self.data / "jobs"
        folder.mkdir(exist_ok=True)
        with (folder / "lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @property
    def left(self) -> list[str]:
        """What is left of uploads that never became a job."""
        return [p.name for p in (self.data / "updating").glob("*")]


Start = Callable[..., AbstractContextManager[Counter]]


def tokens(data: Path, base: str) -> tuple[str, str, str]:
    """Return tokens: of who ingests, of another one who does, of one who only writes."""
    made = []
    for name, ingest in (("CRESS", True), ("ConcertES", True), ("Writer", False)):
        graphs = (f"{base}graph/sirene*",)
        grant = granting.Grant(name, graphs, read=False, write=not ingest, ingest=ingest)
        made.append(granting.create(AccessFile(data), grant, (), datetime.now(UTC))[1])
    first, second, third = made
    return first, second, third


@pytest.fixture(scope="session")
def start(
    tmp_path_factory: pytest.TempPathFactory,
    settings: Settings,
    run_app: Callable[[ASGIApp], AbstractContextManager[str]],
) -> Start:
    """Return what starts a service on an empty data folder, with other settings where given."""

    @contextmanager
    def started(**changed: object) -> Iterator[Counter]:
        data = tmp_path_factory.mktemp("counter") / 'dépôt "1"'
        data.mkdir()
        here = replace(settings, data=data, workers=1, upload_mebibytes=1, **changed)  # type: ignore[arg-type]
        made = tokens(data, settings.base_iri)
        releases = ReleaseStore(data)
        engine = WorkerPool(releases, size=1, query_seconds=20, mebibytes=2048)
        with run_app(create_app(here, releases, engine)) as address:
            yield Counter(address, data, *made)

    return started


@pytest.fixture(scope="session")
def counter(start: Start) -> Iterator[Counter]:
    with start() as found:
        yield found
