"""The state of a graph as HTTP knows it: entity tags and preconditions (RFC 9110, section 13)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vises.errors import BadRequest, Sentence, sentence
from vises.service.conditional import etag
from vises.store.transaction import NotApplied

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.requests import Request

    from vises.service.access.rights import Rights
    from vises.store.transaction import Transaction

_TAG = re.compile(r'(W/)?"([0-9a-f]+)(?:-[a-z]+)?"')


class PreconditionFailed(NotApplied):
    """The graph is not in the state that the request demands."""

    kind = "precondition-failed"
    title = "The graph is in another state"
    status = 412


class NoSuchGraph(NotApplied):
    """No graph has this name, or none that the request may know of."""

    kind = "no-such-graph"
    title = "There is no such graph"
    status = 404


class OutsideGraph(BadRequest):
    """An update that was sent to one graph changes another."""

    kind = "outside-graph"
    title = "The update changes another graph"


def state_tag(graph: str, digest: str) -> str:
    """Return the entity tag of a graph that has a digest, without any form of it in mind."""
    return etag(graph, digest)


def form_tag(tag: str, form: str) -> str:
    """Return the entity tag of a graph in one form.

    >>> form_tag('"1f"', "ttl")
    '"1f-ttl"'
    """
    return f'{tag[:-1]}-{form}"'


@dataclass
class GraphWatch:
    """What a request demands of its graph, and what became of it.

    `if_match` and `if_none_match` are the headers. A tag that was given for the graph in any form
    names its state. `existed` and `tag` are set when the change is made. A tag tells something of
    what a graph holds: whom it is `hidden` from is told none.
    """

    graph: str
    if_match: str | None = None
    if_none_match: str | None = None
    must_exist: bool = False
    hidden: bool = False
    existed: bool = field(default=False, init=False)
    tag: str | None = field(default=None, init=False)

    @classmethod
    def of(
        cls, request: Request, graph: str, rights: Rights, *, must_exist: bool = False
    ) -> GraphWatch:
        """Read the headers of a request."""
        return cls(
            graph,
            if_match=request.headers.get("if-match"),
            if_none_match=request.headers.get("if-none-match"),
            must_exist=must_exist,
            hidden=graph in rights.hidden,
        )

    def check(self, digest: str | None) -> None:
        """Raise `PreconditionFailed` or `NoSuchGraph` for a graph with a digest, None for none."""
        tag = None if digest is None else state_tag(self.graph, digest)
        if self.if_match is not None and not _names(self.if_match, tag, weak=False):
            raise self._failed("If-Match", tag)
        if self.if_none_match is not None and _names(self.if_none_match, tag, weak=True):
            raise self._failed("If-None-Match", tag)
        if self.must_exist and digest is None:
            raise no_such_graph(self.graph)

    def allow(self, graphs: Collection[str]) -> None:
        """Raise `OutsideGraph` for graphs other than this one."""
        others = [graph for graph in graphs if graph != self.graph]
        if others:
            raise OutsideGraph(
                sentence(
                    "other-graph",
                    "The update changes <{other}>, and it was sent to <{graph}>.",
                    other=others[0],
                    graph=self.graph,
                ),
                place="body",
                remedy=sentence("send-to-sparql", "Send it to the SPARQL endpoint (/sparql)."),
            )

    def before(self, transaction: Transaction) -> None:
        """Check the graph as the transaction has it."""
        digest = transaction.digests.get(self.graph)
        self.check(digest)
        self.existed = digest is not None

    def after(self, transaction: Transaction) -> None:
        """Note the state that the change led to."""
        digest = transaction.digests.get(self.graph)
        self.tag = None if digest is None else state_tag(self.graph, digest)

    def _failed(self, header: str, tag: str | None) -> PreconditionFailed:
        return PreconditionFailed(
            self._unlike(header, tag),
            place=f"header {header}",
            remedy=sentence(
                "read-again",
                "Read the graph again, make your change to what it holds now, and send that.",
            ),
        )

    def _unlike(self, header: str, tag: str | None) -> Sentence:
        """Say that the graph is not as a header demands, and how it is if that may be told."""
        if self.hidden:
            return sentence("graph-unlike", "The graph is not as {header} demands.", header=header)
        if tag is None:
            return sentence(
                "graph-absent",
                "The graph is not as {header} demands: it does not exist.",
                header=header,
            )
        return sentence(
            "graph-tag",
            "The graph is not as {header} demands: its tag is {tag}.",
            header=header,
            tag=tag,
        )


def no_such_graph(graph: str) -> NoSuchGraph:
    """Return the error for a graph that is not there."""
    return NoSuchGraph(
        sentence("no-such-graph", "There is no graph <{graph}>.", graph=graph),
        remedy=sentence(
            "list-graphs",
            "`SELECT DISTINCT ?g {{ GRAPH ?g {{}} }}` at /sparql lists those there are.",
        ),
    )


def _names(header: str, tag: str | None, *, weak: bool) -> bool:
    """Tell whether a header names the state with a tag; weak tags count in `If-None-Match`."""
    if tag is None:
        return False
    state = tag.strip('"')
    return header.strip() == "*" or any(
        found[2] == state and (weak or not found[1]) for found in _TAG.finditer(header)
    )
