"""How the codes of a list hang together (SKOS reference, sections 4 and 8)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from vises.namespaces import term

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from vises.service.graph import Row

NOTATION = term("skos:notation")
BROADER = term("skos:broader")
IN_SCHEME = term("skos:inScheme")
VALID_FROM = term("schema:validFrom")
VALID_THROUGH = term("schema:validThrough")

MOST_PATHS = 10
"""How many ways down to a code are told."""


@dataclass
class Concept:
    """A code: its notation, what stands above it, and the days between which it is valid."""

    iri: str
    notation: str | None = None
    broader: list[str] = field(default_factory=list)
    schemes: list[str] = field(default_factory=list)
    valid_from: str | None = None
    valid_through: str | None = None

    @property
    def place(self) -> tuple[bool, str, str]:
        """Where the code stands among others: by notation, those without one last."""
        return self.notation is None, self.notation or "", self.iri


@dataclass(frozen=True)
class Scheme:
    """Codes by IRI, each with its place under others; a code may stand under several."""

    concepts: Mapping[str, Concept]

    @classmethod
    def read(cls, rows: Iterable[Row]) -> Scheme:
        """Collect the solutions of queries/pages/scheme.rq (?concept ?property ?value)."""
        found: dict[str, Concept] = {}
        for row in rows:
            subject, prop, value = row["concept"], row["property"], row["value"]
            if not isinstance(subject, NamedNode):
                continue
            concept = found.setdefault(subject.value, Concept(subject.value))
            if isinstance(value, NamedNode):
                _point(concept, prop, value.value)
            elif isinstance(value, Literal):
                _take(concept, prop, value.value)
        for concept in found.values():
            concept.broader.sort()
        return cls(found)

    @cached_property
    def children(self) -> Mapping[str, list[str]]:
        """The codes right below each one, in the order of their notations."""
        found: dict[str, list[str]] = defaultdict(list)
        for concept in sorted(self.concepts.values(), key=lambda c: c.place):
            for above in concept.broader:
                found[above].append(concept.iri)
        return found

    @cached_property
    def top(self) -> list[str]:
        """The codes that stand under no other one of the list, in the order of their notations.

        Where every code stands under another one, in circles, the first of all stands for them.
        """
        ordered = sorted(self.concepts.values(), key=lambda c: c.place)
        found = [c.iri for c in ordered if not any(b in self.concepts for b in c.broader)]
        return found or [c.iri for c in ordered[:1]]

    def below(self, iri: str) -> int:
        """Return how many codes stand below one, at whatever distance."""
        seen: set[str] = set()
        waiting = [iri]
        while waiting:
            new = [c for c in self.children.get(waiting.pop(), ()) if c not in seen and c != iri]
            seen.update(new)
            waiting += new
        return len(seen)

    def paths(self, iri: str) -> list[tuple[str, ...]]:
        """Return the ways down to a code, each from the top to the code right above it."""
        done: list[tuple[str, ...]] = []
        waiting: list[tuple[str, ...]] = [(iri,)]
        while waiting and len(done) < MOST_PATHS:
            path = waiting.pop()
            concept = self.concepts.get(path[0])
            above = [b for b in (concept.broader if concept else ()) if b not in path]
            waiting += [(b, *path) for b in above]
            if not above:
                done.append(path[:-1])
        return sorted(done)


def _point(concept: Concept, prop: object, value: str) -> None:
    kept = concept.broader if prop == BROADER else concept.schemes
    if prop in {BROADER, IN_SCHEME} and value not in kept:
        kept.append(value)


def _take(concept: Concept, prop: object, value: str) -> None:
    if prop == NOTATION:
        concept.notation = min(value, concept.notation or value)
    elif prop == VALID_FROM:
        concept.valid_from = value
    elif prop == VALID_THROUGH:
        concept.valid_through = value
