"""A running service that takes writes, and the W3C manifests."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Store

from tests.service.conftest import Accepted, running
from vises.service.access.file import AccessFile
from vises.service.access.tokens import Token, digest, new_id, new_secret
from vises.service.app import create_app
from vises.settings import Settings
from vises.store.releases import ReleaseStore
from vises.store.transaction import Change
from vises.store.workers import WorkerPool

if TYPE_CHECKING:
    from collections.abc import Iterator

SUITE = Path(__file__).parents[2].parent / "shared" / "suites" / "w3c-sparql11"
TESTS = "http://www.w3.org/2009/sparql/docs/tests/data-sparql11/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
BASE = "http://data.example/"


@dataclass(frozen=True)
class Manifest:
    """A manifest of the suite as a graph."""

    folder: str
    store: Store
    base: str

    @classmethod
    def read(cls, folder: str, name: str = "manifest.ttl") -> Manifest:
        store = Store()
        base = f"{TESTS}{folder}/{name}"
        store.load(path=SUITE / folder / name, format=RdfFormat.TURTLE, base_iri=base)
        return cls(folder, store, base)

    def all(self, subject: object, name: str) -> list:
        return [q.object for q in self.store.quads_for_pattern(subject, NamedNode(name), None)]

    def one(self, subject: object, name: str) -> NamedNode | BlankNode | Literal | None:
        return next(iter(self.all(subject, name)), None)

    def items(self, node: object) -> list:
        found = []
        while node is not None and node.value != f"{RDF}nil":
            found.append(self.one(node, f"{RDF}first"))
            node = self.one(node, f"{RDF}rest")
        return found

    def entries(self) -> list[NamedNode]:
        mf = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
        return self.items(self.one(NamedNode(self.base), f"{mf}entries"))


@dataclass(frozen=True)
class Writable:
    """A service, and a client whose token may write to every graph."""

    address: str
    client: httpx.Client

    def ask(self, query: str) -> bool:
        answer = self.client.post(
            "/sparql",
            content=query.encode(),
            headers={"Content-Type": "application/sparql-query", "Accept": "application/json"},
        )
        return answer.raise_for_status().json()["boolean"]

    def fill(self, quads: list[Quad]) -> None:
        """Make the service hold these quads, each in a named graph, and nothing else."""
        data = "".join(
            f"GRAPH {q.graph_name} {{ {q.subject} {q.predicate} {q.object} }}\n" for q in quads
        )
        self.update(f"DROP ALL ; INSERT DATA {{ {data} }}").raise_for_status()

    def update(self, update: str, parameters: list[tuple[str, str]] = ()) -> httpx.Response:
        return self.client.post(
            "/sparql",
            params=list(parameters),
            content=update.encode(),
            headers={"Content-Type": "application/sparql-update"},
        )

    def quads(self) -> list[Quad]:
        """Return all that the service holds."""
        query = "SELECT ?s ?p ?o ?g { GRAPH ?g { ?s ?p ?o } }"
        answer = self.client.get("/sparql", params={"query": query}).raise_for_status()
        rows = answer.json()["results"]["bindings"]
        return [Quad(*(_term(row[name]) for name in "spog")) for row in rows]


def _term(value: dict[str, str]) -> NamedNode | BlankNode | Literal:
    if value["type"] == "uri":
        return NamedNode(value["value"])
    if value["type"] == "bnode":
        return BlankNode(value["value"])
    if "xml:lang" in value:
        return Literal(value["value"], language=value["xml:lang"])
    kind = value.get("datatype")
    return Literal(value["value"], datatype=NamedNode(kind) if kind else None)


@pytest.fixture(scope="session")
def writable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Writable]:
    data = tmp_path_factory.mktemp("writable") / "data"
    releases = ReleaseStore(data)
    first = Quad(*map(NamedNode, ("urn:a", "urn:b", "urn:c", "urn:first")))
    with releases.transaction(author="W3C", message="first", gate=lambda _: Accepted()) as change:
        change.apply(Change(frozenset(), frozenset({first})))
    name, secret = new_id(), new_secret()
    token = Token(
        name, "W3C", digest(secret), ("*",), read=True, write=True, created=datetime.now(UTC)
    )
    with AccessFile(data).changing() as access:
        access.state = replace(access.state, tokens={name: token})
    settings = Settings(data, "127.0.0.1", 0, BASE, 20, 1, 1024)
    pool = WorkerPool(releases, size=1, query_seconds=20, mebibytes=1024)
    headers = {"Authorization": f"Bearer vises_{name}_{secret}"}
    with (
        running(create_app(settings, releases, pool, lambda: lambda _: Accepted())) as address,
        httpx.Client(base_url=address, headers=headers, timeout=20) as client,
    ):
        yield Writable(address, client)


@pytest.fixture(scope="session")
def manifests() -> type[Manifest]:
    return Manifest


HT = "http://www.w3.org/2011/http#"
CNT = "http://www.w3.org/2011/content#"
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"


@dataclass(frozen=True)
class Exchange:
    """A request of a suite, and what is expected of its answer."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    statuses: tuple[str, ...]
    boolean: bool | None
    form: str | None
    answer_headers: dict[str, str]
    answer: str | None


def exchanges(manifest: Manifest, entry: NamedNode) -> list[Exchange]:
    """Return the requests of a test, described in the vocabulary HTTP in RDF."""
    action = manifest.one(entry, f"{MF}action")
    return [exchange(manifest, r) for r in manifest.items(manifest.one(action, f"{HT}requests"))]


def exchange(manifest: Manifest, request: BlankNode) -> Exchange:
    def text(node: object, name: str) -> str | None:
        found = manifest.one(node, name) if node is not None else None
        return found.value if found is not None else None

    def headers(node: object) -> dict[str, str]:
        listed = manifest.one(node, f"{HT}headers")
        fields = manifest.items(listed) if listed is not None else []
        return {text(f, f"{HT}fieldName"): text(f, f"{HT}fieldValue") for f in fields}

    body, answer = manifest.one(request, f"{HT}body"), manifest.one(request, f"{HT}resp")
    encoding = text(body, f"{CNT}characterEncoding") or "UTF-8"
    boolean = text(answer, f"{MF}expectedBoolean")
    return Exchange(
        text(request, f"{HT}methodName"),
        text(request, f"{HT}absolutePath"),
        headers(request),
        (text(body, f"{CNT}chars") or "").encode(encoding),
        tuple(s.value.rpartition("#")[2] for s in manifest.all(answer, f"{MF}expectedStatus")),
        None if boolean is None else boolean == "true",
        text(answer, f"{MF}expectedFormat"),
        headers(answer),
        text(manifest.one(answer, f"{HT}body"), f"{CNT}chars"),
    )


@pytest.fixture(scope="session")
def read_exchanges() -> object:
    return exchanges
