"""What a release says of methods, read once: small, since methods have few parts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from vises.namespaces import term
from vises.service.pages.labels import FICTITIOUS, LABEL_PROPERTIES, TYPE, Name, best_label, is_true

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from vises.service.graph import Row, Term
    from vises.service.pages.visit import Visit

POSITION = term("vises:position")
START = term("schema:startDate")
_LAST = 1_000_000


@dataclass
class Thing:
    """What is said of one thing, by property."""

    iri: str
    said: dict[NamedNode, list[Term]] = field(default_factory=dict)

    def iris(self, prop: NamedNode) -> list[str]:
        """Return the things that a property leads to."""
        return sorted(v.value for v in self.said.get(prop, ()) if isinstance(v, NamedNode))

    def literals(self, prop: NamedNode) -> list[Literal]:
        """Return the literals of a property."""
        return [v for v in self.said.get(prop, ()) if isinstance(v, Literal)]

    def literal(self, prop: NamedNode) -> Literal | None:
        """Return the first literal of a property."""
        return min(self.literals(prop), key=lambda v: v.value, default=None)

    def text(self, prop: NamedNode, language: str) -> Name | None:
        """Return a text in a language, as far as there is one."""
        return best_label(((LABEL_PROPERTIES[0], v) for v in self.literals(prop)), language)

    @property
    def position(self) -> int:
        """The place among its like, the last for one without."""
        found = self.literal(POSITION)
        return int(found.value) if found and found.value.isdecimal() else _LAST

    @property
    def fictitious(self) -> bool:
        """Whether the thing is marked as made up."""
        return any(is_true(v) for v in self.said.get(FICTITIOUS, ()))

    def is_a(self, name: str) -> bool:
        """Tell whether the thing is of a class of ours."""
        return term(f"vises:{name}") in self.said.get(TYPE, ())


@dataclass(frozen=True)
class Book:
    """The things by IRI."""

    things: Mapping[str, Thing]

    @classmethod
    def read(cls, rows: Iterable[Row]) -> Book:
        """Collect the solutions of queries/pages/methods.rq (?resource ?property ?value)."""
        things: dict[str, Thing] = {}
        for row in rows:
            iri, prop = row["resource"], row["property"]
            if isinstance(iri, NamedNode) and isinstance(prop, NamedNode):
                thing = things.setdefault(iri.value, Thing(iri.value))
                thing.said.setdefault(prop, []).append(row["value"])
        return cls(things)

    def of(self, name: str, prop: NamedNode, whole: str) -> Sequence[Thing]:
        """Return the things of a class that a property joins to another, in their order."""
        found = (t for t in self.things.values() if t.is_a(name) and whole in t.iris(prop))
        return sorted(found, key=lambda t: (t.position, t.iri))

    def dated(self, name: str, prop: NamedNode, wholes: Iterable[str]) -> Sequence[Thing]:
        """Return the things of a class that a property joins to any of others, by their start."""
        held = set(wholes)
        found = (
            t for t in self.things.values() if t.is_a(name) and not held.isdisjoint(t.iris(prop))
        )
        return sorted(found, key=lambda t: (start(t), t.iri))


def start(thing: Thing) -> str:
    """Return when a thing began, as it is written; empty where nobody says."""
    found = thing.literal(START)
    return found.value if found else ""


async def book(visit: Visit) -> Book:
    """Return what the release of a visit says of methods, read once for each."""

    async def read() -> Book:
        return Book.read(await visit.graph.select("methods"))

    found: Book = await visit.facts.kept.get("methods", read)
    return found
