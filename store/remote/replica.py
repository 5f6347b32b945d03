"""What a remote engine holds of ours, as a small graph there says.

The graph ``graph/replica`` names each graph that was put there with the digest of what it
holds, and, once all of a release is there, the release::

    <graph/replica> dcterms:hasVersion "000007" ; schema:sha256 "..." ;   # of the whole release
        dcterms:identifier "..." ;                                        # of this copying
        dcterms:hasPart <graph/sirene> .
    <graph/sirene> schema:sha256 "..." .                                  # absent: not known

It is written anew before and after each graph changes, so an interrupted copying can be told from
a finished one, and resumed. The engine's answer counts only if the identifier of the copying is the
same before and after it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyoxigraph import (
    Literal,
    NamedNode,
    Quad,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    parse_query_results,
    serialize,
)

from vises.errors import Unavailable
from vises.namespaces import Iris, term
from vises.store.remote.dialect import dialect_of
from vises.store.remote.http import RemoteUnavailable, first_line, refusal
from vises.store.remote.queries import NO_GRAPH

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import httpx

    from vises.store.releases import Release

_VERSION, _IDENTIFIER = term("dcterms:hasVersion"), term("dcterms:identifier")
_DIGEST, _PART = term("schema:sha256"), term("dcterms:hasPart")
_OK = 200


class ReplicaDiffers(Unavailable):
    """The engine holds another release than the one that is asked."""

    kind = "replica-differs"
    title = "The remote engine holds another release"


@dataclass(frozen=True)
class Replica:
    """What an engine holds: digests by graph ("": not known), and the release if it is whole."""

    release_id: str | None = None
    content: str | None = None
    copying: str | None = None
    graphs: Mapping[str, str] = field(default_factory=dict)

    def holds(self, release: Release) -> bool:
        """Whether the engine holds all of a release and nothing else of ours."""
        return self.content == content_of(release)


def content_of(release: Release) -> str:
    """Return the digest of all graphs of a release, whatever its id."""
    lines = (f"{graph} {digest}\n" for graph, digest in sorted(release.digests.items()))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def replica_graph(base_iri: str) -> NamedNode:
    """Return the name of the graph that says what is held."""
    return Iris(base_iri).graph("replica")


def replica_quads(base_iri: str, replica: Replica) -> Iterator[Quad]:
    """Return the statements of that graph."""
    name = replica_graph(base_iri)
    values = {
        _VERSION: replica.release_id,
        _DIGEST: replica.content,
        _IDENTIFIER: replica.copying,
    }
    for predicate, value in values.items():
        if value is not None:
            yield Quad(name, predicate, Literal(value), name)
    for graph, digest in sorted(replica.graphs.items()):
        yield Quad(name, _PART, NamedNode(graph), name)
        if digest:
            yield Quad(NamedNode(graph), _DIGEST, Literal(digest), name)


def replica_document(base_iri: str, replica: Replica) -> bytes:
    """Return that graph in N-Triples."""
    triples = (quad.triple for quad in replica_quads(base_iri, replica))
    document = serialize(triples, format=RdfFormat.N_TRIPLES)
    assert document is not None
    return document


def replica_fields(base_iri: str, *, with_graphs: bool) -> dict[str, str]:
    """Return the protocol's fields of the query for it, with or without the digests by graph."""
    name = replica_graph(base_iri)
    subject = "" if with_graphs else f"FILTER(?s = {name}) FILTER(?p != {_PART}) "
    return {
        "query": f"SELECT ?s ?p ?o WHERE {{ GRAPH {name} {{ ?s ?p ?o }} {subject}}}",
        "default-graph-uri": NO_GRAPH,
        "named-graph-uri": name.value,
    }


def read_replica(base_iri: str, response: httpx.Response) -> Replica:
    """Read the answer to that query. Raises `RemoteUnavailable` and `RemoteLoginRefused`."""
    rows = [(str(s), str(p), o) for s, p, o in read_rows(response, ("s", "p", "o"))]
    name = str(replica_graph(base_iri))
    digests = {s[1:-1]: o.value for s, p, o in rows if p == str(_DIGEST) and isinstance(o, Literal)}
    own = {p: o.value for s, p, o in rows if s == name and isinstance(o, Literal)}
    parts = [o.value for s, p, o in rows if p == str(_PART) and isinstance(o, NamedNode)]
    return Replica(
        release_id=own.get(str(_VERSION)),
        content=own.get(str(_DIGEST)),
        copying=own.get(str(_IDENTIFIER)),
        graphs={graph: digests.get(graph, "") for graph in parts},
    )


def read_rows(response: httpx.Response, names: tuple[str, ...]) -> list[tuple[object, ...]]:
    """Return the whole solutions of a small answer, the values in the order of the names.

    Raises `RemoteUnavailable` and `RemoteLoginRefused`.
    """
    error = refusal(response, "a query")
    if error is not None:
        raise error
    if response.status_code != _OK:
        raise _not_sparql(f"{response.status_code} {first_line(response.text)}")
    cut = dialect_of(response.headers).cut_sign(response.headers)
    if cut is not None:
        raise _not_sparql(f"it left rows out ({cut})")
    media_type = response.headers.get("Content-Type", "").partition(";")[0]
    form = QueryResultsFormat.from_media_type(media_type)
    try:
        results = parse_query_results(response.content, format=form) if form else None
        if isinstance(results, QuerySolutions):
            return [tuple(solution[name] for name in names) for solution in results]
    except SyntaxError as problem:
        raise _not_sparql(f"a body that cannot be read ({first_line(str(problem))})") from None
    raise _not_sparql(f"a body of the type {media_type or 'none'}")


def _not_sparql(what: str) -> RemoteUnavailable:
    return RemoteUnavailable(
        f"The address does not answer a query as an endpoint should: {what}.",
        place="VISES_ENGINE",
        remedy="Set it to the address of the engine's SPARQL endpoint.",
    )
