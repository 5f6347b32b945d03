"""The W3C tests of SPARQL 1.1 Federated Query, run over HTTP between services of ours.

Every service holds every data file of the suite, each as a graph. The first one is asked; the
endpoints of a test become the other two, with the graph of their data as the default graph.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections import Counter
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import httpx
import pytest
from pyoxigraph import (
    NamedNode,
    Quad,
    QueryResultsFormat,
    RdfFormat,
    Store,
    parse,
    parse_query_results,
)

from vises.store.releases import ReleaseStore
from vises.store.transaction import Change

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

pytestmark = pytest.mark.shared

SUITE = Path(__file__).parents[2].parent / "shared" / "suites" / "w3c-sparql11"
MANIFEST = "http://example.org/service/manifest"
NOWHERE = "urn:no-data"
RESULTS = "application/sparql-results+xml"
CASES = {
    "service1": ("service01.rq", "data01.ttl", ["http://example.org/sparql", "data01endpoint.ttl"]),
    "service2": (
        "service02.rq",
        None,
        ["http://example1.org/sparql", "data02endpoint1.ttl"],
        ["http://example2.org/sparql", "data02endpoint2.ttl"],
    ),
    "service3": (
        "service03.rq",
        None,
        ["http://example1.org/sparql", "data03endpoint1.ttl"],
        ["http://example2.org/sparql", "data03endpoint2.ttl"],
    ),
    "service4a": (
        "service04a.rq",
        "data04.ttl",
        ["http://example.org/sparql", "data04endpoint.ttl"],
    ),
    "service6": ("service06.rq", None, ["http://example1.org/sparql", "data06endpoint1.ttl"]),
    "service7": ("service07.rq", "data07.ttl"),
}
"""What the manifest says of each test: query, local data, and the endpoints with theirs."""

SERVE = """
import os
from vises.service.server import serve
from vises.settings import Settings
serve(Settings.from_env(os.environ), lambda _: print("ready", flush=True))
"""


class Accepted:
    """A verdict that accepts."""

    accepted, violations, warnings = True, 0, 0

    def turtle(self) -> list[bytes]:
        return []


def graph(name: str) -> str:
    return f"http://example.org/data/{name}"


def publish(folder: Path) -> Path:
    """Publish every data file of the suite as a graph; return the data folder."""
    quads = [
        Quad(quad.subject, quad.predicate, quad.object, NamedNode(graph(path.name)))
        for path in (SUITE / "service").glob("data*.ttl")
        for quad in parse(path=path, format=RdfFormat.TURTLE, rename_blank_nodes=True)
    ]
    with ReleaseStore(folder).transaction(
        author="W3C", message="data", gate=lambda _: Accepted()
    ) as change:
        change.apply(Change(frozenset(), frozenset(quads)))
    return folder


@contextmanager
def served(data: Path, ports: Sequence[int], partners: Path) -> Iterator[None]:
    """Serve a data folder at several ports, each in a process of its own."""
    shared = {
        **os.environ,
        "VISES_DATA": str(data),
        "VISES_WORKERS": "1",
        "VISES_PARTNERS": str(partners),
    }
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", SERVE],
            env={**shared, "VISES_PORT": str(port)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for port in ports
    ]
    try:
        for process in processes:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
        yield
    finally:
        for process in processes:
            process.send_signal(signal.SIGINT)
        for process in processes:
            try:
                process.communicate(timeout=20)
            finally:
                process.kill()


class World:
    """The three services: the one that is asked, and two partners."""

    def __init__(self, endpoint: str, *partners: str) -> None:
        self.endpoint = endpoint
        self.partners = partners

    def partner_endpoint(self, name: str, number: int = 0) -> str:
        return f"{self.partners[number]}?{urlencode({'default-graph-uri': graph(name)})}"

    def ask(
        self, query: str, data: str | None, endpoints: Sequence[Sequence[str]]
    ) -> httpx.Response:
        for number, (iri, name) in enumerate(endpoints):
            assert f"<{iri}>" in query
            query = query.replace(f"<{iri}>", f"<{self.partner_endpoint(name, number)}>")
        default = graph(data) if data else NOWHERE
        return httpx.post(
            self.endpoint,
            data={"query": query, "default-graph-uri": default},
            headers={"Accept": RESULTS},
            timeout=30,
        )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("federation")
    data = publish(folder / "data")
    with ExitStack() as stack:
        taken = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(3)]
        ports = [listener.getsockname()[1] for listener in taken]
    found = World(*(f"http://127.0.0.1:{port}/sparql" for port in ports))
    partners = folder / "partners.toml"
    used = {(number, e[1]) for _, _, *all_ in CASES.values() for number, e in enumerate(all_)}
    partners.write_text(
        "".join(
            f'[[partner]]\nendpoint = "{found.partner_endpoint(name, number)}"\n'
            'networks = ["127.0.0.1"]\n'
            for number, name in sorted(used)
        ),
        "utf-8",
    )
    with served(data, ports, partners):
        yield found


@pytest.mark.parametrize("name", CASES)
def test_federation(name: str, world: World) -> None:
    file, data, *endpoints = CASES[name]
    answer = world.ask((SUITE / "service" / file).read_text("utf-8"), data, endpoints)
    assert answer.status_code == 200, answer.text
    result = SUITE / "service" / file.replace("a.rq", ".rq").replace(".rq", ".srx")
    assert rows(answer.content) == rows(result.read_bytes())


def rows(body: bytes) -> Counter[frozenset[tuple[str, str]]]:
    results = parse_query_results(body, QueryResultsFormat.XML)
    names = [variable.value for variable in results.variables]
    return Counter(frozenset((n, str(s[n])) for n in names if s[n] is not None) for s in results)


def test_a_variable_endpoint_is_refused(world: World) -> None:
    """The test service5 lets data name the endpoint, which this service refuses on purpose."""
    query = (SUITE / "service" / "service05.rq").read_text("utf-8")
    answer = world.ask(query, "data05.ttl", [])
    assert answer.status_code == 400
    assert answer.json()["type"].endswith("/federation-refused")
    assert "?service" in answer.json()["detail"]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_syntax(number: int, world: World) -> None:
    """The syntax tests parse; without a base their relative IRI is an error of its own."""
    path = SUITE / "syntax-fed" / f"syntax-service-0{number}.rq"
    partner = world.partner_endpoint("data01endpoint.ttl")
    query = path.read_text("utf-8").replace("<g>", f"<{partner}>")
    assert world.ask(query, "data01.ttl", []).status_code == 200


def test_these_are_the_tests_of_the_suite() -> None:
    """Compare the table above with the manifest, but for service5."""
    store = Store()
    manifest = SUITE / "service" / "manifest.ttl"
    store.load(path=manifest, format=RdfFormat.TURTLE, base_iri=MANIFEST)
    found = store.query(
        """PREFIX mf: <http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#>
        PREFIX qt: <http://www.w3.org/2001/sw/DataAccess/tests/test-query#>
        SELECT ?test ?query ?data ?endpoint ?remote {
            ?test mf:action ?action . ?action qt:query ?query .
            OPTIONAL { ?action qt:data ?data }
            OPTIONAL { ?action qt:serviceData [ qt:endpoint ?endpoint ; qt:data ?remote ] }
        } ORDER BY ?endpoint"""
    )
    told: dict[str, tuple[object, ...]] = {}
    for test, query, data, endpoint, remote in found:
        name = test.value.rpartition("#")[2]
        told.setdefault(name, (local(query), data and local(data)))
        if endpoint:
            told[name] += ([endpoint.value, local(remote)],)
    del told["service5"]
    assert told == CASES


def local(node: NamedNode) -> str:
    return node.value.rpartition("/")[2]
