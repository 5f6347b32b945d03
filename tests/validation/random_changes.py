"""Random graphs and changes, and the comparison of what a change patched with all judged anew."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Protocol

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Store, Triple

from vises.namespaces import term
from vises.validation.bulk.everything import Bulk
from vises.validation.incremental.change import delta_of
from vises.validation.incremental.kept import KeptResults
from vises.validation.incremental.ledger import Ledger
from vises.validation.incremental.plan import plan_of
from vises.validation.incremental.readings import Memory
from vises.validation.incremental.revalidation import revalidate
from vises.validation.rust import shacl_validator
from vises.validation.syntax import n_triples

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from random import Random

    from vises.validation.report import Result

TYPE, SUBCLASS = term("rdf:type"), term("rdfs:subClassOf")
GRAPHS = [NamedNode("http://g/1"), NamedNode("http://g/2")]


def ex(name: str) -> NamedNode:
    return NamedNode(f"http://e/{name}")


CLASSES = [ex("C"), ex("D"), ex("E")]
PREDICATES = [ex("p"), ex("q"), ex("r")]
LITERALS = [
    *(Literal(1), Literal(2), Literal(7), Literal("1"), Literal("x")),
    Literal("true", datatype=term("xsd:boolean")),
    *(Literal("a", language="fr"), Literal("b", language="fr"), Literal("a", language="nl")),
    Literal("4.5", datatype=term("xsd:decimal")),
]
REWRITTEN = [
    Literal("01", datatype=term("xsd:integer")),
    Literal("5", datatype=term("xsd:int")),
    Literal("4.50", datatype=term("xsd:decimal")),
    Literal("1", datatype=term("xsd:boolean")),
]
"""Literals that the store writes otherwise."""


class Maker:
    """Makes quads about so many things."""

    def __init__(self, chance: Random, size: int) -> None:
        self.chance = chance
        self.things = [*(ex(f"n{i}") for i in range(size)), ex("k")]
        self.things += [BlankNode(f"b{i}") for i in range(size // 5)]

    def quad(self, literals: list[Literal] = LITERALS) -> Quad:
        chance, graph = self.chance, self.chance.choice(GRAPHS)
        kind = chance.random()
        if kind < 0.2:
            return Quad(chance.choice(self.things), TYPE, chance.choice(CLASSES), graph)
        if kind < 0.23:
            return Quad(chance.choice(CLASSES), SUBCLASS, chance.choice(CLASSES), graph)
        value = chance.choice(self.things if chance.random() < 0.5 else literals)
        return Quad(chance.choice(self.things), chance.choice(PREDICATES), value, graph)

    def change(self, there: Store) -> tuple[set[Quad], set[Quad]]:
        """Return quads to remove and to add: a few, all on one thing, or many."""
        chance, most = self.chance, 2 * len(self.things)
        added = {self.quad() for _ in range(chance.choice((0, 1, 1, 2, 5, most)))}
        listed = sorted(there, key=str)
        removed = set(chance.sample(listed, min(len(listed), chance.choice((0, 1, 1, 3)))))
        if chance.random() < 0.15:
            removed |= set(there.quads_for_pattern(chance.choice(self.things), None, None, None))
        if chance.random() < 0.15:
            removed |= set(there.quads_for_pattern(chance.choice(self.things), TYPE, None, None))
        return removed - added, {quad for quad in added if quad not in there}


@dataclass
class Tally:
    """What a campaign came past; `refused` are shapes graphs that the engine does not take."""

    changes: int = 0
    shapes: int = 0
    refused: int = 0
    changed_reports: int = 0
    pairs: int = 0
    whole: int = 0
    opaque: int = 0
    forms: int = 0
    bulk: int = 0
    largest: int = 0
    differences: list[str] = field(default_factory=list)


class Changes(Protocol):
    """What makes changes."""

    chance: Random

    def change(self, there: Store) -> tuple[set[Quad], set[Quad]]:
        """Return quads to remove, which are there, and to add, which are not."""


class Campaign:
    """One shapes graph and one data graph, changed again and again."""

    def __init__(
        self, shapes: bytes, maker: Changes, tally: Tally, store: Store | None = None
    ) -> None:
        self.plan = plan_of(shapes, shacl_validator)
        self.full = shacl_validator(shapes)
        size = 300 if store is None else 1 << 20
        self.bulk = Bulk(self.plan, piece_bytes=size, few=1_000_000)
        self.maker = maker
        self.store = store or Store()
        self.ledger = Ledger(frozenset())
        self.units = frozenset(unit.digest for unit in self.plan.units)
        self.memory = Memory()
        self.state = 0
        self.tally = tally
        self.tally.shapes += 1
        self.tally.opaque += any(unit.opaque for unit in self.plan.units)

    def run(self, changes: int, name: str) -> None:
        for number in range(changes):
            before = self.ledger
            removed, added = self.maker.change(self.store)
            self.ledger = self.changed(removed, added, {})
            self.tally.changes += 1
            self.tally.largest = max(self.tally.largest, len(self.store))
            self.tally.changed_reports += normal(before.results()) != normal(self.ledger.results())
            self.compare(f"{name} change {number}", self.ledger, self.data({}))
        self.compare_bulk(f"{name} bulk")
        self.compare_kept(f"{name} kept")

    def changed(
        self, removed: set[Quad], added: set[Quad], forms: Mapping[Triple, list[Literal]]
    ) -> Ledger:
        for quad in removed:
            self.store.remove(quad)
        self.store.extend(added)
        delta = delta_of(self.store, removed, added, forms)
        unknown = {u: "new" for u in self.plan.units if u.digest not in self.ledger.units}
        subjects = {quad.subject for quad in removed | added}
        readings = self.memory.readings(self.store, self.state, subjects)
        done = revalidate(
            self.plan, readings, delta, forms, unknown, most=self.maker.chance.choice((3, 20_000))
        )
        self.state += 1
        self.memory.keep(readings, self.state)
        self.tally.pairs += len(done.judged.results)
        self.tally.whole += len(done.whole)
        return self.ledger.patched(self.units, done.whole, done.judged.results).folded()

    def data(self, forms: Mapping[Triple, list[Literal]]) -> bytes:
        """Return the data graph, with values as they were written."""
        return n_triples(
            Triple(triple.subject, triple.predicate, value)
            for triple in {quad.triple for quad in self.store}
            for value in forms.get(triple, [triple.object])
        )

    def compare(self, name: str, ledger: Ledger, data: bytes) -> None:
        patched, whole = normal(ledger.results()), normal(self.full.validate(data).results)
        if patched != whole:
            lost, invented = list(whole - patched)[:3], list(patched - whole)[:3]
            self.tally.differences.append(f"{name}: lost {lost}, invented {invented}")
        counts = Counter(result.severity for result in ledger.results())
        if counts != Counter(ledger.counts):
            self.tally.differences.append(f"{name}: counted {ledger.counts}, not {counts}")

    def compare_forms(self, name: str, written: Iterable[Quad]) -> None:
        """Add values that the store rewrites: they are judged as they were written."""
        forms: dict[Triple, list[Literal]] = {}
        added = set()
        for quad in written:
            alone = Store()
            alone.add(quad)
            [stored] = alone
            if stored.triple in {q.triple for q in self.store}:
                continue
            added.add(stored)
            if stored != quad and quad.object not in forms.get(stored.triple, ()):
                forms.setdefault(stored.triple, []).append(quad.object)
        ledger = self.changed(set(), added, forms)
        self.compare(name, ledger, self.data(forms))
        self.tally.forms += len(forms)
        self.ledger = self.changed(added, set(), {})

    def compare_bulk(self, name: str) -> None:
        with TemporaryDirectory() as folder:
            found = self.bulk.judge(self.store, {}, {}, Path(folder))
        ledger = Ledger(frozenset()).patched(self.units, set(), found.judged.results)
        self.compare(name, ledger, self.data({}))
        self.tally.bulk += 1

    def compare_kept(self, name: str) -> None:
        with TemporaryDirectory() as folder:
            KeptResults().write(self.ledger, Path(folder), None)
            again = KeptResults().read(Path(folder))
        self.compare(name, again, self.data({}))
        assert again.units == self.units


def normal(results: Iterable[Result]) -> Counter[tuple[object, ...]]:
    """Return results as they are compared: all of them, with all that they say."""
    return Counter(
        (r.focus, r.path, r.value, r.component, r.severity, r.shape, *sorted(r.messages.items()))
        for r in results
    )
