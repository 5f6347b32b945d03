"""The shapes of the package as one graph, with the questions that the tests ask of it."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Store, parse

import vises
from vises.namespaces import PREFIXES, VOCABULARY_BASE, term

PACKAGE = Path(vises.__file__).parent
LOGIC = ("sh:and", "sh:node", "sh:not", "sh:or", "sh:qualifiedValueShape", "sh:xone")
TARGETS = ("sh:targetClass", "sh:targetObjectsOf", "sh:targetSubjectsOf")
PARAMETERS = {
    *(
        "and",
        "class",
        "closed",
        "datatype",
        "disjoint",
        "hasValue",
        "in",
        "languageIn",
        "lessThanOrEquals",
    ),
    *("maxCount", "maxInclusive", "maxLength", "minCount", "minExclusive", "minInclusive"),
    *("minLength", "node", "nodeKind", "not", "or", "pattern", "qualifiedMaxCount"),
    *("qualifiedMinCount", "sparql", "uniqueLang", "xone"),
}
QUIET = ("description", "group", "message", "name", "order", "path", "property", "severity")


def _read(path: Path) -> list[Quad]:
    return list(parse(path=str(path), format=RdfFormat.TURTLE, base_iri=VOCABULARY_BASE))


def _name(file: Path) -> str:
    return f"profiles/{file.stem}" if file.parent.name == "profiles" else file.stem


class ShapesGraph:
    """A shapes graph; `files` are those it was read from, `statements` theirs by stem.

    A profile may be called as a file of the core is.
    """

    def __init__(self, files: list[Path]) -> None:
        self.files = files
        self.statements = {_name(file): _read(file) for file in files}
        self.store = Store()
        for statements in self.statements.values():
            self.store.extend(statements)
        self.node_shapes = self.of_class("sh:NodeShape")
        self.property_shapes = self.of_class("sh:PropertyShape")
        self.all = self.node_shapes | self.property_shapes
        self.targeted = {shape for shape in self.all if self.objects(shape, *TARGETS)}
        properties = {p for s in self.targeted for p in self.objects(s, "sh:property")}
        self.reporting = self.targeted | properties

    def of_class(self, name: str) -> set[NamedNode]:
        found = self.store.quads_for_pattern(None, term("rdf:type"), term(name))
        return {cast("NamedNode", quad.subject) for quad in found}

    def objects(self, subject: NamedNode | BlankNode, *predicates: str) -> list[NamedNode]:
        return [
            cast("NamedNode", quad.object)
            for name in predicates
            for quad in self.store.quads_for_pattern(subject, term(name), None)
        ]

    def texts(self, subject: NamedNode, predicate: str) -> list[Literal]:
        return cast("list[Literal]", self.objects(subject, predicate))

    def constrains(self, shape: NamedNode) -> bool:
        """Whether a shape says more than what it is called, aims at and consists of."""
        idle = {term(name) for name in ("rdf:type", *TARGETS)}
        idle |= {term(f"sh:{name}") for name in QUIET}
        return any(q.predicate not in idle for q in self.store.quads_for_pattern(shape, None, None))

    def components(self, shape: NamedNode) -> set[str]:
        """Return the constraint components of a shape (SHACL, section 4), by their local names."""
        predicates = {
            quad.predicate.value.removeprefix(PREFIXES["sh"])
            for quad in self.store.quads_for_pattern(shape, None, None)
        }
        names = {
            "SPARQL" if name == "sparql" else name[0].upper() + name[1:]
            for name in predicates & PARAMETERS
        }
        return {f"{name}ConstraintComponent" for name in names}

    def conditions(self, shape: NamedNode) -> set[NamedNode]:
        """Return the shapes that a shape puts together by logic."""
        found: set[NamedNode] = set()
        for value in self.objects(shape, *LOGIC):
            found.update(self._members(value) if isinstance(value, BlankNode) else [value])
        return found & self.all

    def _members(self, cell: NamedNode | BlankNode) -> list[NamedNode]:
        members = []
        while isinstance(cell, BlankNode):
            members += self.objects(cell, "rdf:first")
            (cell,) = self.objects(cell, "rdf:rest")
        return members


@pytest.fixture(scope="session")
def shapes() -> ShapesGraph:
    return ShapesGraph(sorted((PACKAGE / "shapes").glob("*.ttl")))


@pytest.fixture(scope="session")
def all_shapes() -> ShapesGraph:
    """Return the core with the profiles beside it."""
    return ShapesGraph(sorted((PACKAGE / "shapes").rglob("*.ttl")))


@pytest.fixture(scope="session")
def ontology() -> list[Quad]:
    """Return the statements of the ontology and its code lists."""
    return [quad for file in sorted((PACKAGE / "ontology").rglob("*.ttl")) for quad in _read(file)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give `constraining_shape` each shape, of the core and the profiles, that can be broken."""
    if "constraining_shape" in metafunc.fixturenames:
        graph = ShapesGraph(sorted((PACKAGE / "shapes").rglob("*.ttl")))
        found = sorted(shape.value for shape in graph.reporting if graph.constrains(shape))
        names = [iri.removeprefix(PREFIXES["shapes"]) for iri in found]
        metafunc.parametrize("constraining_shape", names)
