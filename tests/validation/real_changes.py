"""Changes to the demonstration data such as people make, right and wrong ones."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store

from vises.namespaces import VOCABULARY_BASE, term
from vises.validation.shapes import package_vocabulary

if TYPE_CHECKING:
    from random import Random

FILES = Path(__file__).parents[2] / "demo" / "files"
VOCABULARY = NamedNode(f"{VOCABULARY_BASE}graph/codes")
TYPE = term("rdf:type")


def demonstration() -> Store:
    """Return the ontology, the code lists and the files of the demonstration graph."""
    store = Store()
    store.load(package_vocabulary(), RdfFormat.N_TRIPLES, to_graph=VOCABULARY)
    for path in sorted(FILES.glob("*.ttl")):
        graph = NamedNode(f"{VOCABULARY_BASE}graph/{path.stem}")
        store.load(path.read_bytes(), RdfFormat.TURTLE, base_iri=VOCABULARY_BASE, to_graph=graph)
    return store


class RealMaker:
    """Makes changes out of what the data has."""

    def __init__(self, chance: Random, store: Store) -> None:
        self.chance = chance
        self.data = sorted((q for q in store if q.graph_name != VOCABULARY), key=str)
        self.codes = sorted(store.quads_for_pattern(None, TYPE, None, VOCABULARY), key=str)
        self.kinds = (
            *(self.withdrawn, self.repeated, self.replaced, self.retyped, self.misspelt),
            *(self.deleted, self.copied, self.uncoded, self.reworded),
        )

    def change(self, there: Store) -> tuple[set[Quad], set[Quad]]:
        removed: set[Quad] = set()
        added: set[Quad] = set()
        for _ in range(self.chance.choice((1, 1, 2, 4))):
            gone, come = self.chance.choice(self.kinds)(there)
            removed |= gone
            added |= come
        removed = {q for q in removed - added if q in there}
        return removed, {q for q in added if q not in there}

    def one(self) -> Quad:
        return self.chance.choice(self.data)

    def withdrawn(self, _: Store) -> tuple[set[Quad], set[Quad]]:
        """A statement is taken back, or made again."""
        quad = self.one()
        return ({quad}, set()) if self.chance.random() < 0.5 else (set(), {quad})

    def repeated(self, _: Store) -> tuple[set[Quad], set[Quad]]:
        """A property gets the value that another thing has."""
        quad, other = self.one(), self.one()
        return set(), {Quad(other.subject, quad.predicate, quad.object, other.graph_name)}

    def replaced(self, there: Store) -> tuple[set[Quad], set[Quad]]:
        """A value makes way for one of the same property."""
        quad = self.one()
        others = sorted(there.quads_for_pattern(None, quad.predicate, None, None), key=str)
        value = self.chance.choice(others).object if others else quad.object
        return {quad}, {Quad(quad.subject, quad.predicate, value, quad.graph_name)}

    def retyped(self, _: Store) -> tuple[set[Quad], set[Quad]]:
        """A thing loses its type, and perhaps gets another."""
        typed = [quad for quad in self.data if quad.predicate == TYPE]
        quad, other = self.chance.choice(typed), self.chance.choice(typed)
        new = {Quad(quad.subject, TYPE, other.object, quad.graph_name)}
        return {quad}, new if self.chance.random() < 0.5 else set()

    def misspelt(self, _: Store) -> tuple[set[Quad], set[Quad]]:
        """A value is no longer what its datatype says."""
        quad = self.one()
        value = self.chance.choice(
            (Literal("2024-13-45"), Literal("?", language="fr"), Literal(-3), term("skos:Concept"))
        )
        return {quad}, {Quad(quad.subject, quad.predicate, value, quad.graph_name)}

    def deleted(self, there: Store) -> tuple[set[Quad], set[Quad]]:
        """A thing goes, whatever refers to it."""
        return set(there.quads_for_pattern(self.one().subject, None, None, None)), set()

    def copied(self, there: Store) -> tuple[set[Quad], set[Quad]]:
        """A new thing is made like another."""
        like = self.one()
        new = NamedNode(f"{VOCABULARY_BASE}new/{self.chance.randrange(20)}")
        quads = there.quads_for_pattern(like.subject, None, None, None)
        return set(), {Quad(new, q.predicate, q.object, like.graph_name) for q in quads}

    def uncoded(self, _: Store) -> tuple[set[Quad], set[Quad]]:
        """A code leaves its list."""
        return {self.chance.choice(self.codes)}, set()

    def reworded(self, _: Store) -> tuple[set[Quad], set[Quad]]:
        """A text comes once more, in some language."""
        texts = [q for q in self.data if isinstance(q.object, Literal) and q.object.language]
        quad = self.chance.choice(texts)
        text = Literal("autre", language=self.chance.choice(("fr", "nl", "en", "xx")))
        return set(), {Quad(quad.subject, quad.predicate, text, quad.graph_name)}
