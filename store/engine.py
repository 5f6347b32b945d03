"""What a query engine takes, gives and raises; the row store in `vises.store.workers` is the first.

An engine may decline queries (`accepts`), so that a second one can take those it provably answers
the same. It answers from one release, which never changes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

from vises.errors import BadRequest, Unavailable, sentence
from vises.store.encoding import IDENTITY, LEAST_BYTES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

ARROW = "application/vnd.apache.arrow.stream"
PARQUET = "application/vnd.apache.parquet"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
RESULT_SET = "text/turtle"

RESULTS_TYPES = (
    "application/sparql-results+json",
    "application/sparql-results+xml",
    "text/csv",
    "text/tab-separated-values",
    ARROW,
    PARQUET,
)
"""The media types of solutions (SELECT) and booleans (ASK)."""

SOLUTIONS_TYPES = (*RESULTS_TYPES, XLSX, RESULT_SET)
"""Those of solutions alone: the API has also a spreadsheet and a table in RDF."""

GRAPH_TYPES = (
    "text/turtle",
    "application/n-triples",
    "application/rdf+xml",
    "application/ld+json",
    "application/n-quads",
    "application/trig",
)
"""The media types of graphs (CONSTRUCT, DESCRIBE)."""


@dataclass(frozen=True)
class QueryRequest:
    """A SPARQL 1.1 query and what its answer may look like.

    `results_type` is the media type wanted for SELECT and ASK, `graph_type` the one for CONSTRUCT
    and DESCRIBE; None means that the client takes none of that kind. `default_graphs` and
    `named_graphs` are the dataset of the protocol (SPARQL 1.1 Protocol, section 2.1.4) and go
    before FROM and FROM NAMED. Without either of them, and without FROM in the query, the default
    graph is the union of all graphs. `bindings` gives variables of the projection (without ``?``) a
    value in N-Triples syntax, so that no query is ever put together from what a user typed.
    `hidden_graphs` are left out of every dataset, as if they were not there. `base_iri` resolves
    relative IRIs in the query (section 4.1.1.2; None: there may be none). `timeout` is how many
    seconds the client waits for the end of the answer, at most; the deadline of the engine holds
    where it is shorter, or where this is None. `federation_path` has the services that the query
    came through (`vises.store.federation.path`).

    `written` says that the client wrote the query, and answers for its mistakes.

    `coding` is the content coding that the client prefers, and the answer has it from `least_bytes`
    on; an engine may leave that to others (`Answer.coding`).
    """

    query: str
    results_type: str | None
    graph_type: str | None
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    bindings: Mapping[str, str] = field(default_factory=dict)
    hidden_graphs: tuple[str, ...] = ()
    timeout: float | None = None
    base_iri: str | None = None
    federation_path: str = ""
    written: bool = False
    coding: str = IDENTITY
    least_bytes: int = LEAST_BYTES


Extent = Literal["whole", "page", "types"]
"""How much of a description is asked for."""


@dataclass(frozen=True)
class DescribeRequest:
    """A request for what the data say about the first of some IRIs of which they say anything.

    The whole answer has all quads with it as subject; those of the blank nodes, identifiers
    (adms:identifier), addresses (cv:registeredAddress) and mappings (sssom:mappings) these point
    to, one level down, with what a mapping annotates; and 100 quads with it as object, the
    `page`-th such part of them. Where there are other parts, it says so in Hydra's terms, if it is
    told the address of the `document` that it will be. A page has 200 values of each property at
    most. With the extent of types alone the answer has no body; which IRI it was is told with
    every answer (`Described`).

    With `construct`, a CONSTRUCT query about ?resource, the whole answer is what it makes of the
    description. `documents` has, for IRIs that stand for all of a graph, the name of that graph; so
    does the version (owl:versionIRI) that such a graph says it is, where it is one level below.
    `graphs` has, for those of the IRIs that are names of graphs, how many statements these hold.
    Where no quad has such a name as subject, the description says that it is a dataset, and the
    number (a page does not). None of the quads is of a graph in `hidden_graphs`. The content coding
    is as in `QueryRequest`.
    """

    iris: tuple[str, ...]
    graph_type: str = "application/n-quads"
    hidden_graphs: tuple[str, ...] = ()
    extent: Extent = "whole"
    page: int = 1
    document: str = ""
    documents: Mapping[str, str] = field(default_factory=dict)
    graphs: Mapping[str, int] = field(default_factory=dict)
    construct: str = ""
    coding: str = IDENTITY
    least_bytes: int = LEAST_BYTES


@dataclass(frozen=True)
class Described:
    """What a description is of.

    `iri` is "" where the data say nothing about any of the IRIs; `types` are the classes of the
    thing; `incoming` is how many quads have it as object in this part, and `more` whether there is
    another part after it; `left_out` is how many values a page lacks, by property.
    """

    iri: str = ""
    types: tuple[str, ...] = ()
    incoming: int = 0
    more: bool = False
    left_out: Mapping[str, int] = field(default_factory=dict)


class Chunks(Protocol):
    """The bytes of an answer; iterating past a failure raises, so that nothing ends early unseen.

    Raises `QueryTimeout`, `MemoryExceeded`, `QueryFailed`, `StoreDamaged` and `FederationFailed`.
    """

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Return the iterator: the same each time."""

    async def __anext__(self) -> bytes:
        """Return the next bytes, about 64 KiB."""

    async def aclose(self) -> None:
        """Stop the work on the answer, where there is any left."""


