"""Asking a release: fixed queries and descriptions, parsed into RDF terms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
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

from vises.errors import Unavailable, sentence
from vises.service.formats import GRAPH_TYPES, RESULT_TYPES
from vises.store.engine import Answer, Described, DescribeRequest, Engine, Extent, QueryRequest

if TYPE_CHECKING:
    from vises.service.site import Reading, Site

MOST_BYTES = 32 << 20
"""How much of an answer is held here; a single value can be as large as the memory of a worker."""

Term = NamedNode | BlankNode | Literal | Triple
Row = Mapping[str, Term]

_EMPTY = "VALUES ?resource {}"


@cache
def page_query(name: str) -> str:
    """Return the text of queries/pages/NAME.rq."""
    return (files("vises") / "queries" / "pages" / f"{name}.rq").read_text("utf-8")


def with_resources(query: str, resources: Iterable[NamedNode]) -> str:
    """Return a query with values of ?resource: in the VALUES that it leaves empty, else behind."""
    values = f"VALUES ?resource {{ {' '.join(map(str, resources))} }}"
    inside = query.replace(_EMPTY, values)
    return inside if inside != query else f"{query}{values}\n"


@dataclass(frozen=True)
class Graph:
    """One release, asked through the engine. Every method raises what `Engine.answer` does.

    `hidden` are the graphs that no answer may come from; `documents` are the IRIs that stand for
    all of a graph, with its name; `counts` are the graphs there are, with how much they hold.
    """

    engine: Engine
    release_id: str
    hidden: tuple[str, ...] = ()
    documents: Mapping[str, str] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, site: Site, reading: Reading) -> Graph:
        """Return the release of a request, as far as the request may read it."""
        hidden = reading.rights.hidden_graphs
        return cls(site.engine, reading.release.id, hidden, site.documents, reading.counts)

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

        `resources` are the values of its variable ?resource, handed over in the VALUES block that
        the query leaves empty, else in one after it; `graphs` make up its default graph (none:
        all).
        """
        query = page_query(name)
        if resources is not None:
            query = with_resources(query, resources)
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

    async def table(self, query: str) -> bytes:
        """Return the solutions of a query of ours in TSV."""
        request = QueryRequest(
            query=query,
            results_type=RESULT_TYPES["tsv"],
            graph_type=None,
            hidden_graphs=self.hidden,
        )
        return await everything(await self.engine.answer(request, self.release_id))

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

    async def about(self, iri: NamedNode) -> list[Quad]:
        """Return the whole description of an IRI (`DescribeRequest`); none for an unknown one."""
        request = DescribeRequest((iri.value,), GRAPH_TYPES["nq"], self.hidden)
        answer = await self.engine.answer(request, self.release_id)
        return list(parse(await everything(answer), format=RdfFormat.N_QUADS))

    async def describe(
        self, iris: Iterable[NamedNode], page: int = 1
    ) -> tuple[Described, list[Quad]]:
        """Return what a page shows of the first of some IRIs that the data speak of.

        Of what refers to it, that is the part with the number `page`; of a vocabulary, all quads
        of its graph. See `DescribeRequest`.
        """
        request = self._description(iris, "page", page)
        answer = await self.engine.answer(request, self.release_id)
        quads = list(parse(await everything(answer), format=RdfFormat.N_QUADS))
        return answer.described, quads

    async def types(self, iris: Iterable[NamedNode]) -> Described:
        """Return which of some IRIs is the first that the data speak of, and its classes."""
        answer = await self.engine.answer(self._description(iris, "types"), self.release_id)
        await everything(answer)
        return answer.described

    def _description(
        self, iris: Iterable[NamedNode], extent: Extent, page: int = 1
    ) -> DescribeRequest:
        names = tuple(iri.value for iri in iris)
        return DescribeRequest(
            names,
            GRAPH_TYPES["nq"],
            self.hidden,
            extent,
            page,
            documents=self.documents,
            graphs=among(names, self.counts),
        )


def among(names: Iterable[str], counts: Mapping[str, int]) -> dict[str, int]:
    """Return the counts of those of some IRIs that are names of graphs."""
    return {name: counts[name] for name in names if name in counts}


async def everything(answer: Answer) -> bytes:
    """Return the whole of an answer that should be small. Raises `AnswerTooLarge`."""
    held = bytearray()
    try:
        async for chunk in answer.chunks:
            held += chunk
            if len(held) > MOST_BYTES:
                raise AnswerTooLarge(
                    sentence(
                        "answer-large", "The answer has more than {most:,} bytes.", most=MOST_BYTES
                    ),
                    remedy=sentence(
                        "fewer-rows", "Ask for fewer rows at once, or ask the SPARQL endpoint."
                    ),
                )
    finally:
        await answer.aclose()
    return bytes(held)


class AnswerTooLarge(Unavailable):
    """What a page or the API has to read of the graph is larger than it may be."""

    kind = "answer-too-large"
    title = "The answer is too large"
    status = 500
