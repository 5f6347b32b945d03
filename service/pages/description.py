"""The statements that the page of a resource is composed from."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    from pyoxigraph import DefaultGraph, Quad

    from vises.service.graph import Term


@dataclass(frozen=True)
class Description:
    """The statements about a resource, about its parts, and those that lead to it.

    `incoming` are statements whose object is the resource; `referring` are all statements about
    their subjects; `cut` says that there are more of them than were asked for. `left_out` says how
    many statements of a property, by its IRI, are not among those about the resource.
    """

    iri: NamedNode
    own: Sequence[Quad]
    parts: Sequence[Quad]
    incoming: Sequence[Quad]
    referring: Sequence[Quad] = ()
    cut: bool = False
    left_out: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, iri: NamedNode, quads: Iterable[Quad], most_incoming: int) -> Description:
        """Sort the quads of a `DescribeRequest`."""
        own, parts, incoming = [], [], []
        for quad in quads:
            if quad.subject == iri:
                own.append(quad)
            elif quad.object == iri:
                incoming.append(quad)
            else:
                parts.append(quad)
        return cls(iri, own, parts, incoming, cut=len(incoming) >= most_incoming)

    @classmethod
    def portrait(
        cls, iri: NamedNode, quads: Iterable[Quad], most: int, without: Container[NamedNode] = ()
    ) -> Description:
        """Return what is said of a resource and its parts, `most` values of a property at most.

        Nothing is said of the properties `without`, nor of what refers to the resource.
        """
        found = cls.of(iri, quads, 0)
        said = [quad for quad in found.own if quad.predicate not in without]
        kept, counts = [], Counter[str]()
        for quad in said:
            counts[quad.predicate.value] += 1
            if counts[quad.predicate.value] <= most:
                kept.append(quad)
        objects = {quad.object for quad in kept}
        parts = [quad for quad in found.parts if quad.subject in objects]
        left_out = {prop: count - most for prop, count in counts.items() if count > most}
        return cls(iri, kept, parts, (), left_out=left_out)

    def mentioned(self) -> set[NamedNode]:
        """Return every IRI that the page has to name."""
        found: set[Term | DefaultGraph] = {self.iri}
        for quad in (*self.own, *self.parts, *self.incoming, *self.referring):
            found |= {quad.subject, quad.predicate, quad.object, quad.graph_name}
        return {t for t in found if isinstance(t, NamedNode)}
