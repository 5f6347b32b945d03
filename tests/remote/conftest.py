"""The engines under test, started on free ports of this machine, and releases to fill them with."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import sysconfig
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx
import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from vises.store.engine import RESULTS_TYPES, QueryRequest
from vises.store.releases import ReleaseStore
from vises.store.remote.client import RemoteClient
from vises.store.remote.engine import RemoteEngine
from vises.store.remote.http import Login, RemoteAddress
from vises.store.remote.push import Pushed, Step, push
from vises.store.transaction import Change

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from vises.store.releases import Release

BASE = "https://data.example/"
PASSWORD = "not the default: 1"
START_SECONDS = 60
VIRTUOSO_MOST_ROWS = 20_000

INI = """\
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
FileExtend = 200
[TempDatabase]
DatabaseFile = virtuoso-temp.db
TransactionFile = virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DirsAllowed = ., {folder}
NumberOfBuffers = 20000
MaxDirtyBuffers = 15000
ThreadsPerQuery = 1
AsyncQueueMaxThreads = 2
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerThreads = 8
[SPARQL]
ResultSetMaxRows = {rows}
MaxQueryExecutionTime = 60
"""


@dataclass(frozen=True)
class Server:
    """A running engine. `folder` is where its own loader may read."""

    name: str
    address: RemoteAddress
    folder: Path
    sql_port: int = 0

    def client(self, base: str = BASE) -> RemoteClient:
        return RemoteClient(self.address, base)

    def clean(self, base: str = BASE) -> None:
        """Remove everything of ours."""
        with self.client(base) as client:
            for name in (*client.replica().graphs, f"{base}graph/replica"):
                client.delete(NamedNode(name))

    def isql(self, script: str) -> str:
        command = ["isql-vt", f"127.0.0.1:{self.sql_port}", "dba", PASSWORD]
        done = subprocess.run(
            command, input=script, capture_output=True, text=True, check=True, timeout=60
        )
        assert "***" not in done.stdout + done.stderr, done.stdout + done.stderr
        return done.stdout


class Silent:
    """A progress that nobody watches, but counts."""

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.done = 0

    def start(self, step: str, total: int | None) -> None:
        assert total is None or total >= 0
        self.steps.append(step)

    def advance(self, done: int) -> None:
        self.done += done

    def count(self, rows: int, published: int, quarantined: int) -> None:
        assert min(rows, published, quarantined) >= 0

    def note(self, sentence: str) -> None:
        assert sentence


class Accepted:
    """A verdict that accepts."""

    accepted, violations, warnings = True, 0, 0

    def turtle(self) -> list[bytes]:
        return []


@dataclass(frozen=True)
class World:
    """A data folder, and what is done with it and an engine."""

    releases: ReleaseStore
    base: str = BASE
    most_rows: int = VIRTUOSO_MOST_ROWS

    def publish(self, added: Iterable[Quad], removed: Iterable[Quad] = ()) -> Release:
        transaction = self.releases.transaction
        with transaction(author="test", message="test", gate=lambda _: Accepted()) as change:
            change.apply(Change(frozenset(removed), frozenset(added)))
        assert change.release is not None
        return change.release

    def quads(self, trig: str) -> list[Quad]:
        prefixes = f"PREFIX : <{self.base}>\nPREFIX g: <{self.base}graph/>\n"
        return list(parse(prefixes + trig, format=RdfFormat.TRIG))

    def graph(self, name: str) -> NamedNode:
        return NamedNode(f"{self.base}graph/{name}")

    def push(self, server: Server, release: Release, step: Step | None = None) -> Pushed:
        with server.client(self.base) as client, self.releases.open(release.id) as store:
            return push(client, release, store, Silent(), step)

    def ask(
        self,
        address: str,
        request: QueryRequest | str,
        release: Release,
        *,
        seconds: float = 30,
        meanwhile: Callable[[], object] = lambda: None,
    ) -> bytes:
        """Return a remote answer; `meanwhile` is called when it has begun."""
        if isinstance(request, str):
            request = QueryRequest(request, RESULTS_TYPES[0], "application/n-triples")

        async def whole() -> bytes:
            engine = RemoteEngine(address, self.releases, base_iri=self.base, query_seconds=seconds)
            await engine.start()
            try:
                answer = await engine.answer(request, release.id)
                meanwhile()
                return b"".join([chunk async for chunk in answer.chunks])
            finally:
                await engine.close()

        return asyncio.run(whole())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while not ready():
        if process.poll() is not None or time.monotonic() > end:
            process.kill()
            pytest.fail(f"the engine did not start: {log.read_text('utf-8', 'replace')}")
        time.sleep(0.1)


def answers(address: str) -> bool:
    try:
        return httpx.post(address, data={"query": "ASK {}"}, trust_env=False).is_success
    except httpx.TransportError:
        return False


def oxigraph_command() -> str | None:
    return shutil.which("oxigraph", path=sysconfig.get_path("scripts")) or shutil.which("oxigraph")


@pytest.fixture(scope="session")
def oxigraph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The Oxigraph server (PyPI: oxigraph)."""
    command = oxigraph_command()
    if command is None:
        pytest.skip("the Oxigraph server is not installed (pip install oxigraph)")
    folder, port = tmp_path_factory.mktemp("oxigraph"), free_port()
    root, log = f"http://127.0.0.1:{port}", folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [command, "serve", "--location", str(folder / "store"), "--bind", f"127.0.0.1:{port}"],
            stdout=output,
            stderr=output,
        )
    try:
        wait_until(lambda: answers(f"{root}/query"), process, log)
        address = RemoteAddress(f"{root}/query", f"{root}/update", f"{root}/store")
        yield Server("oxigraph", address, folder)
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="session")
def virtuoso(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Virtuoso 7 (Debian: virtuoso-opensource-7-bin, virtuoso-opensource-7-common)."""
    if shutil.which("virtuoso-t") is None or shutil.which("isql-vt") is None:
        pytest.skip("Virtuoso is not installed (apt-get install virtuoso-opensource-7-bin)")
    folder, sql, port = tmp_path_factory.mktemp("virtuoso"), free_port(), free_port()
    ini = INI.format(sql=sql, http=port, folder=folder, rows=VIRTUOSO_MOST_ROWS)
    (folder / "virtuoso.ini").write_text(ini, encoding="utf-8")
    root, log = f"http://127.0.0.1:{port}", folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["virtuoso-t", "+foreground", "+configfile", "virtuoso.ini"],
            cwd=folder,
            stdout=output,
            stderr=output,
        )
    try:
        wait_until(lambda: answers(f"{root}/sparql"), process, log)
        subprocess.run(
            ["isql-vt", f"127.0.0.1:{sql}", "dba", "dba"],
            input=f'set password "dba" "{PASSWORD}";\n',
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        address = RemoteAddress(
            f"{root}/sparql",
            f"{root}/sparql-auth",
            f"{root}/sparql-graph-crud-auth",
            Login("dba", PASSWORD),
        )
        yield Server("virtuoso", address, folder, sql)
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()


@pytest.fixture(params=["oxigraph", "virtuoso"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """Each engine, without anything of ours afterwards."""
    found: Server = request.getfixturevalue(request.param)
    yield found
    found.clean()


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(ReleaseStore(tmp_path / "data"))


@pytest.fixture(scope="session")
def make_world() -> type[World]:
    return World


@pytest.fixture(scope="session")
def silent() -> type[Silent]:
    return Silent
