"""A service under attack, and what is measured of it meanwhile."""

from __future__ import annotations

import os
import statistics
import subprocess
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from pyoxigraph import Literal, NamedNode, Quad

from vises.store.releases import ReleaseStore
from vises.store.transaction import Change

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from tests.conftest import Served


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what only the campaign runs."""
    if not config.getoption("--hostile"):
        left_out = [item for item in items if item.get_closest_marker("campaign")]
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)


ENTITIES = 5_000
QUERY_SECONDS = 3
LOOK_UP = "ASK { <https://data.example/e/7> <https://data.example/name> ?name }"
PAUSE = 0.02
LEAST = 3
"""How often the prober asks, however short an attack is."""


class Accepted:
    """A verdict that accepts."""

    accepted, violations, warnings = True, 0, 0

    def turtle(self) -> list[bytes]:
        return []


def data() -> Iterator[Quad]:
    """Yield entities in a ring (:next), each with a name and a number."""
    base = "https://data.example/"
    name, number, following = (NamedNode(base + n) for n in ("name", "number", "next"))
    graph = NamedNode(base + "graph/ring")
    for n in range(ENTITIES):
        entity = NamedNode(f"{base}e/{n}")
        yield Quad(entity, name, Literal("a" * 30 + str(n)), graph)
        yield Quad(entity, number, Literal(n), graph)
        yield Quad(entity, following, NamedNode(f"{base}e/{(n + 1) % ENTITIES}"), graph)


@dataclass
class Row:
    """What is told of one attack: its answer, the prober's latencies, memory before and after."""

    case: str
    answer: str
    latencies: list[float]
    refused: int
    before: int
    after: int

    def __str__(self) -> str:
        middle = statistics.median(self.latencies) * 1000 if self.latencies else 0
        worst = max(self.latencies, default=0) * 1000
        return (
            f"{self.case:34} {self.answer:28} {len(self.latencies):5} {middle:8.1f} {worst:9.1f}"
            f" {self.refused:5} {self.before:6} {self.after:6}"
        )


HEADER = (
    f"{'case':34} {'answer':28} {'asked':>5} {'median':>8} {'worst ms':>9} {'busy':>5}"
    f" {'MiB 0':>6} {'MiB 1':>6}"
)


@dataclass
class Target:
    """The service: whether it stands, what a visitor sees, what its processes hold."""

    served: Served
    rows: list[Row] = field(default_factory=list)

    @property
    def host(self) -> tuple[str, int]:
        url = httpx.URL(self.served.address)
        return url.host, url.port or 80

    @contextmanager
    def watched(self, case: str) -> Iterator[Row]:
        """Ask point look-ups all the while; afterwards the service must stand as before.

        The front process must be the same one, a look-up must be answered within the deadline of a
        query, and nothing may have been logged as an error of the service.
        """
        row = Row(case, "", [], 0, self.memory(), 0)
        told = self.served.log.stat().st_size
        over = threading.Event()
        prober = threading.Thread(target=self._probe, args=(row, over))
        prober.start()
        try:
            yield row
        finally:
            over.set()
            prober.join(60)
            self.rows.append(row)
        assert self.served.process.poll() is None, "the front process died"
        self.settle()
        row.after = self.memory()
        log = self.served.log.read_bytes()[told:].decode("utf-8", "replace")
        assert "Traceback" not in log, log[-3000:]

    def settle(self) -> None:
        """Wait until a look-up is answered, for as long as a query may take."""
        begin = time.monotonic()
        while not self._answers():
            assert time.monotonic() - begin < QUERY_SECONDS + 5, "it does not answer any more"
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            found = httpx.post(self.served.endpoint, data={"query": LOOK_UP}, timeout=30)
        except httpx.TransportError:
            return False
        return found.status_code == 200

    def _probe(self, row: Row, over: threading.Event) -> None:
        """Ask as one visitor does, by a connection that is kept; count who was told to wait."""
        with httpx.Client(timeout=30) as client:
            while not over.is_set() or len(row.latencies) < LEAST:
                begin = time.monotonic()
                answer = client.post(self.served.endpoint, data={"query": LOOK_UP})
                row.latencies.append(time.monotonic() - begin)
                if answer.status_code == 503:
                    row.refused += 1
                else:
                    assert answer.json() == {"head": {}, "boolean": True}
                over.wait(PAUSE)

    def memory(self) -> int:
        """Return the resident memory of the front process and its children, in MiB."""
        front = self.served.process.pid
        children = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(front)], capture_output=True, text=True, check=False
        ).stdout.split()
        pages = 0
        for pid in [str(front), *children]:
            statm = Path(f"/proc/{pid}/statm")
            pages += int(statm.read_text().split()[1]) if statm.exists() else 0
        return pages * os.sysconf("SC_PAGE_SIZE") >> 20


@pytest.fixture(scope="session")
def target(
    tmp_path_factory: pytest.TempPathFactory,
    serve: Callable[..., AbstractContextManager[Served]],
) -> Iterator[Target]:
    folder = tmp_path_factory.mktemp("hostile") / "data"
    with ReleaseStore(folder).transaction(
        author="test", message="data", gate=lambda _: Accepted()
    ) as change:
        change.apply(Change(frozenset(), frozenset(data())))
    settings = {
        "VISES_WORKERS": "2",
        "VISES_CLIENT_SECONDS": "1e6/1e6",
        "VISES_CLIENT_ERRORS": "1e6/1e6",
        "VISES_WORKER_MEMORY": "1024",
        "VISES_QUERY_SECONDS": str(QUERY_SECONDS),
        "VISES_BASE_IRI": "https://data.example/",
    }
    with serve(folder, **settings) as served:
        found = Target(served)
        yield found
    print("", HEADER, *found.rows, sep="\n")  # noqa: T201 (the table of the campaign)