@dataclass(frozen=True)
class Answer:
    """An answer that has begun: its media type, its bytes, and how many where that is known.

    `coding` is the content coding of the bytes, None where the engine did not look at the one that
    was asked for. It has no default, so that who wraps an answer cannot forget it. `described` says
    what a description is of. `whole` is all that the chunks have, where it is there already: then
    nothing can fail any more.
    """

    media_type: str
    chunks: Chunks
    coding: str | None
    length: int | None = None
    described: Described = field(default_factory=Described)
    whole: bytes | None = None

    async def aclose(self) -> None:
        """Stop the work on the answer, where there is any left."""
        await self.chunks.aclose()


class Engine(Protocol):
    """Something that answers queries from a release."""

    def accepts(self, query: str) -> bool:
        """Whether this engine takes the query."""

    async def answer(self, request: QueryRequest | DescribeRequest, release_id: str) -> Answer:
        """Begin an answer.

        Raises `QuerySyntaxError`, `FederationRefused`, `BindingError`, `DatasetUnclear`,
        `NotAcceptable`, `QueryTimeout`, `MemoryExceeded`, `QueryFailed`, `EngineBusy`,
        `ClientLimited`, `UnknownRelease`, `ReleasePruned`, `StoreDamaged`, `FederationFailed`,
        `FederationTimeout`.
        """


class StartableEngine(Engine, Protocol):
    """An engine that the service starts with itself and closes with itself."""

    async def start(self) -> None:
        """Get ready to answer."""

    async def close(self) -> None:
        """Stop all work."""


@dataclass(frozen=True)
class Mistake:
    """Where a query stops making sense, counted from 1, and what is wrong there.

    `reason` names it and `values` is what its sentence speaks of, so that a page can say it in
    another language.
    """

    line: int = 1
    column: int = 1
    reason: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


class QuerySyntaxError(BadRequest):
    """The text is not a SPARQL query. The detail says why, and shows the place below."""

    kind = "query-syntax"
    title = "The query cannot be read"

    def __init__(
        self,
        detail: str,
        *,
        place: str | None = None,
        remedy: str | None = None,
        mistake: Mistake | None = None,
    ) -> None:
        """Keep the mistake apart from the sentence."""
        super().__init__(detail, place=place, remedy=remedy)
        self.mistake = mistake or Mistake()

    @property
    def line(self) -> int:
        """The line of the mistake."""
        return self.mistake.line

    @property
    def column(self) -> int:
        """The column of the mistake."""
        return self.mistake.column


class FederationRefused(BadRequest):
    """The query calls another endpoint."""

    kind = "federation-refused"
    title = "Federation is not allowed"


class BindingError(BadRequest):
    """A value for a variable is not an RDF term, or there is no such variable."""

    kind = "binding"
    title = "A value cannot be used in the query"


class DatasetUnclear(BadRequest):
    """Which graphs the query names with FROM cannot be read, while some graphs are closed."""

    kind = "dataset-unclear"
    title = "The dataset of the query cannot be read"


class NotAcceptable(BadRequest):
    """The answer has no form that the client takes."""

    kind = "not-acceptable"
    title = "No acceptable form of the answer"
    status = 406


class QueryTimeout(Unavailable):
    """The query met its deadline."""

    kind = "query-timeout"
    title = "The query took too long"


def deadline_met(seconds: float) -> QueryTimeout:
    """Return the error for a query that took as long as it may."""
    return QueryTimeout(
        sentence(
            "deadline",
            "The query was stopped at its deadline of {seconds} s.",
            seconds=f"{seconds:.3g}",
        ),
        remedy=sentence(
            "cheaper",
            "Make it cheaper: name the graph or the class, narrow the pattern before ORDER BY, "
            "DISTINCT or a count, or ask for a part with LIMIT.",
        ),
    )


_MEMORY = sentence("memory", "The query met the memory limit of its process and was stopped.")
_LESS = sentence(
    "ask-less",
    "Ask for less at once: narrow the pattern, name a graph, or do without "
    "ORDER BY and DISTINCT over everything.",
)


class MemoryExceeded(Unavailable):
    """The query met the memory limit of its process."""

    kind = "query-memory"
    title = "The query needs too much memory"

    def __init__(
        self,
        detail: str = _MEMORY,
        *,
        place: str | None = None,
        remedy: str | None = _LESS,
    ) -> None:
        """Say the same wherever the limit was met."""
        super().__init__(detail, place=place, remedy=remedy)


class EngineBusy(Unavailable):
    """No process came free for the query."""

    kind = "engine-busy"
    title = "Too many queries at once"
    retry_after = 5


class UnknownFunction(BadRequest):
    """The query calls a function that the engine does not have."""

    kind = "unknown-function"
    title = "There is no such function"


class QueryFailed(Unavailable):
    """The query was right and could not be answered."""

    kind = "query-failed"
    title = "The query failed"
    status = 500
