"""What a SPARQL constraint reads: triple patterns that hang together with its focus node.

Whether a query is monotone does not matter here: what does is that every pattern in it, in EXISTS
and MINUS too, is joined to ``$this`` by variables. Then no statement beyond a walk from the focus
node can change the answer, whatever is counted, negated or left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from pyoxigraph import Literal, NamedNode
from rdflib import BNode, URIRef, Variable
from rdflib.paths import AlternativePath, InvPath, MulPath, SequencePath
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue

from vises.namespaces import term
from vises.validation.incremental.path import (
    Alternative,
    Chain,
    Inverse,
    Opaque,
    Repeated,
    path_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vises.validation.incremental.description import Description
    from vises.validation.incremental.path import Path
    from vises.validation.validator import Term

THIS = "this"
_PATH_IRI = URIRef("urn:vises:path")
_EXISTS = frozenset({"Builtin_EXISTS", "Builtin_NOTEXISTS"})
_ELSEWHERE = frozenset({"Graph", "GraphGraphPattern", "ServiceGraphPattern"})
"""What asks other data than the default graph."""


@dataclass(frozen=True)
class Pattern:
    """A triple pattern: variables by their names, None for a constant."""

    subject: str | None
    path: Path
    value: str | None


def patterns(description: Description, query: Term, paths: list[Term]) -> list[Pattern]:
    """Return the patterns of a SPARQL constraint (section 5.2), of a shape with these paths.

    Raises `Opaque` where they do not bound what it reads.
    """
    texts = description.values(query, term("sh:select"))
    if len(texts) != 1 or not isinstance(texts[0], Literal):
        raise Opaque(f"{query} is no SELECT query")
    text = texts[0].value
    if "shapesGraph" in text:
        raise Opaque(f"{query} may read the shapes graph")
    algebra = _algebra(_whole(description, query, text))
    shape_path = path_of(description, paths[0]) if paths else None
    found = [_pattern(triple, shape_path) for triple in _triples(algebra)]
    _demand_connected(found, query)
    return found


def parsed(description: Description, query: Term, text: str) -> Any:  # noqa: ANN401 (rdflib's)
    """Return the parse tree of the text of a query. Raises `Opaque` where it has none."""
    try:
        return parseQuery(_whole(description, query, text))
    except Exception as error:  # rdflib raises bare ones where it does not understand
        raise Opaque("a query is not understood") from error


def _whole(description: Description, query: Term, text: str) -> str:
    """Return the text of a query with its prefixes, and an IRI in place of `$PATH`."""
    for variable in ("$PATH", "?PATH"):
        text = text.replace(variable, str(_PATH_IRI.n3()))
    return _prefixes(description, query) + text


@cache
def _algebra(text: str) -> CompValue:
    try:
        algebra: CompValue = translateQuery(parseQuery(text)).algebra
    except Exception as error:  # rdflib raises bare ones where it does not understand
        raise Opaque("a query is not understood") from error
    return algebra


def _prefixes(description: Description, query: Term) -> str:
    declared: dict[str, str] = {}
    seen: set[Term] = set()
    waiting = list(description.values(query, term("sh:prefixes")))
    while waiting:
        node = waiting.pop()
        if node in seen:
            continue
        seen.add(node)
        waiting += description.values(node, term("owl:imports"))
        for declaration in description.values(node, term("sh:declare")):
            names = description.values(declaration, term("sh:prefix"))
            spaces = description.values(declaration, term("sh:namespace"))
            for name, space in zip(names, spaces, strict=False):
                declared[getattr(name, "value", "")] = getattr(space, "value", "")
    return "".join(f"PREFIX {name}: <{space}>\n" for name, space in sorted(declared.items()))


def _triples(node: Any) -> Iterator[tuple[Any, Any, Any]]:  # noqa: ANN401
    """Yield the triples of all graph patterns of an algebra, those in expressions included."""
    inner: Iterable[Any] = ()
    if isinstance(node, CompValue):
        if node.name in _ELSEWHERE or dict.get(node, "datasetClause"):
            raise Opaque("it asks other graphs than the data graph")
        if node.name == "SubSelect" or (node.name == "ToMultiSet" and node.p.name != "values"):
            raise Opaque("a query within the query has variables of its own")
        if node.name in _EXISTS and "graph" not in vars(node):
            raise Opaque("it has EXISTS where rdflib does not translate it")
        if node.name == "BGP":
            yield from node.triples
        # rdflib keeps the algebra of an EXISTS as an attribute, beside the items as parsed.
        parts = [*node.items(), *vars(node).items()]
        inner = [value for key, value in parts if key not in {"triples", "_vars", "expr_parent"}]
    elif isinstance(node, dict):
        inner = node.values()
    elif isinstance(node, list | tuple | set):
        inner = node
    for part in inner:
        yield from _triples(part)


def _pattern(triple: tuple[Any, Any, Any], shape_path: Path | None) -> Pattern:
    subject, predicate, value = triple
    return Pattern(_name(subject), _path(predicate, shape_path), _name(value))


def _name(node: object) -> str | None:
    if isinstance(node, Variable):
        return str(node)
    return f"_:{node}" if isinstance(node, BNode) else None


def _path(path: object, shape_path: Path | None) -> Path:
    if path == _PATH_IRI and shape_path is not None:
        return shape_path
    if isinstance(path, URIRef):
        return NamedNode(str(path))
    if isinstance(path, InvPath):
        return Inverse(_path(path.arg, shape_path))
    if isinstance(path, SequencePath):
        return Chain(tuple(_path(part, shape_path) for part in path.args))
    if isinstance(path, AlternativePath):
        return Alternative(tuple(_path(part, shape_path) for part in path.args))
    if isinstance(path, MulPath):
        return Repeated(_path(path.path, shape_path), none=path.mod in "*?", many=path.mod in "*+")
    raise Opaque("a predicate may be any")


def _demand_connected(found: list[Pattern], query: Term) -> None:
    """Raise `Opaque` where a pattern is not joined to the focus node by variables."""
    reached = {THIS}
    left = list(found)
    while near := [p for p in left if p.subject in reached or p.value in reached]:
        reached |= {end for p in near for end in (p.subject, p.value) if end is not None}
        left = [p for p in left if p not in near]
    if left:
        raise Opaque(f"a pattern of {query} stands apart from the focus node")
