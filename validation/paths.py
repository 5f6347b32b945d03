"""SHACL property paths (section 2.3.1), in RDF and in the syntax of SPARQL 1.1 property paths.

A path that is not a single predicate is bracketed completely, so that each path has one spelling:
``(<a>/^<b>)``, ``(<a>|<b>)``, ``(<a>)*``.
"""

from __future__ import annotations

import re

from rdflib import RDF, SH, Graph, URIRef
from rdflib.term import IdentifiedNode, Node

_REPEATED: dict[Node, str] = {SH.zeroOrMorePath: "*", SH.oneOrMorePath: "+", SH.zeroOrOnePath: "?"}
_NAMES = {"*": "sh:zeroOrMorePath", "+": "sh:oneOrMorePath", "?": "sh:zeroOrOnePath"}
_TOKEN = re.compile(r"<[^>]*>|[()|/^*+?]")


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


def turtle_path(path: str) -> str:
    """Return the Turtle of a path given in the syntax of `sparql_path`.

    >>> turtle_path("(<http://a>/^<http://b>)")
    '( <http://a> [ sh:inversePath <http://b> ] )'
    """
    tokens = _TOKEN.findall(path)
    tokens.reverse()
    return _turtle(tokens)


def _members(graph: Graph, head: Node) -> list[str]:
    members = []
    while head != RDF.nil and isinstance(head, IdentifiedNode):
        first = graph.value(head, RDF.first)
        if first is None:
            raise ValueError(f"{head} is not a list")
        members.append(sparql_path(graph, first))
        head = graph.value(head, RDF.rest) or RDF.nil
    return members


def _turtle(tokens: list[str]) -> str:
    """Read one path off the end of the reversed tokens."""
    opening = tokens.pop()
    if opening == "^":
        return f"[ sh:inversePath {_turtle(tokens)} ]"
    if opening != "(":
        return opening
    members, separator = [_turtle(tokens)], ""
    while (following := tokens.pop()) != ")":
        separator = following
        members.append(_turtle(tokens))
    if separator:
        listed = f"( {' '.join(members)} )"
        return f"[ sh:alternativePath {listed} ]" if separator == "|" else listed
    if tokens and tokens[-1] in _NAMES:
        return f"[ {_NAMES[tokens.pop()]} {members[0]} ]"
    return members[0]
