"""What a document such as the ontology says, by subject."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from vises.namespaces import term
from vises.service.pages.labels import LABEL_PROPERTIES, best_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from vises.service.graph import Term
    from vises.service.pages.labels import Name

FIRST, REST, NIL = term("rdf:first"), term("rdf:rest"), term("rdf:nil")


class About:
    """Statements, found by their subject and property."""

    def __init__(self, quads: Iterable[Quad]) -> None:
        """Keep the statements."""
        self.quads: Sequence[Quad] = list(quads)

    @cached_property
    def _by_subject(self) -> dict[Term, list[Quad]]:
        found: dict[Term, list[Quad]] = defaultdict(list)
        for quad in self.quads:
            found[quad.subject].append(quad)
        return found

    def own(self, subject: Term) -> Sequence[Quad]:
        """Return the statements about a subject."""
        return self._by_subject.get(subject, ())

    def subjects(self) -> list[NamedNode]:
        """Return every subject that has an IRI, in the order of the IRIs."""
        named = [s for s in self._by_subject if isinstance(s, NamedNode)]
        return sorted(named, key=lambda s: s.value)

    def values(self, subject: Term, prop: NamedNode) -> list[Term]:
        """Return the values of a property of a subject, in a fixed order."""
        found = {q.object for q in self.own(subject) if q.predicate == prop}
        return sorted(found, key=str)

    def value(self, subject: Term, prop: NamedNode) -> Term | None:
        """Return the first value of a property of a subject."""
        return next(iter(self.values(subject, prop)), None)

    def iris(self, subject: Term, prop: NamedNode) -> list[NamedNode]:
        """Return those values that are IRIs."""
        return [v for v in self.values(subject, prop) if isinstance(v, NamedNode)]

    def pointing(self, prop: NamedNode, value: Term) -> list[NamedNode]:
        """Return the subjects with an IRI that have a value of a property, in order."""
        found = {q.subject for q in self.quads if q.predicate == prop and q.object == value}
        return sorted((s for s in found if isinstance(s, NamedNode)), key=lambda s: s.value)

    def text(self, subject: Term, prop: NamedNode, language: str) -> Name | None:
        """Return the text of a property, in the visitor's language where there is one."""
        found = [v for v in self.values(subject, prop) if isinstance(v, Literal)]
        return best_label([(LABEL_PROPERTIES[0], v) for v in found], language)

    def members(self, head: Term) -> list[Term]:
        """Return the members of an RDF list; as far as it goes where it is broken or circular."""
        found: list[Term] = []
        seen: set[Term] = set()
        node: Term | None = head
        while isinstance(node, NamedNode | BlankNode) and node != NIL and node not in seen:
            seen.add(node)
            member = self.value(node, FIRST)
            if member is None:
                break
            found.append(member)
            node = self.value(node, REST)
        return found
