"""The gate of every transaction: what a change can have changed is judged, and nothing else."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple, Protocol

from vises.validation.bulk.everything import VALIDATING, Bulk
from vises.validation.bulk.whole import Whole
from vises.validation.incremental.affected import affected
from vises.validation.incremental.change import delta_of, used_terms
from vises.validation.incremental.judgement import Judgement
from vises.validation.incremental.kept import KeptResults, identity
from vises.validation.incremental.ledger import Ledger
from vises.validation.incremental.pairs import judge
from vises.validation.incremental.plan import plan_of
from vises.validation.incremental.readings import Memory
from vises.validation.incremental.revalidation import revalidate
from vises.validation.incremental.view import View
from vises.validation.report import Report
from vises.validation.rust import shacl_validator
from vises.validation.shapes import package_shapes
from vises.validation.summary import keep_summary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from pyoxigraph import NamedNode, Quad, Store, Triple

    from vises.progress import Progress
    from vises.validation.incremental.affected import Concerned
    from vises.validation.incremental.pairs import Key
    from vises.validation.incremental.readings import Readings
    from vises.validation.incremental.view import Forms
    from vises.validation.report import Result
    from vises.validation.validator import Term, Validator

_ALL = "Everything was judged."
_UNKNOWN = "its results were not known"
_SHARE = 8
"""A change of more than one quad in so many is judged with all that there is."""


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
    def size(self) -> int:
        """How many quads that is: a store counts them one by one."""

    @property
    def incoming(self) -> Mapping[NamedNode, Path | None]:
        """The graphs that changed, with their files of N-Triples where they came as such."""

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
    def place(self) -> Path | None:
        """Where other processes may open the store to read it; None where they may not."""

    @property
    def keep(self) -> Path:
        """The folder for the results of this one."""

    @property
    def progress(self) -> Progress:
        """Who is told how far judging is."""


class ShaclGate:
    """Judges the union of all graphs of a candidate by shapes, as far as the change reaches.

    The results of the state before are kept with it and patched, and with them a summary of the
    report on the change. Values that the change brings are judged as they were written; those of
    the state before as the store has them. Where more than one quad in eight changed, or nothing is
    known of the state before, everything is judged.
    """

    def __init__(self, shapes: bytes, make: Callable[[bytes], Validator]) -> None:
        """Prepare shapes (Turtle) for the engine that `make` compiles.

        Raises `RdfSyntaxError` and `ShapesError`.
        """
        self._plan = plan_of(shapes, make)
        self._bulk = Bulk(self._plan)
        self._kept = KeptResults()
        self._memory = Memory()

    def __call__(self, candidate: Candidate) -> Judgement:
        """Judge a candidate. Raises what the engine raises, and `OSError`."""
        candidate.progress.start(VALIDATING, None)
        known = self._kept.read(candidate.parent)
        change = candidate.change
        if (
            change is None
            or _SHARE * (len(change.removed) + len(change.added)) > candidate.size
            or not known.units
        ):
            readings = self._memory.readings(candidate.store, None, frozenset())
            found = self._everything(candidate, known, readings)
        else:
            changed = {quad.subject for quad in (*change.removed, *change.added)}
            state = identity(candidate.parent) if candidate.parent else None
            readings = self._memory.readings(candidate.store, state, changed)
            found = self._as_far_as_it_reaches(candidate, change, known, readings)
        caused, ledger, complete, notes = found
        report = Report.of(caused, complete=complete)
        judgement = Judgement(report.results, report.complete, notes, ledger)
        if judgement.accepted:
            self._kept.write(ledger, candidate.keep, candidate.parent)
            keep_summary(judgement, candidate.keep)
            self._memory.keep(readings, identity(candidate.keep))
        return judgement

    def _as_far_as_it_reaches(
        self, candidate: Candidate, change: Change, known: Ledger, readings: Readings
    ) -> _Found:
        store, forms = candidate.store, candidate.forms
        delta = delta_of(store, change.removed, change.added, forms)
        unknown = {unit: _UNKNOWN for unit in self._plan.units if unit.digest not in known.units}
        whole = Whole(self._plan, store, forms, candidate.keep.parent, candidate.place)
        done = revalidate(self._plan, readings, delta, forms, unknown, judge_whole=whole)
        caused = [
            *_caused(done.judged.results, known, done.concerned),
            *self._on_terms(readings, candidate.forms, used_terms(delta.added)),
        ]
        ledger = known.patched(self._plan.digests, done.whole, done.judged.results)
        notes = tuple(f"{name}: judged whole, since {why}." for name, why in done.reasons.items())
        return _Found(caused, ledger, done.judged.complete, notes)

    def _everything(self, candidate: Candidate, known: Ledger, readings: Readings) -> _Found:
        store, forms, change = candidate.store, candidate.forms, candidate.change
        incoming = {graph: path for graph, path in candidate.incoming.items() if path}
        work, place = candidate.keep.parent, candidate.place
        done = self._bulk.judge(store, incoming, forms, work, place, progress=candidate.progress)
        used, concerned = done.used, None
        if change is not None and candidate.parent is not None:
            delta = delta_of(store, change.removed, change.added, forms)
            used = set(used_terms(delta.added))
            if not self._plan.digests <= known.units:
                concerned = affected(self._plan, readings, delta).concerned()
        results = done.judged.results
        caused = [
            *_caused(results, known, concerned),
            *self._on_terms(readings, candidate.forms, used),
        ]
        ledger = Ledger(frozenset()).patched(self._plan.digests, set(), results)
        return _Found(caused, ledger, done.judged.complete, (_ALL,))

    def _on_terms(
        self, readings: Readings, forms: Forms, used: Iterable[Triple]
    ) -> Iterable[Result]:
        """Judge the terms that the change uses, as things that are named in it."""
        named = frozenset(used)
        pairs = {
            (unit, triple.object)
            for triple in named
            for unit, _ in self._plan.targeting("objects", triple.predicate)
        }
        view = View(readings, forms, more=named)
        return chain.from_iterable(judge(self._plan, view, pairs).results.values())


class _Found(NamedTuple):
    caused: Sequence[Result]
    ledger: Ledger
    complete: bool
    notes: tuple[str, ...]


def package_gate() -> ShaclGate:
    """Return the gate of every transaction: the shapes of the package."""
    return ShaclGate(package_shapes(), shacl_validator)


def _caused(
    judged: Mapping[Key, Sequence[Result]], known: Ledger, concerned: Concerned | None
) -> Iterator[Result]:
    """Yield what a change answers for: what was not there before.

    Where it is not known what was there, it answers for the pairs that it `concerned`; where that
    is not known either (None), for all.
    """
    for key, results in judged.items():
        if key[0] in known.units:
            yield from (Counter(results) - Counter(known.of(key))).elements()
        elif concerned is None or key in concerned:
            yield from results
