"""Which graph a request to the graph store is about (Graph Store HTTP Protocol, section 4)."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from vises.errors import sentence
from vises.namespaces import Iris
from vises.service.bodies import ProtocolError, parameters
from vises.service.iris import Addresses, as_iri
from vises.service.sentences import given_twice
from vises.service.site import RELEASE

if TYPE_CHECKING:
    from starlette.requests import Request

GRAPHS = "/graphs"
"""The address of the graph store."""

_GRAPH, _DEFAULT = "graph", "default"
_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9._~-]+")
_MOST_NAME = 100


@dataclass(frozen=True)
class Target:
    """What a request names: a graph, or the default graph, or the store itself (neither).

    `release` is what it calls the release to read from.
    """

    graph: NamedNode | None = None
    default: bool = False
    release: str | None = None


def target_of(request: Request, base_iri: str) -> Target:
    """Return what a request names.

    `/graphs?graph=IRI` is indirect identification (section 4.2); `/graphs/NAME` stands for the
    graph of the dataset NAME, which is `graph/NAME` under the base (section 4.1). Raises
    `ProtocolError`.
    """
    given: dict[str, str] = {}
    for name, value in parameters(request.scope["query_string"], "address"):
        if name in given and name in {_GRAPH, _DEFAULT, RELEASE}:
            raise given_twice(ProtocolError, name)
        given[name] = value
    name = request.scope["path"].removeprefix(GRAPHS).removeprefix("/")
    if sum((bool(name), _GRAPH in given, _DEFAULT in given)) > 1:
        raise ProtocolError(
            sentence("several-graphs", "The request names more than one graph."),
            place="address",
            remedy=sentence(
                "name-graph-once",
                "Name it in the path, or with {graph}=, or with {default}.",
                graph=_GRAPH,
                default=_DEFAULT,
            ),
        )
    release = given.get(RELEASE)
    if name:
        return Target(_direct(name, base_iri), release=release)
    if _GRAPH in given:
        return Target(_indirect(given[_GRAPH]), release=release)
    return Target(default=_DEFAULT in given, release=release)


def new_graph(slug: str | None, base_iri: str) -> NamedNode:
    """Return a name for a graph that has none (section 5.5).

    It has what the header Slug wishes (RFC 5023, section 9.7), else a random one.
    """
    wish = _NOT_IN_A_NAME.sub("-", slug or "").strip("-.")[:_MOST_NAME]
    return Iris(base_iri).graph(wish or str(uuid.uuid4()))


def _direct(name: str, base_iri: str) -> NamedNode:
    found = Addresses(base_iri).candidates(as_iri(f"graph/{name}"))
    if not found:
        raise ProtocolError(
            sentence("no-name-of-graph", "{name!r} is not the name of a graph.", name=name[:200]),
            place="address",
            remedy=sentence(
                "give-graph-iri",
                "Give the IRI of the graph: {address}.",
                address=f"{GRAPHS}?{_GRAPH}=IRI",
            ),
        )
    return found[0]


def _indirect(text: str) -> NamedNode:
    try:
        return NamedNode(text)
    except ValueError as error:
        raise ProtocolError(
            sentence(
                "not-absolute",
                "{text!r} is not an absolute IRI: {error}.",
                text=text[:200],
                error=str(error),
            ),
            place=f"parameter {_GRAPH}",
            remedy=sentence("give-absolute", "Give an absolute IRI, percent-encoded."),
        ) from None
