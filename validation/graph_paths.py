"""SHACL property paths (section 2.3.1) as rdflib has them, in the syntax of SPARQL 1.1."""

from __future__ import annotations

from rdflib import RDF, SH, Graph, URIRef
from rdflib.term import IdentifiedNode, Node

_REPEATED: dict[Node, str] = {SH.zeroOrMorePath: "*", SH.oneOrMorePath: "+", SH.zeroOrOnePath: "?"}


def sparql_path(graph: Graph, node: Node) -> str:
    """Return the path that `node` stands for in `graph`, in SPARQL syntax.

    Raises `ValueError` where the node is no path.
    """
    if isinstance(node, URIRef):
        return f"<{node}>"
    if (node, RDF.first, None) in graph:
        return f"({'/'.join(_members(graph, node))})"
    for predicate, inner in graph.predicate_objects(node):
        if predicate == SH.inversePath:
            return f"^{sparql_path(graph, inner)}"
        if predicate == SH.alternativePath:
            return f"({'|'.join(_members(graph, inner))})"
        if sign := _REPEATED.get(predicate):
            return f"({sparql_path(graph, inner)}){sign}"
    raise ValueError(f"{node} is not a property path")


def _members(graph: Graph, head: Node) -> list[str]:
    members = []
    while head != RDF.nil and isinstance(head, IdentifiedNode):
        first = graph.value(head, RDF.first)
        if first is None:
            raise ValueError(f"{head} is not a list")
        members.append(sparql_path(graph, first))
        head = graph.value(head, RDF.rest) or RDF.nil
    return members
