"""Pieces judged in several processes, each of which opens the store to read it."""

from __future__ import annotations

import gc
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING

from pyoxigraph import RdfFormat, Store, Triple, parse, serialize

from vises.validation.bulk.piece import judge_piece
from vises.validation.incremental.plan import plan_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from vises.validation.bulk.grouping import Piece
    from vises.validation.bulk.piece import JudgedPiece
    from vises.validation.incremental.plan import Plan
    from vises.validation.incremental.view import Forms
    from vises.validation.validator import Term, Validator

MOST_PROCESSES = 8


@dataclass(frozen=True)
class Job:
    """What the processes are given: a folder with the shapes and the forms, and a store to read.

    Nothing may write to the store meanwhile.
    """

    folder: Path
    store: Path
    make: Callable[[bytes], Validator]

    def write(self, shapes: bytes, forms: Forms) -> None:
        """Make the folder. Raises `OSError`."""
        self.folder.mkdir()
        (self.folder / "shapes.ttl").write_bytes(shapes)
        pairs = ((stored, written) for stored, values in forms.items() for written in values)
        alternating = (
            triple
            for stored, written in pairs
            for triple in (stored, Triple(stored.subject, stored.predicate, written))
        )
        serialize(alternating, output=self.folder / "forms.nt", format=RdfFormat.N_TRIPLES)


def judge_in_processes(job: Job, pieces: Sequence[Piece]) -> Iterator[JudgedPiece]:
    """Yield what is found in pieces, in their order; whoever stops asking stops the processes.

    They are started fresh, since the process that asks may have threads. Raises what `judge_piece`
    raises.
    """
    workers = min(os.cpu_count() or 1, MOST_PROCESSES, len(pieces))
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        try:
            yield from pool.map(partial(_judge, job), pieces)
        finally:
            pool.shutdown(cancel_futures=True)


def _judge(job: Job, piece: Piece) -> JudgedPiece:
    plan, store, forms = _opened(job)
    return judge_piece(plan, store, piece, forms)


@cache
def _opened(job: Job) -> tuple[Plan, Store, Forms]:
    """Prepare the process for a job: it has only one.

    What a piece is made of goes when it is done, without the collector, which takes a third of the
    time to look for cycles that there are not.
    """
    gc.disable()
    plan = plan_of((job.folder / "shapes.ttl").read_bytes(), job.make)
    triples = [q.triple for q in parse(path=job.folder / "forms.nt", format=RdfFormat.N_TRIPLES)]
    forms: dict[Triple, list[Term]] = {}
    for stored, written in zip(triples[::2], triples[1::2], strict=True):
        forms.setdefault(stored, []).append(written.object)
    return plan, Store.read_only(str(job.store)), forms
