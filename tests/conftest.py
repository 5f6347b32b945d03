"""What all tests share."""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import httpx
import pytest
import uvloop

from vises.ingest.vocabulary import synchronise
from vises.namespaces import VOCABULARY_BASE
from vises.store.releases import ReleaseStore
from vises.validation.gate import package_gate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    Make = Callable[[Path], object]
    Once = Callable[[str, Make], Path]

_SERVE = """
import os
from vises.service.server import serve
from vises.settings import Settings
serve(Settings.from_env(os.environ), lambda found: print(found[0][1], flush=True))
"""


SHARED = Path(__file__).resolve().parents[2] / "shared"


@dataclass(frozen=True)
class Served:
    """A service in a process of its own: its address (no slash at the end), process and log."""

    address: str
    process: subprocess.Popen[str]
    log: Path

    @property
    def endpoint(self) -> str:
        return f"{self.address}/sparql"


@pytest.fixture(scope="session", autouse=True)
def _processes_started_one_after_the_other() -> Iterator[None]:
    """Let the loops in this process start processes one after the other.

    uvloop refuses two at once ("Racing with another loop to spawn a process"). A service has one
    loop in its process; here several services may run in threads of one.
    """
    starting, start = threading.Lock(), uvloop.Loop.subprocess_exec

    async def patient(*given: object, **named: object) -> object:
        while not starting.acquire(blocking=False):  # noqa: ASYNC110 (of several loops)
            await asyncio.sleep(0.005)
        try:
            return await start(*given, **named)  # type: ignore[arg-type]
        finally:
            starting.release()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(uvloop.Loop, "subprocess_exec", patient)
        yield


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of suites and real data that lies beside the project."""
    return SHARED


@pytest.fixture(scope="session", autouse=True)
def _certificates_read_once() -> Iterator[None]:
    """Let HTTP clients share one TLS context: to read the certificates takes each 30 ms."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "httpx._transports.default.create_ssl_context", cache(httpx.create_ssl_context)
        )
        yield


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """Return what has a folder made once in a run: one worker makes it, and the others wait.

    Those who write to it work on a copy.
    """
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent

    def made(name: str, make: Make) -> Path:
        folder, whole = root / name, root / f"{name}.whole"
        with (root / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not whole.exists():
                make(folder)
                whole.touch()
        return folder

    return made


@pytest.fixture(scope="session")
def demonstration_data(once: Once) -> Path:
    """Return the data folder that `vises demo` makes."""

    def build(data: Path) -> None:
        command = [sys.executable, "-m", "vises", "demo"]
        environ = {**os.environ, "VISES_DATA": str(data)}
        subprocess.run(command, env=environ, check=True, capture_output=True, timeout=600)

    return once("demonstration", build)


@pytest.fixture(scope="session")
def vocabularies(once: Once) -> Path:
    """Return a data folder with the vocabularies alone: to judge them takes longer than a test."""

    def publish(data: Path) -> None:
        with (
            TemporaryDirectory() as scratch,
            ReleaseStore(data).transaction(
                author="a test", message="vocabularies", gate=package_gate()
            ) as transaction,
        ):
            synchronise(transaction, VOCABULARY_BASE, Path(scratch))

    return once("vocabularies", publish)


@pytest.fixture(scope="session")
def serve(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[..., AbstractContextManager[Served]]:
    """Return what serves a data folder: a context manager; further settings by variable name."""

    @contextmanager
    def serving(data: Path, **variables: str) -> Iterator[Served]:
        log = tmp_path_factory.mktemp("served") / "log"
        environ = {**os.environ, "VISES_DATA": str(data), "VISES_PORT": "0", **variables}
        with log.open("wb") as errors:
            process = subprocess.Popen(
                [sys.executable, "-c", _SERVE],
                env=environ,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        try:
            assert process.stdout
            address = process.stdout.readline().strip().rstrip("/")
            assert address, log.read_text("utf-8")
            yield Served(address, process, log)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.communicate(timeout=60)
            finally:
                process.kill()

    return serving


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--no-skips", action="store_true", help="a skipped test fails the run (CI)")
    parser.addoption(
        "--whole-suite", action="store_true", help="ask the remote engines all of the W3C suite"
    )
    parser.addoption("--hostile", action="store_true", help="all attacks, not a sample of them")
    parser.addoption("--random-changes", type=int, default=100, help="changes that are judged")
    parser.addoption("--fault-runs", default=1, help="kills at random moments of each operation")
    parser.addoption("--fault-points", default=2, help="steps at which each operation is killed")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Function) -> None:
    """Skip a test with the mark `shared`, before its fixtures, where that folder is not there."""
    marked = item.get_closest_marker("shared")
    assert marked or "shared" not in item.fixturenames, "it needs the mark `shared`"
    if marked and not SHARED.is_dir():
        pytest.skip("the folder 'shared' (W3C suites, real data) is not beside the project")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if session.config.getoption("--no-skips") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
