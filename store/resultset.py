"""Solutions as RDF: the vocabulary with which the W3C's tests write results down.

Each solution is an ``rs:solution`` with its place (``rs:index``, from 1) and an ``rs:binding`` for
each variable that has a value ("DAWG Testcases", http://www.w3.org/2001/sw/DataAccess/tests/result-set#).
"""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, serialize

from vises.namespaces import term

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyoxigraph import QuerySolution, QuerySolutions

RS = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
_RDF_TYPE = term("rdf:type")


def write_result_set(solutions: QuerySolutions, output: IO[bytes]) -> None:
    """Write solutions as Turtle, one after the other. Raises what reading the solutions does."""
    prefixes = {"rs": RS, "xsd": term("xsd:").value}
    serialize(_statements(solutions), output, RdfFormat.TURTLE, prefixes=prefixes)


def _statements(solutions: QuerySolutions) -> Iterator[Triple]:
    whole = BlankNode()
    names = [variable.value for variable in solutions.variables]
    yield Triple(whole, _RDF_TYPE, _rs("ResultSet"))
    for name in names:
        yield Triple(whole, _rs("resultVariable"), Literal(name))
    for number, solution in enumerate(solutions, start=1):
        yield from _solution(whole, number, names, solution)


def _solution(
    whole: BlankNode, number: int, names: list[str], solution: QuerySolution
) -> Iterator[Triple]:
    node = BlankNode()
    yield Triple(whole, _rs("solution"), node)
    yield Triple(node, _rs("index"), Literal(number))
    for name, value in zip(names, solution, strict=True):
        if value is not None:
            binding = BlankNode()
            yield Triple(node, _rs("binding"), binding)
            yield Triple(binding, _rs("variable"), Literal(name))
            yield Triple(binding, _rs("value"), value)


def _rs(name: str) -> NamedNode:
    return NamedNode(RS + name)
