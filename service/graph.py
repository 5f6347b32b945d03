"""Asking a release: fixed queries and descriptions, parsed into RDF terms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    Quad,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Triple,
    parse,
    parse_query_results,
)

from vises.errors import Unavailable
from vises.service.formats import GRAPH_TYPES, RESULT_TYPES
from vises.store.engine import Answer, DescribeRequest, Engine, QueryRequest

if TYPE_CHECKING:
    from vises.service.site import Reading

MOST_BYTES = 32 << 20
"""How much of an answer is held here; a single value can be as large as the memory of a worker."""

Term = NamedNode | BlankNode | Literal | Triple
Row = Mapping[str, Term]


@cache
def page_query(name: str) -> str:
    """Return the text of queries/pages/NAME.rq."""
    return (files("vises") / "queries" / "pages" / f"{name}.rq").read_text("utf-8")


@dataclass(frozen=True)
class Graph:
    """One release, asked through the engine. Every method raises what `Engine.answer` does.

    `hidden` are the graphs that no answer may come from.
    """

    engine: Engine
    release_id: str
    hidden: tuple[str, ...] = ()

    @classmethod
    def of(cls, engine: Engine, reading: Reading) -> Graph:
        """Return the release of a request, as far as the request may read it."""
        return cls(engine, reading.release.id, reading.rights.hidden_graphs)

    @property
    def key(self) -> tuple[str, tuple[str, ...]]:
        """What decides on every answer: the release, and what of it is hidden."""
        return self.release_id, self.hidden

    async def select(
        self,
        name: str,
        *,
        resources: Iterable[NamedNode] | None = None,
        graphs: tuple[str, ...] = (),
    ) -> list[Row]:
        """Return the solutions of queries/pages/NAME.rq.

        `resources` are the values of its variable ?resource, handed over as a VALUES block after
        the query; `graphs` make up its default graph (none: all).
        """
        query = page_query(name)
        if resources is not None:
            query += f"VALUES ?resource {{ {' '.join(map(str, resources))} }}\n"
        return await self.rows(query, graphs)

    async def rows(self, query: str, graphs: tuple[str, ...] = (), path: str = "") -> list[Row]:
        """Return the solutions of a query of ours; `path` is that of `QueryRequest`."""
        request = QueryRequest(
            query=query,
            results_type=RESULT_TYPES["json"],
            graph_type=None,
            default_graphs=graphs,
            hidden_graphs=self.hidden,
            federation_path=path,
        )
        body = await everything(await self.engine.answer(request, self.release_id))
        solutions = parse_query_results(body, format=QueryResultsFormat.JSON)
        assert isinstance(solutions, QuerySolutions)
        names = [v.value for v in solutions.variables]
        return [
            {k: v for k, v in zip(names, solution, strict=True) if v is not None}
            for solution in solutions
        ]

    async def triples(self, query: str) -> list[Triple]:
        """Return the graph that a CONSTRUCT query of ours makes."""
        request = QueryRequest(
            query=query,
            results_type=None,
            graph_type=GRAPH_TYPES["nt"],
            hidden_graphs=self.hidden,
        )
        body = await everything(await self.engine.answer(request, self.release_id))
        return [quad.triple for quad in parse(body, format=RdfFormat.N_TRIPLES)]

    async def describe(self, iri: NamedNode) -> list[Quad]:
        """Return the quads about an IRI, as `DescribeRequest` says; none for an unknown one."""
        request = DescribeRequest(iri.value, GRAPH_TYPES["nq"], self.hidden)
        body = await everything(await self.engine.answer(request, self.release_id))
        return list(parse(body, format=RdfFormat.N_QUADS))

    async def contents(self, graph: str) -> list[Quad]:
        """Return all statements of one named graph, each with the graph's name."""
        request = QueryRequest(
            query=page_query("contents"),
            results_type=None,
            graph_type=GRAPH_TYPES["nt"],
            default_graphs=(graph,),
            hidden_graphs=self.hidden,
        )
        body = await everything(await self.engine.answer(request, self.release_id))
        name = NamedNode(graph)
        return [
            Quad(q.subject, q.predicate, q.object, name)
            for q in parse(body, format=RdfFormat.N_TRIPLES)
        ]


async def everything(answer: Answer) -> bytes:
    """Return the whole of an answer that should be small. Raises `AnswerTooLarge`."""
    held = bytearray()
    try:
        async for chunk in answer.chunks:
            held += chunk
            if len(held) > MOST_BYTES:
                raise AnswerTooLarge(
                    f"The answer has more than {MOST_BYTES:,} bytes.",
                    remedy="Ask for fewer rows at once, or ask the SPARQL endpoint.",
                )
    finally:
        await answer.aclose()
    return bytes(held)


class AnswerTooLarge(Unavailable):
    """What a page or the API has to read of the graph is larger than it may be."""

    kind = "answer-too-large"
    title = "The answer is too large"
    status = 500
