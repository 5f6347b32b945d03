"""The client: one object for one service, and one release of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import httpx
import pyarrow as pa

from vises.client.table import Table
from vises.client.transport import Transport, user_agent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import TracebackType

    from rdflib import Graph

    from vises.client.transport import Parameters

ARROW = "application/vnd.apache.arrow.stream"
N_TRIPLES = "application/n-triples"
API = "/api/v1"

Value = str | int | bool
_NOT_IN_IRIS = set('<>"{}|\\^`')


class Client:
    """A service, asked from one release.

    `release` is an id or a tag; None: that of the first answer, from then on; "current": whichever
    is current at each request. `language` is that of names and texts. `timeout` is in seconds, for
    each wait; `retries` is how often a request is tried again. Every method raises `ServiceProblem`
    with the problem document of the service, and `Unreachable`.
    """

    def __init__(
        self,
        url: str,
        *,
        release: str | None = None,
        language: str = "en",
        timeout: float = 60,
        retries: int = 3,
    ) -> None:
        """Remember the address; nothing is sent yet."""
        headers = {"User-Agent": user_agent(), "Accept-Language": language}
        self._http = httpx.Client(base_url=url.rstrip("/"), timeout=timeout, headers=headers)
        self._transport = Transport(self._http, release, retries)

    def __enter__(self) -> Self:
        """Return the client."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connections."""
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    @property
    def release(self) -> str | None:
        """The release that is asked, None where it is not known yet or not fixed."""
        return self._transport.release

    def query(self, sparql: str) -> Table:
        """Return the answer to a SELECT query."""
        return self._table("/sparql", [], sparql.encode())

    def ask(self, sparql: str) -> bool:
        """Return the answer to an ASK query."""
        return bool(self.query(sparql).raw.column("boolean")[0].as_py())

    def graph(self, sparql: str) -> Graph:
        """Return the answer to a CONSTRUCT or DESCRIBE query as an rdflib Graph."""
        from rdflib import Graph  # noqa: PLC0415 (slow, and seldom needed)

        response = self._transport.get("/sparql", [], N_TRIPLES, body=sparql.encode())
        return Graph().parse(data=response.content, format="nt")

    def describe(self, iri: str) -> Graph:
        """Return what the release says of a thing. Raises `ValueError` for what is no IRI."""
        if ":" not in iri or any(c <= " " or c in _NOT_IN_IRIS for c in iri):
            raise ValueError(iri)
        return self.graph(f"DESCRIBE <{iri}>")

    def questions(self) -> list[dict[str, Any]]:
        """Return the questions of the catalogue, each with its parameters and columns."""
        response = self._transport.get(f"{API}/questions", [], "application/json")
        found: list[dict[str, Any]] = response.json()["questions"]
        return found

    def question(self, name: str, **parameters: Value | Iterable[Value]) -> Table:
        """Return the whole answer to a question of the catalogue, such as S1.

        A parameter may have several values: ``measure=["jobCount", "employeeCount"]``.
        """
        return self._table(f"{API}/questions/{name}", _pairs(parameters), None)

    def changes(
        self, name: str, before: str, after: str, **parameters: Value | Iterable[Value]
    ) -> Iterator[dict[str, Any]]:
        """Yield how the answers to a question differ between two releases (A4, E7), row by row."""
        named = _pairs({**parameters, "before": before, "after": after})
        return self._pages(f"{API}/questions/{name}", named, "rows")

    def things(self, kind: str, **filters: Value | Iterable[Value]) -> Iterator[dict[str, Any]]:
        """Yield the things of a kind (`enterprises`, `indicators`, `codes/nuts`), page by page."""
        return self._pages(f"{API}/{kind}", _pairs(filters), "items")

    def enterprises(self, **filters: Value | Iterable[Value]) -> Iterator[dict[str, Any]]:
        """Yield enterprises: ``enterprises(region="nuts:FRE", sse=True)``."""
        return self.things("enterprises", **filters)

    def thing(self, kind: str, name: str) -> dict[str, Any]:
        """Return one thing: ``thing("enterprises", "fr-000000018")``."""
        response = self._transport.get(f"{API}/{kind}/{name}", [], "application/json")
        found: dict[str, Any] = response.json()
        return found

    def _table(self, path: str, parameters: Parameters, body: bytes | None) -> Table:
        response = self._transport.get(path, parameters, ARROW, body=body)
        table = pa.ipc.open_stream(response.content).read_all()
        return Table(table, response.headers.get("x-release", ""))

    def _pages(self, path: str, parameters: Parameters, member: str) -> Iterator[dict[str, Any]]:
        """Yield what is on a page and on those that its links lead to."""
        given = {name for name, _ in parameters}
        if not {"size", "limit"} & given:
            parameters = [*parameters, ("size", "1000")]
        while True:
            response = self._transport.get(path, parameters, "application/json")
            yield from response.json()[member]
            following = response.links.get("next")
            if following is None:
                return
            parameters = list(httpx.URL(following["url"]).params.multi_items())


def _pairs(parameters: dict[str, Value | Iterable[Value]]) -> Parameters:
    """Return parameters as an address has them, with one pair for each value."""
    pairs: Parameters = []
    for name, value in parameters.items():
        values = [value] if isinstance(value, str | int) else value
        pairs += [(name, _text(v)) for v in values]
    return pairs


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
