"""The servers that the benchmark of the SPARQL service compares, each started on a free port."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

import httpx
from invented import GRAPH, gate
from processes import tree

from vises.service.search.build import ensure
from vises.service.search.kept import folder_of
from vises.store.releases import ReleaseStore

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

START_SECONDS = 1800
_RESTING_SECONDS = 0.1
"""How much of the processors a server that rests takes in a second at most."""

_SCRIPTS = Path(sysconfig.get_path("scripts"))
_INI = """\
[Database]
DatabaseFile = virtuoso.db
TransactionFile = virtuoso.trx
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
xa_persistent_file = virtuoso.pxa
[TempDatabase]
DatabaseFile = virtuoso-temp.db
TransactionFile = virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DirsAllowed = {folder}
NumberOfBuffers = 170000
MaxDirtyBuffers = 130000
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerThreads = 10
[SPARQL]
ResultSetMaxRows = 10000000
MaxQueryExecutionTime = 600
"""


@dataclass
class Server:
    """A running server: the address that takes queries, and its process."""

    name: str
    address: str
    process: subprocess.Popen[bytes] = field(repr=False)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self.stop()

    def stop(self) -> None:
        """End it and what it has started, which may outlive it."""
        started = tree(self.process.pid)[1:]
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for pid in started:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def vises(data: Path, folder: Path, environ: Mapping[str, str]) -> Server:
    """Publish the data as a release, once, and serve it.

    The index of searches is made before, and no dumps are: they would take minutes.
    """
    store = folder / "vises"
    if not store.exists():
        releases = ReleaseStore(store)
        with releases.transaction(author="benchmark", message="load", gate=gate) as transaction:
            transaction.replace_graph(GRAPH, data)
        releases.compact()
        ensure(releases, folder_of(store), releases.list()[0].id)
    port = _free_port()
    own = {"VISES_DATA": str(store), "VISES_PORT": str(port), "VISES_DUMPS": "no"}
    command, address = [_SCRIPTS / "vises", "serve"], f"http://127.0.0.1:{port}"
    return _started("VISES", f"{address}/sparql", command, {**os.environ, **own, **environ})


def oxigraph(data: Path, folder: Path, environ: Mapping[str, str] | None = None) -> Server:
    """Load the data with the Oxigraph server's own loader, and serve it read-only."""
    store, port = folder / "oxigraph", _free_port()
    program = _SCRIPTS / "oxigraph"
    if not store.exists():
        graph = ["--graph", GRAPH.value, "--format", "nt"]
        _run([program, "load", "--location", store, "--file", data, *graph])
        _run([program, "optimize", "--location", store])
    options = ["--location", store, "--bind", f"127.0.0.1:{port}", "--union-default-graph"]
    command, address = [program, "serve-read-only", *options], f"http://127.0.0.1:{port}/query"
    return _started("Oxigraph", address, command, {**os.environ, **(environ or {})})


def rdflib_endpoint(data: Path, folder: Path) -> Server:
    """Serve the data from memory with rdflib-endpoint, in an environment of its own."""
    environment, port = folder / "rdflib-endpoint", _free_port()
    if not environment.exists():
        _run([sys.executable, "-m", "venv", environment])
        _run([environment / "bin/pip", "install", "--quiet", "rdflib-endpoint[cli]"])
    command = [environment / "bin/rdflib-endpoint", "serve", "--port", port, data]
    return _started("rdflib-endpoint", f"http://127.0.0.1:{port}/", command)


def virtuoso(data: Path, folder: Path) -> Server:
    """Load the data with Virtuoso's own loader (Debian: virtuoso-opensource-7-bin); serve it."""
    place, http, sql = folder / "virtuoso", _free_port(), _free_port()
    place.mkdir(exist_ok=True)
    (place / "virtuoso.ini").write_text(_INI.format(sql=sql, http=http, folder=data.parent))
    command = ["virtuoso-t", "+foreground", "+configfile", place / "virtuoso.ini"]
    server = _started("Virtuoso", f"http://127.0.0.1:{http}/sparql", command, cwd=place)
    script = (
        f"ld_dir('{data.parent}', '{data.name}', '{GRAPH.value}'); rdf_loader_run(); checkpoint;"
    )
    _run(["isql-vt", f"127.0.0.1:{sql}", "dba", "dba", f"exec={script}"])
    return server


def _started(
    name: str,
    address: str,
    command: Sequence[object],
    environ: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Server:
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(
        list(map(str, command)), stdout=quiet, stderr=quiet, env=environ, cwd=cwd
    )
    server = Server(name, address, process)
    _wait(lambda: _answers(address), server)
    _wait(lambda: _rests(server), server)
    return server


def _answers(address: str) -> bool:
    try:
        return httpx.get(address, params={"query": "ASK {}"}, timeout=30).is_success
    except httpx.TransportError:
        return False


def _rests(server: Server) -> bool:
    """Tell whether nothing is done on the side: a service checks and counts after its start."""
    before = _processor_seconds(server)
    time.sleep(1)
    return _processor_seconds(server) - before < _RESTING_SECONDS


def _processor_seconds(server: Server) -> float:
    ticks = 0
    for pid in tree(server.process.pid):
        with suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def _wait(ready: Callable[[], bool], server: Server) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not ready():
        if server.process.poll() is not None or time.monotonic() > deadline:
            server.stop()
            sys.exit(f"{server.name} did not start.")
        time.sleep(0.5)


def _run(command: Sequence[object]) -> None:
    if shutil.which(str(command[0])) is None:
        sys.exit(f"{command[0]} is not on this machine.")
    subprocess.run(list(map(str, command)), check=True, stdout=subprocess.DEVNULL)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
