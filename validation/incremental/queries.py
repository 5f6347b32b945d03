"""What a SPARQL constraint reads: triple patterns that hang together with its focus node.

Whether a query is monotone does not matter here: what does is that every pattern in it, in EXISTS
and MINUS too, is joined to ``$this`` by variables that have a value there in every solution. Then
no statement beyond a walk from the focus node can change the answer, whatever is counted, negated
or left out. A variable of another branch of a UNION, of an OPTIONAL or of an EXISTS joins nothing:
where it has no value, a pattern with it reads the whole data graph.
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
    from collections.abc import Set as AbstractSet

    from vises.validation.incremental.description import Description
    from vises.validation.incremental.path import Path
    from vises.validation.validator import Term

THIS = "this"
_PATH_IRI = URIRef("urn:vises:path")
_EXISTS = frozenset({"Builtin_EXISTS", "Builtin_NOTEXISTS"})
_ELSEWHERE = frozenset({"Graph", "GraphGraphPattern", "ServiceGraphPattern"})
"""What asks other data than the default graph."""

_AROUND = frozenset(
    {
        *("SelectQuery", "Project", "Distinct", "Reduced", "Slice", "OrderBy"),
        *("Filter", "Extend", "Group", "AggregateJoin"),
    }
)
"""What has one graph pattern within."""


class _Apart(Exception):
    """A triple pattern is not joined to what it should be."""


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
    try:
        _bound(algebra, {THIS})
    except _Apart:
        raise Opaque(f"a pattern of {query} stands apart from the focus node") from None
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


def _bound(node: Any, near: AbstractSet[str]) -> AbstractSet[str]:  # noqa: ANN401 (rdflib's)
    """Return the variables of patterns that have a value in every solution of a graph pattern.

    `near` are those that it is joined with, which have a value in every solution there. Raises
    `_Apart` where a triple pattern in it is joined to none of them, and `Opaque`.
    """
    match node.name:
        case "BGP":
            return _joined([{*map(_name, (s, o))} - {None} for s, _, o in node.triples], near)
        case "Join":
            return _all_joined(_conjuncts(node), near)
        case "Union":
            return _bound(node.p1, near) & _bound(node.p2, near)
        case "LeftJoin" | "Minus":
            first = _bound(node.p1, near)
            second = _bound(node.p2, {*first, THIS})
            _demand_exists_joined(dict.get(node, "expr"), {*first, *second, THIS})
            return first
        case "ToMultiSet":
            return frozenset()
        case name if name in _AROUND:
            inner = _bound(node.p, near)
            rest = [value for key, value in node.items() if key != "p"]
            _demand_exists_joined(rest, {*inner, THIS})
            return inner
    raise Opaque(f"what {node.name} reads is not known")


def _joined(triples: list[AbstractSet[Any]], near: AbstractSet[str]) -> AbstractSet[str]:
    """Return the variables of triple patterns, given by theirs. Raises `_Apart`."""
    reached = set(near)
    left = triples
    while joined := [names for names in left if not names.isdisjoint(reached)]:
        reached.update(*joined)
        left = [names for names in left if names.isdisjoint(reached)]
    if left:
        raise _Apart
    return frozenset().union(*triples)


def _all_joined(parts: list[Any], near: AbstractSet[str]) -> AbstractSet[str]:
    """Return the variables of graph patterns that are joined in any order. Raises `_Apart`."""
    bound: AbstractSet[str] = frozenset()
    while parts:
        apart = []
        for part in parts:
            try:
                bound |= _bound(part, near | bound)
            except _Apart:
                apart.append(part)
        if len(apart) == len(parts):
            raise _Apart
        parts = apart
    return bound


def _conjuncts(node: Any) -> list[Any]:  # noqa: ANN401
    if node.name != "Join":
        return [node]
    return [*_conjuncts(node.p1), *_conjuncts(node.p2)]


def _demand_exists_joined(node: Any, near: AbstractSet[str]) -> None:  # noqa: ANN401
    """Raise `_Apart` where EXISTS in an expression has a pattern that is joined to none of some."""
    if isinstance(node, CompValue) and node.name in _EXISTS:
        _bound(vars(node)["graph"], near)
    elif isinstance(node, dict):
        _demand_exists_joined([*node.values()], near)
    elif isinstance(node, list | tuple | set):
        for part in node:
            _demand_exists_joined(part, near)
