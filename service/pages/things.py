"""Things that have to do with the one of a page, and what is said of them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode, Quad

from vises.namespaces import term
from vises.service.pages.labels import FICTITIOUS, is_true

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from vises.service.graph import Graph, Term


@dataclass(frozen=True)
class Thing:
    """What is said of a thing: by the IRI of each property the values, with their graphs."""

    iri: NamedNode
    said: Mapping[str, Sequence[tuple[Term, Term]]]

    def values(self, name: str) -> list[Term]:
        """Return the values of a property such as `vises:about`, each once, always in one order."""
        found = dict.fromkeys(value for value, _ in self.said.get(term(name).value, ()))
        return sorted(found, key=str)

    def value(self, name: str) -> Term | None:
        """Return the first value of a property, None without one."""
        return next(iter(self.values(name)), None)

    def thing(self, name: str) -> NamedNode | None:
        """Return the first value that is an IRI, None without one."""
        return next((v for v in self.values(name) if isinstance(v, NamedNode)), None)

    def text(self, name: str) -> str:
        """Return the lexical form of the first value, nothing without one."""
        value = self.value(name)
        return str(getattr(value, "value", ""))

    @property
    def fictitious(self) -> bool:
        """Whether the thing is marked as made up."""
        return any(is_true(value) for value, _ in self.said.get(FICTITIOUS.value, ()))

    @property
    def graphs(self) -> list[Term]:
        """The graphs that say something of the thing."""
        found = {graph for pairs in self.said.values() for _, graph in pairs}
        return sorted(found, key=str)

    def quads(self) -> Iterator[Quad]:
        """Yield the statements about the thing."""
        for prop, pairs in self.said.items():
            for value, graph in pairs:
                yield Quad(self.iri, NamedNode(prop), value, graph)  # type: ignore[arg-type]

    def mentioned(self) -> Iterator[NamedNode]:
        """Yield every IRI that a page has to name in order to speak of the thing."""
        yield self.iri
        for pairs in self.said.values():
            for pair in pairs:
                yield from (t for t in pair if isinstance(t, NamedNode))


@dataclass(frozen=True)
class Found:
    """Things in the order of a query; `cut` says that there are more of them."""

    things: Sequence[Thing] = ()
    cut: bool = False

    def mentioned(self) -> Iterator[NamedNode]:
        """Yield every IRI that a page has to name in order to speak of them."""
        for thing in self.things:
            yield from thing.mentioned()


def latest_first(things: Iterable[Thing], name: str) -> list[Thing]:
    """Return things by the value of a property that is a date, the latest first.

    Those of one date are always in the same order; a query leaves them as it finds them, since it
    takes long to compare the IRIs of many.
    """
    by_name = sorted(things, key=lambda thing: thing.iri.value)
    return sorted(by_name, key=lambda thing: thing.text(name), reverse=True)


@dataclass(frozen=True)
class Listed:
    """The IRIs that a query finds, in its order; `cut` says that there are more of them."""

    iris: Sequence[NamedNode] = ()
    cut: bool = False

    def found(self, about: Mapping[NamedNode, Thing]) -> Found:
        """Return the things, of those that something is said of."""
        return Found([about[iri] for iri in self.iris if iri in about], self.cut)


async def listed(graph: Graph, query: str, resources: Iterable[NamedNode], most: int) -> Listed:
    """Return the IRIs (?thing) that a query of queries/pages finds for resources.

    They are `most` at the most; the query asks for one more than that. Raises what `Graph.select`
    does.
    """
    rows = await graph.select(query, resources=resources)
    iris = dict.fromkeys(row["thing"] for row in rows if isinstance(row["thing"], NamedNode))
    return Listed(list(iris)[:most], cut=len(iris) > most)


async def found(graph: Graph, query: str, resources: Iterable[NamedNode], most: int) -> Found:
    """Return what `listed` lists, with what is said of it."""
    names = await listed(graph, query, resources, most)
    return names.found(await described(graph, names.iris))


async def described(graph: Graph, iris: Iterable[NamedNode]) -> Mapping[NamedNode, Thing]:
    """Return what is said of things; those of which nothing is said are not there."""
    wanted = sorted(set(iris), key=str)
    if not wanted:
        return {}
    said: dict[NamedNode, dict[str, list[tuple[Term, Term]]]] = {}
    for row in await graph.select("statements", resources=wanted):
        resource, prop = row["resource"], row["property"]
        if isinstance(resource, NamedNode) and isinstance(prop, NamedNode):
            about = said.setdefault(resource, defaultdict(list))
            about[prop.value].append((row["value"], row["graph"]))
    return {iri: Thing(iri, about) for iri, about in said.items()}
