"""What the process that evaluates updates takes, and the errors that it gives back."""

from __future__ import annotations

from dataclasses import dataclass

from vises.errors import BadRequest, Unavailable
from vises.store.engine import QuerySyntaxError

MOST_CHANGED = 250_000
"""How many statements one update may remove and add; a graph is replaced by PUT instead."""


@dataclass(frozen=True)
class UpdateRequest:
    """A SPARQL 1.1 update and what it is evaluated on.

    `base_iri` resolves relative IRIs. `hidden_graphs` are left out of everything it reads.
    `using_graphs` and `using_named_graphs` are the dataset of the protocol (SPARQL 1.1 Protocol,
    section 2.2.3). `insert_graph` is where statements go that are inserted outside any GRAPH and
    WITH, `remove_graph` where such ones are removed from (None: there is no such place); together
    they stand for the default graph in CLEAR, ADD and the like.
    """

    update: str
    base_iri: str
    hidden_graphs: tuple[str, ...] = ()
    using_graphs: tuple[str, ...] = ()
    using_named_graphs: tuple[str, ...] = ()
    insert_graph: str | None = None
    remove_graph: str | None = None


@dataclass(frozen=True)
class PayloadRequest:
    """An RDF document in the file `source`, to be written as N-Triples."""

    source: str
    media_type: str
    base_iri: str


class UpdateSyntaxError(QuerySyntaxError):
    """The text is not a SPARQL update."""

    kind = "update-syntax"
    title = "The update cannot be read"


class PayloadSyntaxError(QuerySyntaxError):
    """A body is not the RDF that it is said to be."""

    kind = "payload-syntax"
    title = "The RDF cannot be read"


class LoadRefused(BadRequest):
    """The update fetches a document."""

    kind = "load-refused"
    title = "LOAD is not allowed"


class GraphNeeded(BadRequest):
    """A statement is to be written outside any named graph."""

    kind = "graph-needed"
    title = "Name the graph to write to"


class GraphState(BadRequest):
    """A graph that should be there is not, or the other way round."""

    kind = "graph-state"
    title = "The graph is not as the update expects"
    status = 409


class DatasetConflict(BadRequest):
    """The dataset is given twice (SPARQL 1.1 Protocol, section 2.2.3)."""

    kind = "dataset-conflict"
    title = "The dataset is given twice"


class UpdateTooLarge(BadRequest):
    """The update changes more than one update may."""

    kind = "update-too-large"
    title = "The update changes too much at once"
    status = 413


class UpdateTimeout(Unavailable):
    """The update met its deadline; nothing was changed."""

    kind = "update-timeout"
    title = "The update took too long"
