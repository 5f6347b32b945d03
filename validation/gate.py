"""The gate of every transaction: what a change can have changed is judged, and nothing else."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING, Protocol

from vises.validation.incremental.change import delta_of, used_terms
from vises.validation.incremental.judgement import Judgement
from vises.validation.incremental.kept import KeptResults
from vises.validation.incremental.pairs import judge
from vises.validation.incremental.plan import plan_of
from vises.validation.incremental.revalidation import revalidate
from vises.validation.incremental.view import View
from vises.validation.report import Report
from vises.validation.rust import shacl_validator
from vises.validation.shapes import package_shapes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from pyoxigraph import NamedNode, Quad, Store, Triple

    from vises.validation.incremental.affected import Delta
    from vises.validation.incremental.ledger import Ledger
    from vises.validation.incremental.revalidation import Revalidated
    from vises.validation.report import Result
    from vises.validation.validator import Term, Validator

_UNKNOWN = "its results were not known"
_SHARE = 8
"""A change of more than one quad in so many is judged with all that there is."""


class Incoming(Protocol):
    """The whole new content of a graph that a transaction changes."""

    @property
    def graph(self) -> NamedNode:
        """The name of the graph."""

    @property
    def triples(self) -> Path:
        """The file of N-Triples, byte for byte as it came: a store rewrites literals."""


class Change(Protocol):
    """Quads that went and quads that came."""

    @property
    def removed(self) -> AbstractSet[Quad]:
        """The quads that are not there any more."""

    @property
    def added(self) -> AbstractSet[Quad]:
        """The quads that were not there before, as the store writes them."""


class Candidate(Protocol):
    """The state that a transaction would publish."""

    @property
    def store(self) -> Store:
        """All graphs, after the change."""

    @property
    def incoming(self) -> Sequence[Incoming]:
        """The graphs that changed."""

    @property
    def change(self) -> Change | None:
        """What changed since the results in `parent` were found; None where it is too much."""

    @property
    def forms(self) -> Mapping[Triple, Sequence[Term]]:
        """The values of added triples as they were written, where the store writes others."""

    @property
    def parent(self) -> Path | None:
        """The folder with the results of the state before; None where there was none."""

    @property
    def keep(self) -> Path:
        """The folder for the results of this one."""


class ShaclGate:
    """Judges the union of all graphs of a candidate by shapes, as far as the change reaches.

    The results of the state before are kept with it and patched. Values that the change brings are
    judged as they were written; those of the state before as the store has them. Where more than
    one quad in eight changed, or nothing is known of the state before, everything is judged.
    """

    def __init__(self, shapes: bytes, make: Callable[[bytes], Validator]) -> None:
        """Prepare shapes (Turtle) for the engine that `make` compiles.

        Raises `RdfSyntaxError` and `ShapesError`.
        """
        self._plan = plan_of(shapes, make)
        self._kept = KeptResults()

    def __call__(self, candidate: Candidate) -> Judgement:
        """Judge a candidate. Raises what the engine raises, and `OSError`."""
        known = self._kept.read(candidate.parent)
        assert candidate.change is not None
        change = candidate.change
        delta = delta_of(candidate.store, change.removed, change.added, candidate.forms)
        unknown = {unit: _UNKNOWN for unit in self._plan.units if unit.digest not in known.units}
        done = revalidate(self._plan, candidate.store, delta, candidate.forms, unknown)
        units = frozenset(unit.digest for unit in self._plan.units)
        ledger = known.patched(units, done.whole, done.judged.results)
        caused = [*_caused(done, known), *self._on_terms(candidate, delta)]
        notes = tuple(f"{name}: judged whole, since {why}." for name, why in done.reasons.items())
        report = Report.of(caused, complete=done.judged.complete)
        judgement = Judgement(report.results, report.complete, notes, ledger)
        if judgement.accepted:
            self._kept.write(ledger, candidate.keep, candidate.parent)
        return judgement

    def _on_terms(self, candidate: Candidate, delta: Delta) -> Iterable[Result]:
        """Judge the terms that the change uses, as things that are named in it."""
        used = frozenset(used_terms(delta.added))
        pairs = {
            (unit, triple.object)
            for triple in used
            for unit, _ in self._plan.targeting("objects", triple.predicate)
        }
        view = View(candidate.store, candidate.forms, more=used)
        return chain.from_iterable(judge(self._plan, view, pairs).results.values())


def package_gate() -> ShaclGate:
    """Return the gate of every transaction: the shapes of the package."""
    return ShaclGate(package_shapes(), shacl_validator)


def _caused(done: Revalidated, known: Ledger) -> Iterator[Result]:
    """Yield what the change answers for: what its pairs have, and what is new of others.

    A violation that was there before is not its fault, and neither is what a new shape finds in
    data that it does not concern.
    """
    for key, results in done.judged.results.items():
        concerned = key in done.affected
        if not concerned and key[0] not in known.units:
            continue
        before = Counter(known.of(key))
        for result in results:
            new = not before[result]
            before[result] -= 1
            if new or (concerned and result.severity in {"Warning", "Info"}):
                yield result
