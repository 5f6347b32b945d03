"""Class targets as lists of focus nodes, so that what is only known is not judged.

A thing that the data refers to is known by its rdf:type, for sh:class; but the same rdf:type would
make it a focus node of sh:targetClass, and bring results that nobody asked for. So the shapes are
rewritten once: each class target (SHACL, section 2.1.3.2) becomes a target on the objects of a
predicate of its own, and statements with that predicate list the focus nodes of a run.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, Quad

from vises.namespaces import PREFIXES, term
from vises.validation.syntax import read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

LIST = "urn:vises:focus"
_SUBCLASS = term("rdfs:subClassOf")
_TYPED = re.compile(
    rb"^[ \t]*(<[^>]*>|_:[^ \t<]+)[ \t]*<%btype>[ \t]*<([^>]*)>" % PREFIXES["rdf"].encode(), re.M
)


@dataclass(frozen=True)
class ClassTargets:
    """The classes that the shapes have as targets, each with the predicate of its list."""

    predicates: Mapping[str, str]

    @classmethod
    def of(cls, shapes: Sequence[Quad]) -> ClassTargets:
        """Find the class targets of a shapes graph; implicit ones (rdfs:Class) stay as they are."""
        classes = {str(q.object) for q in shapes if q.predicate == term("sh:targetClass")}
        names = (f"<{LIST}:{number}>" for number in range(len(classes)))
        return cls(dict(zip(sorted(classes), names, strict=True)))

    def rewritten(self, shapes: Sequence[Quad]) -> Iterator[Quad]:
        """Yield the shapes graph with targets on lists in place of class targets."""
        for quad in shapes:
            if quad.predicate == term("sh:targetClass"):
                predicate = NamedNode(self.predicates[str(quad.object)][1:-1])
                yield Quad(quad.subject, term("sh:targetObjectsOf"), predicate)
            else:
                yield quad

    def lists(self, data: bytes, known: bytes) -> bytes:
        """List the instances of the classes in the data, as N-Triples.

        The subclasses are those of the data and of what is known.
        """
        above = _superclasses(b"\n".join((*_lines(data), known)))
        lists = {
            cls: [self.predicates[c] for c in _closure(cls, above) if c in self.predicates]
            for cls in {match[2] for match in _TYPED.finditer(data)}
        }
        return b""
