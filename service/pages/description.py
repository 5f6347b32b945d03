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
    their subjects; `cut` says that there are more of them than were asked for. `left_out` is how
    many values the resource has besides, by property.
    """

    iri: NamedNode
    own: Sequence[Quad]
    parts: Sequence[Quad]
    incoming: Sequence[Quad]
    referring: Sequence[Quad] = ()
    cut: bool = False
    left_out: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        iri: NamedNode,
        quads: Iterable[Quad],
        most_incoming: int,
        left_out: Mapping[str, int] | None = None,
    ) -> Description:
        """Sort the quads of a `DescribeRequest`."""
        own, parts, incoming = [], [], []
        for quad in quads:
            if quad.subject == iri:
                own.append(quad)
            elif quad.object == iri:
                incoming.append(quad)
            else:
                parts.append(quad)
        cut = len(incoming) >= most_incoming
        return cls(iri, own, parts, incoming, cut=cut, left_out=left_out or {})

    @classmethod
    def portrait(
        cls,
        about: Description,
        most: int,
        without: Container[NamedNode] = (),
    ) -> Description:
        """Return what is said of a resource and its parts, `most` values of a property at most.

        Nothing is said of the properties `without`, nor of what refers to the resource.
        """
        kept, counts = [], Counter[str]()
        for quad in about.own:
            if quad.predicate not in without:
                counts[quad.predicate.value] += 1
                if counts[quad.predicate.value] <= most:
                    kept.append(quad)
        objects = {quad.object for quad in kept}
        parts = [quad for quad in about.parts if quad.subject in objects]
        left_out = {
            prop: about.left_out.get(prop, 0) + max(0, count - most)
            for prop, count in counts.items()
        }
        return cls(about.iri, kept, parts, (), left_out=left_out)

    def mentioned(self) -> set[NamedNode]:
        """Return every IRI that the page has to name."""
        found: set[Term | DefaultGraph] = {self.iri}
        for quad in (*self.own, *self.parts, *self.incoming, *self.referring):
            found |= {quad.subject, quad.predicate, quad.object, quad.graph_name}
        return {t for t in found if isinstance(t, NamedNode)}
