"""Pieces and pairs judged in several processes, each of which opens the store to read it."""

from __future__ import annotations

import gc
import multiprocessing
import os
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from pyoxigraph import RdfFormat, Store, Triple, parse, serialize

from vises.validation.bulk.piece import judge_piece
from vises.validation.incremental.pairs import judge
from vises.validation.incremental.readings import Readings
from vises.validation.incremental.view import View

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from vises.validation.bulk.grouping import Piece
    from vises.validation.bulk.piece import JudgedPiece
    from vises.validation.incremental.pairs import Judged, Pair
    from vises.validation.incremental.plan import Plan
    from vises.validation.incremental.units import Unit
    from vises.validation.incremental.view import Forms
    from vises.validation.validator import Term

    Named = tuple[str, Term]
    """A pair whose unit is named by its digest."""

MOST_PROCESSES = 8
_AHEAD = 2
"""How many pieces of work wait for each process, so that none waits for us."""

_T = TypeVar("_T")
_R = TypeVar("_R")


@dataclass(frozen=True)
class Job:
    """What the processes are given: the shapes, a store to read, and the forms in a file.

    Nothing may write to the store meanwhile.
    """

    plan: Plan
    store: Path
    forms: Path

    @classmethod
    def prepared(
        cls, plan: Plan, store: Store, place: Path | None, forms: Forms, folder: Path
    ) -> Job:
        """Write the forms into a folder, and beside them a copy of the store by hard links.

        There is no copy where the store may be opened at its `place`. Raises `OSError`.
        """
        if place is None:
            place = folder / "store"
            store.backup(place)
        pairs = ((stored, written) for stored, values in forms.items() for written in values)
        alternating = (
            triple
            for stored, written in pairs
            for triple in (stored, Triple(stored.subject, stored.predicate, written))
        )
        path = folder / "forms.nt"
        serialize(alternating, output=path, format=RdfFormat.N_TRIPLES)
        return cls(plan, place, path)


def judge_in_processes(job: Job, pieces: Sequence[Piece]) -> Iterator[JudgedPiece]:
    """Yield what is found in pieces, in their order; whoever stops asking stops the processes.

    They are started fresh, since the process that asks may have threads. Raises what `judge_piece`
    raises.
    """
    return _mapped(job, _judge_piece, pieces)


def judge_pairs_in_processes(job: Job, parts: Iterable[Iterable[Pair]]) -> Iterator[Judged]:
    """Yield the results of pairs, as `judge_in_processes` does of pieces.

    Raises what the engine raises.
    """
    named = ([(unit.digest, node) for unit, node in part] for part in parts)
    return _mapped(job, _judge_pairs, named)


def _mapped(job: Job, work: Callable[[_T], _R], parts: Iterable[_T]) -> Iterator[_R]:
    """Yield what comes of the parts of some work, of which few are waiting at a time."""
    workers = min(os.cpu_count() or 1, MOST_PROCESSES)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, initializer=_open, initargs=(job,)) as pool:
        waiting: deque[Future[_R]] = deque()
        try:
            for part in parts:
                waiting.append(pool.submit(work, part))
                if len(waiting) >= (1 + _AHEAD) * workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


@dataclass(frozen=True)
class _Opened:
    plan: Plan
    units: dict[str, Unit]
    readings: Readings
    forms: Forms


_OPENED: list[_Opened] = []
"""What this process works with: it has one job."""


def _open(job: Job) -> None:
    """Prepare the process for a job.

    What a piece is made of goes when it is done, without the collector, which takes a third of the
    time to look for cycles that there are not.
    """
    gc.disable()
    triples = [q.triple for q in parse(path=job.forms, format=RdfFormat.N_TRIPLES)]
    forms: dict[Triple, list[Term]] = {}
    for stored, written in zip(triples[::2], triples[1::2], strict=True):
        forms.setdefault(stored, []).append(written.object)
    units = {unit.digest: unit for unit in job.plan.units}
    readings = Readings(Store.read_only(str(job.store)))
    _OPENED.append(_Opened(job.plan, units, readings, forms))


def _judge_piece(piece: Piece) -> JudgedPiece:
    here = _OPENED[0]
    return judge_piece(here.plan, here.readings, piece, here.forms)


def _judge_pairs(pairs: Sequence[Named]) -> Judged:
    here = _OPENED[0]
    known = [(here.units[digest], node) for digest, node in pairs]
    return judge(here.plan, View(here.readings, here.forms), known)
