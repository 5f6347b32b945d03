"""Class targets as lists of focus nodes, so that what is only known is not judged.

A thing that the data refers to is known by its rdf:type, for sh:class; but the same rdf:type would
make it a focus node of sh:targetClass, with results that nobody asked for. So the shapes have a
second form: each class target (SHACL, section 2.1.3.2) is a target on the objects of a predicate of
its own, and statements with that predicate list the focus nodes of a run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, Quad, Triple

from vises.namespaces import term
from vises.validation.syntax import n_triples

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from vises.validation.validator import Focus, Term

LIST = NamedNode("urn:vises:focus")
TARGET_CLASS = term("sh:targetClass")
TARGET_OBJECTS = term("sh:targetObjectsOf")


@dataclass(frozen=True)
class ClassTargets:
    """The classes that a shapes graph has as targets, each with the predicate of its list."""

    predicates: Mapping[Term, NamedNode]

    @classmethod
    def of(cls, shapes: Sequence[Quad]) -> ClassTargets:
        """Find them; implicit class targets (section 2.1.3.3) stay as they are."""
        classes = {quad.object for quad in shapes if quad.predicate == TARGET_CLASS}
        named = sorted(node.value for node in classes if isinstance(node, NamedNode))
        return cls({NamedNode(iri): NamedNode(f"{LIST.value}:{n}") for n, iri in enumerate(named)})

    def rewritten(self, shapes: Sequence[Quad]) -> Iterator[Quad]:
        """Yield the shapes graph in its second form."""
        for quad in shapes:
            predicate = self.predicates.get(quad.object) if quad.predicate == TARGET_CLASS else None
            yield quad if predicate is None else Quad(quad.subject, TARGET_OBJECTS, predicate)

    def lists(self, focus: Focus) -> bytes:
        """Write the lists of a run, as N-Triples."""
        return n_triples(
            Triple(LIST, predicate, node)
            for cls, predicate in self.predicates.items()
            for node in focus.get(cls, ())
        )
