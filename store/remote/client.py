"""Writing to a remote engine: Graph Store Protocol and SPARQL 1.1 Update, with a login."""

from __future__ import annotations

from http import HTTPStatus
from typing import IO, TYPE_CHECKING, Self

import httpx
from pyoxigraph import BlankNode, NamedNode, Quad, Triple
from SPARQLWrapper import POST, SPARQLWrapper

from vises.errors import Unavailable
from vises.store.remote.http import (
    ChallengedLogin,
    NoRemoteEngine,
    RemoteAddress,
    client_options,
    first_line,
    refusal,
    unreachable,
)
from vises.store.remote.queries import NO_GRAPH
from vises.store.remote.replica import (
    Replica,
    read_replica,
    read_rows,
    replica_document,
    replica_fields,
    replica_graph,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

WRITE_SECONDS = 3600.0
N_TRIPLES = "application/n-triples"
_JSON = "application/sparql-results+json"
_BLOCK_BYTES = 1 << 20
_GRAPHS_PER_QUERY = 200


class RemoteWriteFailed(Unavailable):
    """The engine did not take what was sent to it."""

    kind = "remote-write"
    title = "The remote engine did not take the data"


class RemoteClient:
    """A connection that fills a remote engine. Use it as a context manager.

    Every method raises `RemoteUnavailable`, `RemoteLoginRefused` and `RemoteWriteFailed`.
    """

    def __init__(self, address: RemoteAddress, base_iri: str) -> None:
        """Take the addresses. Raises `NoRemoteEngine` where one of the three is missing."""
        for name, value in (
            ("VISES_ENGINE", address.query),
            ("VISES_ENGINE_UPDATE", address.update),
            ("VISES_ENGINE_GRAPHS", address.graphs),
        ):
            if not value:
                raise NoRemoteEngine(
                    "The address is not set.",
                    place=name,
                    remedy="See Remote engines in docs/operations.md for those of each engine.",
                )
        self._address = address
        self._base_iri = base_iri
        self._asking = httpx.Client(**client_options(WRITE_SECONDS))
        login = ChallengedLogin(address.login) if address.login else None
        self._writing = httpx.Client(**client_options(WRITE_SECONDS), auth=login)
        self._logged_in = False

    def __enter__(self) -> Self:
        """Return the client itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self._asking.close()
        self._writing.close()

    def replica(self) -> Replica:
        """Return what the engine says it holds of ours."""
        return read_replica(
            self._base_iri, self._ask(replica_fields(self._base_iri, with_graphs=True))
        )

    def write_replica(self, replica: Replica) -> None:
        """Let the engine say what it holds."""
        document = replica_document(self._base_iri, replica)
        self.put(replica_graph(self._base_iri), len(document), lambda: iter([document]))

    def counts(self, graphs: Iterable[str]) -> dict[str, int]:
        """Return how many statements each of some graphs has there; empty ones are left out."""
        names = [NamedNode(graph).value for graph in graphs]
        query = "SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
        found: dict[str, int] = {}
        for start in range(0, len(names), _GRAPHS_PER_QUERY):
            some = names[start : start + _GRAPHS_PER_QUERY]
            fields: dict[str, str | list[str]] = {
                "query": query,
                "default-graph-uri": NO_GRAPH,
                "named-graph-uri": some,
            }
            for graph, count in read_rows(self._ask(fields), ("g", "n")):
                found[str(graph)[1:-1]] = int(str(getattr(count, "value", 0)))
        return found

    def put(self, graph: NamedNode, size: int, body: Callable[[], Iterator[bytes]]) -> None:
        """Replace a graph by N-Triples of `size` bytes (Graph Store Protocol, section 5.3).

        The size is announced: Virtuoso takes a chunked body for an empty one. `body` may be called
        twice, the second time with the login.
        """
        self._log_in()
        headers = {"Content-Type": N_TRIPLES, "Content-Length": str(size)}
        response = self._send("PUT", {"graph": graph.value}, body, headers)
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            response = self._send("PUT", {"graph": graph.value}, body, headers)
        self._check(response, f"the graph {graph.value}")

    def delete(self, graph: NamedNode) -> None:
        """Remove a graph, if it is there (Graph Store Protocol, section 5.4)."""
        self._log_in()
        response = self._send("DELETE", {"graph": graph.value}, lambda: iter(()), {})
        if response.status_code != HTTPStatus.NOT_FOUND:
            self._check(response, f"the removal of {graph.value}")

    def update(self, removed: Iterable[Quad], added: Iterable[Quad]) -> None:
        """Remove and add plain quads (`is_plain`; SPARQL 1.1 Update, sections 3.1.1, 3.1.2)."""
        self._log_in()
        parts = [
            f"{verb} DATA {{\n{''.join(map(_quad_pattern, quads))}}}"
            for verb, quads in (("DELETE", removed), ("INSERT", added))
            if quads
        ]
        wrapper = _Update(self._address, self._writing)
        wrapper.setQuery(" ;\n".join(parts))
        self._check(wrapper.send(), "an update")

    def _ask(self, fields: Mapping[str, str | list[str]]) -> httpx.Response:
        try:
            return self._asking.post(self._address.query, data=fields, headers={"Accept": _JSON})
        except httpx.HTTPError as error:
            raise unreachable(error) from error

    def _log_in(self) -> None:
        """Fetch a challenge with a request that has no body, before one that has a large one.

        An engine may close the connection while a body that it will refuse is still being sent.
        """
        if self._logged_in:
            return
        graph = {"graph": replica_graph(self._base_iri).value}
        response = self._send("GET", graph, lambda: iter(()), {"Accept": N_TRIPLES})
        error = refusal(response, "a graph")
        if error is not None:
            raise error
        self._logged_in = True

    def _send(
        self,
        method: str,
        parameters: dict[str, str],
        body: Callable[[], Iterator[bytes]],
        headers: dict[str, str],
    ) -> httpx.Response:
        content = body() if "Content-Length" in headers else None
        try:
            return self._writing.request(
                method, self._address.graphs, params=parameters, content=content, headers=headers
            )
        except httpx.HTTPError as error:
            raise unreachable(error) from error

    def _check(self, response: httpx.Response, what: str) -> None:
        error = refusal(response, what)
        if error is not None:
            raise error
        if not response.is_success:
            raise RemoteWriteFailed(
                f"The engine answers {response.status_code} to {what}: "
                f"{first_line(response.text)}.",
                remedy="See the log of the engine; `vises remote push` goes on where it stopped.",
            )


class _Update(SPARQLWrapper):
    """An update that SPARQLWrapper makes and our connection sends.

    SPARQLWrapper's own would follow redirects, and for a Digest login leaves the password in an
    opener of the whole process and sends each body twice.
    """

    def __init__(self, address: RemoteAddress, connection: httpx.Client) -> None:
        super().__init__(address.query, updateEndpoint=address.update)
        self.setMethod(POST)
        self._connection = connection

    def send(self) -> httpx.Response:
        made = self._createRequest()
        assert isinstance(made.data, bytes)
        try:
            return self._connection.post(
                made.full_url, content=made.data, headers=dict(made.header_items())
            )
        except httpx.HTTPError as error:
            raise unreachable(error) from error


def blocks(file: IO[bytes], done: Callable[[int], object]) -> Iterator[bytes]:
    """Return a file in blocks, saying of each how large it is."""
    file.seek(0)
    while block := file.read(_BLOCK_BYTES):
        yield block
        done(len(block))


def is_plain(quad: Quad) -> bool:
    """Whether a quad can be named in an update: it has no blank node (SPARQL 1.1 Update, 3.1.2).

    Nor a triple term, which SPARQL 1.1 does not know.
    """
    return not any(isinstance(term, BlankNode | Triple) for term in (quad.subject, quad.object))


def _quad_pattern(quad: Quad) -> str:
    return f"GRAPH {quad.graph_name} {{ {quad.subject} {quad.predicate} {quad.object} }}\n"
